-- `self` and `world` as scripts see them: Vivarium's names and ours. Everything here checks its arguments, charges
-- the step budget and appends to the logs of the kernel; nothing acts at once.
-- One `self` serves all entities, because exactly one runs at a time.
-- Reads W.state, W.at, W.meter, W.random, W.read_only. Sets W.api_self, W.api_world, W.prepare, and self and world in W.builtins.
local W = ...
local S, at, meter = W.state, W.at, W.meter
local type, next, tostring, tonumber, rawget = type, next, tostring, tonumber, rawget
local floor, huge = math.floor, math.huge
local find = string.find
local rawlen = rawlen or function(t) return #t end
local builtins, complain = W.builtins, W.complain

local DEEPEST = 64
local LONGEST_NAME = 1000
local FOREVER = 9007199254740992

local function name_from(value, what)
  if type(value) == "number" then value = tostring(value) end
  if type(value) ~= "string" then
    complain(what .. " must be text, not " .. (type(value) == "nil" and "nil" or "a " .. type(value)))
  end
  return value
end

local function new_name(value, what)
  local name = name_from(value, what)
  if name == "" or #name > LONGEST_NAME or find(name, "%z") then
    complain(what .. " must have 1 to " .. LONGEST_NAME .. " characters")
  end
  return name
end

-- Plain JSON values, copied. Vivarium turns what JSON cannot hold into null; a world of ours says so.
local copy_value
local function copy_table(value, path, depth)
  if depth > DEEPEST then
    complain(path .. " is nested deeper than " .. DEEPEST .. " levels (or holds itself)")
  end
  local out, n, count = {}, rawlen(value), 0
  for key, item in next, value do
    count = count + 1
    local kind = type(key)
    if kind == "string" or (kind == "number" and key >= 1 and key <= n and key == floor(key)) then
      local what = type(item)
      if what == "boolean" or what == "number" and item - item == 0 then out[key] = item
      else out[key] = copy_value(item, path, depth) end
    elseif W.vivarium then
      if kind == "number" and key == floor(key) and rawget(value, tostring(key)) == nil then
        out[tostring(key)] = copy_value(item, path, depth)
      end
    else
      complain(path .. " has a key that is neither text nor a place in a list without holes")
    end
  end
  meter(count)
  if n > 0 and count ~= n then
    if not W.vivarium then complain(path .. " mixes a list with named fields; use one or the other") end
    local named = {}
    for key, item in next, out do
      if type(key) == "string" or out[tostring(key)] == nil then named[tostring(key)] = item end
    end
    return named
  end
  return out
end

function copy_value(value, path, depth)
  local kind = type(value)
  if kind == "number" then
    if value ~= value or value == huge or value == -huge then
      if W.vivarium then return nil end
      complain(path .. " holds a number that is not finite")
    end
    return value
  end
  if kind == "string" then
    meter(#value / 64)
    return value
  end
  if kind == "boolean" or kind == "nil" then return value end
  if kind == "table" then return copy_table(value, path, depth + 1) end
  if W.vivarium then return nil end
  complain(path .. " holds a " .. kind .. "; only numbers, texts, booleans and tables can travel")
end

local function cost_of(value)
  local kind = type(value)
  if kind == "number" then return value - value == 0 and 1 or nil end
  if kind == "string" then return 1 + #value / 64 end
  return kind == "boolean" and 1 or nil
end

-- What most messages carry: up to three named numbers, texts and booleans. Without a loop, so that LuaJIT can
-- compile an update together with its sending; nil for everything else.
local function small_copy(value)
  local a, x = next(value)
  local cost = type(a) == "string" and cost_of(x)
  if not cost then return nil end
  local b, y = next(value, a)
  if b == nil then
    meter(cost)
    return {[a] = x}
  end
  local more = type(b) == "string" and cost_of(y)
  if not more then return nil end
  local c, z = next(value, b)
  if c == nil then
    meter(cost + more)
    return {[a] = x, [b] = y}
  end
  local most = type(c) == "string" and next(value, c) == nil and cost_of(z)
  if not most then return nil end
  meter(cost + more + most)
  return {[a] = x, [b] = y, [c] = z}
end

local function delay_from(value, call)
  if value == nil then return 1 end
  local delay = tonumber(value)
  if not delay or delay ~= delay or delay < 0 or delay + at.now > FOREVER then
    complain(call .. ": the delay must be a number of ticks, 0 or more, not " .. builtins.tostring(value))
  end
  return (floor(delay))
end

local function log(op, a, b, c)
  local n = S.log_n + 1
  S.log_n, S.log_op[n], S.log_a[n], S.log_b[n], S.log_c[n], S.log_by[n] = n, op, a, b, c, at.slot
end

-- self -----------------------------------------------------------------------------------------------------
local me = {id = "", random = W.random}
W.api_self = me

function me.send_msg(to, kind, content, delay)
  meter(2)
  if type(to) ~= "string" then to = name_from(to, "send_msg: the receiver") end
  if type(kind) ~= "string" then kind = name_from(kind, "send_msg: the kind") end
  if type(content) == "table" then
    content = small_copy(content) or copy_table(content, "send_msg: the content", 1)
  else
    content = copy_value(content, "send_msg: the content", 0)
  end
  if S.out_n >= S.limits.messages then
    complain("the limit of " .. S.limits.messages .. " messages in one tick is reached")
  end
  local wait = 1
  if delay ~= nil then
    wait = delay_from(delay, "send_msg")
    if wait == 0 then S.out_early = true elseif wait > 1 then S.out_late = true end
  end
  W.send(to, kind, content, me.id, at.now + wait)
end

function me.broadcast_msg(x, y, radius, kind, content)
  meter(2)
  if not W.vivarium then
    complain("broadcast_msg needs a space or a grid, and this world declares neither")
  end
  for _, value in next, {x or false, y or false, radius or false} do
    if not tonumber(value) then complain("broadcast_msg: x, y and radius must be numbers") end
  end
  name_from(kind, "broadcast_msg: the kind")
  copy_value(content, "broadcast_msg: the content", 0)
  S.broadcasts = S.broadcasts + 1 -- counted and delivered to nobody, as Vivarium does
end

--- A timer: the entity runs again `delay` ticks from now; the next tick is the earliest.
function me.wake(delay)
  meter(2)
  if not S.by_event then complain("wake belongs to `order: event`; in this world everybody runs in every tick") end
  if S.woken_n >= S.limits.messages then
    complain("the limit of " .. S.limits.messages .. " timers set in one tick is reached")
  end
  local wait = delay_from(delay == nil and "nil" or delay, "wake")
  W.wake(at.slot, at.now + (wait > 1 and wait or 1))
end

function me.destroy(id)
  meter(2)
  log("destroy", name_from(id, "destroy: the id"))
end

function me.spawn_entity(id, kind, state, x, y, z)
  meter(10)
  id = new_name(id, "spawn_entity: the id")
  local name = name_from(kind, "spawn_entity: the name of its kind")
  local known = S.kind_by_name[name] or S.kind_by_script[name]
  if state ~= nil then
    if type(state) ~= "table" then complain("spawn_entity: the state must be a table") end
    state = copy_value(state, "spawn_entity: the state", 0)
  end
  if not known then
    if W.vivarium then return end -- ignored, as Vivarium does
    complain("spawn_entity: no entity of this world is named '" .. name .. "'")
  end
  if S.living + S.newborn + 1 > S.limits.entities then
    complain("the limit of " .. S.limits.entities .. " living entities is reached")
  end
  if S.births >= S.limits.entities then -- also where each newborn replaces one that dies
    complain("the limit of " .. S.limits.entities .. " births in one tick is reached")
  end
  local where = x ~= nil and W.place_from(x, y, z)
  S.births, S.newborn = S.births + 1, S.newborn + 1
  log("spawn", id, known, state)
  S.log_where[S.log_n] = where
end

function me.neighbors()
  local links = S.links[at.slot]
  local out, n = {}, 0
  if links then
    meter(#links)
    for i = 1, #links do
      local slot = links[i]
      if S.alive[slot] then
        n = n + 1
        out[n] = S.ids[slot]
      end
    end
  end
  return out
end

-- self.agent: the columns of this entity's row in its population.
me.agent = W.read_only(function(_, name)
  local kind = S.kind[at.slot]
  local read = kind.columns and kind.columns[name]
  if not read then
    if not kind.columns then complain("'" .. kind.name .. "' has no population, so self.agent has no columns") end
    complain("the population of '" .. kind.name .. "' has no column '" .. builtins.tostring(name) .. "'")
  end
  local row = S.row[at.slot]
  if row < 0 then return nil end -- born during the run
  return (read(row))
end, "self.agent")

-- world ----------------------------------------------------------------------------------------------------
local here = {random = W.world_random}
W.api_world = here

local function list(master)
  meter(#master / 8)
  if S.script[at.slot].reads_lists then return master end -- and never changes or keeps it
  local out = {}
  for i = 1, #master do out[i] = master[i] end
  return out
end

function here.list_entities()
  return (list(W.members()))
end

local function kind_named(name)
  name = name_from(name, "the name of an entity")
  local kind = S.kind_by_name[name] or S.kind_by_script[name]
  if not kind then complain("no entity of this world is named '" .. name .. "'") end
  return kind
end

W.kind_named = kind_named

function here.entities(name)
  return (list(W.members(kind_named(name))))
end

function here.count(name)
  if name == nil then return S.living end
  return S.kind_count[name] or S.kind_count[kind_named(name).name]
end

function here.exists(id)
  return S.index[name_from(id, "exists: the id")] ~= nil
end

function here.record_metric(name, value)
  meter(2)
  if type(name) ~= "string" then name = name_from(name, "record_metric: the name") end
  local number = tonumber(value)
  if not number then complain("record_metric: the value must be a number") end
  if not W.vivarium and (number ~= number or number == huge or number == -huge) then
    complain("record_metric: the value of '" .. name .. "' is not finite")
  end
  local index = S.metric_index[name]
  if not index then
    if S.declared[name] then
      complain("record_metric: '" .. name .. "' is declared under `metrics`; record under another name")
    end
    if S.metric_n >= S.limits.metrics then
      complain("the limit of " .. S.limits.metrics .. " metric names is reached")
    end
    new_name(name, "record_metric: the name")
    index = S.metric_n + 1
    S.metric_n, S.metric_index[name], S.metric_names[index] = index, index, name
  end
  local n = S.value_n + 1
  S.value_n, S.value_name[n], S.value[n] = n, index, number
end

function here.link(a, b)
  meter(2)
  a, b = name_from(a, "link: the first id"), name_from(b, "link: the second id")
  if a == b then complain("link: an entity is not its own neighbour") end
  log("link", a, b)
end

function here.unlink(a, b)
  meter(2)
  log("unlink", name_from(a, "unlink: the first id"), name_from(b, "unlink: the second id"))
end

local param = {}
here.param = W.read_only(function(_, name)
  local value = param[name]
  if value == nil then complain("this world has no parameter '" .. builtins.tostring(name) .. "'") end
  return value
end, "world.param")

setmetatable(me, {
  __index = function(_, name)
    if name == "name" then return S.kind[at.slot].name end
    return nil
  end,
})
builtins.self = W.read_only(me, "self")
builtins.world = W.read_only(setmetatable(here, {
  __index = function(_, name)
    if name == "time" then return at.now end
    if W.undeclared[name] then complain(W.undeclared[name]) end
    return nil
  end,
}), "world")

-- Columns ----------------------------------------------------------------------------------------------------
local integer = math.tointeger or floor

local function column(c)
  local buffers = W.buffers
  local valid = c.valid and W.reader("u1", buffers[c.valid])
  local read = W.reader(c.kind == "number" and "f8" or c.kind == "integer" and "f8" or c.kind == "text" and "i4" or "u1",
    buffers[c.data])
  local value
  if c.kind == "number" then value = read
  elseif c.kind == "integer" then value = function(row) return integer(read(row)) end
  elseif c.kind == "boolean" then value = function(row) return read(row) == 1 end
  else
    local texts = c.texts
    value = function(row) return texts[read(row) + 1] end
  end
  if not valid then return value end
  return function(row)
    if valid(row) == 0 then return nil end
    return (value(row))
  end
end

--- Parameters, population columns and names of scripts, before the scripts are compiled.
function W.prepare(P)
  for name, value in next, P.parameters do param[name] = value end
  for name, api in next, W.prepare_places(P) do here[name] = api end
  W.prepare_public(P)
  S.kind_by_script = {}
  for i = 1, #P.kinds do
    local kind = P.kinds[i]
    local columns
    if kind.columns then
      columns = {}
      for j = 1, #kind.columns do columns[kind.columns[j].name] = column(kind.columns[j]) end
    end
    kind.columns = columns
    local file = P.scripts[kind.script].file
    local short = string.match(file, "^(.*)%.lua$")
    S.kind_by_script[file] = S.kind_by_script[file] or kind
    if short then S.kind_by_script[short] = S.kind_by_script[short] or kind end
  end
end
