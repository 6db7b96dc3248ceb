-- JSON for states, messages and the documents of a world. Keys are written in order, so that equal values have
-- equal text. Integers stay integers where the runtime knows them; null reads as nil.
-- Reads W.luajit. Sets W.decode(text) -> value and W.encode(value) -> text.
local W = ...
local byte, sub, find, char, format, gsub = string.byte, string.sub, string.find, string.char, string.format, string.gsub
local concat, sort, floor, huge = table.concat, table.sort, math.floor, math.huge
local next, type, tonumber, tostring, rawget = next, type, tonumber, tostring, rawget
local rawlen = rawlen or function(t) return #t end -- metatables are the script's business, not ours

local DEEPEST = 128
local ESCAPES = {["b"] = "\b", ["f"] = "\f", ["n"] = "\n", ["r"] = "\r", ["t"] = "\t"}

local function utf8(code)
  if code < 128 then return char(code) end
  if code < 2048 then return char(192 + floor(code / 64), 128 + code % 64) end
  if code < 65536 then
    return char(224 + floor(code / 4096), 128 + floor(code / 64) % 64, 128 + code % 64)
  end
  return char(240 + floor(code / 262144), 128 + floor(code / 4096) % 64,
    128 + floor(code / 64) % 64, 128 + code % 64)
end

local function text_at(s, i)
  local parts, from = {}, i + 1
  local at = from
  while true do
    at = find(s, '["\\]', at)
    if byte(s, at) == 34 then
      if #parts == 0 then return sub(s, from, at - 1), at + 1 end
      parts[#parts + 1] = sub(s, from, at - 1)
      return concat(parts), at + 1
    end
    parts[#parts + 1] = sub(s, from, at - 1)
    local c = sub(s, at + 1, at + 1)
    if c == "u" then
      local code = tonumber(sub(s, at + 2, at + 5), 16)
      at = at + 6
      if code >= 0xD800 and code < 0xDC00 and sub(s, at, at + 1) == "\\u" then
        code = 0x10000 + (code - 0xD800) * 1024 + (tonumber(sub(s, at + 2, at + 5), 16) - 0xDC00)
        at = at + 6
      end
      parts[#parts + 1] = utf8(code)
    else
      parts[#parts + 1] = ESCAPES[c] or c
      at = at + 2
    end
    from = at
  end
end

local value_at

local function skip(s, i)
  return find(s, "[^ \n\r\t]", i) or #s + 1
end

local function list_at(s, i)
  local list, n = {}, 0
  i = skip(s, i + 1)
  if byte(s, i) == 93 then return list, i + 1 end
  while true do
    n = n + 1
    list[n], i = value_at(s, i)
    i = skip(s, i)
    if byte(s, i) == 93 then return list, i + 1 end
    i = skip(s, i + 1)
  end
end

local function object_at(s, i)
  local object, key = {}, nil
  i = skip(s, i + 1)
  if byte(s, i) == 125 then return object, i + 1 end
  while true do
    key, i = text_at(s, i)
    i = skip(s, skip(s, i) + 1)
    object[key], i = value_at(s, i)
    i = skip(s, i)
    if byte(s, i) == 125 then return object, i + 1 end
    i = skip(s, i + 1)
  end
end

function value_at(s, i)
  local c = byte(s, i)
  if c == 34 then return text_at(s, i) end
  if c == 123 then return object_at(s, i) end
  if c == 91 then return list_at(s, i) end
  if c == 116 then return true, i + 4 end
  if c == 102 then return false, i + 5 end
  if c == 110 then return nil, i + 4 end
  local _, last = find(s, "^[-+0-9.eE]+", i)
  return tonumber(sub(s, i, last)), last + 1
end

--- A value from JSON that the engine itself wrote (well-formed by construction).
function W.decode(s)
  return (value_at(s, skip(s, 1)))
end

local QUOTED = {['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t"}

local function quote(s)
  return '"' .. gsub(s, '[%c"\\]', function(c) return QUOTED[c] or format("\\u%04x", byte(c)) end) .. '"'
end

local integral = math.type
local function number(x)
  if integral and integral(x) == "integer" then return format("%d", x) end
  if x ~= x or x == huge or x == -huge then return "null" end
  if x == floor(x) and x < 1e15 and x > -1e15 then
    return integral and format("%.1f", x) or format("%.0f", x)
  end
  return format("%.17g", x)
end

local function write(value, out, depth)
  local kind = type(value)
  if kind == "string" then out[#out + 1] = quote(value)
  elseif kind == "number" then out[#out + 1] = number(value)
  elseif kind == "boolean" then out[#out + 1] = tostring(value)
  elseif kind == "table" then
    if depth >= DEEPEST then error("a value is nested deeper than " .. DEEPEST .. " levels (or in itself)", 0) end
    local n, count = rawlen(value), 0
    for _ in next, value do count = count + 1 end
    if n > 0 and n == count then
      out[#out + 1] = "["
      for i = 1, n do
        if i > 1 then out[#out + 1] = "," end
        write(rawget(value, i), out, depth + 1)
      end
      out[#out + 1] = "]"
      return
    end
    local keys, by = {}, {}
    for key, item in next, value do
      local name
      if type(key) == "string" then name = key
      elseif type(key) == "number" and key == floor(key) then name = format("%d", key) end
      if name then -- of a text and a number that read alike, the text stands: the order of walking must not matter
        if by[name] == nil then keys[#keys + 1] = name end
        if by[name] == nil or type(key) == "string" then by[name] = item end
      end
    end
    sort(keys)
    out[#out + 1] = "{"
    for i = 1, #keys do
      if i > 1 then out[#out + 1] = "," end
      out[#out + 1] = quote(keys[i])
      out[#out + 1] = ":"
      write(by[keys[i]], out, depth + 1)
    end
    out[#out + 1] = "}"
  else
    out[#out + 1] = "null"
  end
end

--- JSON of a plain value. Whole-number keys become text; functions, NaN and infinities become null.
function W.encode(value)
  local out = {}
  write(value, out, 0)
  return concat(out)
end
