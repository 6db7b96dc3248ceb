-- What a script may use besides `self` and `world`: an allow-list in which order, text and arithmetic are the
-- same in every process. Libraries are read-only stand-ins, so that one script cannot change another's.
-- Reads W.mathematics, W.meter (the step budget), W.random, W.print, W.luajit, W.vivarium. Sets W.builtins.
local W = ...
local M, P, meter, complain = W.mathematics, W.patterns, W.meter, W.complain
local type, next, rawget, rawset, rawequal, rawlen = type, next, rawget, rawset, rawequal, rawlen
local error, tostring, tonumber, select, setmetatable, getmetatable = error, tostring, tonumber, select, setmetatable, getmetatable
local floor, huge = math.floor, math.huge
local sort, concat, insert, remove = table.sort, table.concat, table.insert, table.remove
local rep, format, find, match, gmatch, gsub, sub, len, byte = string.rep, string.format, string.find, string.match,
  string.gmatch, string.gsub, string.sub, string.len, string.byte
local unpack = table.unpack or unpack

local NAN = -(huge - huge) -- without a sign in text
local LONGEST = 1000000 -- characters a script may build in one call
local SUBJECT = 100000  -- characters a pattern may be tried on
local locked = {}       -- stand-ins and their names: what no script may change, not even by rawset

local function refuse(t, key)
  local name = locked[t] or "this table"
  complain(name .. " cannot be changed (setting '" .. tostring(key) .. "'); what an entity remembers belongs in `state`")
end

local function unlisted(t)
  complain(locked[t] .. " cannot be listed; read its fields by name")
end

--- A read-only stand-in for `content` (a table, or a function of the stand-in and a name).
function W.read_only(content, name)
  local stand_in = setmetatable({}, {__index = content, __newindex = refuse, __metatable = false})
  locked[stand_in] = name
  return stand_in
end

-- Text -----------------------------------------------------------------------------------------------------
local function plain(value)
  local kind = type(value)
  if kind == "number" then return value ~= value and "nan" or tostring(value) end
  if kind == "string" then return value end
  if kind == "table" then
    local meta = getmetatable(value)
    local custom = type(meta) == "table" and rawget(meta, "__tostring")
    if custom then return (custom(value)) end
    return "table"
  end
  if kind == "nil" or kind == "boolean" then return tostring(value) end
  return kind
end

local function charge_text(text)
  if type(text) == "string" and #text >= 64 then meter(#text / 64) end -- the call of a short one has been paid for
end

local function subject(text, name)
  if type(text) == "string" and len(text) > SUBJECT then
    complain("string." .. name .. " is limited to texts of " .. SUBJECT .. " characters")
  end
  charge_text(text)
end

local text = {}
for _, name in next, {"char", "pack", "unpack", "packsize"} do
  local native = string[name]
  if native then
    text[name] = function(s, ...)
      charge_text(s)
      return native(s, ...)
    end
  end
end
-- With their arguments by name, so that LuaJIT compiles a loop over texts well.
for _, name in next, {"len", "lower", "upper", "reverse"} do
  local native = string[name]
  text[name] = function(s)
    charge_text(s)
    return (native(s))
  end
end
function text.byte(s, i, j)
  charge_text(s)
  return byte(s, i, j)
end
function text.sub(s, i, j)
  charge_text(s)
  return (sub(s, i, j))
end
function text.rep(s, n, separator)
  if type(n) == "number" and n > 0 and type(s) == "string" then
    local size = (len(s) + (type(separator) == "string" and len(separator) or 0)) * n
    if size > LONGEST then complain("string.rep is limited to " .. LONGEST .. " characters") end
    meter(size / 64)
  end
  if separator ~= nil and W.luajit then
    if n < 1 then return "" end
    return rep(s .. separator, n - 1) .. s
  end
  return rep(s, n, separator)
end
function text.format(template, ...)
  if type(template) == "string" and find(template, "%%[-+ #0-9.]*[pAa]") then
    complain("string.format has no %p and no %a here")
  end
  local n = select("#", ...)
  local values = {...}
  for i = 1, n do
    local value = values[i]
    local kind = type(value)
    if kind ~= "number" and kind ~= "string" then values[i] = plain(value)
    elseif value ~= value and not find(template, "%%[-+ #0-9.]*d") then values[i] = NAN end
  end
  local result = format(template, unpack(values, 1, n))
  charge_text(result)
  return result
end
function text.find(s, ...) subject(s, "find") return P.find(s, ...) end
function text.match(s, ...) subject(s, "match") return P.match(s, ...) end
function text.gmatch(s, ...) subject(s, "gmatch") return P.gmatch(s, ...) end
function text.gsub(s, pattern, replacement, n)
  subject(s, "gsub")
  if type(s) == "string" and type(replacement) == "string" and (len(s) + 1) * len(replacement) > 1e8 then
    complain("string.gsub: the replacement is too long")
  end
  return P.gsub(s, pattern, replacement, n)
end

-- Tables ---------------------------------------------------------------------------------------------------
-- Keys in one order everywhere: numbers, then texts, then false and true.
local function keys_of(t)
  local numbers, texts, n, m, sorted = {}, {}, 0, 0, true
  local no, yes = false, false
  for key in next, t do
    local kind = type(key)
    if kind == "number" then
      if n > 0 and key < numbers[n] then sorted = false end
      n = n + 1
      numbers[n] = key
    elseif kind == "string" then m = m + 1 texts[m] = key
    elseif key == true then yes = true
    elseif key == false then no = true
    else complain("pairs needs keys that have an order: numbers, texts or booleans, not a " .. kind) end
  end
  meter((n + m) / 4)
  if not sorted then sort(numbers) end
  if m > 1 then sort(texts) end
  for i = 1, m do numbers[n + i] = texts[i] end
  n = n + m
  if no then n = n + 1 numbers[n] = false end
  if yes then n = n + 1 numbers[n] = true end
  return numbers, n
end

local function ordered_pairs(t)
  if type(t) ~= "table" then complain("bad argument #1 to 'pairs' (table expected, got " .. type(t) .. ")") end
  if locked[t] then unlisted(t) end
  local meta = getmetatable(t)
  local custom = type(meta) == "table" and rawget(meta, "__pairs")
  if custom then return custom(t) end
  local keys, n = keys_of(t)
  local i = 0
  return function()
    while i < n do
      i = i + 1
      local key = keys[i]
      local value = rawget(t, key)
      if value ~= nil then return key, value end
    end
  end, t, nil
end

local function ordered_next(t, key)
  if type(t) ~= "table" then complain("bad argument #1 to 'next' (table expected, got " .. type(t) .. ")") end
  if locked[t] then unlisted(t) end
  if next(t) == nil then return nil end
  local keys, n = keys_of(t)
  if key == nil then return keys[1], rawget(t, keys[1]) end
  for i = 1, n do
    if keys[i] == key then
      if i == n then return nil end
      return keys[i + 1], rawget(t, keys[i + 1])
    end
  end
  complain("invalid key to 'next'")
end

local function before(a, b) return a < b end

-- A stable merge sort: the order of equal elements does not depend on the runtime.
local function stable_sort(list, less)
  less = less or before
  local n = #list
  meter(n)
  local from, into = {}, {}
  for i = 1, n do from[i] = list[i] end
  for low = 1, n, 8 do -- insertion sort on short stretches
    local high = low + 7 < n and low + 7 or n
    for i = low + 1, high do
      local value, j = from[i], i - 1
      while j >= low and less(value, from[j]) do
        from[j + 1] = from[j]
        j = j - 1
      end
      from[j + 1] = value
    end
  end
  local width = 8
  while width < n do
    meter(n)
    for low = 1, n, 2 * width do
      local middle = low + width <= n + 1 and low + width or n + 1
      local high = low + 2 * width <= n + 1 and low + 2 * width or n + 1
      local i, j = low, middle
      for k = low, high - 1 do
        if i < middle and (j >= high or not less(from[j], from[i])) then
          into[k] = from[i]
          i = i + 1
        else
          into[k] = from[j]
          j = j + 1
        end
      end
    end
    from, into = into, from
    width = width * 2
  end
  for i = 1, n do list[i] = from[i] end
end

local tables = {}
function tables.insert(t, ...)
  if locked[t] then refuse(t, "insert") end
  if type(t) == "table" and select("#", ...) == 2 then
    local n, place = #t, tonumber((...))
    meter(n / 16)
    if place and not (place >= 1 and place <= n + 1) then -- LuaJIT would move what is not there, one by one
      complain("bad argument #2 to 'insert' (position out of bounds: the list has " .. n .. " items)")
    end
  end
  return insert(t, ...)
end
function tables.remove(t, ...)
  if type(t) == "table" and select("#", ...) > 0 then meter(#t / 16) end
  if locked[t] then refuse(t, "remove") end
  return remove(t, ...)
end
function tables.concat(t, ...)
  if type(t) == "table" then meter(#t) end
  local result = concat(t, ...)
  charge_text(result)
  return result
end
function tables.sort(t, less)
  if type(t) ~= "table" or locked[t] then complain("bad argument #1 to 'sort' (table expected)") end
  if less ~= nil and type(less) ~= "function" then complain("bad argument #2 to 'sort' (function expected)") end
  stable_sort(t, less)
end
local function bounded_unpack(t, i, j)
  i, j = i or 1, j or #t
  if j - i >= 200 then
    if j - i >= 5000 then complain("unpack is limited to 5000 values") end
    meter(j - i)
  end
  return unpack(t, i, j)
end
tables.unpack = bounded_unpack
function tables.pack(...) return {n = select("#", ...), ...} end
if table.move then
  function tables.move(a, from, to, at, b)
    if locked[b or a] then refuse(a, "move") end
    if type(from) == "number" and type(to) == "number" then meter(to - from) end
    return table.move(a, from, to, at, b)
  end
end

-- Mathematics ----------------------------------------------------------------------------------------------
local mathematics = {
  pi = math.pi, huge = huge, abs = math.abs, ceil = math.ceil, floor = floor, fmod = math.fmod,
  max = math.max, min = math.min, modf = math.modf, sqrt = math.sqrt,
  exp = M.exp, log = M.log, log10 = M.log10, pow = M.pow, sin = M.sin, cos = M.cos, tan = M.tan,
  asin = M.asin, acos = M.acos, atan = M.atan, atan2 = M.atan,
  deg = function(x) return x * (180.0 / math.pi) end,
  rad = function(x) return x * (math.pi / 180.0) end,
  random = W.random,
  randomseed = function() end, -- the stream is keyed by world, entity and tick; a seed changes nothing
  type = math.type, tointeger = math.tointeger, ult = math.ult,
  maxinteger = math.maxinteger, mininteger = math.mininteger,
}

-- Metatables without the parts that would act outside a script's turn.
local function set_metatable(t, meta)
  if type(t) ~= "table" or locked[t] then complain("setmetatable needs a table of the script's own") end
  if meta ~= nil then
    if type(meta) ~= "table" then complain("bad argument #2 to 'setmetatable' (nil or table expected)") end
    for _, name in next, {"__gc", "__mode", "__close", "__metatable"} do
      if rawget(meta, name) ~= nil then complain("metatables have no " .. name .. " here") end
    end
  end
  return setmetatable(t, meta)
end

-- Running out of memory fails the run even where a script would catch it: it depends on the machine.
local function checked(ok, problem, ...)
  if not ok then
    if problem == "not enough memory" then W.starve() else W.observed(problem, true) end
  end
  return ok, problem, ...
end

local function handled(f, handler, ...)
  if type(handler) ~= "function" then complain("bad argument #2 to 'xpcall' (function expected)") end
  return checked(xpcall(f, function(problem) return handler(W.observed(problem)) end, ...))
end

local builtins = {
  assert = assert, error = error, ipairs = ipairs, next = ordered_next, pairs = ordered_pairs,
  pcall = function(f, ...) return checked(xpcall(f, W.observed, ...)) end, xpcall = handled,
  select = select, tonumber = tonumber, tostring = plain, type = type, unpack = bounded_unpack,
  rawequal = rawequal, rawget = rawget, rawlen = rawlen, print = W.print, setmetatable = set_metatable,
  rawset = function(t, key, value)
    if locked[t] then refuse(t, key) end
    return rawset(t, key, value)
  end,
  getmetatable = function(t)
    if type(t) ~= "table" or locked[t] then return nil end
    return getmetatable(t)
  end,
  _VERSION = W.luajit and "Lua 5.1" or "Lua 5.4",
  string = W.read_only(text, "string"), table = W.read_only(tables, "table"), math = W.read_only(mathematics, "math"),
}
if utf8 then
  local copy = {}
  for name, value in next, utf8 do copy[name] = value end
  builtins.utf8 = W.read_only(copy, "utf8")
end
getmetatable("").__index = text
W.builtins = builtins
