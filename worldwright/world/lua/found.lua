-- Who was found near, and the loops of scripts over them: lists that lie one behind another in shared arrays until the
-- turn ends, so that neither a question nor a loop makes a table.
-- A list is a place in the arrays: its entries follow it. A loop's handle is that place too: scripts get nothing else.
-- Reads turns.lua. Sets W.found, W.new_list, W.loop_in_space, W.loop_on_grid, W.loop_over_cells,
-- W.keep_kind and W.slot_of.
local W = ...
local S, at = W.state, W.at
local sqrt, type = math.sqrt, type

local slots, xs, ys, zs, squares = {}, {}, {}, {}, {}
W.found = {slot = slots, x = xs, y = ys, z = zs, square = squares}

local used, owner, tick, turn = 0, 0, -1, 0
local latest = 0 -- the slot a loop gave last
local opened, cursor, last = {}, {}, {} -- by handle: the turn it was opened in, the entry it has reached, its last entry
local shape, cx, cy, cz = {}, {}, {}, {} -- by handle of a loop over cells, which has no entries

--- The place of a new list, whose entries may be written behind it. It lasts until the next one, if no loop is made of it.
function W.new_list()
  if owner ~= at.slot or tick ~= at.now then
    used, owner, tick, turn = 0, at.slot, at.now, turn + 1
  end
  return used + 1
end

local function open(list, n)
  used, opened[list], cursor[list], last[list], shape[list] = list + n, turn, list, list + n, false
end

local function check(list, of_cells)
  if opened[list] ~= turn or of_cells and not shape[list] or owner ~= at.slot or tick ~= at.now then
    W.complain("this is for a loop, `for id, dx, dy, distance in world.space.near(5) do … end`, which ends with the update"
      .. " it began in")
  end
end

-- A loop that ends gives its list back, with those that were opened later.
local function close(list) opened[list], used = false, list - 1 end

-- The next entry of a loop, nil where it ends.
local function entry(list)
  check(list)
  local i = cursor[list] + 1
  if i > last[list] then
    close(list)
    return nil
  end
  cursor[list], latest = i, slots[i]
  return i
end

-- What `for` wants of a list of n: a function that gives id, dx, dy (dz) and the distance of one entity after another.
local function loops(distance)
  local function flat_step(list)
    local i = entry(list)
    if not i then return nil end
    return S.ids[latest], xs[i], ys[i], distance(i)
  end
  local function solid_step(list)
    local i = entry(list)
    if not i then return nil end
    return S.ids[latest], xs[i], ys[i], zs[i], distance(i)
  end
  return function(list, n, solid)
    open(list, n)
    return solid and solid_step or flat_step, list
  end
end

W.loop_in_space = loops(function(i) return sqrt(squares[i]) end)
W.loop_on_grid = loops(function(i) return squares[i] end) -- which holds the steps there

local function cell_step(list)
  check(list, true)
  local s, i, G = shape[list], cursor[list], W.grid
  while i < s.n do
    i = i + 1
    local there = G.step(s, i, cx[list], cy[list], cz[list])
    if there then
      cursor[list] = i
      return G.spread(there)
    end
  end
  close(list)
  return nil
end

--- What `for` wants of a shape round a cell: a function that gives the coordinates of one cell after another.
function W.loop_over_cells(list, s, x, y, z)
  open(list, 0)
  cursor[list], shape[list], cx[list], cy[list], cz[list] = 0, s, x, y, z
  return cell_step, list
end

--- Keep those of one kind in a list of n; gives how many they are.
function W.keep_kind(kind, list, n)
  local kinds, kept = S.kind, list
  for i = list + 1, list + n do
    local slot = slots[i]
    if kinds[slot] == kind then
      kept = kept + 1
      slots[kept], xs[kept], ys[kept], zs[kept], squares[kept] = slot, xs[i], ys[i], zs[i], squares[i]
    end
  end
  return kept - list
end

--- The slot of the living entity with an id, nil where there is none. Of whom a loop gave last, most questions are asked.
function W.slot_of(id, call)
  if id == S.ids[latest] and S.alive[latest] then return latest end
  if type(id) == "number" then id = W.builtins.tostring(id) end
  if type(id) ~= "string" then W.complain(call .. ": the id must be text, not " .. type(id)) end
  return S.index[id]
end
