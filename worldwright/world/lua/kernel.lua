-- The kernel: clock, bus, commands and the tick of one world, inside one VM.
-- One tick: clock -> deliver due messages -> update living entities -> apply commands -> record metrics.
-- Nothing here walks a hash where order matters. Scripts reach it only through api.lua, which appends to logs.
-- Reads what turns.lua and entities.lua set, W.publish (public.lua), W.update (orders.lua), W.settle and W.renew (acts.lua), W.measure,
-- W.observe, W.prepare. Sets W.start, W.advance, W.connect, W.apply.
local W = ...
local S, at = W.state, W.at
local create, destroy, bury, fail = W.create, W.destroy, W.bury, W.fail
local max, set_clock = math.max, W.set_clock

-- Scripts have many branches. LuaJIT's own limits would throw all compiled code away now and then, and it would compile
-- branches that are hardly taken; both were measured.
if W.luajit then require("jit.opt").start("maxtrace=8000", "maxmcode=32768", "hotexit=100") end

-- Commands -------------------------------------------------------------------------------------------------
local function apply_one(i)
  local op, a, b, c, by = S.log_op[i], S.log_a[i], S.log_b[i], S.log_c[i], S.log_by[i]
  if op == "destroy" then
    local slot = S.index[a]
    if slot then
      if W.log then W.log("death", a, S.ids[by], S.kind[slot].name) end
      destroy(slot)
    end
  elseif op == "spawn" then
    S.newborn = S.newborn - 1
    local standing = S.index[a]
    if standing then
      if not W.vivarium then
        fail(by, "spawn_entity: an entity '" .. a .. "' exists already")
        return
      end
      destroy(standing)
    end
    local slot, problem, dead, full = create(a, b, c, nil, nil, S.log_where[i] or nil)
    if slot then
      S.spawned = S.spawned + 1
      if W.log then W.log("spawn", a, S.ids[by], b.name) end
    elseif full then W.tell(by, "spawn", {ok = false, id = a})
    else fail(dead, problem) end
  else
    local x, y = S.index[a], S.index[b]
    if x and y then
      local change = op == "link" and W.link or W.unlink
      change(x, y)
      if not S.directed then change(y, x) end
      if W.log then W.log(op, a, b) end
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
W.apply = apply

-- Messages -------------------------------------------------------------------------------------------------
-- A message is a place in parallel arrays until its receiver runs, so that most need no table of their own.
-- S.inbox[slot] is the first that a slot has got in this tick; `after` leads to the next, 0 ends. (Nobody has any
-- between two ticks.)
local NOTHING = W.NOTHING
local due = {n = 0, to = {}, kind = {}, content = {}, sender = {}, after = {}} -- what the next tick delivers, in order
local later = {} -- by tick of delivery: lists of {to, kind, content, sender}
W.bus = {due = due, later = later}

local last = {} -- by slot: the last of its messages in this tick

-- In steps of more than one tick everything that is under way waits by its tick of delivery until its step has come.
local function gather()
  local ticks = {}
  for tick in next, later do
    if tick <= at.now then ticks[#ticks + 1] = tick end
  end
  table.sort(ticks)
  for i = 1, #ticks do
    local list = later[ticks[i]]
    for j = 1, #list do W.enqueue(list[j][1], list[j][2], list[j][3], list[j][4]) end
    later[ticks[i]] = nil
  end
end

local function deliver()
  if S.stride > 1 then gather() end
  local index, inbox, to, after = S.index, S.inbox, due.to, due.after
  local call = S.by_event and W.call_on
  local n, dropped = due.n, 0
  for i = 1, n do
    local slot = index[to[i]]
    after[i] = 0
    if slot then
      if inbox[slot] then
        after[last[slot]] = i
      else
        inbox[slot] = i
        if call then call(slot) end
      end
      last[slot] = i
    else
      dropped = dropped + 1
      if W.log then W.log("undelivered", due.sender[i], to[i], due.kind[i]) end
      due.content[i] = NOTHING
    end
  end
  S.delivered, S.dropped = S.delivered + n - dropped, S.dropped + dropped
  due.n = 0
end

--- Let the next tick deliver a message.
local function enqueue(to, kind, content, sender)
  local n = due.n + 1
  due.n, due.to[n], due.kind[n], due.content[n], due.sender[n] = n, to, kind, content, sender
end
W.enqueue = enqueue

--- Let a later tick deliver one.
local function postpone(when, to, kind, content, sender)
  local list = later[when]
  if not list then
    list = {}
    later[when] = list
  end
  list[#list + 1] = {to, kind, content, sender}
end
W.postpone = postpone

-- Messages go by the tick they are due, then by the order they were sent in; those with delay 0 are due first.
local function post()
  if W.log_sent then W.log_sent() end
  local soon = at.now + 1
  local waiting = later[soon]
  if S.stride > 1 then
    for i = 1, S.out_n do
      W.postpone(S.out_due[i], S.out_to[i], S.out_kind[i], S.out_content[i], S.out_sender[i])
      S.out_content[i] = NOTHING
    end
  elseif not S.out_early and not S.out_late and not waiting then
    due.to, S.out_to = S.out_to, due.to
    due.kind, S.out_kind = S.out_kind, due.kind
    due.content, S.out_content = S.out_content, due.content
    due.sender, S.out_sender = S.out_sender, due.sender
    due.n = S.out_n
  else
    local to, kind, content, sender = S.out_to, S.out_kind, S.out_content, S.out_sender
    for i = 1, S.out_n do
      if S.out_due[i] < soon then enqueue(to[i], kind[i], content[i], sender[i]) end
    end
    if waiting then
      for i = 1, #waiting do enqueue(waiting[i][1], waiting[i][2], waiting[i][3], waiting[i][4]) end
      later[soon] = nil
    end
    for i = 1, S.out_n do
      local when = S.out_due[i]
      if when == soon then
        enqueue(to[i], kind[i], content[i], sender[i])
      elseif when > soon then
        postpone(when, to[i], kind[i], content[i], sender[i])
      end
      content[i] = NOTHING
    end
  end
  S.sent = S.sent + S.out_n
  S.out_n, S.out_early, S.out_late = 0, false, false
end

-- Ticks ----------------------------------------------------------------------------------------------------
--- Advance by a number of ticks, or until the world stops; gives the ticks completed. `more`: others will follow.
function W.advance(ticks, more)
  for done = 1, ticks do
    set_clock(at.now + S.stride)
    S.births = 0
    deliver()
    if W.publish then W.publish() end
    W.update()
    if S.stopped then
      at.now = at.now - S.stride
      return done - 1
    end
    bury()
    post()
    if W.renew then W.renew() end
    W.measure()
    if S.stopped then return done end
    W.observe(at.now, false)
    if at.now == W.save_at then W.save() end
  end
  if not more then W.observe(at.now, true) end
  return ticks
end

-- Start ----------------------------------------------------------------------------------------------------
local function populate(group)
  local kind = S.kinds[group.kind]
  for i = 1, group.count do
    local id = group.ids and group.ids[i] or (group.single and group.name) or (group.name .. "_" .. i)
    local given = group.states and group.states[i] or group.state
    if S.index[id] then
      if not W.vivarium then
        fail(nil, "two entities are called '" .. id .. "'; rename one of the kinds")
        S.stopped = true
        return
      end
      destroy(S.index[id]) -- as at home: the last of one name stands
    end
    local where = group.place == "each_cell" and {cell = i} or group.place
    local slot, problem, dead = create(id, kind, given, group.population and i - 1 or -1, i, where)
    if not slot then
      fail(dead, problem)
      if S.stopped then return end
    end
  end
end

local function populate_all(P)
  W.new_era()
  for i = 1, #P.groups do
    if not S.stopped then populate(P.groups[i]) end
  end
  if S.stopped then return end
  if W.populated then W.populated() end
  if P.network then W.connect(P.network) end
  apply(1)
  bury()
  post()
  for i = 1, #P.pending do
    local pending = P.pending[i]
    local when, m = max(pending.due, at.now + 1), pending.message
    local content = m.content
    if content == nil then content = NOTHING end
    if when == at.now + 1 then
      enqueue(pending.to, m.kind, content, m.sender or false)
    else
      postpone(when, pending.to, m.kind, content, m.sender or false)
    end
  end
end

--- Build the world of a program (JSON) whose buffers have been given before; gives nil or what is wrong.
function W.start(text)
  local P = W.decode(text)
  W.vivarium = P.vivarium
  S.stride = P.stride or 1
  S.policy, S.limits, S.parameters = P.errors, P.limits, P.parameters
  S.simultaneous, S.by_event = P.order == "simultaneous", P.order == "event"
  S.directed, S.master_k0, S.master_k1 = P.directed, P.key[1], P.key[2]
  S.metrics = P.metrics
  for i = 1, #P.metrics do S.declared[P.metrics[i].name] = true end
  W.prepare(P)
  if S.by_event then W.keep_timers() end
  for i = 1, #P.scripts do
    local script = P.scripts[i]
    S.scripts[i] = script
    local used = {}
    for j = 1, #script.names do
      if W.builtins[script.names[j]] ~= nil then used[#used + 1] = script.names[j] end
    end
    script.names = used
    local problem = W.compile(script)
    if problem then
      fail(nil, problem)
      S.stopped = true
      return
    end
  end
  for i = 1, #P.kinds do
    local kind = P.kinds[i]
    S.kinds[i], S.kind_by_name[kind.name], S.kind_count[kind.name] = kind, kind, 0
  end
  set_clock(P.start)
  if W.luajit and not S.simultaneous then W.warm() end
  collectgarbage("setpause", 1000) -- almost nothing that is made now is garbage
  if P.saved then W.restore(P.saved) else populate_all(P) end
  collectgarbage("setpause", 200)
  if S.stopped then return end
  if P.interventions then
    W.intervene(P.interventions)
    if S.stopped then return end
  end
  if W.luajit and S.living <= 50000 then collectgarbage("setpause", 400) end -- memory is cheap in a small world
  W.observe(at.now, false)
  if at.now == W.save_at then W.save() end
end

--- Edges between the entities of one group, by their number in it; int32 pairs.
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
      if not S.directed then
        if y then y[#y + 1] = a else S.links[b] = {a} end
      end
    end
  end
end
