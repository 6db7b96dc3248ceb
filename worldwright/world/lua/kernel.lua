-- The world: clock, bus, entities, commands and metrics of one run, inside one VM.
-- One tick: clock -> deliver due messages -> update living entities -> apply commands -> record metrics.
-- Entities live in parallel arrays by slot; a slot is never used twice. Nothing here walks a hash where order
-- matters. Scripts reach this only through api.lua, which appends to the logs below.
-- Reads W.words, W.uniforms, W.key, W.decode, W.builtins, W.api. Sets W.state, W.at, W.meter, W.random, W.fail …
local W = ...
local type, next, error, tostring, tonumber = type, next, error, tostring, tonumber
local floor, min, max = math.floor, math.min, math.max
local match, sort = string.match, table.sort
local uniforms, key_of = W.uniforms, W.key
local xpcall, getinfo = xpcall, debug.getinfo

local UPDATE, WORLD, ORDER, BIRTH = 0, 1, 2, 3 -- domains of draws: the top byte of the last counter word
local MESSAGE_ROWS = 1000                      -- error rows kept apart; beyond this they are only counted

local at = {slot = 0, now = 0, k = 0, spare = false, low = 0, high = 0, domain = UPDATE, world_k = 0, world_spare = false}
local S = {
  n = 0, ids = {}, kind = {}, script = {}, alive = {}, update = {}, get = {}, set = {}, env = {}, inbox = {},
  row = {}, ordinal = {}, k0 = {}, k1 = {}, incarnation = {}, links = {},
  index = {}, born = {}, order = {}, order_n = 0, living = 0, newborn = 0, kind_count = {}, version = 0,
  out_n = 0, out_to = {}, out_due = {}, out_message = {}, out_early = false, out_late = false,
  log_n = 0, log_op = {}, log_a = {}, log_b = {}, log_c = {}, log_by = {},
  value_n = 0, value_name = {}, value = {},
  chunks = {}, kinds = {}, kind_by_name = {}, scripts = {}, columns = {}, parameters = {},
  limits = {}, sent = 0, spawned = 0, destroyed = 0, delivered = 0, dropped = 0, broadcasts = 0, steps = 0,
  printed = {}, errors = {}, error_at = {}, errors_lost = 0, stopped = false,
  metric_index = {}, metric_names = {}, metric_n = 0,
}
W.state, W.at = S, at

-- Errors of scripts ------------------------------------------------------------------------------------------
-- A script's chunk is named by its file, ours by a name in brackets, so that a place can be told from the stack.
local function place()
  for level = 3, 250 do
    local frame = getinfo(level, "Sl")
    if not frame then return "" end
    if S.chunks[frame.source] then return frame.short_src .. ":" .. frame.currentline .. ": " end
  end
  return ""
end

--- Raise an error at the line of the script that called us.
function W.complain(message)
  error(place() .. message, 0)
end

-- The handler of errors in scripts: those raised by C functions get the line of the script too.
local function located(problem)
  if type(problem) ~= "string" or problem == "not enough memory" then return problem end
  local file, rest = match(problem, "^([^\n]-):%d+: (.*)$")
  if file and S.chunks["=" .. file] then return problem end
  return place() .. (file and rest or problem)
end

-- Steps ----------------------------------------------------------------------------------------------------
local budget = {0}

local function over()
  if S.fatal then error("not enough memory", 0) end
  W.complain("the step limit of " .. S.limits.steps .. " steps for one call is used up")
end

function W.meter(n)
  local left = budget[1] - n
  budget[1] = left
  if left < 0 then over() end
end

--- Memory has run out: nothing a script does from here on counts.
function W.starve()
  S.fatal, budget[1] = true, -1
end

-- Draws ----------------------------------------------------------------------------------------------------
-- Draw k of an entity is half of Philox(counter = (floor(k / 2), tick, incarnation, domain and high tick), its key).
local function draw()
  local spare = at.spare
  if spare then
    at.spare = false
    return spare
  end
  local slot, k = at.slot, at.k
  local u, v = uniforms(k, at.low, S.incarnation[slot], at.high, S.k0[slot], S.k1[slot])
  at.k, at.spare = k + 1, v
  return u
end

local function world_draw()
  local spare = at.world_spare
  if spare then
    at.world_spare = false
    return spare
  end
  local k = at.world_k
  local u, v = uniforms(k, at.low, 0, at.high - at.domain * 16777216 + WORLD * 16777216, S.world_k0, S.world_k1)
  at.world_k, at.world_spare = k + 1, v
  return u
end

local function whole(x, name)
  local n = tonumber(x)
  if not n or n ~= floor(n) then W.complain("random: " .. name .. " must be a whole number") end
  return floor(n)
end

local function between(u, a, b)
  if a == nil then return u end
  if b == nil then a, b = 1, a end
  a, b = whole(a, "the lower end"), whole(b, "the upper end")
  if a > b then W.complain("random: the interval from " .. a .. " to " .. b .. " is empty") end
  return a + floor(u * (b - a + 1))
end

--- The current entity's next draw: in [0, 1), or a whole number from 1 to a, or from a to b.
function W.random(a, b)
  W.meter(1)
  return between(draw(), a, b)
end

function W.world_random(a, b)
  W.meter(1)
  return between(world_draw(), a, b)
end

local function turn(slot, domain)
  at.slot, at.k, at.spare = slot, 0, false
  at.domain, at.high = domain, domain * 16777216 + at.tick_high
  W.api_self.id = S.ids[slot]
  budget[1] = S.limits.steps
end

--- Call a function of a script with its errors located.
function W.call(f)
  return xpcall(f, located)
end

--- Let `slot` be the entity that runs, with a fresh budget, outside its update.
function W.turn_to(slot)
  turn(slot, BIRTH)
end

--- Whether the last call used up its steps.
function W.spent()
  return budget[1] < 0
end

local function set_clock(now)
  at.now, at.low, at.tick_high = now, now % 4294967296, floor(now / 4294967296)
  at.world_k, at.world_spare = 0, false
end

-- Errors ---------------------------------------------------------------------------------------------------
local function describe(message)
  if type(message) == "string" then
    local file, line, rest = match(message, "^([^\n]-):(%d+): (.*)$")
    if file then return rest, file, tonumber(line) end
    return message
  end
  if type(message) == "table" then return "an error value (a table)" end
  return "error value " .. tostring(message)
end

--- Keep an error as a row; equal ones of the same entity are counted.
function W.fail(slot, message)
  local text, file, line = describe(message)
  if text == "not enough memory" then S.fatal = true end
  if #text > 500 then text = string.sub(text, 1, 500) end
  local id = slot and S.ids[slot] or ""
  file = file or (slot and S.script[slot] and S.script[slot].file) or ""
  local key = id .. "\0" .. file .. "\0" .. (line or 0) .. "\0" .. text
  local known = S.error_at[key]
  if known then
    S.errors[known].count = S.errors[known].count + 1
  elseif #S.errors < MESSAGE_ROWS then
    S.errors[#S.errors + 1] =
      {tick = at.now, entity = id, script = file, line = line or 0, message = text, count = 1}
    S.error_at[key] = #S.errors
  else
    S.errors_lost = S.errors_lost + 1
  end
  if S.policy == "stop" or S.fatal then S.stopped = true end
end

-- Entities -------------------------------------------------------------------------------------------------
local function compile(script)
  local source, name = script.source, "=" .. script.file
  S.chunks[name] = true
  if W.luajit then
    local chunk, problem = loadstring("local __ww_b, __ww_over, __ww_pow = ... " .. source, name)
    if not chunk then return problem end
    local pow = W.mathematics.pow
    script.run = function(env)
      setfenv(chunk, env)
      chunk(budget, over, pow)
    end
  else
    local alone, problem = load(source, name, "t", {})
    if not alone then return problem end
    local wrapped
    wrapped, problem = load("return function(_ENV, __ww_b, __ww_over, __ww_pow) " .. source .. "\nend", name, "t", {})
    if not wrapped then return problem end
    local body, pow = wrapped(), W.mathematics.pow
    script.run = function(env) body(env, budget, over, pow) end
  end
end

local function copy(value)
  if type(value) ~= "table" then return value end
  local out = {}
  for key, item in next, value do out[key] = copy(item) end
  return out
end
W.copy = copy

local function merge(env, given)
  local state = env.state
  if type(state) ~= "table" then
    env.state = copy(given)
    return
  end
  for key, item in next, given do state[key] = copy(item) end
end

local function bring_to_life(slot, script, given)
  local env, builtins = {}, W.builtins
  for i = 1, #script.names do
    local name = script.names[i]
    env[name] = builtins[name]
  end
  S.env[slot] = env
  script.run(env)
  if budget[1] < 0 then over() end
  local update, get, set = env.update, env.get_state, env.set_state
  if type(update) ~= "function" then error("the script defines no function 'update'", 0) end
  if get ~= nil and type(get) ~= "function" then error("'get_state' is not a function", 0) end
  if set ~= nil and type(set) ~= "function" then error("'set_state' is not a function", 0) end
  S.update[slot], S.get[slot], S.set[slot] = update, get or false, set or false
  if given ~= nil then
    if set then set(copy(given)) else merge(env, given) end
    if budget[1] < 0 then over() end
  end
end

local function forget(slot)
  S.alive[slot], S.env[slot], S.inbox[slot], S.links[slot] = false, false, false, false
  S.update[slot], S.get[slot], S.set[slot] = false, false, false
end

--- A new living entity, or nil and what went wrong.
local function create(id, kind, given, row, ordinal)
  local slot = S.n + 1
  S.n = slot
  local script = S.scripts[kind.script]
  local born = S.born[id] or 0
  S.born[id] = born + 1
  S.ids[slot], S.kind[slot], S.script[slot] = id, kind, script
  S.inbox[slot], S.links[slot], S.row[slot], S.ordinal[slot] = false, false, row or -1, ordinal or -1
  S.k0[slot], S.k1[slot] = key_of(S.master_k0, S.master_k1, id)
  S.incarnation[slot] = born
  S.alive[slot] = true
  local outer, outer_k, outer_spare, outer_domain = at.slot, at.k, at.spare, at.domain
  local left = budget[1]
  turn(slot, BIRTH)
  local ok, problem = xpcall(bring_to_life, located, slot, script, given)
  S.steps = S.steps + (S.limits.steps - budget[1])
  if outer > 0 then
    turn(outer, outer_domain)
    at.k, at.spare, budget[1] = outer_k, outer_spare, left
  end
  if not ok then
    forget(slot)
    return nil, problem, slot
  end
  S.index[id] = slot
  S.order_n = S.order_n + 1
  S.order[S.order_n] = slot
  S.kind_count[kind.name] = (S.kind_count[kind.name] or 0) + 1
  S.living = S.living + 1
  S.version = S.version + 1
  return slot
end

local function destroy(slot)
  S.index[S.ids[slot]] = nil
  S.kind_count[S.kind[slot].name] = S.kind_count[S.kind[slot].name] - 1
  S.living = S.living - 1
  S.destroyed = S.destroyed + 1
  S.version = S.version + 1
  forget(slot)
end

local function bury()
  local order, n = S.order, 0
  for i = 1, S.order_n do
    local slot = order[i]
    if S.alive[slot] then
      n = n + 1
      order[n] = slot
    end
  end
  for i = n + 1, S.order_n do order[i] = nil end
  S.order_n = n
end

--- Ids of all living entities, or of one kind, in the order of their birth; shared, rebuilt when that changes.
function W.members(kind)
  local cache = S.members
  if not cache or cache.version ~= S.version then
    cache = {version = S.version}
    S.members = cache
  end
  local list = cache[kind or 0]
  if not list then
    local n = 0
    list = {}
    W.meter(S.order_n / 4)
    for i = 1, S.order_n do
      local slot = S.order[i]
      if S.alive[slot] and (not kind or S.kind[slot] == kind) then
        n = n + 1
        list[n] = S.ids[slot]
      end
    end
    cache[kind or 0] = list
  end
  return list
end

-- Links ----------------------------------------------------------------------------------------------------
local function link(a, b)
  local list = S.links[a]
  if not list then
    S.links[a] = {b}
    return
  end
  for i = 1, #list do
    if list[i] == b then return end
  end
  list[#list + 1] = b
end

local function unlink(a, b)
  local list = S.links[a]
  if not list then return end
  for i = 1, #list do
    if list[i] == b then
      table.remove(list, i)
      return
    end
  end
end

-- Commands -------------------------------------------------------------------------------------------------
local function apply_one(i)
  local op, a, b, c, by = S.log_op[i], S.log_a[i], S.log_b[i], S.log_c[i], S.log_by[i]
  if op == "destroy" then
    local slot = S.index[a]
    if slot then destroy(slot) end
  elseif op == "spawn" then
    S.newborn = S.newborn - 1
    local standing = S.index[a]
    if standing then
      if not W.vivarium then
        W.fail(by, "spawn_entity: an entity '" .. a .. "' exists already")
        return
      end
      destroy(standing)
    end
    local slot, problem, dead = create(a, b, c)
    if slot then S.spawned = S.spawned + 1 else W.fail(dead, problem) end
  else
    local x, y = S.index[a], S.index[b]
    if x and y then
      if op == "link" then link(x, y) link(y, x) else unlink(x, y) unlink(y, x) end
    end
  end
end

local function apply(from)
  local i = from
  while i <= S.log_n do
    apply_one(i)
    S.log_a[i], S.log_b[i], S.log_c[i] = false, false, false
    if S.stopped then break end
    i = i + 1
  end
  S.log_n = from - 1
end

-- Messages -------------------------------------------------------------------------------------------------
local due = {n = 0, to = {}, message = {}} -- what the next tick delivers, in order
local later = {}                           -- by tick of delivery: lists of {to, message}

local function deliver()
  local index, inbox, to, messages = S.index, S.inbox, due.to, due.message
  for i = 1, due.n do
    local slot = index[to[i]]
    if slot then
      local box = inbox[slot]
      if box then box[#box + 1] = messages[i] else inbox[slot] = {messages[i]} end
      S.delivered = S.delivered + 1
    else
      S.dropped = S.dropped + 1
    end
    messages[i] = false
  end
  due.n = 0
end

local function enqueue(to, message)
  local n = due.n + 1
  due.n, due.to[n], due.message[n] = n, to, message
end

-- Messages go by the tick they are due, then by the order they were sent in; those with delay 0 are due first.
local function post()
  local soon = at.now + 1
  local waiting = later[soon]
  if not S.out_early and not S.out_late and not waiting then
    due.to, S.out_to = S.out_to, due.to
    due.message, S.out_message = S.out_message, due.message
    due.n = S.out_n
  else
    for i = 1, S.out_n do
      if S.out_due[i] < soon then enqueue(S.out_to[i], S.out_message[i]) end
    end
    if waiting then
      for i = 1, #waiting do enqueue(waiting[i][1], waiting[i][2]) end
      later[soon] = nil
    end
    for i = 1, S.out_n do
      local when = S.out_due[i]
      if when == soon then
        enqueue(S.out_to[i], S.out_message[i])
      elseif when > soon then
        local list = later[when]
        if not list then
          list = {}
          later[when] = list
        end
        list[#list + 1] = {S.out_to[i], S.out_message[i]}
      end
      S.out_message[i] = false
    end
  end
  S.sent = S.sent + S.out_n
  S.out_n, S.out_early, S.out_late = 0, false, false
end

-- Updates --------------------------------------------------------------------------------------------------
local EMPTY = {}

local function run_entity(slot)
  local script = S.script[slot]
  local box = S.inbox[slot]
  if box then
    S.inbox[slot] = false
  else
    box = script.reads_only and EMPTY or {}
  end
  local sent, logged, recorded, newborn = S.out_n, S.log_n, S.value_n, S.newborn
  turn(slot, UPDATE)
  local ok, problem = xpcall(S.update[slot], located, at.now, box)
  local left = budget[1]
  S.steps = S.steps + (S.limits.steps - left)
  if ok and left >= 0 and not S.fatal then return end
  -- A failed update leaves no commands behind.
  S.out_n, S.log_n, S.value_n, S.newborn = sent, logged, recorded, newborn
  if ok then problem = S.fatal and "not enough memory" or ("the step limit of " .. S.limits.steps .. " steps for one call is used up") end
  W.fail(slot, problem)
  if S.policy == "remove" then
    local n = S.log_n + 1
    S.log_n, S.log_op[n], S.log_a[n], S.log_by[n] = n, "destroy", S.ids[slot], slot
  end
end

local function update_simultaneously()
  local order = S.order
  for i = 1, S.order_n do
    run_entity(order[i])
    if S.stopped then return end
  end
  apply(1)
end

local function update_in_random_order()
  local ranks, by_rank, n = {}, {}, 0
  local high = ORDER * 16777216 + at.tick_high
  for i = 1, S.order_n do
    local slot = S.order[i]
    local rank = uniforms(0, at.low, S.incarnation[slot], high, S.k0[slot], S.k1[slot])
    while by_rank[rank] do rank = rank + 2 ^ -53 end
    n = n + 1
    ranks[n], by_rank[rank] = rank, slot
  end
  sort(ranks)
  for i = 1, n do
    local slot = by_rank[ranks[i]]
    if S.alive[slot] then
      run_entity(slot)
      if S.stopped then return end
      apply(1)
      if S.stopped then return end
    end
  end
end

--- Advance by a number of ticks, or until the world stops; gives the ticks completed.
function W.advance(ticks)
  for done = 1, ticks do
    set_clock(at.now + 1)
    deliver()
    if S.random_order then update_in_random_order() else update_simultaneously() end
    if S.stopped then
      at.now = at.now - 1
      return done - 1
    end
    bury()
    post()
    W.measure()
    if S.stopped then return done end
    W.observe(at.now, false)
  end
  W.observe(at.now, true)
  return ticks
end

-- Start ----------------------------------------------------------------------------------------------------
local function populate(group)
  local kind = S.kinds[group.kind]
  for i = 1, group.count do
    local id = group.ids and group.ids[i] or (group.single and group.name) or (group.name .. "_" .. i)
    local given = group.states and group.states[i] or group.state
    if W.vivarium and S.index[id] then destroy(S.index[id]) end -- as at home: the last of one name stands
    local slot, problem, dead = create(id, kind, given, group.population and i - 1 or -1, i)
    if not slot then
      W.fail(dead, problem)
      if S.stopped then return end
    end
  end
end

--- Build the world of a program (JSON) whose buffers have been given before; gives nil or what is wrong.
function W.start(text)
  local P = W.decode(text)
  W.vivarium = P.vivarium
  S.policy, S.random_order, S.limits, S.parameters = P.errors, P.order == "random", P.limits, P.parameters
  S.master_k0, S.master_k1 = P.key[1], P.key[2]
  S.world_k0, S.world_k1 = key_of(S.master_k0, S.master_k1, "\0world")
  S.metrics = P.metrics
  W.prepare(P)
  for i = 1, #P.scripts do
    local script = P.scripts[i]
    S.scripts[i] = script
    local used = {}
    for j = 1, #script.names do
      if W.builtins[script.names[j]] ~= nil then used[#used + 1] = script.names[j] end
    end
    script.names = used
    local problem = compile(script)
    if problem then
      W.fail(nil, problem)
      S.stopped = true
      return
    end
  end
  for i = 1, #P.kinds do
    local kind = P.kinds[i]
    S.kinds[i], S.kind_by_name[kind.name], S.kind_count[kind.name] = kind, kind, 0
  end
  set_clock(P.start)
  for i = 1, #P.groups do
    if not S.stopped then populate(P.groups[i]) end
  end
  if S.stopped then return end
  if P.network then W.connect(P.network) end
  apply(1)
  bury()
  post()
  for i = 1, #P.pending do
    local message = P.pending[i]
    local when = max(message.due, at.now + 1)
    if when == at.now + 1 then
      enqueue(message.to, message.message)
    else
      later[when] = later[when] or {}
      local list = later[when]
      list[#list + 1] = {message.to, message.message}
    end
  end
  if S.stopped then return end
  W.observe(at.now, false)
end

--- Undirected edges between the entities of one group, by their number in it; int32 pairs.
function W.connect(network)
  local slots = {}
  local kind = S.kinds[network.kind]
  for i = 1, S.order_n do
    local slot = S.order[i]
    if S.kind[slot] == kind then slots[S.ordinal[slot]] = slot end
  end
  local read = W.reader("i4", W.buffers[network.edges])
  for i = 0, network.count - 1 do
    local a, b = slots[read(2 * i) + 1], slots[read(2 * i + 1) + 1]
    if a and b then
      local x, y = S.links[a], S.links[b]
      if x then x[#x + 1] = b else S.links[a] = {b} end
      if y then y[#y + 1] = a else S.links[b] = {a} end
    end
  end
end
