-- Where entities are born, who hears a broadcast, and the tables world.grid, world.space, world.layer and
-- world.resource, of which a world has those that it declares.
-- Reads api.lua, acts.lua, grid.lua, space.lua, layers.lua, resources.lua. Sets W.prepare_places, and once at work
-- W.put_newborn, W.place_from and W.leave.
local W = ...
local S, at, meter, complain = W.state, W.at, W.meter, W.complain
local floor, min, uniforms = math.floor, math.min, W.uniforms
local PLACE = 4 -- the domain of the draws that place entities; see turns.lua

W.undeclared = {
  grid = "this world declares no grid; add `grid: {size: [20, 20]}` to it",
  space = "this world declares no space; add `space: {size: [100, 100]}` to it",
  layer = "this world declares no layers; add `layers: {grass: {initial: 1}}` and a grid to it",
  resource = "this world declares no resources; add `resources: {food: {initial: 100}}` to it",
}

--- Where an entity is to be born, from coordinates that a script gave.
function W.place_from(x, y, z)
  if W.point_of then
    x, y, z = W.point_of(x, y, z)
    return {x, y, z}
  end
  if W.grid then return {cell = W.grid.cell(x, y, z)} end
  complain("spawn_entity: this world has neither a space nor a grid to be born in")
end

-- Draws for the place of a newborn; its own, and no others depend on them.
local function drawn(slot, k)
  return (uniforms(k, at.low, S.incarnation[slot], PLACE * 16777216 + at.tick_high, S.k0[slot], S.k1[slot]))
end

local born = {} -- where entities were put before their scripts ran, by slot

local function put_at(slot, where)
  if where.cell then W.put_on_grid(slot, where.cell) else W.place_in_space(slot, where[1], where[2], where[3]) end
end

--- Put a newborn where it belongs: {x, y, z}, {cell = n} or "random". False where there is no room.
function W.put_newborn(slot, where)
  if where == "random" then
    if W.place_in_space then
      where = {W.random_point(slot, drawn)}
    else
      where = {cell = W.random_room(drawn(slot, 0))}
      if not where.cell then return false end
    end
  elseif where.cell and not W.has_room(where.cell) then
    return false
  end
  born[slot] = where
  put_at(slot, where)
  return true
end

-- A restored world runs each script again as at its birth: then everybody is where it was born.
local function keep_births()
  W.keep("births", function(place)
    local kept = {}
    for slot, number in next, place do kept[number] = born[slot] or false end
    return kept
  end, function(kept)
    for slot = 1, S.n do born[slot] = kept[slot] end
  end)

  function W.at_births(kept)
    for slot = 1, S.n do
      if kept[slot] then put_at(slot, kept[slot]) end
    end
  end
end

-- Broadcasts -------------------------------------------------------------------------------------------------
local function reached_on_grid(x, y, z, radius)
  local G, heard, list = W.grid, W.found.slot, W.new_list()
  x, y, z = G.coordinates(x, y, z)
  local function reach(size)
    local r = floor(min(radius, size))
    if G.torus then return -min(r, floor((size - 1) / 2)), min(r, floor(size / 2)) end
    return -min(r, size - 1), min(r, size - 1)
  end
  local x0, x1 = reach(G.width)
  local y0, y1 = reach(G.height)
  local z0, z1 = reach(G.depth)
  meter((x1 - x0 + 1) * (y1 - y0 + 1) * (z1 - z0 + 1) / 4)
  local n = list
  for dz = z0, z1 do
    for dy = y0, y1 do
      for dx = x0, x1 do
        if dx * dx + dy * dy + dz * dz <= radius * radius then
          local cell = G.at(x + dx, y + dy, z + dz)
          if cell then n = W.occupants.gather(cell, heard, n) end
        end
      end
    end
  end
  W.by_age(heard, n - list, list)
  return heard, n - list, list
end

local function send(kind, content, slots, n, list)
  local api, ids = W.api_self, {}
  for i = 1, n do ids[i] = S.ids[slots[list + i]] end
  for i = 1, n do api.send_msg(ids[i], kind, content) end
  S.broadcasts = S.broadcasts + 1
end

local function broadcast(dimensions, reached)
  return function(x, y, z, radius, kind, content)
    meter(2)
    if dimensions == 2 then z, radius, kind, content = nil, z, radius, kind end
    if type(radius) ~= "number" or radius - radius ~= 0 or radius < 0 then
      complain("broadcast_msg: the radius must be a number from 0 on, not " .. W.shown(radius))
    end
    if type(kind) ~= "string" then complain("broadcast_msg: the kind must be text, not " .. W.shown(kind)) end
    send(kind, content, reached(x, y, z, radius))
  end
end

--- A figure over the cells of a layer or resource; nil where there are none.
function W.field_value(what, name, how)
  local values, n
  for _, one in next, what == "layer" and S.layers or S.resources do
    if one.name == name then
      values = one.value or one.stock
      n = #values
    end
  end
  local sum, low, high, some = 0, values[1], values[1], 0
  for cell = 1, n do
    local value = values[cell]
    sum = sum + value
    if value < low then low = value end
    if value > high then high = value end
    if value ~= 0 then some = some + 1 end
  end
  if how == "sum" then return sum end
  if how == "mean" then return sum / n end
  if how == "count" then return some end
  if how == "share" then return some / n end
  return how == "min" and low or high
end

--- Make the places, fields and stocks of a program; gives the tables for `world`.
function W.prepare_places(P)
  if not (P.grid or P.space or #P.layers > 0 or #P.resources > 0) then return {} end
  W.budget[1] = math.huge -- what follows is nobody's call
  W.prepare_acts()
  keep_births()
  local made = {}
  if P.grid then made.grid = W.read_only(W.prepare_grid(P.grid), "world.grid") end
  if P.space then made.space = W.read_only(W.prepare_space(P.space), "world.space") end
  if #P.layers > 0 then made.layer = W.read_only(W.prepare_layers(P.layers), "world.layer") end
  if #P.resources > 0 then made.resource = W.read_only(W.prepare_resources(P.resources), "world.resource") end
  local leave_grid, leave_space = W.leave_grid, W.leave_space

  --- The dead are nowhere.
  function W.leave(slot)
    if leave_grid then leave_grid(slot) end
    if leave_space then leave_space(slot) end
    born[slot] = nil
  end

  if P.space then W.api_self.broadcast_msg = broadcast(#P.space.size, W.reached_in_space)
  elseif P.grid then W.api_self.broadcast_msg = broadcast(#P.grid.size, reached_on_grid) end
  return made
end
