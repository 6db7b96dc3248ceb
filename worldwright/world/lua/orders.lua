-- The orders of a tick: who runs, in which order, and when what they do takes effect.
-- `simultaneous`: all, oldest first; commands apply together at the end of the tick.
-- `random`: all, in an order keyed by tick and entity; each one's commands apply before the next one runs.
-- `event`: as `random`, but only those to whom a message or a timer of their own is due.
-- Reads turns.lua, W.apply. Sets W.update, W.call_on (an entity has something to run for) and W.wake.
local W = ...
local S, at, budget, turn, located = W.state, W.at, W.budget, W.turn, W.located
local next, error, floor = next, error, math.floor
local fail, xpcall, sort, uniforms = W.fail, xpcall, table.sort, W.uniforms
local UPDATE, ORDER = 0, W.ORDER
local EMPTY = {}

-- Inboxes ----------------------------------------------------------------------------------------------------
local NOTHING, due = W.NOTHING, W.bus.due
local shared, shared_n, tables = {}, 0, {} -- one inbox for all scripts that keep nothing of theirs, and its messages

local function open(slot, script)
  local i = S.inbox[slot]
  if not i then return script.reads_only and EMPTY or {} end
  S.inbox[slot] = false
  local kinds, contents, senders, after = due.kind, due.content, due.sender, due.after
  local n = 0
  if script.passes_on_nothing then
    repeat
      n = n + 1
      local content, message = contents[i], tables[n]
      if content == NOTHING then content = nil else contents[i] = NOTHING end
      if not message then
        message = {kind = false, content = false, sender = false}
        tables[n] = message
      end
      message.kind, message.content, message.sender = kinds[i], content, senders[i] or nil
      if n > shared_n then shared[n] = message end
      i = after[i]
    until i == 0
    for j = n + 1, shared_n do shared[j] = nil end
    shared_n = n
    return shared
  end
  local box = {}
  repeat
    n = n + 1
    local content = contents[i]
    if content == NOTHING then content = nil else contents[i] = NOTHING end
    box[n] = {kind = kinds[i], content = content, sender = senders[i] or nil}
    i = after[i]
  until i == 0
  return box
end

-- Turns ------------------------------------------------------------------------------------------------------
local sent, logged, recorded, newborn, acts, waking = 0, 0, 0, 0, nil, 0 -- as the turn began
local running = false -- whether a script is
local box = EMPTY -- what it was given

local function account(slot)
  local store = S.script[slot].store
  if store then store(slot) end
  local left = budget[1]
  S.steps = S.steps + (S.limits.steps - left)
  S.updates = S.updates + 1
  return left
end

-- Where a stack ends in compiled code, LuaJIT leaves no room to look at it. So the turn, which has failed, runs once
-- more uncompiled; what it does is taken back with the rest.
local function look_again(slot)
  jit.off()
  jit.flush()
  turn(slot, UPDATE)
  xpcall(S.update[slot], located, at.now, box)
  jit.on()
end

-- A failed update leaves no commands behind.
local function failed(slot, problem)
  problem = (S.fatal and "not enough memory") or S.doom or problem
    or ("the step limit of " .. S.limits.steps .. " steps for one call is used up")
  if problem == "stack overflow" and W.luajit and not S.overflow then look_again(slot) end
  S.out_n, S.log_n, S.value_n, S.newborn = sent, logged, recorded, newborn
  if acts then W.undo() end
  if waking ~= S.woken_n then W.sleep(waking) end
  fail(slot, problem)
  if S.policy == "remove" then
    local n = S.log_n + 1
    S.log_n, S.log_op[n], S.log_a[n], S.log_by[n] = n, "destroy", S.ids[slot], slot
  end
end

local function run_entity(slot)
  box = open(slot, S.script[slot])
  sent, logged, recorded, newborn = S.out_n, S.log_n, S.value_n, S.newborn
  acts, waking = W.begin_acts and W.begin_acts(), S.woken_n
  turn(slot, UPDATE)
  running = true
  S.update[slot](at.now, box)
  running = false
  if account(slot) < 0 or S.fatal then failed(slot) end
end

-- Where entities run one after another, one protected call holds the turns of many and is entered again after one
-- that failed: LuaJIT compiles nothing that would return through a protected call into what is around it.
local slots, slots_n, place = {}, 0, 0 -- who runs, and whose turn it is

local function take_turns()
  for i = place + 1, slots_n do
    place = i
    local slot = slots[i]
    if S.alive[slot] then
      run_entity(slot)
      if S.stopped then return end
      if S.log_n > 0 then W.apply(1) end
      if S.stopped then return end
    end
  end
end

--- Let slots run one after another until the world stops; the commands of each apply before the next.
local function run_all(list, n)
  slots, slots_n, place = list, n, 0
  while true do
    local ok, problem = xpcall(take_turns, located)
    if ok then return end
    if not running then error(problem, 0) end
    running = false
    account(slots[place])
    failed(slots[place], problem)
    if S.stopped then return end
    W.apply(1)
    if S.stopped then return end
  end
end

--- LuaJIT compiles first what is hot first. Were that the small functions a script calls, their traces would end
-- where the turn does, and the loop over turns would find them compiled badly; so the loop is made hot before.
function W.warm()
  local nobody = {}
  for i = 1, 200 do nobody[i] = 0 end
  run_all(nobody, #nobody)
end

-- Each turn in a protected call of its own: the faster way for the many small updates of this order.
local function simultaneously()
  local order = S.order
  for i = 1, S.order_n do
    local slot = order[i]
    box = open(slot, S.script[slot])
    sent, logged, recorded, newborn = S.out_n, S.log_n, S.value_n, S.newborn
    acts, waking = W.begin_acts and W.begin_acts(), S.woken_n
    turn(slot, UPDATE)
    local ok, problem = xpcall(S.update[slot], located, at.now, box)
    if account(slot) < 0 or not ok or S.fatal then
      failed(slot, not ok and problem)
      if S.stopped then return end
    end
  end
  S.in_turn = false
  if W.settle then W.settle() end
  W.apply(1)
end

local ranks, buckets, firsts, sorted = {}, {}, {}, {}

--- Slots in an order keyed by tick and entity: one draw each, of which nothing else depends. Equal ranks keep the
-- order of the list. Ranks are uniform, so they are put into as many buckets, and each is sorted by insertion.
local function shuffled(slots, n)
  local high, low, incarnation, k0, k1 = ORDER * 16777216 + at.tick_high, at.low, S.incarnation, S.k0, S.k1
  for b = 0, n do firsts[b] = 0 end
  for i = 1, n do
    local slot = slots[i]
    local rank = uniforms(0, low, incarnation[slot], high, k0[slot], k1[slot])
    local b = floor(rank * n)
    ranks[i], buckets[i], firsts[b] = rank, b, firsts[b] + 1
  end
  local sum = 1
  for b = 0, n - 1 do
    local count = firsts[b]
    firsts[b], sum = sum, sum + count
  end
  for i = 1, n do
    local b = buckets[i]
    local j = firsts[b]
    firsts[b], sorted[j] = j + 1, i
  end
  for i = 2, n do
    local own, j = sorted[i], i - 1
    local rank = ranks[own]
    while j >= 1 and ranks[sorted[j]] > rank do
      sorted[j + 1] = sorted[j]
      j = j - 1
    end
    sorted[j + 1] = own
  end
  local turns = {}
  for i = 1, n do turns[i] = slots[sorted[i]] end
  return turns
end

local function one_by_one(list, n)
  run_all(shuffled(list, n), n)
end

-- Timers -----------------------------------------------------------------------------------------------------
-- S.timers[tick] is a list of the slots to be woken in that tick, as they asked; a slot may be in it twice, and may be
-- dead by then. A snapshot keeps those of the living; a restored world has them in place of those that scripts set
-- again while they load.
-- S.woken holds the (tick) of each timer since the current update began, so that a failed one can be taken back.
S.timers, S.woken, S.woken_n, S.updates = {}, {}, 0, 0

--- Let an entity run in the tick `due`.
function W.wake(slot, due)
  local list = S.timers[due]
  if not list then
    list = {}
    S.timers[due] = list
  end
  list[#list + 1] = slot
  local n = S.woken_n + 1
  S.woken_n, S.woken[n] = n, due
end

--- Take back the timers set since there were `mark`.
function W.sleep(mark)
  for i = S.woken_n, mark + 1, -1 do
    local list = S.timers[S.woken[i]]
    list[#list] = nil
  end
  S.woken_n = mark
end

--- Let snapshots keep the timers.
function W.keep_timers()
  W.keep("timers", function(place)
    local ticks, kept = {}, {}
    for tick in next, S.timers do ticks[#ticks + 1] = tick end
    sort(ticks)
    for i = 1, #ticks do
      local slots, numbers = S.timers[ticks[i]], {}
      for j = 1, #slots do numbers[#numbers + 1] = place[slots[j]] end
      kept[i] = {ticks[i], numbers}
    end
    return kept
  end, function(kept)
    S.timers, S.woken_n = {}, 0
    for i = 1, #kept do S.timers[kept[i][1]] = kept[i][2] end
  end)
end

local called, called_n, called_at = {}, 0, {} -- those who run in this tick, each once

function W.call_on(slot)
  if called_at[slot] ~= at.now then
    called_n = called_n + 1
    called[called_n], called_at[slot] = slot, at.now
  end
end

local function by_event()
  local due = S.timers[at.now]
  if due then
    S.timers[at.now] = nil
    for i = 1, #due do
      if S.alive[due[i]] then W.call_on(due[i]) end
    end
  end
  local n = called_n
  S.woken_n, called_n = 0, 0
  if n == 1 and S.alive[called[1]] then
    run_all(called, 1)
  elseif n > 0 then
    one_by_one(called, n)
  end
  for i = 1, n do called_at[called[i]] = nil end
end

--- Run everybody whose turn it is in this tick.
function W.update()
  S.in_turn = true
  if S.by_event then by_event()
  elseif S.simultaneous then simultaneously()
  else one_by_one(S.order, S.order_n) end
  S.in_turn = S.stopped -- then it is of interest whose turn it was
end

--- Run the update of the entity that ran last once more.
function W.run_again(slot)
  S.update[slot](at.now, box)
end
