-- Resources: stocks in whole numbers, one for the world or one in each cell, from which entities take.
-- Under `simultaneous` those who want more than there is are served in an order keyed by tick and entity, each what
-- is left, and told; what is given comes after what is taken, then the stock grows.
-- Reads acts.lua, grid.lua. Sets W.prepare_resources.
local W = ...
local S, meter, complain = W.state, W.meter, W.complain
local floor, min = math.floor, math.min

local MOST = 9007199254740992

S.resources = {}
local by_name = {}

local function named(name)
  local resource = by_name[name]
  if not resource then complain("this world declares no resource '" .. W.builtins.tostring(name) .. "'") end
  return resource
end

local function bring_back(resource, cell, stock) resource.stock[cell] = stock end

local function take(resource, cell, asked, _, by, telling)
  local stock = resource.stock
  local got = min(asked, stock[cell])
  W.take_back(bring_back, resource, cell, stock[cell])
  stock[cell] = stock[cell] - got
  if telling then
    local x, y, z
    if resource.per_cell then x, y, z = W.grid.spread(cell) end
    W.tell(by, "take", {resource = resource.name, asked = asked, got = got, x = x, y = y, z = z})
  end
  return got
end

local function give(resource, cell, amount)
  local stock = resource.stock
  W.take_back(bring_back, resource, cell, stock[cell])
  stock[cell] = min(stock[cell] + amount, resource.max)
end

local function place(resource, x, y, z)
  if resource.per_cell then return (W.grid.cell(x, y, z)) end
  if x ~= nil then complain("the resource '" .. resource.name .. "' is one stock for the whole world; leave out where") end
  return 1
end

local api = {}

function api.stock(name, x, y, z)
  local resource = named(name)
  return resource.stock[place(resource, x, y, z)]
end

function api.total(name)
  local resource, sum = named(name), 0
  meter(resource.n / 8)
  for cell = 1, resource.n do sum = sum + resource.stock[cell] end
  return sum
end

function api.take(name, amount, x, y, z)
  meter(2)
  local resource = named(name)
  local cell = place(resource, x, y, z)
  return (W.contest(take, resource, cell, W.whole_number(amount, 0, "resource.take: the amount"), false))
end

function api.give(name, amount, x, y, z)
  meter(2)
  local resource = named(name)
  local cell = place(resource, x, y, z)
  W.afterwards(give, resource, cell, W.whole_number(amount, 0, "resource.give: the amount"), false)
end

local function regrow(resource, by)
  local stock, most = resource.stock, resource.max
  for cell = 1, resource.n do
    if stock[cell] < most then stock[cell] = min(stock[cell] + by, most) end
  end
end

--- Make the resources of a program: {name, per_cell, initial, low, high, max, regrow}.
function W.prepare_resources(resources)
  for i = 1, #resources do
    local given = resources[i]
    local resource = {name = given.name, per_cell = given.per_cell, max = given.max or MOST, stock = {},
      n = given.per_cell and W.grid.cells or 1}
    local k0, k1 = W.key(S.master_k0, S.master_k1, "\0resource " .. given.name)
    for cell = 1, resource.n do
      local stock = given.initial or 0
      if given.low then
        stock = given.low + floor(W.uniforms(cell, 0, 0, 0, k0, k1) * (given.high - given.low + 1))
      end
      resource.stock[cell] = stock
    end
    S.resources[i], by_name[given.name] = resource, resource
    if given.regrow and given.regrow > 0 then W.on_renewal(function() regrow(resource, given.regrow) end) end
  end
  W.keep("resources", function()
    local kept = {}
    for i = 1, #S.resources do kept[i] = S.resources[i].stock end
    return kept
  end, function(kept)
    for i = 1, #S.resources do S.resources[i].stock = kept[i] end
  end)
  return api
end
