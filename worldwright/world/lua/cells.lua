-- The cells of a grid in two or three dimensions: coordinates, neighbourhoods, distances.
-- A cell is a number from 1, counted row by row.
-- Reads turns.lua. Sets W.geometry.
local W = ...
local S, at, meter, complain = W.state, W.at, W.meter, W.complain
local floor, abs, max, min, type = math.floor, math.abs, math.max, math.min, type

local WIDEST = 1000 -- cells a neighbourhood may reach in one direction
local KEPT = 4225   -- cells of the largest neighbourhood whose shape is kept: 65 x 65

--- The geometry of a grid as a program declares it.
function W.geometry(P)
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

  --- How many steps to a neighbour lead so far along each axis.
  function G.length(dx, dy, dz)
    dx, dy, dz = abs(dx), abs(dy), abs(dz)
    return G.moore and max(dx, dy, dz) or dx + dy + dz
  end

  --- The distance of two cells along each axis, the short way.
  function G.apart(a, b)
    local ax, ay, az = G.split(a)
    local bx, by, bz = G.split(b)
    return between(ax, bx, width), between(ay, by, height), between(az, bz, depth)
  end

  return G
end
