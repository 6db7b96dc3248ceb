-- Entities: compiling their scripts, birth, death, lists of the living, links.
-- Reads W.turn, W.key, W.mathematics, and W.builtins once the world runs. Sets W.compile, W.awaken, W.memory, W.set_memory,
-- W.create, W.destroy, W.bury, W.members, W.link, W.unlink, W.call.
local W = ...
local S, at, budget, turn, over, located = W.state, W.at, W.budget, W.turn, W.over, W.located
local type, next, error, xpcall, concat, unpack = type, next, error, xpcall, table.concat, table.unpack or unpack
local key_of, BIRTH = W.key, W.BIRTH

-- Entities -------------------------------------------------------------------------------------------------
local load_text = loadstring or load
local HEAD = "local __ww_b, __ww_over, __ww_pow, __ww_nil, __ww_once, __ww_swap"
local ABSENT = W.ABSENT

-- A function that runs `source` in an environment, with what it gets as `names`; or nil and what is wrong with it.
local function chunk_of(source, name, names, ...)
  local made, problem
  if W.luajit then
    made, problem = loadstring(names .. " = ... return function() " .. source .. "\nend", name)
    if not made then return nil, problem end
    local body = made(...)
    return function(env)
      setfenv(body, env)
      body()
    end
  end
  made, problem = load(names .. " = ... return function(_ENV) " .. source .. "\nend", name, "t", {})
  if not made then return nil, problem end
  return made(...)
end

-- Arrays by slot of the variables that entities of shared scripts do not have in common; the first holds `state`.
local MOST_CARRIED = 24
local arrays, carried = {S.memory}, 1
for i = 2, MOST_CARRIED do arrays[i] = {} end

-- A script of which one instance serves all entities (sharing.py): `run` makes the instance while it serves the first,
-- `once` is what every other one runs, and load, store, keep and clear put its variables in place and away.
local function share(script, name)
  local form = script.shared
  for i = 1, #form.globals do
    if W.builtins[form.globals[i]] ~= nil then return end
  end
  local names = HEAD
  for i = 1, form.carried do names = names .. ", __ww_" .. i end
  if form.carried > carried then carried = form.carried end
  local function once(f)
    script.once[#script.once + 1] = f
    f()
  end
  local function swap(load_all, store, keep, clear)
    script.load, script.store, script.keep, script.clear = load_all, store or false, keep, clear
  end
  script.run_shared = chunk_of(form.source, name, names, budget, over, W.mathematics.pow, ABSENT, once, swap,
    unpack(arrays))
end

local INSTANCE = {"run", "run_shared", "env", "once", "load", "store", "keep", "clear", "make_env"}

-- A script that this VM has compiled before, with its instance if it has one.
local function compiled_before(script, name)
  local known = W.lasting[name .. "\0" .. script.source]
  if not known then return false end
  for i = 1, #INSTANCE do script[INSTANCE[i]] = known[INSTANCE[i]] end
  if known.shared and known.shared.carried > carried then carried = known.shared.carried end
  W.lasting[name .. "\0" .. script.source] = script
  return true
end

--- Make a script ready to be run for each entity; gives what is wrong with it.
function W.compile(script)
  local name = "=" .. script.file
  if #name > 50 then name = string.sub(name, 1, 47) .. "..." end -- Lua would cut it at 59
  S.chunks[name] = true
  if compiled_before(script, name) then return nil end
  local alone, problem = load_text(script.source, name)
  if not alone then return problem end
  script.run, problem = chunk_of(script.source, name, "local __ww_b, __ww_over, __ww_pow", budget, over, W.mathematics.pow)
  script.load, script.store, script.keep = false, false, false
  if script.run and script.shared then share(script, name) end
  W.lasting[name .. "\0" .. script.source] = script
  return problem
end

local function copy(value)
  if type(value) ~= "table" then return value end
  local out = {}
  for key, item in next, value do out[key] = copy(item) end
  return out
end

local function merge(env, given)
  local state = env.state
  if type(state) ~= "table" then
    env.state = copy(given)
    return
  end
  for key, item in next, given do state[key] = copy(item) end
end

-- A constructor of environments with what the script uses and room for what it sets: one table made at its size.
local MOST_FIELDS = 100
local function env_maker(script)
  local fields = {"state=nil", "update=nil"}
  for i = 1, #script.names do fields[i + 2] = script.names[i] .. "=B." .. script.names[i] end
  for i = 1, #script.defines do
    if #fields < MOST_FIELDS then fields[#fields + 1] = script.defines[i] .. "=nil" end
  end
  local source = "local B = ... return function() return {" .. concat(fields, ",") .. "} end"
  return (loadstring or load)(source, "=environment")(W.builtins)
end

local function bring_to_life(slot, script, given)
  local make = script.make_env
  if not make then
    make = env_maker(script)
    script.make_env = make
  end
  local shared, env = script.run_shared, script.env
  if not shared then
    env = make()
    S.env[slot] = env
    script.run(env)
  elseif env then
    script.clear()
    local once = script.once
    for i = 1, #once do once[i]() end
  else
    env, script.once = make(), {}
    shared(env)
    script.env = env
  end
  if budget[1] < 0 then over() end
  local update, get, set = env.update, env.get_state, env.set_state
  if type(update) ~= "function" then error("the script defines no function 'update'", 0) end
  if get ~= nil and type(get) ~= "function" then error("'get_state' is not a function", 0) end
  if set ~= nil and type(set) ~= "function" then error("'set_state' is not a function", 0) end
  if not get and env.state ~= nil and type(env.state) ~= "table" then
    error("'state' must be a table of names and values, not a " .. type(env.state), 0)
  end
  S.update[slot] = update
  if get then S.get[slot] = get end -- few scripts have them, so these two are no arrays
  if set then S.set[slot] = set end
  if given ~= nil then
    if set then set(copy(given)) else merge(env, given) end
    if budget[1] < 0 then over() end
  end
  if shared then script.keep(slot) end
end

W.awaken = bring_to_life

--- What an entity has in `state`.
function W.memory(slot)
  local env = S.env[slot]
  if env then return env.state end
  local memory = S.memory[slot]
  if memory ~= ABSENT then return memory end
end

function W.set_memory(slot, memory)
  local env = S.env[slot]
  if env then env.state = memory
  elseif memory == nil then S.memory[slot] = ABSENT
  else S.memory[slot] = memory end
end

local function forget(slot)
  S.alive[slot], S.env[slot], S.inbox[slot], S.links[slot] = false, false, false, false
  S.update[slot] = false
  for i = 1, carried do arrays[i][slot] = false end
  if S.get[slot] then S.get[slot] = false end
  if S.set[slot] then S.set[slot] = false end
  if W.leave then W.leave(slot) end
end

--- A new living entity, or nil and what went wrong; `where` is its place, if it is to have one from the beginning.
function W.create(id, kind, given, row, ordinal, where)
  local slot = S.n + 1
  S.n = slot
  local script = S.scripts[kind.script]
  local born = S.born[id] or 0
  S.born[id] = born + 1
  S.ids[slot], S.kind[slot], S.script[slot] = id, kind, script
  S.inbox[slot], S.links[slot], S.row[slot], S.ordinal[slot] = false, false, row or -1, ordinal or -1
  S.k0[slot], S.k1[slot] = key_of(S.master_k0, S.master_k1, id)
  S.incarnation[slot] = born
  S.birth[slot], S.birth_drawn[slot], S.era[slot] = at.now, 2 * at.world_k + (at.world_spare and 1 or 0), #S.eras
  S.alive[slot], S.env[slot], S.update[slot] = true, false, false
  for i = 1, carried do arrays[i][slot] = false end
  if W.begin_acts then W.begin_acts() end
  local left = budget[1]
  budget[1] = math.huge -- to find room is the engine's work
  if where and not W.put_newborn(slot, where) then
    budget[1] = left
    forget(slot)
    return nil, "there is no room on the grid for '" .. id .. "'", slot, true
  end
  local outer, outer_k, outer_spare, outer_domain = at.slot, at.k, at.spare, at.domain
  turn(slot, BIRTH)
  local within = S.in_turn
  S.in_turn, S.given = true, given
  local ok, problem = xpcall(bring_to_life, located, slot, script, given)
  S.steps = S.steps + (S.limits.steps - budget[1])
  if problem == "not enough memory" then return nil, problem, slot end -- and it is still this one's turn
  S.in_turn = within
  if outer > 0 then
    turn(outer, outer_domain)
    at.k, at.spare, budget[1] = outer_k, outer_spare, left
  end
  if not ok then
    if W.begin_acts then W.undo() end
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

function W.destroy(slot)
  S.index[S.ids[slot]] = nil
  S.kind_count[S.kind[slot].name] = S.kind_count[S.kind[slot].name] - 1
  S.living = S.living - 1
  S.destroyed = S.destroyed + 1
  S.version = S.version + 1
  forget(slot)
end

--- Take the dead out of the order.
function W.bury()
  if S.buried == S.destroyed then return end
  S.buried = S.destroyed
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
--- Let slot `a` have the neighbour `b`; one direction.
function W.link(a, b)
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

function W.unlink(a, b)
  local list = S.links[a]
  if not list then return end
  for i = 1, #list do
    if list[i] == b then
      table.remove(list, i)
      return
    end
  end
end

--- Call a function of an entity's script outside its update; gives ok and the result or what went wrong.
-- It leaves no commands behind: being looked at changes nothing.
function W.call(slot, f)
  local sent, logged, recorded, newborn = S.out_n, S.log_n, S.value_n, S.newborn
  local acts, waking = W.begin_acts and W.begin_acts(), S.woken_n
  turn(slot, BIRTH)
  local ok, result = xpcall(f, located)
  local store = S.script[slot].store
  if store then store(slot) end
  if acts then W.undo() end
  if waking ~= S.woken_n then W.sleep(waking) end
  S.out_n, S.log_n, S.value_n, S.newborn = sent, logged, recorded, newborn
  if ok and budget[1] < 0 then
    return false, S.doom or ("the step limit of " .. S.limits.steps .. " steps for one call is used up")
  end
  return ok, result
end
