-- What entities do to the places and stocks that they share. Where they run one after another (`random`, `event`,
-- and at a birth) it happens at once; under `simultaneous` it waits for the end of the tick, where requests that
-- may be refused are settled entity by entity in an order keyed by tick and entity, and the outcome is told.
-- Loaded always, set to work by W.prepare_acts where a world declares a grid, a space, layers or resources.
-- Reads turns.lua. Sets W.act, W.contest, W.afterwards, W.take_back, W.tell, W.rank, W.shown, W.whole_number, W.finite, and
-- once at work W.begin_acts, W.undo, W.settle, and W.renew, which runs at the end of every tick.
local W = ...
local S, at, complain, uniforms = W.state, W.at, W.complain, W.uniforms
local sort, floor, type, format, sub = table.sort, math.floor, type, string.format, string.sub
local ORDER, BIRTH = W.ORDER, W.BIRTH

local function queue()
  return {n = 0, act = {}, by = {}, a = {}, b = {}, c = {}, d = {}}
end

-- Empty between ticks, so no snapshot needs them.
local plain, contests, after = queue(), queue(), queue()
local journal = queue() -- how to take back what the current entity has done at once

local function push(q, act, by, a, b, c, d)
  local n = q.n + 1
  q.n, q.act[n], q.by[n], q.a[n], q.b[n], q.c[n], q.d[n] = n, act, by, a, b, c, d
end

local function enter(q, act, a, b, c, d)
  if q.n >= S.limits.messages then
    complain("the limit of " .. S.limits.messages .. " requests of one kind in one tick is reached")
  end
  push(q, act, at.slot, a, b, c, d)
end

local function waits()
  return S.simultaneous and at.domain ~= BIRTH
end

--- Do act(a, b, c, d, by), which cannot be refused: now, or at the end of the tick.
function W.act(act, a, b, c, d)
  if waits() then enter(plain, act, a, b, c, d) else act(a, b, c, d, at.slot) end
end

--- As W.act, after all acts and contests of the tick.
function W.afterwards(act, a, b, c, d)
  if waits() then enter(after, act, a, b, c, d) else act(a, b, c, d, at.slot) end
end

--- As W.act for what may be refused: gives the outcome, or nil where it will be told: act's last value is then true.
function W.contest(act, a, b, c, d)
  if waits() then
    enter(contests, act, a, b, c, d)
    return nil
  end
  return (act(a, b, c, d, at.slot, false))
end

--- Note how to take back what was done just now, should the entity's update fail.
function W.take_back(act, a, b, c, d)
  if not waits() then push(journal, act, 0, a, b, c, d) end
end

--- A message from the world itself, for the next tick.
function W.tell(slot, kind, content)
  W.send(S.ids[slot], kind, content, "world", at.now + 1)
end

--- The entity's place among those who contest something in this tick; keyed, so that nothing else depends on it.
function W.rank(slot)
  return (uniforms(1, at.low, S.incarnation[slot], ORDER * 16777216 + at.tick_high, S.k0[slot], S.k1[slot]))
end

local function run(q)
  local acts, by, a, b, c, d = q.act, q.by, q.a, q.b, q.c, q.d
  for i = 1, q.n do acts[i](a[i], b[i], c[i], d[i], by[i]) end
  q.n = 0
end

local function run_contests()
  local q, ranks, first, n = contests, {}, {}, 0
  local by = q.by
  for i = 1, q.n do
    if i == 1 or by[i] ~= by[i - 1] then
      local rank = W.rank(by[i])
      while first[rank] do rank = rank + 2 ^ -53 end
      n = n + 1
      ranks[n], first[rank] = rank, i
    end
  end
  sort(ranks)
  for j = 1, n do
    local i = first[ranks[j]]
    local slot = by[i]
    while i <= q.n and by[i] == slot do
      q.act[i](q.a[i], q.b[i], q.c[i], q.d[i], slot, true)
      i = i + 1
    end
  end
  q.n = 0
end

local plain_mark, contest_mark, after_mark = 0, 0, 0
local renewals = {}

local function begin_acts()
  plain_mark, contest_mark, after_mark, journal.n = plain.n, contests.n, after.n, 0
  return true
end

local function settle()
  if plain.n > 0 then run(plain) end
  if contests.n > 0 then run_contests() end
  if after.n > 0 then run(after) end
end

local function renew()
  for i = 1, #renewals do renewals[i]() end
end

function W.undo()
  plain.n, contests.n, after.n = plain_mark, contest_mark, after_mark
  for i = journal.n, 1, -1 do journal.act[i](journal.a[i], journal.b[i], journal.c[i], journal.d[i]) end
  journal.n = 0
end

--- Let something happen at the end of every tick, in the order it was announced.
function W.on_renewal(f) renewals[#renewals + 1] = f end

--- Put the machinery to work for a world that needs it: W.begin_acts is called where an entity begins, so that what it
-- does from there on can be taken back by W.undo; W.settle at the end of a tick of `simultaneous`.
function W.prepare_acts()
  W.begin_acts, W.settle, W.renew = begin_acts, settle, renew
end

-- Arguments ----------------------------------------------------------------------------------------------------
--- A value in an error message, the same on both Luas.
function W.shown(value)
  if type(value) == "number" and value == value then return format("%.14g", value) end
  if type(value) == "string" then return "the text '" .. sub(value, 1, 40) .. "'" end
  return W.builtins.tostring(value)
end

--- A finite number, or an error that names it.
function W.finite(value, what)
  if type(value) ~= "number" or value - value ~= 0 then
    complain(what .. " must be a finite number, not " .. W.shown(value))
  end
  return value
end

--- A whole number from `least` on.
function W.whole_number(value, least, what)
  if type(value) ~= "number" or value - value ~= 0 or value ~= floor(value) or value < least
    or value > 9007199254740992 then
    complain(what .. " must be a whole number, " .. least .. " or more, not " .. W.shown(value))
  end
  return (floor(value))
end
