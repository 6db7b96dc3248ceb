-- What leaves a world: metrics (recorded by scripts and declared ones), states at the asked ticks, errors, counts.
-- Reads W.state, W.at, W.encode, W.doubles, W.int32s, W.bytes, W.reader. Sets W.measure, W.observe, W.finish, W.print.
local W = ...
local S, at = W.state, W.at
local type, next, pcall, tostring, select, rawget = type, next, pcall, tostring, select, rawget
local floor, concat, sort = math.floor, table.concat, table.sort

local LINES, WIDTH = 200, 500 -- printed lines kept, and characters of each

-- Metrics as four parallel arrays.
local M = {n = 0, tick = {}, name = {}, segment = {}, value = {}, segments = {""}, segment_index = {[""] = 1}}
W.metrics = M

local function emit(name, segment, value)
  local n = M.n + 1
  M.n, M.tick[n], M.name[n], M.segment[n], M.value[n] = n, at.now, name, segment, value
end

-- A declared metric's place among the names; scripts may not record under it.
local function metric(name)
  for i = 1, S.metric_n do -- it is there in a world that goes on from a snapshot
    if S.metric_names[i] == name then return i end
  end
  local index = S.metric_n + 1
  S.metric_n, S.metric_names[index] = index, name
  return index
end

local sums, touched = {}, {}

local function fold_recorded()
  local n = 0
  for i = 1, S.value_n do
    local name = S.value_name[i]
    local so_far = sums[name]
    if so_far then
      sums[name] = so_far + S.value[i]
    else
      n = n + 1
      touched[n], sums[name] = name, S.value[i]
    end
  end
  for i = 1, n do
    emit(touched[i], 1, sums[touched[i]])
    sums[touched[i]] = false
  end
  S.value_n = 0
end

local function state_of(slot)
  local get = S.get[slot]
  if not get then return W.memory(slot) end
  local ok, state = W.call(slot, get)
  if ok then return state end
  W.fail(slot, state)
  return nil
end

-- The same for the metrics of one tick: a script's get_state runs once for all of them.
local function state_now(slot, states)
  if not S.get[slot] then return W.memory(slot) end
  local state = states[slot]
  if state == nil then
    state = state_of(slot) or false
    states[slot] = state
  end
  return state
end

local function at_path(state, path)
  for i = 1, #path do
    if type(state) ~= "table" then return nil end
    state = rawget(state, path[i])
  end
  return state
end

local function is_true(value)
  return value == true or (type(value) == "number" and value ~= 0 and value == value)
end

local function number_in(value)
  if value == true then return 1 end
  if value == false then return 0 end
  if type(value) == "number" then return value end
end

local function prepared(m)
  if m.ready then return end
  m.kept = {}
  m.ready, m.index, m.kind = true, metric(m.name), m.of and S.kinds[m.of]
  m.labels = {1}
  for i = 1, #m.segments do
    local label = m.segments[i]
    local index = M.segment_index[label]
    if not index then
      index = #M.segments + 1
      M.segments[index], M.segment_index[label] = label, index
    end
    m.labels[i + 1] = index
  end
  m.segment_of = m.codes and W.reader("i4", W.buffers[m.codes])
end

local LEVELS = {q01 = .01, q05 = .05, q10 = .1, q25 = .25, median = .5, q75 = .75, q90 = .9, q95 = .95, q99 = .99}

-- The sample's standard deviation, in two passes; nil for fewer than two values.
local function deviation(values, n, sum)
  if n < 2 then return nil end
  local mean, squares = sum / n, 0.0
  for i = 1, n do
    local d = values[i] - mean
    squares = squares + d * d
  end
  return math.sqrt(squares / (n - 1))
end

-- Type 7 of Hyndman and Fan (1996): linear between the values around (n - 1) p.
local function quantile(values, n, p)
  for i = 1, n do
    if values[i] ~= values[i] then return values[i] end
  end
  sort(values)
  local h = (n - 1) * p
  local low = floor(h)
  local a, b = values[low + 1], values[low + 2]
  if h == low or a == b then return a end
  return a + (h - low) * (b - a)
end

local function tally(t, g, x)
  t.n[g] = t.n[g] + 1
  if x then
    if t.values then t.values[g][t.known[g] + 1] = x + 0.0 end
    t.known[g] = t.known[g] + 1
    t.sum[g] = t.sum[g] + x
    if not t.low[g] or x < t.low[g] then t.low[g] = x end
    if not t.high[g] or x > t.high[g] then t.high[g] = x end
  end
end

local function figure(how, path, n, known, sum, low, high)
  if how == "count" then return path and sum or n end
  if how == "sum" then return sum end
  if how == "share" then
    if n > 0 then return sum / n end
  elseif known > 0 then
    if how == "mean" then return sum / known end
    return how == "min" and low or high
  end
end

local function value_of(m, t, g)
  local how = m.how
  if t.values then
    if t.known[g] == 0 then return nil end
    if how == "sd" then return deviation(t.values[g], t.known[g], t.sum[g]) end
    return quantile(t.values[g], t.known[g], LEVELS[how])
  end
  return (figure(how, m.path, t.n[g], t.known[g], t.sum[g], t.low[g], t.high[g]))
end

-- What most metrics are: one figure of one kind, in one pass that makes nothing.
local function plain_figure(m, states)
  local kind, path, where, kinds, order = m.kind, m.path, m.where, S.kind, S.order
  local truth, reads = m.how == "share" or m.how == "count", m.path or m.where
  local n, known, sum, low, high = 0, 0, 0, false, false
  for i = 1, S.order_n do
    local slot = order[i]
    if kinds[slot] == kind then
      local state = reads and state_now(slot, states)
      if not where or is_true(at_path(state, where)) then
        n = n + 1
        if path then
          local x = at_path(state, path)
          if truth then x = is_true(x) and 1 or 0 else x = number_in(x) end
          if x then
            known, sum = known + 1, sum + x
            if not low or x < low then low = x end
            if not high or x > high then high = x end
          end
        end
      end
    end
  end
  return (figure(m.how, path, n, known, sum, low, high))
end

local function declared(m, states)
  prepared(m)
  if m.field then
    local value = W.field_value(m.field[1], m.field[2], m.how)
    if value then emit(m.index, 1, value) end
    return
  end
  local groups = #m.labels
  if groups == 1 and m.how ~= "sd" and not LEVELS[m.how] then
    local value = plain_figure(m, states)
    if value then emit(m.index, 1, value) end
    m.kept[1] = value or false
    return
  end
  local t = {n = {}, known = {}, sum = {}, low = {}, high = {}}
  for g = 1, groups do t.n[g], t.known[g], t.sum[g], t.low[g], t.high[g] = 0, 0, 0, false, false end
  if m.how == "sd" or LEVELS[m.how] then
    t.values = {}
    for g = 1, groups do t.values[g] = {} end
  end
  local truth = m.how == "share" or m.how == "count"
  for i = 1, S.order_n do
    local slot = S.order[i]
    if S.kind[slot] == m.kind then
      local state
      if m.path or m.where then
        state = state_now(slot, states)
      end
      if not m.where or is_true(at_path(state, m.where)) then
        local x
        if m.path then
          local value = at_path(state, m.path)
          if truth then x = is_true(value) and 1 or 0 else x = number_in(value) end
        end
        tally(t, 1, x)
        if m.segment_of and S.row[slot] >= 0 then
          local g = m.segment_of(S.row[slot])
          if g >= 0 then tally(t, g + 2, x) end
        end
      end
    end
  end
  for g = 1, groups do
    local value = value_of(m, t, g)
    if value then emit(m.index, m.labels[g], value) end
    m.kept[g] = value or false
  end
end

-- As at the end of the last tick.
local function repeated(m)
  for g = 1, #m.labels do
    if m.kept[g] then emit(m.index, m.labels[g], m.kept[g]) end
  end
end

local updates, version = -1, -1 -- when the declared metrics were last computed

--- Record the metrics of the tick that has just ended. Where nobody ran, was born or died since they were last
-- computed they are what they were, so that a quiet tick of `order: event` costs nothing for each entity.
function W.measure()
  fold_recorded()
  if updates == S.updates and version == S.version then
    for i = 1, #S.metrics do
      local m = S.metrics[i]
      if m.field then declared(m, {}) else repeated(m) end -- a layer may change by itself
    end
    return
  end
  updates, version = S.updates, S.version
  if #S.metrics > 0 then
    local states = {}
    for i = 1, #S.metrics do declared(S.metrics[i], states) end
  end
end

-- States ---------------------------------------------------------------------------------------------------
local taken, wanted, want_last = {}, {}, false

function W.want(ticks, last)
  for i = 1, #ticks do wanted[ticks[i]] = true end
  want_last = last
end

-- A table of a state as text, now: it may change before the results leave.
local function as_json(slot, name, value)
  local ok, text = pcall(W.encode, value)
  if ok then return text end
  W.fail(slot, "state." .. name .. ": " .. text)
  return "null"
end

local function packed(values, n)
  local tags, numbers, texts, lengths, words = {}, {}, {}, {}, 0
  local any_number = false
  for i = 1, n do
    local value = values[i]
    local kind = type(value)
    tags[i], numbers[i] = 0, 0
    if kind == "number" then
      tags[i], numbers[i], any_number = (math.type and math.type(value) == "integer") and 2 or 1, value, true
    elseif kind == "boolean" then tags[i] = value and 4 or 3
    elseif kind == "string" then
      tags[i] = values.tables[i] and 6 or 5
      words = words + 1
      texts[words], lengths[words] = value, #value
    end
  end
  return W.bytes(tags, n), any_number and W.doubles(numbers, n) or "", W.int32s(lengths, words), concat(texts)
end

local function text_column(values, n)
  local lengths = {}
  for i = 1, n do lengths[i] = #values[i] end
  return W.int32s(lengths, n), concat(values, "", 1, n)
end

--- Keep the states of all living entities, if this tick (or the last one) was asked for.
function W.observe(tick, last)
  if last then
    if not want_last or taken[#taken] and taken[#taken].tick == tick then return end
  elseif not wanted[tick] then
    return
  end
  local ids, kinds, files, rows, n = {}, {}, {}, {}, 0
  local columns, names = {}, {}
  for i = 1, S.order_n do
    local slot = S.order[i]
    if S.alive[slot] then
      n = n + 1
      ids[n], kinds[n], rows[n] = S.ids[slot], S.kind[slot].number - 1, S.row[slot]
      local state = state_of(slot)
      if type(state) == "table" then
        for key, value in next, state do
          local name = key
          if type(key) == "number" and key == floor(key) then
            name = string.format("%d", key)
            if rawget(state, name) ~= nil then name = nil end -- the text of the same reading stands
          end
          if type(name) == "string" and type(value) ~= "function" then
            local column = columns[name]
            if not column then
              column = {tables = {}}
              columns[name], names[#names + 1] = column, name
            end
            if type(value) == "table" then value, column.tables[n] = as_json(slot, name, value), true end
            column[n] = value
          end
        end
      end
    end
  end
  sort(names)
  taken[#taken + 1] = {tick = tick, n = n, ids = ids, kinds = kinds, rows = rows, names = names, columns = columns}
end

-- Leaving --------------------------------------------------------------------------------------------------
--- All results: a JSON head and a list of buffers.
function W.finish(ticks)
  local buffers = {}
  local function put(text)
    buffers[#buffers + 1] = text
    return #buffers - 1
  end
  local states = {}
  for i = 1, #taken do
    local s = taken[i]
    local lengths, text = text_column(s.ids, s.n)
    local head = {tick = s.tick, n = s.n, names = s.names, columns = {},
      ids = {put(lengths), put(text)}, kinds = put(W.int32s(s.kinds, s.n)), rows = put(W.int32s(s.rows, s.n))}
    for j = 1, #s.names do
      local tags, numbers, sizes, texts = packed(s.columns[s.names[j]], s.n)
      head.columns[j] = {put(tags), put(numbers), put(sizes), put(texts)}
    end
    states[i] = head
  end
  local saved = W.saved
  if saved and saved.arrays then
    local arrays = {}
    for name, content in next, saved.arrays do arrays[name] = put(content) end
    saved = {now = saved.now, sizes = saved.sizes, arrays = arrays}
  end
  local head = {
    ticks = ticks, now = at.now, stopped = S.stopped, fatal = S.fatal, errors = S.errors, errors_lost = S.errors_lost,
    printed = S.printed, states = states, saved = saved, events = W.events_out(put),
    metrics = {n = M.n, names = S.metric_names, segments = M.segments, tick = put(W.doubles(M.tick, M.n)),
      name = put(W.int32s(M.name, M.n)), segment = put(W.int32s(M.segment, M.n)), value = put(W.doubles(M.value, M.n))},
    counts = {updates = S.updates, messages = S.sent, delivered = S.delivered, undelivered = S.dropped, broadcasts = S.broadcasts,
      spawned = S.spawned, destroyed = S.destroyed, steps = floor(S.steps), entities = S.living},
  }
  return W.encode(head), buffers
end

local shown = 0 -- metric values that a watcher has seen

--- For somebody who watches: the tick, who lives, and the metric values since the last time where wanted, as JSON.
function W.progress(metrics)
  local kinds, values = {}, {}
  for i = 1, #S.kinds do kinds[i] = {S.kinds[i].name, S.kind_count[S.kinds[i].name]} end
  for i = metrics and shown + 1 or M.n + 1, M.n do
    values[i - shown] = {M.tick[i], S.metric_names[M.name[i]], M.segments[M.segment[i]], M.value[i]}
  end
  shown = M.n
  return W.encode({now = at.now, entities = S.living, kinds = kinds, values = values, errors = #S.errors})
end

function W.print(...)
  local n = select("#", ...)
  local parts = {...}
  for i = 1, n do parts[i] = W.builtins.tostring(parts[i]) end
  W.meter(5)
  if #S.printed < LINES then
    S.printed[#S.printed + 1] = string.sub((S.ids[at.slot] or "") .. ": " .. concat(parts, "\t", 1, n), 1, WIDTH)
  end
end
