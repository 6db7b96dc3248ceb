-- Continuous space in two or three dimensions, bounded or a torus, with an index of buckets so that a question about
-- a neighbourhood costs what lies in and near it, not what lives in the world.
-- Where somebody is: S.px, S.py, S.pz by slot (false or nil: nowhere), from which the index can be made again; S.vx,
-- S.vy, S.vz: the last step.
-- Reads turns.lua, acts.lua, W.by_age. Sets W.prepare_space, and once at work W.place_in_space and W.leave_space.
local W = ...
local S, at, meter, complain = W.state, W.at, W.meter, W.complain
local floor, sqrt, min, max, type, huge = math.floor, math.sqrt, math.min, math.max, type, math.huge

local MOST_BUCKETS = 4194304

local sizes, torus, solid = {}, false, false
local width, height, depth = 0, 0, 1
S.px, S.py, S.pz, S.vx, S.vy, S.vz = {}, {}, {}, {}, {}, {}
local px, py, pz = S.px, S.py, S.pz

-- The index --------------------------------------------------------------------------------------------------
local columns, rows, layers = 1, 1, 1
local first, after, before, bucket_at = {}, {}, {}, {}
local placed, built_for = 0, 0

local function bucket_of(x, y, z)
  local i, j, k = floor(x / width * columns), floor(y / height * rows), 0
  if i >= columns then i = columns - 1 end
  if j >= rows then j = rows - 1 end
  if solid then
    k = floor(z / depth * layers)
    if k >= layers then k = layers - 1 end
  end
  return i, j, k
end

local function leave(slot)
  local bucket = bucket_at[slot]
  if not bucket then return end
  local b, a = before[slot], after[slot]
  if b then after[b] = a else first[bucket] = a end
  if a then before[a] = b end
  bucket_at[slot], placed = false, placed - 1
  px[slot], py[slot], pz[slot] = false, false, false
end

local function enter(slot, x, y, z)
  local i, j, k = bucket_of(x, y, z)
  local bucket = i + (j + k * rows) * columns
  local head = first[bucket]
  first[bucket], after[slot], before[slot], bucket_at[slot] = slot, head, false, bucket
  if head then before[head] = slot end
  px[slot], py[slot], pz[slot] = x, y, z
  placed = placed + 1
end

-- One to four entities a bucket: a function of how many are placed, so that what a question costs is too.
local function rebuild()
  local wanted = 16
  while wanted * 4 <= placed do wanted = wanted * 4 end
  if wanted == built_for then return end
  built_for = wanted
  local aim = min(wanted / 2, MOST_BUCKETS)
  local edge = solid and W.mathematics.pow(width * height * depth / aim, 1 / 3) or sqrt(width * height / aim)
  columns, rows = max(1, floor(width / edge)), max(1, floor(height / edge))
  layers = solid and max(1, floor(depth / edge)) or 1
  first = {}
  local n = placed
  for slot = 1, S.n do
    if bucket_at[slot] then enter(slot, px[slot], py[slot], pz[slot]) end
  end
  placed = n
end

-- Places -----------------------------------------------------------------------------------------------------
local function along(value, size, axis)
  if type(value) ~= "number" or value - value ~= 0 then
    complain(axis .. " must be a finite number, not " .. W.builtins.tostring(value))
  end
  if torus then
    if value >= 0 and value < size then return value end
    local round = value % size
    return round < size and round or 0
  end
  if value < 0 or value > size then
    complain(axis .. " = " .. value .. " is outside of the space, which goes from 0 to " .. size)
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

local function short_way(d, size)
  if torus then
    if d > size / 2 then return d - size end
    if d < -size / 2 then return d + size end
  end
  return d
end

local function back(slot, was)
  leave(slot)
  if was then
    enter(slot, was[1], was[2], was[3])
    S.vx[slot], S.vy[slot], S.vz[slot] = was[4], was[5], was[6]
  end
end

local function put(slot, x, y, z)
  local ox, oy, oz = px[slot], py[slot], pz[slot]
  if bucket_at[slot] then leave(slot) end
  enter(slot, x, y, z)
  if ox then
    S.vx[slot], S.vy[slot], S.vz[slot] = short_way(x - ox, width), short_way(y - oy, height), short_way(z - oz, depth)
  else
    S.vx[slot], S.vy[slot], S.vz[slot] = 0, 0, 0
  end
end

local function move(slot, x, y, z)
  if not S.alive[slot] then return end
  if not S.simultaneous then
    W.take_back(back, slot, px[slot] and {px[slot], py[slot], pz[slot], S.vx[slot], S.vy[slot], S.vz[slot]} or false)
  end
  put(slot, x, y, z)
end

local function remove(slot)
  if not S.simultaneous then
    W.take_back(back, slot, px[slot] and {px[slot], py[slot], pz[slot], S.vx[slot], S.vy[slot], S.vz[slot]} or false)
  end
  leave(slot)
end

-- Questions --------------------------------------------------------------------------------------------------
-- The buckets from i0 to i1 along one axis that a stretch touches; on a torus they may begin below 0.
local function stretch(middle, radius, size, count)
  local i0, i1 = floor((middle - radius) / size * count), floor((middle + radius) / size * count)
  if torus then
    if i1 - i0 >= count then return 0, count - 1 end
    return i0, i1
  end
  -- a point on the far edge lies in the last bucket
  return max(0, min(i0, count - 1)), max(0, min(i1, count - 1))
end

local found, square = {}, {} -- slots found last, and the squares of their distances by place in `found`

--- Everybody within a radius of a point but `without`, of one kind or all; fills `found`, gives how many.
local function search(x, y, z, radius, kind, without)
  local i0, i1 = stretch(x, radius, width, columns)
  local j0, j1 = stretch(y, radius, height, rows)
  local k0, k1 = 0, 0
  if solid then k0, k1 = stretch(z, radius, depth, layers) end
  local limit, n, seen, half_w, half_h, half_d = radius * radius, 0, 0, width / 2, height / 2, depth / 2
  for k = k0, k1 do
    for j = j0, j1 do
      local row = (j % rows + (k % layers) * rows) * columns
      for i = i0, i1 do
        local slot = first[row + i % columns]
        while slot do
          local dx, dy, dz = px[slot] - x, py[slot] - y, pz[slot] - z
          if torus then
            if dx > half_w then dx = dx - width elseif dx < -half_w then dx = dx + width end
            if dy > half_h then dy = dy - height elseif dy < -half_h then dy = dy + height end
            if dz > half_d then dz = dz - depth elseif dz < -half_d then dz = dz + depth end
          end
          local d = dx * dx + dy * dy + dz * dz
          if d <= limit and slot ~= without and (not kind or S.kind[slot] == kind) then
            n = n + 1
            found[n], square[n] = slot, d
          end
          seen = seen + 1
          slot = after[slot]
        end
      end
    end
  end
  meter((seen + (i1 - i0 + 1) * (j1 - j0 + 1) * (k1 - k0 + 1)) / 4)
  return n
end

local function radius_from(value, call)
  if type(value) ~= "number" or value ~= value or value < 0 or value == huge then
    complain(call .. ": the radius must be a number from 0 on, not " .. W.builtins.tostring(value))
  end
  return value
end

local function where(x, y, z)
  if x == nil then return here() end
  return point(x, y, z)
end

local function slot_of(id, call)
  if type(id) == "number" then id = W.builtins.tostring(id) end
  if type(id) ~= "string" then complain("space." .. call .. ": the id must be text, not " .. type(id)) end
  return S.index[id]
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
  local slot = slot_of(id, "place")
  x, y, z = point(x, y, z)
  if not slot then complain("space.place: no entity '" .. id .. "' lives") end
  W.act(move, slot, x, y, z)
end

function space.remove(id)
  meter(2)
  local slot = at.slot
  if id ~= nil then slot = slot_of(id, "remove") end
  if slot then W.act(remove, slot, false, false, false) end
end

function space.position(id)
  local slot = at.slot
  if id ~= nil then slot = slot_of(id, "position") end
  if not slot or not px[slot] then return nil end
  if solid then return px[slot], py[slot], pz[slot] end
  return px[slot], py[slot]
end

function space.velocity(id)
  local slot = at.slot
  if id ~= nil then slot = slot_of(id, "velocity") end
  if not slot or not px[slot] then return nil end
  if solid then return S.vx[slot], S.vy[slot], S.vz[slot] end
  return S.vx[slot], S.vy[slot]
end

function space.within(radius, name, x, y, z)
  radius_from(radius, "space.within")
  x, y, z = where(x, y, z)
  local n = search(x, y, z, radius, name ~= nil and W.kind_named(name) or nil, at.slot)
  W.by_age(found, n)
  meter(n / 2)
  local out = {}
  for i = 1, n do out[i] = S.ids[found[i]] end
  return out
end

function space.count_within(radius, name, x, y, z)
  radius_from(radius, "space.count_within")
  x, y, z = where(x, y, z)
  return search(x, y, z, radius, name ~= nil and W.kind_named(name) or nil, at.slot)
end

-- Growing circles: the nearest is certain once it lies within the circle that was searched.
function space.nearest(name, x, y, z)
  x, y, z = where(x, y, z)
  local kind = name ~= nil and W.kind_named(name) or nil
  local farthest = sqrt(width * width + height * height + (solid and depth * depth or 0))
  local radius = min(width / columns, height / rows)
  while true do
    local n = search(x, y, z, radius, kind, at.slot)
    if n > 0 then
      local best = 1
      for i = 2, n do
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
    local slot = slot_of(x, "vector")
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
  sizes, torus, solid = P.size, P.torus, #P.size == 3
  width, height, depth = sizes[1] * 1.0, sizes[2] * 1.0, (sizes[3] or 1) * 1.0
  space.width, space.height, space.depth = width, height, solid and depth or nil
  rebuild()
  W.place_in_space, W.leave_space = put, leave
  W.point_of = point
  W.on_renewal(rebuild)
  W.populated = rebuild
  W.keep("space", function(place)
    local kept = {}
    for slot, number in next, place do
      kept[number] = px[slot] and {px[slot], py[slot], pz[slot], S.vx[slot], S.vy[slot], S.vz[slot]} or false
    end
    return kept
  end, function(kept)
    for slot = 1, S.n do back(slot, kept[slot]) end
    rebuild()
  end)

  --- A point by the numbers in [0, 1) that `drawn(slot, k)` gives, k from 0 on.
  function W.random_point(slot, drawn)
    return drawn(slot, 0) * width, drawn(slot, 1) * height, solid and drawn(slot, 2) * depth or 0
  end

  --- The slots within a radius of a point, oldest first: a list that is good until the next question, and its length.
  function W.reached_in_space(x, y, z, radius)
    x, y, z = point(x, y, z)
    local n = search(x, y, z, radius, nil, nil)
    W.by_age(found, n)
    return found, n
  end
  return space
end
