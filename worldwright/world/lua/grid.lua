-- The grid as scripts see it: moving between cells, and who is near.
-- Reads cells.lua, occupants.lua, found.lua, acts.lua, W.kind_named. Sets W.prepare_grid, and once at work W.grid: its geometry, for
-- layers and resources.
local W = ...
local S, at, meter, complain, slot_of = W.state, W.at, W.meter, W.complain, W.slot_of
local floor, type, huge = math.floor, type, math.huge
local insert = table.insert
local O, found = W.occupants, W.found
local crowd, put, gather, empty_cell = O.crowd, O.put, O.gather_by_age, O.empty_cell
local G

-- Moving -----------------------------------------------------------------------------------------------------
local function back(slot, cell)
  put(slot, cell)
end

local function move(slot, cell, _, _, by, telling)
  local ok = S.alive[slot] and (S.cell[slot] == cell or crowd[cell] < G.capacity) or false
  if ok then
    W.take_back(back, slot, S.cell[slot] or false)
    put(slot, cell)
  end
  if telling then
    local x, y, z = G.split(cell)
    W.tell(by, "move", {ok = ok, id = S.ids[slot], x = x, y = y, z = G.dimensions == 3 and z or nil})
  end
  return ok
end

local function move_freely(slot, cell)
  if not S.alive[slot] then return end
  W.take_back(back, slot, S.cell[slot] or false)
  put(slot, cell)
end

local function request(slot, cell)
  if G.capacity == huge then
    W.act(move_freely, slot, cell, false, false)
    return true
  end
  return (W.contest(move, slot, cell, false, false))
end

-- world.grid -------------------------------------------------------------------------------------------------
local function kind_from(name)
  if name == nil then return nil end
  return (W.kind_named(name))
end

local function ids_of(slots, n)
  local out = {}
  for i = 1, n do out[i] = S.ids[slots[i]] end
  return out
end

local scratch = {} -- slots found last

local grid = {}

function grid.move(x, y, z)
  meter(2)
  return (request(at.slot, G.cell(x, y, z)))
end

function grid.place(id, x, y, z)
  meter(2)
  local slot = slot_of(id, "grid.place")
  x, y, z = G.coordinates(x, y, z)
  if not slot then complain("grid.place: no entity '" .. id .. "' lives") end
  return (request(slot, G.number(x, y, z)))
end

function grid.remove(id)
  meter(2)
  local slot = at.slot
  if id ~= nil then slot = slot_of(id, "grid.remove") end
  if slot then W.act(move_freely, slot, false, false, false) end
end

function grid.position(id)
  local slot = at.slot
  if id ~= nil then slot = slot_of(id, "grid.position") end
  local cell = slot and S.cell[slot]
  if not cell then return nil end
  return G.spread(cell)
end

function grid.at(x, y, z)
  local n = gather(G.cell(x, y, z), scratch, 0)
  meter(n)
  return (ids_of(scratch, n))
end

function grid.occupant(name, x, y, z)
  local kind = kind_from(name)
  local slot = O.oldest(G.cell(x, y, z), kind)
  return slot and S.ids[slot]
end

local function crowd_named(name)
  if name == nil then return crowd end
  return (O.crowd_of(W.kind_named(name)))
end

function grid.count(name, x, y, z)
  return crowd_named(name)[G.cell(x, y, z)]
end

function grid.is_empty(x, y, z)
  return crowd[G.cell(x, y, z)] == 0
end

-- A kind and a radius, in either order.
local function kind_and_radius(name, radius)
  if type(name) == "number" and (radius == nil or type(radius) == "string") then return radius, name end
  return name, radius
end

function grid.neighbors(name, radius, x, y, z)
  name, radius = kind_and_radius(name, radius)
  local cell, s, kind = G.cell(x, y, z), G.shape(radius), kind_from(name)
  meter(s.n / 4)
  local n, near = 0, G.near
  for i = 1, G.around(cell, s) do
    if crowd[near[i]] > 0 then n = gather(near[i], scratch, n) end
  end
  meter(n)
  if kind then
    local kept = 0
    for i = 1, n do
      if S.kind[scratch[i]] == kind then
        kept = kept + 1
        scratch[kept] = scratch[i]
      end
    end
    n = kept
  end
  return (ids_of(scratch, n))
end

function grid.near(name, radius, x, y, z)
  name, radius = kind_and_radius(name, radius)
  local cell, s, kind = G.cell(x, y, z), G.shape(radius), kind_from(name)
  meter(s.n / 4)
  x, y, z = G.split(cell)
  local list = W.new_list()
  local n, xs, ys, zs, steps = list, found.x, found.y, found.z, found.square
  for i = 1, s.n do
    local there = G.step(s, i, x, y, z)
    if there and crowd[there] > 0 then
      local from, dx, dy, dz = n, s.x[i], s.y[i], s.z[i]
      local far = G.length(dx, dy, dz)
      n = gather(there, found.slot, n)
      for j = from + 1, n do xs[j], ys[j], zs[j], steps[j] = dx, dy, dz, far end
    end
  end
  n = n - list
  meter(n)
  if kind then n = W.keep_kind(kind, list, n) end
  return W.loop_on_grid(list, n, G.dimensions == 3)
end

function grid.count_neighbors(name, radius, x, y, z)
  name, radius = kind_and_radius(name, radius)
  local cell, s, counts = G.cell(x, y, z), G.shape(radius), crowd_named(name)
  meter(s.n / 4)
  return G.sum_around(counts, cell, s)
end

function grid.count_where(field, value, radius, x, y, z)
  if not W.is_public(field) then
    local name = W.builtins.tostring(field)
    complain("grid.count_where: nobody has a public '" .. name .. "'; add `public: [" .. name .. "]` to an entity")
  end
  local what = type(value)
  if what ~= "number" and what ~= "string" and what ~= "boolean" then
    complain("grid.count_where: the value must be a number, text or boolean, not " .. W.shown(value))
  end
  local cell, s = G.cell(x, y, z), G.shape(radius)
  meter(s.n / 4)
  local near, list = G.near, W.new_list()
  local slots, n, count = found.slot, list, 0
  for i = 1, G.around(cell, s) do
    if crowd[near[i]] > 0 then n = O.gather(near[i], slots, n) end
  end
  meter(n - list)
  for i = list + 1, n do
    if W.shows(slots[i], field) and W.value_of(slots[i], field) == value then count = count + 1 end
  end
  return count
end

function grid.cells(radius, x, y, z)
  local s = G.shape(radius)
  meter(2)
  x, y, z = G.split(G.cell(x, y, z))
  return W.loop_over_cells(W.new_list(), s, x, y, z)
end

function grid.random_neighbor(radius, x, y, z)
  local cell, s = G.cell(x, y, z), G.shape(radius)
  meter(s.n / 4)
  if s.n == 0 then return nil end
  return G.spread(G.one_around(cell, s, W.random()))
end

function grid.random_empty(radius, x, y, z)
  meter(2)
  if radius == nil and x == nil then
    if O.empty_cells() == 0 then return nil end
    return G.spread(empty_cell(W.random()))
  end
  local cell, s = G.cell(x, y, z), G.shape(radius)
  meter(s.n / 4)
  local n, near = 0, G.near
  for i = 1, G.around(cell, s) do
    if crowd[near[i]] == 0 then
      n = n + 1
      near[n] = near[i]
    end
  end
  if n == 0 then return nil end
  return G.spread(near[floor(W.random() * n) + 1])
end

function grid.empty()
  return O.empty_cells()
end

function grid.distance(x, y, z)
  local from = S.cell[at.slot]
  if not from then complain("'" .. S.ids[at.slot] .. "' is not on the grid, so nothing is at a distance") end
  return G.length(G.apart(from, G.cell(x, y, z)))
end

function grid.inside(x, y, z)
  local function fits(value, size, axis)
    W.finite(value, "grid.inside: " .. axis)
    return value == floor(value) and value >= 1 and value <= size
  end
  return fits(x, G.width, "x") and fits(y, G.height, "y") and (G.dimensions == 2 or fits(z, G.depth, "z"))
end

--- Make the grid of a program.
function W.prepare_grid(P)
  G = W.geometry(P)
  W.grid, W.put_on_grid, W.leave_grid = G, put, O.leave
  O.prepare(G.cells)
  grid.width, grid.height, grid.depth = G.width, G.height, G.dimensions == 3 and G.depth or nil
  W.keep("grid", function(place)
    local cells = {}
    for slot, number in next, place do cells[number] = S.cell[slot] or 0 end
    return cells
  end, function(cells)
    for slot = 1, S.n do put(slot, cells[slot] ~= 0 and cells[slot]) end
  end)

  --- Whether one more has room in a cell.
  function W.has_room(cell) return crowd[cell] < G.capacity end

  --- A cell with room, by a number in [0, 1), or nil: any empty one, and where there is none any with room.
  function W.random_room(u)
    if G.capacity == huge then return floor(u * G.cells) + 1 end
    if O.empty_cells() > 0 then return empty_cell(u) end
    local free = {}
    for cell = 1, G.cells do
      if crowd[cell] < G.capacity then insert(free, cell) end
    end
    return free[floor(u * #free) + 1]
  end
  return grid
end
