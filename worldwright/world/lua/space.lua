-- Continuous space in two or three dimensions, bounded or a torus, as scripts see it.
-- Reads turns.lua, acts.lua, buckets.lua, found.lua, W.by_age. Sets W.prepare_space, and once at work W.place_in_space,
-- W.leave_space, W.point_of, W.random_point and W.reached_in_space.
local W = ...
local S, at, meter, complain, slot_of = W.state, W.at, W.meter, W.complain, W.slot_of
local sqrt, type, huge = math.sqrt, type, math.huge
local B, new_list = W.buckets, W.new_list
local found, square = W.found.slot, W.found.square
local put, leave, search, short_way = B.put, B.leave, B.search, B.short_way

local torus, solid = false, false
local width, height, depth = 0, 0, 1
local px, py, pz, vx, vy, vz = S.px, S.py, S.pz, S.vx, S.vy, S.vz

-- Places -----------------------------------------------------------------------------------------------------
local function along(value, size, axis)
  if type(value) ~= "number" or value - value ~= 0 then
    complain(axis .. " must be a finite number, not " .. W.shown(value))
  end
  if torus then
    if value >= 0 and value < size then return value end
    local round = value % size
    return round < size and round or 0
  end
  if value < 0 or value > size then
    complain(axis .. " = " .. W.shown(value) .. " is outside of the space, which goes from 0 to " .. W.shown(size))
  end
  return value
end

local function point(x, y, z)
  if solid then return along(x, width, "x"), along(y, height, "y"), along(z, depth, "z") end
  if z ~= nil then complain("this space has two dimensions, and a third coordinate was given") end
  return along(x, width, "x"), along(y, height, "y"), 0
end

local function here()
  local slot = at.slot
  if not px[slot] then complain("'" .. S.ids[slot] .. "' is not in the space; say where: x, y") end
  return px[slot], py[slot], pz[slot]
end

-- Moving -----------------------------------------------------------------------------------------------------
local function back(slot, x, y, z)
  if x then put(slot, x, y, z) else leave(slot) end
end

local function step_back(slot, x, y, z)
  vx[slot], vy[slot], vz[slot] = x, y, z
end

-- How to take it back, last things first: the place, then the step that led to it.
local function note(slot)
  local x = px[slot] or false
  if x then W.take_back(step_back, slot, vx[slot], vy[slot], vz[slot]) end
  W.take_back(back, slot, x, py[slot], pz[slot])
end

local function move(slot, x, y, z)
  if not S.alive[slot] then return end
  note(slot)
  put(slot, x, y, z)
end

local function remove(slot)
  note(slot)
  leave(slot)
end

-- Questions --------------------------------------------------------------------------------------------------
local function radius_from(value, call)
  if type(value) ~= "number" or value ~= value or value < 0 or value == huge then
    complain(call .. ": the radius must be a number from 0 on, not " .. W.shown(value))
  end
  return value
end

local function where(x, y, z)
  if x == nil then return here() end
  return point(x, y, z)
end

-- world.space ------------------------------------------------------------------------------------------------
local space = {}

function space.move(x, y, z)
  meter(2)
  x, y, z = point(x, y, z)
  W.act(move, at.slot, x, y, z)
end

function space.place(id, x, y, z)
  meter(2)
  local slot = slot_of(id, "space.place")
  x, y, z = point(x, y, z)
  if not slot then complain("space.place: no entity '" .. id .. "' lives") end
  W.act(move, slot, x, y, z)
end

function space.remove(id)
  meter(2)
  local slot = at.slot
  if id ~= nil then slot = slot_of(id, "space.remove") end
  if slot then W.act(remove, slot, false, false, false) end
end

function space.position(id)
  local slot = at.slot
  if id ~= nil then slot = slot_of(id, "space.position") end
  if not slot or not px[slot] then return nil end
  if solid then return px[slot], py[slot], pz[slot] end
  return px[slot], py[slot]
end

function space.velocity(id)
  local slot = at.slot
  if id ~= nil then slot = slot_of(id, "space.velocity") end
  if not slot or not px[slot] then return nil end
  if solid then return vx[slot], vy[slot], vz[slot] end
  return vx[slot], vy[slot]
end

local function kind_from(name)
  if name == nil then return nil end
  return W.kind_named(name)
end

function space.near(radius, name, x, y, z)
  radius_from(radius, "space.near")
  x, y, z = where(x, y, z)
  local list = new_list()
  local n = search(x, y, z, radius, kind_from(name), at.slot, list)
  meter(n / 2)
  return W.loop_in_space(list, n, solid)
end

function space.within(radius, name, x, y, z)
  radius_from(radius, "space.within")
  x, y, z = where(x, y, z)
  local list = new_list()
  local n = search(x, y, z, radius, kind_from(name), at.slot, list)
  W.by_age(found, n, list)
  meter(n / 2)
  local out = {}
  for i = 1, n do out[i] = S.ids[found[list + i]] end
  return out
end

function space.count_within(radius, name, x, y, z)
  radius_from(radius, "space.count_within")
  x, y, z = where(x, y, z)
  return search(x, y, z, radius, kind_from(name), at.slot, new_list())
end

-- Growing circles: the nearest is certain once it lies within the circle that was searched.
function space.nearest(name, x, y, z)
  x, y, z = where(x, y, z)
  local kind, list = kind_from(name), new_list()
  local farthest = sqrt(width * width + height * height + (solid and depth * depth or 0))
  local radius = B.edge()
  while true do
    local n = search(x, y, z, radius, kind, at.slot, list)
    if n > 0 then
      local best = list + 1
      for i = list + 2, list + n do
        if square[i] < square[best] or square[i] == square[best] and found[i] < found[best] then best = i end
      end
      return S.ids[found[best]], sqrt(square[best])
    end
    if radius > farthest then return nil end
    radius = radius * 2
  end
end

function space.vector(x, y, z)
  local ox, oy, oz = here()
  if type(x) == "string" then
    local slot = slot_of(x, "space.vector")
    if not slot or not px[slot] then return nil end
    x, y, z = px[slot], py[slot], pz[slot]
  else
    x, y, z = point(x, y, z)
  end
  if solid then return short_way(x - ox, width), short_way(y - oy, height), short_way(z - oz, depth) end
  return short_way(x - ox, width), short_way(y - oy, height)
end

function space.distance(x, y, z)
  local dx, dy, dz = space.vector(x, y, z)
  if not dx then return nil end
  return sqrt(dx * dx + dy * dy + (dz and dz * dz or 0))
end

function space.inside(x, y, z)
  local function fits(value, size, axis)
    W.finite(value, "space.inside: " .. axis)
    return value >= 0 and (value < size or not torus and value == size)
  end
  return fits(x, width, "x") and fits(y, height, "y") and (not solid or fits(z, depth, "z"))
end

--- Make the space of a program.
function W.prepare_space(P)
  local size = P.size
  torus, solid = P.torus, #size == 3
  width, height, depth = size[1] * 1.0, size[2] * 1.0, (size[3] or 1) * 1.0
  space.width, space.height, space.depth = width, height, solid and depth or nil
  B.prepare(size, torus)
  W.place_in_space, W.leave_space = put, leave
  W.point_of = point
  W.on_renewal(B.rebuild)
  W.populated = B.rebuild
  W.keep("space", function(place)
    local kept = {}
    for slot, number in next, place do
      kept[number] = px[slot] and {px[slot], py[slot], pz[slot], vx[slot], vy[slot], vz[slot]} or false
    end
    return kept
  end, function(kept)
    for slot = 1, S.n do
      local was = kept[slot]
      leave(slot)
      if was then
        put(slot, was[1], was[2], was[3])
        step_back(slot, was[4], was[5], was[6])
      end
    end
    B.rebuild()
  end)

  --- A point by the numbers in [0, 1) that `drawn(slot, k)` gives, k from 0 on.
  function W.random_point(slot, drawn)
    return drawn(slot, 0) * width, drawn(slot, 1) * height, solid and drawn(slot, 2) * depth or 0
  end

  --- The slots within a radius of a point, oldest first: they follow a place of a list; gives those and their number.
  function W.reached_in_space(x, y, z, radius)
    x, y, z = point(x, y, z)
    local list = new_list()
    local n = search(x, y, z, radius, nil, nil, list)
    W.by_age(found, n, list)
    return found, n, list
  end
  return space
end
