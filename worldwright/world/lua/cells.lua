-- The cells of a grid in two or three dimensions: coordinates, neighbourhoods, distances.
-- A cell is a number from 1, counted row by row.
-- Reads turns.lua. Sets W.geometry.
local W = ...
local S, at, meter, complain = W.state, W.at, W.meter, W.complain
local floor, abs, max, min, type, concat = math.floor, math.abs, math.max, math.min, type, table.concat

local WIDEST = 1000 -- cells a neighbourhood may reach in one direction
local KEPT = 4225   -- cells of the largest neighbourhood whose shape is kept: 65 x 65

local G = {} -- the only one, so that what LuaJIT compiles for one world serves the next
local width, height, depth, cells = 1, 1, 1, 1
local torus, solid, moore = false, false, true

-- Coordinates ------------------------------------------------------------------------------------------------
local function along(value, size, axis)
  if type(value) ~= "number" or value - value ~= 0 or value ~= floor(value) then
    complain(axis .. " must be the whole number of a cell, not " .. W.shown(value))
  end
  if value < 1 or value > size then
    if not torus then
      complain(axis .. " = " .. W.shown(value) .. " is outside of the grid, which goes from 1 to " .. size
        .. "; world.grid.inside tells")
    end
    return (floor((value - 1) % size + 1))
  end
  return (floor(value))
end

--- The coordinates of a cell as arguments gave them; on a torus they go round.
function G.coordinates(x, y, z)
  if solid then return along(x, width, "x"), along(y, height, "y"), along(z, depth, "z") end
  if z ~= nil then complain("this grid has two dimensions, and a third coordinate was given") end
  return along(x, width, "x"), along(y, height, "y"), 1
end
local coordinates = G.coordinates

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
local split = G.split

--- The cell that arguments name; without any, the one of the entity that runs.
function G.cell(x, y, z)
  if x == nil then
    local cell = S.cell[at.slot]
    if not cell then complain("'" .. S.ids[at.slot] .. "' is not on the grid; say where: x, y") end
    return cell
  end
  x, y, z = coordinates(x, y, z)
  return x + ((y - 1) + (z - 1) * height) * width
end

--- x, y (and z) of a cell, as a script gets them.
function G.spread(cell)
  local x, y, z = split(cell)
  if solid then return x, y, z end
  return x, y
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

-- Distances --------------------------------------------------------------------------------------------------
--- How many steps to a neighbour lead so far along each axis.
function G.length(dx, dy, dz)
  dx, dy, dz = abs(dx), abs(dy), abs(dz)
  return moore and max(dx, dy, dz) or dx + dy + dz
end

local function between(a, b, size)
  local d = abs(a - b)
  return torus and d > size / 2 and size - d or d
end

--- The distance of two cells along each axis, the short way.
function G.apart(a, b)
  local ax, ay, az = split(a)
  local bx, by, bz = split(b)
  return between(ax, bx, width), between(ay, by, height), between(az, bz, depth)
end

-- Neighbourhoods ---------------------------------------------------------------------------------------------
local shapes = {} -- by radius

-- Whether all that is at most r away lies within the board.
local function is_inner(x, y, z, r)
  return x > r and x <= width - r and y > r and y <= height - r and (not solid or z > r and z <= depth - r)
end

local function reach(radius, size)
  if torus then return -min(radius, floor((size - 1) / 2)), min(radius, floor(size / 2)) end
  return -min(radius, size - 1), min(radius, size - 1)
end

-- A neighbourhood as steps from its centre, row by row; on a small torus each cell once.
local function new_shape(radius)
  local x0, x1 = reach(radius, width)
  local y0, y1 = reach(radius, height)
  local z0, z1 = reach(radius, depth)
  -- What is kept costs nothing to make: a world from a snapshot makes it again, and its steps are to be the same.
  local size = (x1 - x0 + 1) * (y1 - y0 + 1) * (z1 - z0 + 1)
  if size > KEPT then meter(size * 2) end
  local s = {n = 0, x = {}, y = {}, z = {}, step = {}, reach = radius}
  for z = z0, z1 do
    for y = y0, y1 do
      for x = x0, x1 do
        if (x ~= 0 or y ~= 0 or z ~= 0) and (moore or abs(x) + abs(y) + abs(z) <= radius) then
          local n = s.n + 1
          s.n, s.x[n], s.y[n], s.z[n], s.step[n] = n, x, y, z, x + (y + z * height) * width
        end
      end
    end
  end
  if size <= KEPT then shapes[radius] = s end
  return s
end

local function shape(radius) return shapes[radius] or new_shape(radius) end

function G.shape(radius)
  if radius == nil then return shape(G.radius) end
  if type(radius) ~= "number" or radius ~= floor(radius) or radius < 1 or radius > WIDEST then
    complain("the radius must be a whole number from 1 to " .. WIDEST .. ", not " .. W.shown(radius))
  end
  return shape(floor(radius))
end

--- The cell a step of a shape leads to, or nil beyond the edge.
function G.step(s, i, x, y, z)
  return at_coordinates(x + s.x[i], y + s.y[i], z + s.z[i])
end
local go = G.step

--- For each cell whether its usual neighbourhood lies within the board.
function G.inner()
  local inner = {}
  for cell = 1, cells do
    local x, y, z = split(cell)
    inner[cell] = is_inner(x, y, z, G.radius)
  end
  return inner
end

local near = {} -- the cells found last; used up before anything else runs
G.near = near

--- Fill `near` with the cells of a shape round a cell; gives how many.
function G.around(cell, s)
  local n = s.n
  local x, y, z = split(cell)
  if is_inner(x, y, z, s.reach) then
    local step = s.step
    for i = 1, n do near[i] = cell + step[i] end
    return n
  end
  local m = 0
  for i = 1, n do
    local there = go(s, i, x, y, z)
    if there then
      m = m + 1
      near[m] = there
    end
  end
  return m
end
local around = G.around

--- One of the cells of a shape round a cell, by a number in [0, 1); nil where there is none.
function G.one_around(cell, s, u)
  local x, y, z = split(cell)
  if is_inner(x, y, z, s.reach) then return cell + s.step[floor(u * s.n) + 1] end
  local n = around(cell, s)
  if n > 0 then return near[floor(u * n) + 1] end
end

-- Sums over neighbours without a loop, by how many they are, which LuaJIT compiles into the update around them:
-- of an array by cell and a list of steps from a cell.
local sums = {}
for _, n in next, {4, 6, 8, 12, 24, 26} do
  local parts = {}
  for i = 1, n do parts[i] = "a[c + s[" .. i .. "]]" end
  sums[n] = (loadstring or load)("return function(a, s, c) return " .. concat(parts, " + ") .. " end", "=sum")()
end

--- The sum of an array by cell over a shape round a cell.
function G.sum_around(array, cell, s)
  local sum = sums[s.n]
  if sum then
    local x, y, z = split(cell)
    if is_inner(x, y, z, s.reach) then return sum(array, s.step, cell) end
  end
  local total = 0
  for i = 1, around(cell, s) do total = total + array[near[i]] end
  return total
end

--- The geometry of a grid as a program declares it.
function W.geometry(P)
  width, height, depth = floor(P.size[1]), floor(P.size[2]), floor(P.size[3] or 1)
  cells, torus, solid, moore, shapes = width * height * depth, P.torus, #P.size == 3, P.moore, {}
  G.width, G.height, G.depth, G.cells, G.dimensions, G.torus = width, height, depth, cells, #P.size, torus
  G.radius, G.capacity = P.radius, P.capacity or math.huge
  return G
end
