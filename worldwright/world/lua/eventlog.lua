-- The event log: what was sent, born, ended, linked and went wrong, as columns, up to a number of rows.
-- Off, it costs one test where something of the kind happens. A message is logged when it is sent.
-- Reads W.state, W.at, W.encode. Sets W.log_events, and once at work W.log and W.log_sent; W.events_out hands it out.
local W = ...
local S, at = W.state, W.at
local pcall, type, concat, sub = pcall, type, table.concat, string.sub

local EVENTS = {message = 1, undelivered = 2, spawn = 3, death = 4, link = 5, unlink = 6, error = 7}
local WIDTH = 1000 -- characters kept of a content

local L = {n = 0, lost = 0, most = 0, first = 0, last = 0, wanted = {}, tick = {}, event = {}, entity = {}, other = {}, kind = {}, number = {}, text = {}}
local names, number_of, name_n = {}, {}, 0

local function named(name)
  if not name then return -1 end
  local number = number_of[name]
  if not number then
    number = name_n
    name_n = name_n + 1
    names[name_n], number_of[name] = name, number
  end
  return number
end

local function is_wanted(event)
  return L.wanted[event] and at.now >= L.first and at.now <= L.last
end

local function write(event, entity, other, kind, number, text)
  if not is_wanted(event) then return end
  local n = L.n + 1
  if n > L.most then
    L.lost = L.lost + 1
    return
  end
  L.n, L.tick[n], L.event[n], L.entity[n], L.other[n] = n, at.now, EVENTS[event], named(entity), named(other)
  L.kind[n], L.number[n], L.text[n] = named(kind), number or -1, text or ""
end

local function write_sent()
  if not is_wanted("message") then return end
  for i = 1, S.out_n do
    if L.n >= L.most then
      L.lost = L.lost + S.out_n - i + 1
      return
    end
    local content, text = S.out_content[i], ""
    if content ~= W.NOTHING then
      local ok, json = pcall(W.encode, content)
      text = ok and sub(json, 1, WIDTH) or ""
    end
    local due = S.out_due[i]
    write("message", S.out_sender[i], S.out_to[i], S.out_kind[i], due > at.now and due or at.now + 1, text)
  end
end

--- Begin to log: `rows` at most (what comes later is counted), of the ticks from `first` to `last`, events that are `wanted`.
function W.log_events(options)
  L.most, L.first, L.last, L.wanted = options.rows, options.first, options.last, options.wanted
  W.log, W.log_sent = write, write_sent
end

--- The log for W.finish, which puts its arrays aside by `put`; nil where it is off.
function W.events_out(put)
  if not W.log then return nil end
  local lengths, name_lengths = {}, {}
  for i = 1, L.n do lengths[i] = #L.text[i] end
  for i = 1, name_n do name_lengths[i] = #names[i] end
  return {
    n = L.n, lost = L.lost, tick = put(W.doubles(L.tick, L.n)), event = put(W.bytes(L.event, L.n)),
    entity = put(W.int32s(L.entity, L.n)), other = put(W.int32s(L.other, L.n)), kind = put(W.int32s(L.kind, L.n)),
    number = put(W.doubles(L.number, L.n)), lengths = put(W.int32s(lengths, L.n)),
    text = put(concat(L.text, "", 1, L.n)), name_n = name_n, name_lengths = put(W.int32s(name_lengths, name_n)),
    names = put(concat(names, "", 1, name_n)),
  }
end
