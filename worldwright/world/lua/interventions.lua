-- Interventions: what somebody outside does to a world between two ticks: new states, births, ends, messages.
-- All of them happen or none counts: the first that cannot stops the world, and its owner keeps the state before.
-- Reads W.state, W.at, W.turn, W.set_memory, W.create, W.destroy, W.bury, W.apply, W.enqueue, W.postpone, W.fail. Sets W.intervene.
local W = ...
local S, at, turn, located = W.state, W.at, W.turn, W.located
local xpcall, max = xpcall, math.max

local acts = {}

local function living(id)
  local slot = S.index[id]
  if not slot then return nil, "no entity '" .. id .. "' lives here" end
  return slot
end

function acts.state(one)
  local slot, missing = living(one.id)
  if not slot then return missing end
  local set = S.set[slot]
  if not set then
    W.set_memory(slot, one.state)
    return nil
  end
  local script = S.script[slot]
  if W.begin_acts then W.begin_acts() end
  turn(slot, W.BIRTH)
  if script.load then script.load(slot) end -- one instance serves all entities of the script
  local ok, problem = xpcall(set, located, one.state)
  if script.load then script.keep(slot) end
  if ok and W.budget[1] < 0 then ok, problem = xpcall(W.over, located) end
  if not ok then return problem, slot end
end

local function place_of(where)
  return W.place_from(where[1], where[2], where[3])
end

function acts.add(one)
  if S.index[one.id] then return "an entity '" .. one.id .. "' lives here already" end
  if S.living >= S.limits.entities then
    return "the limit of " .. S.limits.entities .. " living entities is reached"
  end
  local where
  if one.place then
    local ok, got = xpcall(place_of, located, one.place)
    if not ok then return got end
    where = got
  end
  local slot, problem, dead = W.create(one.id, S.kinds[one.kind], one.state, nil, nil, where)
  if not slot then return problem, dead end
end

function acts.remove(one)
  local slot, missing = living(one.id)
  if not slot then return missing end
  W.destroy(slot)
end

function acts.send(one)
  local content = one.content
  if content == nil then content = W.NOTHING end
  W.send(one.id, one.kind, content, one.sender or false, at.now + one.delay)
end

-- What was sent now lies beside the messages that were under way already, and behind them.
local function post_beside()
  local soon = at.now + 1
  for i = 1, S.out_n do
    local when = max(S.out_due[i], soon)
    if when == soon then
      W.enqueue(S.out_to[i], S.out_kind[i], S.out_content[i], S.out_sender[i])
    else
      W.postpone(when, S.out_to[i], S.out_kind[i], S.out_content[i], S.out_sender[i])
    end
    S.out_content[i] = W.NOTHING
  end
  S.sent = S.sent + S.out_n
  S.out_n, S.out_early, S.out_late = 0, false, false
end

--- Do what was asked for, in order; `list` is what interventions.py made.
function W.intervene(list)
  S.births = 0
  for i = 1, #list do
    at.slot = 0
    local problem, slot = acts[list[i].act](list[i])
    if problem then
      W.fail(slot, problem)
      S.stopped = true
      return
    end
  end
  W.apply(1)
  if S.stopped then return end
  W.bury()
  post_beside()
  if W.populated then W.populated() end
end
