-- Snapshots: everything a world is between two ticks, and a world that goes on from there.
-- Entities are written in the order of their birth and get the slots 1, 2, … when they come back; slots are never
-- compared otherwise. A part of the kernel with memory of its own names it by W.keep.
-- Reads W.state, W.at, W.bus, W.metrics, W.awaken, W.members, W.turn, W.value_writer. Sets W.keep, W.save, W.restore.
local W = ...
local S, at = W.state, W.at
local type, next, pcall, xpcall, floor, sort = type, next, pcall, xpcall, math.floor, table.sort
local key_of = W.key

local parts = {}

--- Let a part of the kernel keep its own memory.
-- `save(place)` gives a plain value (place[slot] is an entity's number in the snapshot, nil where it is dead);
-- `restore(value)` takes it back when the entities stand again, slot i being number i.
function W.keep(name, save, restore)
  parts[#parts + 1] = {name = name, save = save, restore = restore}
end

local COUNTERS = {"sent", "spawned", "destroyed", "delivered", "dropped", "broadcasts", "steps", "errors_lost",
  "births", "newborn", "updates"}

-- Saving ---------------------------------------------------------------------------------------------------
local function complaint(slot, path, problem)
  local script = S.script[slot]
  return S.ids[slot] .. ": " .. script.file .. ": state" .. path .. " " .. problem .. ", which no snapshot can keep"
end

-- A script that has both get_state and set_state says itself what it remembers; its `state`, if any, is kept as well.
local function put_memory(w, slot)
  local memory, get = W.memory(slot), S.get[slot]
  local own = get and S.set[slot]
  local problem, path = w.put(memory, W.vivarium)
  if problem then
    if not own then return complaint(slot, path, problem) end
    w.put(nil)
  end
  if not own then
    w.put(nil)
    return nil
  end
  local ok, got = W.call(slot, get)
  if not ok then return S.ids[slot] .. ": get_state: " .. tostring(got) end
  problem, path = w.put(got, true)
  if problem then return complaint(slot, path, problem) end
end

local function messages_in_order()
  local to, kind, content, sender, due, n = {}, {}, {}, {}, {}, 0
  local soon = W.bus.due
  for i = 1, soon.n do
    n = n + 1
    to[n], kind[n], content[n], sender[n], due[n] = soon.to[i], soon.kind[i], soon.content[i], soon.sender[i], at.now + 1
  end
  local ticks = {}
  for tick in next, W.bus.later do ticks[#ticks + 1] = tick end
  sort(ticks)
  for i = 1, #ticks do
    local list = W.bus.later[ticks[i]]
    for j = 1, #list do
      n = n + 1
      to[n], kind[n], content[n], sender[n] = list[j][1], list[j][2], list[j][3], list[j][4]
      due[n] = ticks[i]
    end
  end
  return to, kind, content, sender, due, n
end

local function births_of_others()
  local ids, counts = {}, {}
  for id, count in next, S.born do
    local slot = S.index[id]
    if not slot or S.incarnation[slot] + 1 ~= count then ids[#ids + 1] = id end
  end
  sort(ids)
  for i = 1, #ids do counts[i] = S.born[ids[i]] end
  return {ids = ids, counts = counts}
end

local function listed_kinds()
  local cache, kinds = S.members, {}
  if not cache or cache.version ~= S.version then return kinds end
  if cache[0] then kinds[1] = 0 end
  for i = 1, #S.kinds do
    if cache[S.kinds[i]] then kinds[#kinds + 1] = i end
  end
  return kinds
end

-- What scripts recorded while they loaded counts for the first tick.
local function recorded()
  local values = {}
  for i = 1, S.value_n do values[i] = {S.value_name[i], S.value[i]} end
  return values
end

local function small_things(place)
  local counts = {}
  for i = 1, #COUNTERS do counts[COUNTERS[i]] = S[COUNTERS[i]] end
  local kept = {}
  for i = 1, #parts do kept[parts[i].name] = parts[i].save(place) end
  return {
    counts = counts, errors = S.errors, printed = S.printed, births = births_of_others(), listed = listed_kinds(),
    recorded = recorded(), metric_names = S.metric_names, segments = W.metrics.segments, eras = S.eras, parts = kept,
  }
end

local function take()
  local w = W.value_writer()
  local place, n = {}, 0
  for i = 1, S.order_n do
    local slot = S.order[i]
    if S.alive[slot] then
      n = n + 1
      place[slot] = n
    end
  end
  local id, kind, incarnation, row, ordinal = {}, {}, {}, {}, {}
  local born, drawn, era, degree, links, link_n = {}, {}, {}, {}, {}, 0
  for i = 1, S.order_n do
    local slot = S.order[i]
    local j = place[slot]
    if j then
      id[j], kind[j], incarnation[j] = w.text(S.ids[slot]), S.kind[slot].number, S.incarnation[slot]
      row[j], ordinal[j], born[j], drawn[j], era[j] =
        S.row[slot], S.ordinal[slot], S.birth[slot], S.birth_drawn[slot], S.era[slot]
      local list = S.links[slot]
      degree[j] = list and #list or 0
      for k = 1, degree[j] do
        link_n = link_n + 1
        links[link_n] = place[list[k]] or 0 -- 0: it is dead, and counted where neighbours are walked
      end
      local problem = put_memory(w, slot)
      if problem then return nil, problem end
    end
  end
  local to, what, content, sender, due, messages = messages_in_order()
  for i = 1, messages do
    local from, value = sender[i], content[i]
    if value == W.NOTHING then value = nil end
    to[i], sender[i], what[i] = w.text(to[i]), from and w.text(from) or -1, w.text(what[i])
    local problem = w.put(value)
    if problem then return nil, "a message from " .. (from or "nobody") .. " " .. problem end
  end
  local problem, path = w.put(small_things(place))
  if problem then return nil, "the kernel" .. path .. " " .. problem end
  local M = W.metrics
  local streams, sizes = w.take()
  sizes.entities, sizes.messages, sizes.links, sizes.metrics = n, messages, link_n, M.n
  local arrays = {
    entity_id = W.int32s(id, n), entity_kind = W.int32s(kind, n), incarnation = W.int32s(incarnation, n),
    row = W.int32s(row, n), ordinal = W.int32s(ordinal, n), born_at = W.doubles(born, n), drawn = W.doubles(drawn, n),
    era = W.int32s(era, n), degree = W.int32s(degree, n), neighbor = W.int32s(links, link_n),
    message_to = W.int32s(to, messages), message_from = W.int32s(sender, messages),
    message_kind = W.int32s(what, messages), message_due = W.doubles(due, messages),
    metric_tick = W.doubles(M.tick, M.n), metric_name = W.int32s(M.name, M.n),
    metric_segment = W.int32s(M.segment, M.n), metric_value = W.doubles(M.value, M.n),
  }
  for name, stream in next, streams do arrays[name] = stream end
  return {now = at.now, sizes = sizes, arrays = arrays}
end

--- Keep the world as it is now; W.finish hands it out.
function W.save()
  collectgarbage("stop") -- it would walk the whole world several times over
  local kept, problem = take()
  collectgarbage("restart")
  W.saved = kept or {problem = problem}
end

-- Restoring ------------------------------------------------------------------------------------------------
-- The script is run again as at its birth: the same tick, the same draws; what it asked for then has been done.
local function revive(slot, memory, got)
  local script = S.script[slot]
  W.budget[1] = math.huge
  if W.begin_acts then W.begin_acts() end
  W.set_clock(S.birth[slot])
  local era = S.eras[S.era[slot]]
  S.k0[slot], S.k1[slot] = key_of(era[1], era[2], S.ids[slot])
  S.world_k0, S.world_k1 = era.world[1], era.world[2]
  local drawn = S.birth_drawn[slot]
  at.world_k, at.world_spare = floor(drawn / 2), false
  if drawn % 2 == 1 then
    at.world_k = at.world_k - 1
    W.world_random()
  end
  W.turn(slot, W.BIRTH)
  local ok, problem = xpcall(W.awaken, W.located, slot, script, nil)
  if not ok then return problem end
  local own = S.get[slot] and S.set[slot]
  if memory ~= nil or not own then W.set_memory(slot, memory) end
  if own and got ~= nil then
    if script.load then script.load(slot) end
    ok, problem = xpcall(S.set[slot], W.located, got)
    if script.keep then script.keep(slot) end
    if not ok then return problem end
  end
end

local function restore_small(rest)
  for name, value in next, rest.counts do S[name] = value end
  S.errors, S.printed, S.error_at = rest.errors, rest.printed, {}
  for i = 1, #S.errors do
    local e = S.errors[i]
    S.error_at[e.entity .. "\0" .. e.script .. "\0" .. e.line .. "\0" .. e.message] = i
  end
  for i = 1, #rest.births.ids do S.born[rest.births.ids[i]] = rest.births.counts[i] end
  S.out_n, S.out_early, S.out_late, S.log_n, S.value_n = 0, false, false, 0, #rest.recorded
  for i = 1, S.value_n do S.value_name[i], S.value[i] = rest.recorded[i][1], rest.recorded[i][2] end
  for i = 1, #parts do
    local kept = rest.parts[parts[i].name]
    if kept ~= nil then parts[i].restore(kept) end
  end
  S.members, W.budget[1] = nil, math.huge
  for i = 1, #rest.listed do W.members(S.kinds[rest.listed[i]]) end
end

local function restore_metrics(read, n, rest)
  local M = W.metrics
  local tick, name = read("f8", "metric_tick"), read("i4", "metric_name")
  local segment, value = read("i4", "metric_segment"), read("f8", "metric_value")
  for i = 1, n do
    M.tick[i], M.name[i], M.segment[i], M.value[i] = tick(i - 1), name(i - 1), segment(i - 1), value(i - 1)
  end
  M.n, M.segments = n, rest.segments
  for i = 1, #M.segments do M.segment_index[M.segments[i]] = i end
  S.metric_n, S.metric_names = #rest.metric_names, rest.metric_names
  for i = 1, S.metric_n do
    if not S.declared[S.metric_names[i]] then S.metric_index[S.metric_names[i]] = i end
  end
end

--- Let the entities of a snapshot stand again; `saved` is what W.save kept, with buffer numbers for arrays.
function W.restore(saved)
  local arrays, sizes = {}, saved.sizes
  for name, buffer in next, saved.arrays do arrays[name] = W.buffers[buffer] end
  local function read(kind, name) return W.reader(kind, arrays[name]) end
  local values = W.value_reader(arrays, sizes)
  local id, kind, incarnation = read("i4", "entity_id"), read("i4", "entity_kind"), read("i4", "incarnation")
  local row, ordinal, born, drawn = read("i4", "row"), read("i4", "ordinal"), read("f8", "born_at"), read("f8", "drawn")
  local era, degree, neighbor = read("i4", "era"), read("i4", "degree"), read("i4", "neighbor")
  local n, link_n = sizes.entities, 0
  local memory, got = {}, {}
  for i = 1, n do
    local k = S.kinds[kind(i - 1)]
    S.ids[i], S.kind[i], S.script[i] = values.text(id(i - 1)), k, S.scripts[k.script]
    S.incarnation[i], S.row[i], S.ordinal[i] = incarnation(i - 1), row(i - 1), ordinal(i - 1)
    S.birth[i], S.birth_drawn[i], S.era[i] = born(i - 1), drawn(i - 1), era(i - 1)
    S.alive[i], S.inbox[i], S.links[i] = true, false, false
    S.index[S.ids[i]], S.born[S.ids[i]], S.order[i] = i, S.incarnation[i] + 1, i
    S.kind_count[k.name] = S.kind_count[k.name] + 1
    if degree(i - 1) > 0 then
      local list = {}
      for j = 1, degree(i - 1) do list[j] = neighbor(link_n + j - 1) end
      S.links[i], link_n = list, link_n + degree(i - 1)
    end
    memory[i], got[i] = values.next(), values.next()
  end
  S.n, S.order_n, S.living = n, n, n
  local to, from, what, due = read("i4", "message_to"), read("i4", "message_from"), read("i4", "message_kind"),
    read("f8", "message_due")
  local soon = saved.now + 1
  for i = 0, sizes.messages - 1 do
    local name, content, sender = values.text(what(i)), values.next(), values.text(from(i)) or false
    local receiver, when = values.text(to(i)), due(i)
    if content == nil then content = W.NOTHING end
    if when <= soon then W.enqueue(receiver, name, content, sender)
    else W.postpone(when, receiver, name, content, sender) end
  end
  local rest = values.next()
  S.eras = rest.eras
  if W.at_births then W.at_births(rest.parts.births) end
  for i = 1, n do
    local problem = revive(i, memory[i], got[i])
    if problem then
      W.set_clock(saved.now)
      W.fail(i, problem)
      S.stopped = true
      return
    end
    memory[i], got[i] = nil, nil
  end
  -- From here on the draws are those of the seed that was given, which a branch may have changed.
  local last = S.eras[#S.eras]
  if last[1] ~= S.master_k0 or last[2] ~= S.master_k1 then W.new_era() end
  for i = 1, n do S.k0[i], S.k1[i] = key_of(S.master_k0, S.master_k1, S.ids[i]) end
  local now = S.eras[#S.eras].world
  S.world_k0, S.world_k1 = now[1], now[2]
  W.set_clock(saved.now)
  restore_metrics(read, sizes.metrics, rest)
  restore_small(rest)
end
