-- Who was found near, and the loops of scripts over them: lists that lie one behind another in shared arrays until the
-- turn ends, so that neither a question nor a loop makes a table.
-- A list is a place in the arrays: its entries follow it. A loop's handle is that place too: scripts get nothing else.
-- Reads turns.lua. Sets W.found, W.new_list, W.loop_in_space, W.loop_on_grid, W.keep_kind
-- and W.slot_of.
local W = ...
local S, at = W.state, W.at
local sqrt, type = math.sqrt, type

local slots, xs, ys, zs, squares = {}, {}, {}, {}, {}
W.found = {slot = slots, x = xs, y = ys, z = zs, square = squares}

local used, owner, tick, turn = 0, 0, -1, 0
local latest = 0 -- the slot a loop gave last
local opened, cursor, last = {}, {}, {} -- by handle: the turn it was opened in, the entry it has reached, its last entry

--- The place of a new list, whose entries may be written behind it. It lasts until the next one, if no loop is made of it.
function W.new_list()
  if owner ~= at.slot or tick ~= at.now then
    used, owner, tick, turn = 0, at.slot, at.now, turn + 1
  end
  return used + 1
end

local function open(list, n)
  used, opened[list], cursor[list], last[list] = list + n, turn, list, list + n
end

-- The next entry of a loop, nil where it ends: then its list is given back, with those that were opened later.
local function entry(list)
  if opened[list] ~= turn or owner ~= at.slot or tick ~= at.now then
    W.complain("`near` is for a loop, `for id, dx, dy, distance in … do`, which ends with the update it began in")
  end
  local i = cursor[list] + 1
  if i > last[list] then
    opened[list], used = false, list - 1
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
