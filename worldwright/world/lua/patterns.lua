-- Pattern matching that pays for its steps. Lua's own matcher backtracks inside one C call, where no budget and no
-- hook reaches it; a short pattern can run for years there. Cheap searches still go to it: those whose worst case is
-- small are charged that worst case, and all others are matched here, step by step, with the same meaning.
-- Reads W.meter. Sets W.patterns: find, match, gmatch, gsub.
local W = ...
local meter, luajit = W.meter, W.luajit
local byte, char, sub, native_find, native_match = string.byte, string.char, string.sub, string.find, string.match
local native_gmatch, native_gsub = string.gmatch, string.gsub
local type, tostring, tonumber, error = type, tostring, tonumber, error
local unpack, concat = table.unpack or unpack, table.concat

local P = {cheap = 65536} -- comparisons of single characters that a call may cost in Lua's own matcher
W.patterns = P

local DEEPEST = 200 -- as in Lua itself
local POSITION, OPEN = -2, -1

-- The most comparisons that a search can take: every repetition may end at every place.
local function worst(n, pattern)
  local repeats = sub(pattern, 1, 1) == "^" and 0 or 1
  for i = 1, #pattern do
    local c = byte(pattern, i)
    if c == 42 or c == 43 or c == 45 or c == 63 then repeats = repeats + 1 end
  end
  return (n + 1) ^ repeats * (1 + #pattern / 8)
end

local function cheap(text, pattern)
  if type(text) ~= "string" or type(pattern) ~= "string" then return true end -- Lua says what is wrong
  local cost = worst(#text, pattern)
  if cost > P.cheap then return false end
  meter(cost / 64)
  return true
end

-- One character against one item of a pattern; what classes and sets mean is asked of Lua itself, once.
local classes, class_n = {}, 0
local function belongs(item, c)
  local known = classes[item]
  if not known then
    if class_n >= 500 then classes, class_n = {}, 0 end
    known, class_n = {}, class_n + 1
    classes[item] = known
  end
  local answer = known[c]
  if answer == nil then
    answer = native_find(char(c), "^" .. item) ~= nil
    known[c] = answer
  end
  return answer
end

local function item_end(pattern, p)
  local c = byte(pattern, p)
  p = p + 1
  if c == 37 then
    if p > #pattern then error("malformed pattern (ends with '%')", 0) end
    return p + 1
  end
  if c ~= 91 then return p end
  if byte(pattern, p) == 94 then p = p + 1 end
  repeat
    if p > #pattern then error("malformed pattern (missing ']')", 0) end
    c = byte(pattern, p)
    p = p + 1
    if c == 37 then p = p + 1 end
  until byte(pattern, p) == 93
  return p + 1
end

local function fits(m, s, p, e)
  local c = byte(m.text, s)
  if not c then return false end
  local first = byte(m.pattern, p)
  if first == 46 then return true end
  if first == 37 or first == 91 then return belongs(sub(m.pattern, p, e - 1), c) end
  return first == c
end

local follow

local function balanced(m, s, p)
  local open, close = byte(m.pattern, p), byte(m.pattern, p + 1)
  if not close then error("malformed pattern (missing arguments to '%b')", 0) end
  if byte(m.text, s) ~= open then return nil end
  local depth = 1
  for i = s + 1, #m.text do
    meter(1)
    local c = byte(m.text, i)
    if c == close then
      depth = depth - 1
      if depth == 0 then return i + 1 end
    elseif c == open then
      depth = depth + 1
    end
  end
end

local function capture_text(m, i)
  local length = m.length[i]
  if length == POSITION then return m.start[i] end
  if length == OPEN then error("unfinished capture", 0) end
  return sub(m.text, m.start[i], m.start[i] + length - 1)
end

local function open_capture(m, s, p, kind)
  local level = m.level + 1
  if level > 32 then error("too many captures", 0) end
  m.level, m.start[level], m.length[level] = level, s, kind
  local e = follow(m, s, p)
  if not e then m.level = level - 1 end
  return e
end

local function close_capture(m, s, p)
  local level = m.level
  while level > 0 and m.length[level] ~= OPEN do level = level - 1 end
  if level == 0 then error("invalid pattern capture", 0) end
  m.length[level] = s - m.start[level]
  local e = follow(m, s, p)
  if not e then m.length[level] = OPEN end
  return e
end

local function longest(m, s, p, e)
  local i = 0
  while fits(m, s + i, p, e) do
    meter(1)
    i = i + 1
  end
  while i >= 0 do
    local last = follow(m, s + i, e + 1)
    if last then return last end
    i = i - 1
  end
end

local function shortest(m, s, p, e)
  while true do
    local last = follow(m, s, e + 1)
    if last then return last end
    if not fits(m, s, p, e) then return nil end
    s = s + 1
  end
end

local function step(m, s, p)
  local pattern, size = m.pattern, #m.pattern
  while p <= size do
    meter(1)
    local c, next_c = byte(pattern, p), byte(pattern, p + 1)
    if c == 40 then
      if next_c == 41 then return open_capture(m, s, p + 2, POSITION) end
      return open_capture(m, s, p + 1, OPEN)
    elseif c == 41 then
      return close_capture(m, s, p + 1)
    elseif c == 36 and p == size then
      return s == #m.text + 1 and s or nil
    elseif c == 37 and next_c == 98 then
      s = balanced(m, s, p + 2)
      if not s then return nil end
      p = p + 4
    elseif c == 37 and next_c == 102 then
      p = p + 2
      if byte(pattern, p) ~= 91 then error("missing '[' after '%f' in pattern", 0) end
      local e = item_end(pattern, p)
      local set = sub(pattern, p, e - 1)
      if belongs(set, s > 1 and byte(m.text, s - 1) or 0) or not belongs(set, byte(m.text, s) or 0) then return nil end
      p = e
    elseif c == 37 and next_c and next_c >= 48 and next_c <= 57 then
      local i = next_c - 48
      if i < 1 or i > m.level or m.length[i] == OPEN then error("invalid capture index", 0) end
      if m.length[i] == POSITION then return nil end
      local known = capture_text(m, i)
      if sub(m.text, s, s + #known - 1) ~= known then return nil end
      meter(#known / 8)
      s, p = s + #known, p + 2
    else
      local e = item_end(pattern, p)
      local mark = byte(pattern, e)
      if mark == 63 then
        local last = fits(m, s, p, e) and follow(m, s + 1, e + 1)
        if last then return last end
        p = e + 1
      elseif mark == 43 then
        return fits(m, s, p, e) and longest(m, s + 1, p, e) or nil
      elseif mark == 42 then
        return longest(m, s, p, e)
      elseif mark == 45 then
        return shortest(m, s, p, e)
      else
        if not fits(m, s, p, e) then return nil end
        s, p = s + 1, e
      end
    end
  end
  return s
end

function follow(m, s, p)
  m.depth = m.depth + 1
  if m.depth > DEEPEST then error("pattern too complex", 0) end
  local e = step(m, s, p)
  m.depth = m.depth - 1
  return e
end

local function machine(text, pattern)
  return {text = text, pattern = pattern, level = 0, depth = 0, start = {}, length = {}}
end

local function at(m, s, p)
  m.level, m.depth = 0, 0
  return follow(m, s, p)
end

-- From `init` on: first and last place of the first match.
local function search(m, init)
  local anchored = byte(m.pattern, 1) == 94
  local s = init
  while s <= #m.text + 1 do
    local e = at(m, s, anchored and 2 or 1)
    if e then return s, e - 1 end
    if anchored then return nil end
    s = s + 1
  end
end

local function captures(m, s, e, whole)
  local out, n = {}, m.level
  for i = 1, n do out[i] = capture_text(m, i) end
  if n == 0 and whole then out[1], n = sub(m.text, s, e), 1 end
  return out, n
end

local function beginning(init, n)
  init = init or 1
  if init < 0 then init = init + n + 1 end
  if init < 1 then return 1 end
  return luajit and init > n + 1 and n + 1 or init
end

function P.find(text, pattern, init, plain)
  if plain or cheap(text, pattern) or not native_find(pattern, "[%^$*+?.([%%-]") then
    if type(text) == "string" and type(pattern) == "string" then meter(#text * #pattern / 65536) end
    return native_find(text, pattern, init, plain)
  end
  local m = machine(text, pattern)
  local s, e = search(m, beginning(init, #text))
  if not s then return nil end
  local out, n = captures(m, s, e, false)
  return s, e, unpack(out, 1, n)
end

function P.match(text, pattern, init)
  if cheap(text, pattern) then return native_match(text, pattern, init) end
  local m = machine(text, pattern)
  local s, e = search(m, beginning(init, #text))
  if not s then return nil end
  local out, n = captures(m, s, e, true)
  return unpack(out, 1, n)
end

-- Matches one after another; LuaJIT and Lua 5.4 differ in whether an empty one may follow a match at once.
local function each(m, anchored)
  local s, last = 1, 0
  return function()
    while s <= #m.text + 1 do
      local from = s
      local e = at(m, s, anchored and 2 or 1)
      if e and (luajit or e ~= last) then
        s, last = e, e
        if luajit and e == from then s = s + 1 end
        return from, e - 1
      end
      s = s + 1
      if anchored then return nil end
    end
  end
end

function P.gmatch(text, pattern)
  if cheap(text, pattern) then return native_gmatch(text, pattern) end
  local m = machine(text, pattern)
  local following = each(m, false)
  return function()
    local s, e = following()
    if not s then return nil end
    local out, n = captures(m, s, e, true)
    return unpack(out, 1, n)
  end
end

local function filled(m, s, e, template)
  return (native_gsub(template, "%%(.?)", function(c)
    if c == "0" then return sub(m.text, s, e) end
    local i = tonumber(c)
    if i then
      if i == 1 and m.level == 0 then return sub(m.text, s, e) end
      if i > m.level then error("invalid capture index %" .. i .. " in replacement string", 0) end
      return tostring(capture_text(m, i))
    end
    if c == "%" or luajit then return c end
    error("invalid use of '%' in replacement string", 0)
  end))
end

local function chosen(value, whole)
  if not value then return whole end
  if type(value) ~= "string" and type(value) ~= "number" then
    error("invalid replacement value (a " .. type(value) .. ")", 0)
  end
  return tostring(value)
end

-- gsub on LuaJIT, whose own calls functions from within C and never looks whether the stack there has an end.
local function called_back(text, pattern, replacement, most)
  local is_table, anchored = type(replacement) == "table", byte(pattern, 1) == 94
  local parts, count, s, done = {}, 0, 1, 1
  while s <= #text + 1 and (not most or count < most) do
    local found = {native_find(text, pattern, s)}
    local from, to = found[1], found[2]
    if not from then break end
    local whole = sub(text, from, to)
    if found[3] == nil then found[3] = whole end
    local value
    if is_table then value = replacement[found[3]] else value = replacement(unpack(found, 3)) end
    count = count + 1
    parts[2 * count - 1], parts[2 * count] = sub(text, done, from - 1), chosen(value, whole)
    done, s = to + 1, to < from and from + 1 or to + 1
    if anchored then break end
  end
  parts[#parts + 1] = sub(text, done)
  return concat(parts), count
end

function P.gsub(text, pattern, replacement, most)
  local kind = type(replacement)
  if luajit and (kind == "function" or kind == "table") and type(text) == "string" and type(pattern) == "string"
    and (most == nil or type(most) == "number") and cheap(text, pattern) then
    return called_back(text, pattern, replacement, most)
  end
  if cheap(text, pattern) or (kind ~= "string" and kind ~= "number" and kind ~= "table" and kind ~= "function") then
    return native_gsub(text, pattern, replacement, most)
  end
  local m, parts, count, done = machine(text, pattern), {}, 0, 1
  local anchored = byte(pattern, 1) == 94
  local following = each(m, anchored)
  while not most or count < most do
    local s, e = following()
    if not s then break end
    count = count + 1
    local value
    if kind == "string" or kind == "number" then
      value = filled(m, s, e, tostring(replacement))
    elseif kind == "table" then
      value = replacement[m.level == 0 and sub(text, s, e) or capture_text(m, 1)]
    else
      local out, n = captures(m, s, e, true)
      value = replacement(unpack(out, 1, n))
    end
    parts[#parts + 1] = sub(text, done, s - 1)
    parts[#parts + 1] = chosen(value, sub(text, s, e))
    done = e + 1
    if anchored then break end
  end
  parts[#parts + 1] = sub(text, done)
  return concat(parts), count
end
