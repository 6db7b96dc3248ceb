-- The grid: cells in two or three dimensions and the entities in them.
-- A cell is a number from 1, counted row by row; who stands where is S.cell by slot (false or nil: nowhere), from
-- which all else here can be made again: what answers depend on, and what they cost, is never the order of arrivals.
-- Reads turns.lua, acts.lua, W.members. Sets W.prepare_grid, and once at work W.grid: its geometry, for layers and resources.
local W = ...
local S, at, meter, complain = W.state, W.at, W.meter, W.complain
local floor, abs, max, min, type = math.floor, math.abs, math.max, math.min, type
local insert = table.insert

local WIDEST = 1000 -- cells a neighbourhood may reach in one direction
local KEPT = 4225   -- cells of the largest neighbourhood whose shape is kept: 65 x 65

-- Who stands where -------------------------------------------------------------------------------------------
S.cell = {}
local first, after, before, crowd = {}, {}, {}, {} -- by cell, by slot, by slot, by cell
local empty_in, BLOCK = {}, 64                     -- cells without anybody, in each block of BLOCK cells
local empties = 0

local function block_of(cell) return floor((cell - 1) / BLOCK) + 1 end

-- How many of a kind are in each cell, for the kinds that somebody has asked for.
local crowds = {}

local function crowd_of(kind)
  local known = crowds[kind]
  if known then return known end
  known = {}
  for cell = 1, #crowd do
    local slot, n = first[cell], 0
    while slot do
      if S.kind[slot] == kind then n = n + 1 end
      slot = after[slot]
    end
    known[cell] = n
  end
  crowds[kind] = known
  return known
end

local function leave(slot)
  local cell = S.cell[slot]
  if not cell then return end
  local own = crowds[S.kind[slot]]
  if own then own[cell] = own[cell] - 1 end
  local b, a = before[slot], after[slot]
  if b then after[b] = a else first[cell] = a end
  if a then before[a] = b end
  crowd[cell] = crowd[cell] - 1
  if crowd[cell] == 0 then
    local block = block_of(cell)
    empty_in[block], empties = empty_in[block] + 1, empties + 1
  end
  S.cell[slot] = false
end

local function enter(slot, cell)
  local head = first[cell]
  first[cell], after[slot], before[slot] = slot, head, false
  if head then before[head] = slot end
  if crowd[cell] == 0 then
    local block = block_of(cell)
    empty_in[block], empties = empty_in[block] - 1, empties - 1
  end
  crowd[cell] = crowd[cell] + 1
  local own = crowds[S.kind[slot]]
  if own then own[cell] = own[cell] + 1 end
  S.cell[slot] = cell
end

--- Put an entity into a cell, or nowhere (false).
local function put(slot, cell)
  if S.cell[slot] then leave(slot) end
  if cell then enter(slot, cell) end
end

-- Slots in ascending order are entities in the order of their birth.
local function by_age(slots, n)
  local gap = 1
  while gap * 9 < n do gap = gap * 3 + 1 end -- Shell's sort with Knuth's gaps, which LuaJIT compiles
  while gap >= 1 do
    for i = gap + 1, n do
      local slot, j = slots[i], i - gap
      while j >= 1 and slots[j] > slot do
        slots[j + gap] = slots[j]
        j = j - gap
      end
      slots[j + gap] = slot
    end
    gap = floor(gap / 3)
  end
end
W.by_age = by_age

-- The geometry -----------------------------------------------------------------------------------------------
local function geometry(P)
  local G = {width = floor(P.size[1]), height = floor(P.size[2]), depth = floor(P.size[3] or 1), dimensions = #P.size,
    torus = P.torus, moore = P.moore, radius = P.radius, capacity = P.capacity or math.huge}
  G.cells = G.width * G.height * G.depth
  local width, height, depth, torus, solid = G.width, G.height, G.depth, G.torus, G.dimensions == 3

  local function along(value, size, axis)
    if type(value) ~= "number" or value - value ~= 0 or value ~= floor(value) then
      complain(axis .. " must be the whole number of a cell, not " .. W.builtins.tostring(value))
    end
    if value < 1 or value > size then
      if not torus then
        complain(axis .. " = " .. value .. " is outside of the grid, which goes from 1 to " .. size
          .. "; world.grid.inside tells")
      end
      return floor((value - 1) % size + 1)
    end
    return floor(value)
  end

  --- The coordinates of a cell as arguments gave them; on a torus they go round.
  function G.coordinates(x, y, z)
    if solid then return along(x, width, "x"), along(y, height, "y"), along(z, depth, "z") end
    if z ~= nil then complain("this grid has two dimensions, and a third coordinate was given") end
    return along(x, width, "x"), along(y, height, "y"), 1
  end

  function G.number(x, y, z)
    return x + ((y - 1) + (z - 1) * height) * width
  end

  function G.split(cell)
    local rest = floor((cell - 1) / width)
    local x = cell - rest * width
    if not solid then return x, rest + 1, 1 end
    local z = floor(rest / height)
    return x, rest - z * height + 1, z + 1
  end

  --- The cell that arguments name; without any, the one of the entity that runs.
  function G.cell(x, y, z)
    if x == nil then
      local cell = S.cell[at.slot]
      if not cell then complain("'" .. S.ids[at.slot] .. "' is not on the grid; say where: x, y") end
      return cell
    end
    x, y, z = G.coordinates(x, y, z)
    return G.number(x, y, z)
  end

  --- x, y (and z) of a cell, as a script gets them.
  function G.spread(cell)
    local x, y, z = G.split(cell)
    if solid then return x, y, z end
    return x, y
  end

  -- Cells of a neighbourhood as steps from its centre, row by row; on a small torus each cell once.
  local shapes = {}
  local function new_shape(radius)
    local function reach(size)
      if torus then return -min(radius, floor((size - 1) / 2)), min(radius, floor(size / 2)) end
      return -min(radius, size - 1), min(radius, size - 1)
    end
    local x0, x1 = reach(width)
    local y0, y1 = reach(height)
    local z0, z1 = reach(depth)
    -- What is kept costs nothing to make: a world from a snapshot makes it again, and its steps are to be the same.
    local cells = (x1 - x0 + 1) * (y1 - y0 + 1) * (z1 - z0 + 1)
    if cells > KEPT then meter(cells * 2) end
    local s = {n = 0, x = {}, y = {}, z = {}, step = {}, reach = radius}
    for z = z0, z1 do
      for y = y0, y1 do
        for x = x0, x1 do
          if (x ~= 0 or y ~= 0 or z ~= 0) and (G.moore or abs(x) + abs(y) + abs(z) <= radius) then
            local n = s.n + 1
            s.n, s.x[n], s.y[n], s.z[n], s.step[n] = n, x, y, z, x + (y + z * height) * width
          end
        end
      end
    end
    if cells <= KEPT then shapes[radius] = s end
    return s
  end

  local function shape(radius) return shapes[radius] or new_shape(radius) end

  function G.shape(radius)
    if radius == nil then return shape(G.radius) end
    if type(radius) ~= "number" or radius ~= floor(radius) or radius < 1 or radius > WIDEST then
      complain("the radius must be a whole number from 1 to " .. WIDEST .. ", not " .. W.builtins.tostring(radius))
    end
    return shape(floor(radius))
  end

  --- The cell at coordinates that are at most one size beyond the edge; nil where there is none.
  function G.at(x, y, z)
    if torus then
      if x < 1 then x = x + width elseif x > width then x = x - width end
      if y < 1 then y = y + height elseif y > height then y = y - height end
      if z < 1 then z = z + depth elseif z > depth then z = z - depth end
    elseif x < 1 or x > width or y < 1 or y > height or z < 1 or z > depth then
      return nil
    end
    return x + ((y - 1) + (z - 1) * height) * width
  end
  local at_coordinates = G.at

  --- The cell a step of a shape leads to, or nil beyond the edge.
  function G.step(s, i, x, y, z)
    return at_coordinates(x + s.x[i], y + s.y[i], z + s.z[i])
  end

  --- For each cell whether its usual neighbourhood lies within the board.
  function G.inner()
    local inner, r = {}, G.radius
    for cell = 1, G.cells do
      local x, y, z = G.split(cell)
      inner[cell] = x > r and x <= width - r and y > r and y <= height - r
        and (not solid or z > r and z <= depth - r)
    end
    return inner
  end

  local near = {} -- the cells found last; used up before anything else runs
  G.near = near

  --- Fill `near` with the cells of a shape round a cell; gives how many.
  function G.around(cell, s)
    local n, r = s.n, s.reach
    local x, y, z = G.split(cell)
    if x > r and x <= width - r and y > r and y <= height - r and (not solid or z > r and z <= depth - r) then
      local step = s.step
      for i = 1, n do near[i] = cell + step[i] end
      return n
    end
    local m, go = 0, G.step
    for i = 1, n do
      local there = go(s, i, x, y, z)
      if there then
        m = m + 1
        near[m] = there
      end
    end
    return m
  end

  local function between(a, b, size)
    local d = abs(a - b)
    return torus and d > size / 2 and size - d or d
  end

  --- The distance of two cells along each axis, the short way.
  function G.apart(a, b)
    local ax, ay, az = G.split(a)
    local bx, by, bz = G.split(b)
    return between(ax, bx, width), between(ay, by, height), between(az, bz, depth)
  end

  return G
end

-- Moving -----------------------------------------------------------------------------------------------------
local G

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
  if G.capacity == math.huge then
    W.act(move_freely, slot, cell, false, false)
    return true
  end
  return W.contest(move, slot, cell, false, false)
end

--- The cell of a random empty place: the k-th one in the order of the cells.
local function empty_cell(u)
  local k, block = floor(u * empties), 1
  while empty_in[block] <= k do
    k = k - empty_in[block]
    block = block + 1
  end
  meter(block / 8)
  local cell = (block - 1) * BLOCK + 1
  while true do
    if crowd[cell] == 0 then
      if k == 0 then return cell end
      k = k - 1
    end
    cell = cell + 1
  end
end

-- world.grid -------------------------------------------------------------------------------------------------
local function slot_of(id, call)
  if type(id) == "number" then id = W.builtins.tostring(id) end
  if type(id) ~= "string" then complain("grid." .. call .. ": the id must be text, not " .. type(id)) end
  return S.index[id]
end

local function kind_from(name)
  if name == nil then return nil end
  return W.kind_named(name)
end

local function ids_of(slots, n)
  local out = {}
  for i = 1, n do out[i] = S.ids[slots[i]] end
  return out
end

local scratch = {} -- slots found last

local function gather(cell, n)
  local slot, from = first[cell], n
  while slot do
    n = n + 1
    scratch[n] = slot
    slot = after[slot]
  end
  if n - from > 1 then -- the order in a cell is that of births
    local own = {}
    for i = from + 1, n do own[i - from] = scratch[i] end
    by_age(own, n - from)
    for i = from + 1, n do scratch[i] = own[i - from] end
  end
  return n
end

--- Append the slots in a cell to a list; gives its new length.
function W.gather(cell, list, n)
  local slot = first[cell]
  while slot do
    n = n + 1
    list[n] = slot
    slot = after[slot]
  end
  return n
end

local grid = {}

function grid.move(x, y, z)
  meter(2)
  return request(at.slot, G.cell(x, y, z))
end

function grid.place(id, x, y, z)
  meter(2)
  local slot = slot_of(id, "place")
  x, y, z = G.coordinates(x, y, z)
  if not slot then complain("grid.place: no entity '" .. id .. "' lives") end
  return request(slot, G.number(x, y, z))
end

function grid.remove(id)
  meter(2)
  local slot = at.slot
  if id ~= nil then slot = slot_of(id, "remove") end
  if slot then W.act(move_freely, slot, false, false, false) end
end

function grid.position(id)
  local slot = at.slot
  if id ~= nil then slot = slot_of(id, "position") end
  local cell = slot and S.cell[slot]
  if not cell then return nil end
  return G.spread(cell)
end

function grid.at(x, y, z)
  local n = gather(G.cell(x, y, z), 0)
  meter(n)
  return ids_of(scratch, n)
end

function grid.occupant(name, x, y, z)
  local kind, slot = kind_from(name), first[G.cell(x, y, z)]
  local oldest, n = nil, 0
  while slot do
    if (not kind or S.kind[slot] == kind) and (not oldest or slot < oldest) then oldest = slot end
    slot, n = after[slot], n + 1
  end
  if n > 1 then meter(n / 4) end
  return oldest and S.ids[oldest]
end

local function crowd_named(name)
  if name == nil then return crowd end
  return crowd_of(W.kind_named(name))
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
    if first[near[i]] then n = gather(near[i], n) end
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
  return ids_of(scratch, n)
end

function grid.count_neighbors(name, radius, x, y, z)
  name, radius = kind_and_radius(name, radius)
  local cell, s, counts = G.cell(x, y, z), G.shape(radius), crowd_named(name)
  meter(s.n / 4)
  local n, near = 0, G.near
  for i = 1, G.around(cell, s) do n = n + counts[near[i]] end
  return n
end

function grid.cells(radius, x, y, z)
  local s = G.shape(radius)
  meter(2)
  x, y, z = G.split(G.cell(x, y, z))
  local i = 0
  return function()
    while i < s.n do
      i = i + 1
      local there = G.step(s, i, x, y, z)
      if there then return G.spread(there) end
    end
  end
end

function grid.random_neighbor(radius, x, y, z)
  local cell, s = G.cell(x, y, z), G.shape(radius)
  meter(s.n / 4)
  local n = G.around(cell, s)
  if n == 0 then return nil end
  return G.spread(G.near[floor(W.random() * n) + 1])
end

function grid.random_empty(radius, x, y, z)
  meter(2)
  if radius == nil and x == nil then
    if empties == 0 then return nil end
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
  return empties
end

function grid.distance(x, y, z)
  local from = S.cell[at.slot]
  if not from then complain("'" .. S.ids[at.slot] .. "' is not on the grid, so nothing is at a distance") end
  local dx, dy, dz = G.apart(from, G.cell(x, y, z))
  return G.moore and max(dx, dy, dz) or dx + dy + dz
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
  G = geometry(P)
  W.grid, W.put_on_grid = G, put
  for cell = 1, G.cells do first[cell], crowd[cell] = false, 0 end
  for block = 1, block_of(G.cells) do empty_in[block] = min(BLOCK, G.cells - (block - 1) * BLOCK) end
  empties = G.cells
  grid.width, grid.height, grid.depth = G.width, G.height, G.dimensions == 3 and G.depth or nil
  W.leave_grid = leave
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
    if G.capacity == math.huge then return floor(u * G.cells) + 1 end
    if empties > 0 then return empty_cell(u) end
    local free = {}
    for cell = 1, G.cells do
      if crowd[cell] < G.capacity then insert(free, cell) end
    end
    return free[floor(u * #free) + 1]
  end
  return grid
end
