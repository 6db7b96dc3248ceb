-- Layers: one number for each cell of the grid, such as grass, heat or scent.
-- Under `simultaneous` everybody reads what stood at the end of the last tick; of several sets of one cell the one
-- of highest keyed rank stands, additions come on top; then diffusion and decay.
-- Reads acts.lua, grid.lua. Sets W.prepare_layers.
local W = ...
local S, at, meter, complain = W.state, W.at, W.meter, W.complain
local type, floor = type, math.floor

S.layers = {}
local by_name = {}
local G

local function named(name)
  local layer = by_name[name]
  if not layer then complain("this world declares no layer '" .. W.builtins.tostring(name) .. "'") end
  return layer
end

local function bring_back(layer, cell, value) layer.value[cell] = value end

local function set(layer, cell, value, _, by)
  if S.simultaneous and at.domain ~= W.BIRTH then
    local setter = layer.setter
    if layer.set_at[cell] == at.now then
      if W.rank(by) < W.rank(setter[cell]) then return end
    end
    setter[cell], layer.set_at[cell] = by, at.now
  else
    W.take_back(bring_back, layer, cell, layer.value[cell])
  end
  layer.value[cell] = value
end

local function add(layer, cell, amount)
  local value = layer.value
  W.take_back(bring_back, layer, cell, value[cell])
  value[cell] = value[cell] + amount
end

-- NetLogo's diffuse: every cell gives the share `rate` away, the same to each of its neighbours; at an edge, what
-- would go beyond it stays.
local function diffuse(layer, rate)
  local s = G.shape(1)
  local value, new, near, each = layer.value, layer.spare, G.near, rate / s.n
  for cell = 1, G.cells do
    local n, sum = G.around(cell, s), 0.0
    for i = 1, n do sum = sum + value[near[i]] end
    new[cell] = value[cell] - value[cell] * each * n + each * sum
  end
  layer.value, layer.spare = new, value
end

local function decay(layer, rate)
  local value, keep = layer.value, 1 - rate
  for cell = 1, G.cells do value[cell] = value[cell] * keep end
end

local function diffuse_now(layer, rate)
  local was = {}
  for cell = 1, G.cells do was[cell] = layer.value[cell] end
  W.take_back(function(l, values) l.value = values end, layer, was)
  diffuse(layer, rate)
end

local function decay_now(layer, rate)
  local was = {}
  for cell = 1, G.cells do was[cell] = layer.value[cell] end
  W.take_back(function(l, values) l.value = values end, layer, was)
  decay(layer, rate)
end

-- world.layer ------------------------------------------------------------------------------------------------
local api = {}

function api.get(name, x, y, z)
  return named(name).value[G.cell(x, y, z)]
end

function api.set(name, value, x, y, z)
  meter(1)
  W.act(set, named(name), G.cell(x, y, z), W.finite(value, "layer.set: the value"), false)
end

function api.add(name, amount, x, y, z)
  meter(1)
  W.afterwards(add, named(name), G.cell(x, y, z), W.finite(amount, "layer.add: the amount"), false)
end

-- The usual neighbourhoods without a loop, which LuaJIT then compiles into the update around it.
local inner, four, eight, a, b, c, d, e, f, g, h

function api.neighbor_sum(name, radius, x, y, z)
  local value, cell = named(name).value, G.cell(x, y, z)
  if radius == nil and inner[cell] then
    if eight then
      meter(1)
      return value[cell + a] + value[cell + b] + value[cell + c] + value[cell + d]
        + value[cell + e] + value[cell + f] + value[cell + g] + value[cell + h]
    elseif four then
      meter(1)
      return value[cell + a] + value[cell + b] + value[cell + c] + value[cell + d]
    end
  end
  local s = G.shape(radius)
  meter(s.n / 8)
  local sum, near = 0, G.near
  for i = 1, G.around(cell, s) do sum = sum + value[near[i]] end
  return sum
end

-- The highest (or lowest) value among the cell and its neighbours; of equal ones the cell itself, then the first.
local function extreme(name, radius, x, y, z, sign)
  local value, cell, s = named(name).value, G.cell(x, y, z), G.shape(radius)
  meter(s.n / 8)
  local best, near = cell, G.near
  for i = 1, G.around(cell, s) do
    if sign * value[near[i]] > sign * value[best] then best = near[i] end
  end
  return G.spread(best)
end

function api.uphill(name, radius, x, y, z) return extreme(name, radius, x, y, z, 1) end
function api.downhill(name, radius, x, y, z) return extreme(name, radius, x, y, z, -1) end

function api.sum(name)
  local value, sum = named(name).value, 0
  meter(G.cells / 8)
  for cell = 1, G.cells do sum = sum + value[cell] end
  return sum
end

local function share(rate, call)
  W.finite(rate, call .. ": the rate")
  if rate < 0 or rate > 1 then complain(call .. ": the rate must lie between 0 and 1, not " .. rate) end
  return rate
end

function api.diffuse(name, rate)
  local layer = named(name)
  meter(G.cells * 2)
  W.afterwards(diffuse_now, layer, share(rate, "layer.diffuse"), false, false)
end

function api.decay(name, rate)
  local layer = named(name)
  meter(G.cells / 4)
  W.afterwards(decay_now, layer, share(rate, "layer.decay"), false, false)
end

--- Make the layers of a program: {name, initial, low, high, chance, diffuse, decay}.
function W.prepare_layers(layers)
  G = W.grid
  local s = G.shape(nil)
  inner, four, eight = G.inner(), s.n == 4, s.n == 8
  a, b, c, d, e, f, g, h = (table.unpack or unpack)(s.step)
  for i = 1, #layers do
    local given = layers[i]
    local layer = {name = given.name, value = {}, spare = {}, setter = {}, set_at = {}}
    local k0, k1 = W.key(S.master_k0, S.master_k1, "\0layer " .. given.name)
    for cell = 1, G.cells do
      local value = given.initial or 0
      if given.low then value = given.low + W.uniforms(cell, 0, 0, 0, k0, k1) * (given.high - given.low)
      elseif given.chance then value = W.uniforms(cell, 0, 0, 0, k0, k1) < given.chance and 1 or 0 end
      layer.value[cell], layer.spare[cell], layer.setter[cell], layer.set_at[cell] = value, 0, 0, -1
    end
    S.layers[i], by_name[given.name] = layer, layer
    if given.diffuse and given.diffuse > 0 then W.on_renewal(function() diffuse(layer, given.diffuse) end) end
    if given.decay and given.decay > 0 then W.on_renewal(function() decay(layer, given.decay) end) end
  end
  W.keep("layers", function()
    local kept = {}
    for i = 1, #S.layers do kept[i] = S.layers[i].value end
    return kept
  end, function(kept)
    for i = 1, #S.layers do S.layers[i].value = kept[i] end
  end)
  return api
end
