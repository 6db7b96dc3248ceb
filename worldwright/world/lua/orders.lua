-- The orders of a tick: who runs, in which order, and when what they do takes effect.
-- `simultaneous`: all, oldest first; commands apply together at the end of the tick.
-- `random`: all, in an order keyed by tick and entity; each one's commands apply before the next one runs.
-- `event`: as `random`, but only those to whom a message or a timer of their own is due.
-- Reads turns.lua, W.apply. Sets W.update, W.call_on (an entity has something to run for) and W.wake.
local W = ...
local S, at, budget, turn, located = W.state, W.at, W.budget, W.turn, W.located
local next = next
local fail, xpcall, sort, uniforms = W.fail, xpcall, table.sort, W.uniforms
local UPDATE, ORDER = 0, W.ORDER
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
  local acts, waking = W.begin_acts and W.begin_acts(), S.woken_n
  turn(slot, UPDATE)
  local ok, problem = xpcall(S.update[slot], located, at.now, box)
  local left = budget[1]
  S.steps = S.steps + (S.limits.steps - left)
  S.updates = S.updates + 1
  if ok and left >= 0 and not S.fatal then return end
  -- A failed update leaves no commands behind.
  S.out_n, S.log_n, S.value_n, S.newborn = sent, logged, recorded, newborn
  if acts then W.undo() end
  if waking ~= S.woken_n then W.sleep(waking) end
  if ok then problem = S.fatal and "not enough memory" or ((S.over_at or "") .. "the step limit of " .. S.limits.steps .. " steps for one call is used up") end
  fail(slot, problem)
  if S.policy == "remove" then
    local n = S.log_n + 1
    S.log_n, S.log_op[n], S.log_a[n], S.log_by[n] = n, "destroy", S.ids[slot], slot
  end
end

local function simultaneously()
  local order = S.order
  for i = 1, S.order_n do
    run_entity(order[i])
    if S.stopped then return end
  end
  if W.settle then W.settle() end
  W.apply(1)
end

--- Slots in an order keyed by tick and entity: one draw each, of which nothing else depends.
local function shuffled(slots, n)
  local ranks, by_rank = {}, {}
  local high = ORDER * 16777216 + at.tick_high
  for i = 1, n do
    local slot = slots[i]
    local rank = uniforms(0, at.low, S.incarnation[slot], high, S.k0[slot], S.k1[slot])
    while by_rank[rank] do rank = rank + 2 ^ -53 end
    ranks[i], by_rank[rank] = rank, slot
  end
  sort(ranks)
  for i = 1, n do ranks[i] = by_rank[ranks[i]] end
  return ranks
end

local function one_by_one(slots, n)
  local turns = shuffled(slots, n)
  for i = 1, n do
    local slot = turns[i]
    if S.alive[slot] then
      run_entity(slot)
      if S.stopped then return end
      W.apply(1)
      if S.stopped then return end
    end
  end
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
    run_entity(called[1])
    if not S.stopped then W.apply(1) end
  elseif n > 0 then
    one_by_one(called, n)
  end
  for i = 1, n do called_at[called[i]] = nil end
end

--- Run everybody whose turn it is in this tick.
function W.update()
  if S.by_event then by_event()
  elseif S.simultaneous then simultaneously()
  else one_by_one(S.order, S.order_n) end
end
