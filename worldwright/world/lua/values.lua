-- Values of scripts as streams of numbers, and back without loss: whole numbers stay whole, -0 and NaN stay, a table
-- that appears twice (or in itself) is one table again. Equal values give equal streams: keys go in one order.
-- Reads W.doubles, W.int32s, W.bytes, W.reader. Sets W.value_writer() and W.value_reader(streams).
local W = ...
local type, next, rawget, rawlen = type, next, rawget, rawlen or function(t) return #t end
local getmetatable, error, pcall, tostring, format = getmetatable, error, pcall, tostring, string.format
local floor, sort, concat = math.floor, table.sort, table.concat
local integer_kind, to_integer = math.type, math.tointeger

local NIL, FALSE, TRUE, NUMBER, INTEGER, LONG, TEXT, TABLE, AGAIN, KIND = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
local DEEPEST = 150
local EXACT = 9007199254740992

local sized = W.luajit and require("table.new") or function() return {} end

-- LuaJIT: a function of its own for each shape of plain named values, without a loop, so that it compiles together
-- with the loop over entities. It writes the table and gives true, or writes nothing: other keys, or no plain values.
local FLAT = 12

local function flat_writer(shape)
  local fetch, test, put, steps = {}, {}, {}, {}
  for i = 1, shape.n do
    fetch[i] = format("local v%d = t[%q] local k%d = type(v%d)", i, shape[i], i, i)
    test[i] = format("(k%d == 'number' or k%d == 'string' or k%d == 'boolean')", i, i, i)
    put[i] = format([[
      if k%d == 'number' then tags[a + %d], numbers[b] = NUMBER, v%d b = b + 1
      elseif k%d == 'string' then tags[a + %d], words[c] = TEXT, text_at[v%d] or text(v%d) c = c + 1
      else tags[a + %d] = v%d and TRUE or FALSE end]], i, i, i, i, i, i, i, i, i)
    steps[i] = "k = next(t, k) if k == nil then return false end"
  end
  steps[shape.n] = "if next(t, k) ~= nil then return false end"
  local source = "local tags, numbers, words, text_at, text, at, NUMBER, TEXT, TRUE, FALSE, TABLE, next, type = ... "
    .. "return function(t) local k = next(t) if k == nil then return false end " .. concat(steps, " ") .. " "
    .. concat(fetch, " ") .. " if not (" .. concat(test, " and ") .. ") then return false end "
    .. "local a, b, c = at.t + 1, at.n + 1, at.x + 3 "
    .. format("tags[a], words[c - 2], words[c - 1] = TABLE, 0, %d ", shape.number) .. concat(put, " ")
    .. format(" at.t, at.n, at.x = a + %d, b - 1, c - 1 return true end", shape.n)
  return loadstring(source, "=shape")
end

local function key_name(key)
  return type(key) == "string" and "." .. key or "[" .. tostring(key) .. "]"
end

-- Keys in one order: numbers, texts, false, true; those of the list part (1 to n) are left out.
local function other_keys(t, n)
  local numbers, texts, m, k = {}, {}, 0, 0
  local no, yes = false, false
  for key in next, t do
    local kind = type(key)
    if kind == "number" then
      if not (key >= 1 and key <= n and key == floor(key)) then m = m + 1 numbers[m] = key end
    elseif kind == "string" then k = k + 1 texts[k] = key
    elseif key == true then yes = true
    elseif key == false then no = true
    else error("has a key that is a " .. kind, 0) end
  end
  sort(numbers)
  sort(texts)
  for i = 1, k do numbers[m + i] = texts[i] end
  m = m + k
  if no then m = m + 1 numbers[m] = false end
  if yes then m = m + 1 numbers[m] = true end
  return numbers, m
end

--- A writer: `put(value, lenient)` appends a value and gives nil, or what cannot be kept and where it is in the
-- value; lenient leaves functions out and overlooks metatables. `text(s)` gives a text's number (from 0),
-- `word(n)` appends a number to the words, `take()` gives the streams.
function W.value_writer()
  local size = W.state.n -- a guess that spares most of the growing
  local tags, numbers, words, at = sized(8 * size, 0), sized(4 * size, 0), sized(4 * size, 0), {t = 0, n = 0, x = 0}
  local texts, text_at, text_n = sized(size, 0), sized(0, size), 0
  local seen, seen_n = {}, 0
  local shapes, guess, shape_n, shape_list = {}, {}, 0, {}
  local trail, forgiving, latest = {}, false, nil
  local self = {}

  for i = 1, #W.state.kinds do seen[W.state.kinds[i]] = -i end

  local function text(s)
    local number = text_at[s]
    if not number then
      number = text_n
      text_n = text_n + 1
      texts[text_n], text_at[s] = s, number
    end
    return number
  end

  local put

  -- Most of what scripts remember: written here, without a call. False for everything else.
  local put_plain
  if integer_kind then
    function put_plain(value)
      local kind = type(value)
      if kind == "number" then
        at.t, at.n = at.t + 1, at.n + 1
        if integer_kind(value) == "integer" then
          if value > EXACT or value < -EXACT then
            at.n, at.x = at.n - 1, at.x + 1
            tags[at.t], words[at.x] = LONG, text(format("%d", value))
            return true
          end
          tags[at.t] = INTEGER
        else
          tags[at.t] = NUMBER
        end
        numbers[at.n] = value
        return true
      elseif kind == "string" then
        at.t, at.x = at.t + 1, at.x + 1
        tags[at.t], words[at.x] = TEXT, text_at[value] or text(value)
        return true
      elseif kind == "boolean" then
        at.t = at.t + 1
        tags[at.t] = value and TRUE or FALSE
        return true
      end
      return false
    end
  else
    function put_plain(value)
      local kind = type(value)
      if kind == "number" then
        at.t, at.n = at.t + 1, at.n + 1
        tags[at.t], numbers[at.n] = NUMBER, value
        return true
      elseif kind == "string" then
        at.t, at.x = at.t + 1, at.x + 1
        tags[at.t], words[at.x] = TEXT, text_at[value] or text(value)
        return true
      elseif kind == "boolean" then
        at.t = at.t + 1
        tags[at.t] = value and TRUE or FALSE
        return true
      end
      return false
    end
  end

  -- Tables that have the same keys share one list of them, a shape.
  local function shape_of(t, n, count)
    local known = guess[count]
    if known then
      local same = true
      for i = 1, count do
        if rawget(t, known[i]) == nil then same = false break end
      end
      -- as many keys as the shape has, and all of the shape's: then they are the shape's
      if same and (n == 0 or known.plain) then return known end
    end
    local keys, m = other_keys(t, n)
    local parts, plain = {}, true
    for i = 1, m do
      local key = keys[i]
      local kind = type(key)
      if kind == "string" then parts[i] = "s" .. text(key)
      elseif kind == "number" then
        plain = false
        parts[i] = (integer_kind and integer_kind(key) == "integer" and "i" or "n") .. format("%.17g", key)
      else plain = false parts[i] = tostring(key) end
    end
    local signature = concat(parts, ",")
    local shape = shapes[signature]
    if not shape then
      shape = keys
      shape.n, shape.plain, shape.number = m, plain, shape_n
      shape_n = shape_n + 1
      shapes[signature], shape_list[shape_n] = shape, shape
      if W.luajit and plain and n == 0 and m > 0 and m <= FLAT then
        shape.flat = flat_writer(shape)(
          tags, numbers, words, text_at, text, at, NUMBER, TEXT, TRUE, FALSE, TABLE, next, type)
      end
    end
    guess[m] = shape
    return shape
  end

  local function put_table(t, depth)
    -- The outermost table is remembered only once it turns out to hold another: nothing else can lead back to it.
    local again = depth > 1 and seen[t]
    if again then
      at.t, at.x = at.t + 1, at.x + 1
      if again < 0 then tags[at.t], words[at.x] = KIND, -again else tags[at.t], words[at.x] = AGAIN, again end
      return
    end
    if depth > DEEPEST then error("is nested deeper than " .. DEEPEST .. " levels", 0) end
    if not forgiving and getmetatable(t) then error("has a metatable", 0) end
    local own_number, flat = seen_n, depth == 1
    if depth > 1 then seen[t] = own_number end
    seen_n = own_number + 1
    local n, count = rawlen(t), 0
    for _ in next, t do count = count + 1 end
    local listed = n
    if n > 0 then
      for i = 1, n do
        if rawget(t, i) == nil then listed = listed - 1 end
      end
    end
    local shape = shape_of(t, n, count - listed)
    at.t = at.t + 1
    tags[at.t], words[at.x + 1], words[at.x + 2] = TABLE, listed < n and -n or n, shape.number
    at.x = at.x + 2
    for i = 1, n do
      local value = rawget(t, i)
      if not put_plain(value) then
        trail[depth] = i
        if depth == 1 then seen[t], flat = own_number, false end
        put(value, depth)
      end
    end
    for i = 1, shape.n do
      local value = rawget(t, shape[i])
      if not put_plain(value) then
        trail[depth] = shape[i]
        if depth == 1 then seen[t], flat = own_number, false end
        put(value, depth)
      end
    end
    if flat then latest = shape.flat end
  end

  function put(value, depth)
    local kind = type(value)
    if kind == "table" then return put_table(value, depth + 1) end
    if kind ~= "nil" and not forgiving then error("is a " .. kind, 0) end
    at.t = at.t + 1
    tags[at.t] = NIL
  end

  function self.put(value, lenient)
    local t0, n0, x0, s0 = at.t, at.n, at.x, seen_n
    if latest and type(value) == "table" and not getmetatable(value) and latest(value) then
      seen_n = seen_n + 1
      return nil
    end
    forgiving = lenient
    if put_plain(value) then return nil end
    if value == nil then
      at.t = at.t + 1
      tags[at.t] = NIL
      return nil
    end
    for i = 1, #trail do trail[i] = nil end
    local ok, problem = pcall(put, value, 0)
    if ok then return nil end
    if problem == "not enough memory" then error(problem, 0) end
    at.t, at.n, at.x = t0, n0, x0
    for t, number in next, seen do
      if number >= s0 then seen[t] = nil end
    end
    seen_n = s0
    local path = {}
    for i = 1, #trail do path[i] = key_name(trail[i]) end
    return problem, concat(path)
  end

  self.text = text

  function self.take()
    local lengths, shape_words, kinds = {}, {}, {}
    for i = 1, shape_n do -- the keys of the shapes are values like others
      local shape = shape_list[i]
      shape_words[i] = shape.n
      for j = 1, shape.n do kinds[#kinds + 1] = shape[j] end
    end
    local from_t, from_n, from_x = at.t, at.n, at.x
    forgiving = false
    for i = 1, #kinds do put_plain(kinds[i]) end
    for i = 1, text_n do lengths[i] = #texts[i] end
    return {
      tags = W.bytes(tags, at.t), numbers = W.doubles(numbers, at.n), words = W.int32s(words, at.x),
      shapes = W.int32s(shape_words, shape_n), starts = W.int32s({from_t, from_n, from_x}, 3),
      lengths = W.int32s(lengths, text_n), texts = concat(texts, "", 1, text_n),
    }, {tags = at.t, shapes = shape_n, texts = text_n, tables = seen_n}
  end

  return self
end

-- The length of a table with holes follows from where its values lie: n in its list part, m elsewhere.
local makers = {}

local function with_room(n, m)
  if W.luajit then return sized(n, m) end
  if n > 0 then
    local t = {}
    for i = 1, n do t[i] = false end
    return {table.unpack(t, 1, n)}
  end
  local room = 1
  while room < m do room = 2 * room end
  local make = makers[room]
  if not make then -- a constructor with so many names makes room for them
    local names = {}
    for i = 1, room do names[i] = "a" .. i .. "=nil" end
    make = load("return {" .. concat(names, ",") .. "}", "=room", "t", {})
    makers[room] = make
  end
  return make()
end

-- A reader that does not read beyond what is there: a snapshot may have been made by anybody.
local function bounded(kind, bytes, size)
  local read, n = W.reader(kind, bytes), #bytes / size
  return function(i)
    if i < 0 or i >= n then error("the snapshot does not fit itself", 0) end
    return read(i)
  end
end

--- A reader of what a writer gave: `next()` gives one value after another, `text(number)` a text.
function W.value_reader(streams, sizes)
  local tag, number, word = bounded("u1", streams.tags, 1), bounded("f8", streams.numbers, 8), bounded("i4", streams.words, 4)
  local lengths, starts = bounded("i4", streams.lengths, 4), bounded("i4", streams.starts, 4)
  local kinds = W.state.kinds
  local texts, from = {}, 1
  for i = 0, sizes.texts - 1 do
    local size = lengths(i)
    texts[i] = string.sub(streams.texts, from, from + size - 1)
    from = from + size
  end
  local shapes, tables, table_n = {}, {}, 0
  local t_at, n_at, x_at = starts(0), starts(1), starts(2)
  local take

  local function take_table()
    local n, shape = word(x_at), shapes[word(x_at + 1)]
    x_at = x_at + 2
    local t
    if n < 0 or not shape.plain then
      n = n < 0 and -n or n
      if n > #streams.tags then error("the snapshot does not fit itself", 0) end
      t = n + shape.n <= 100000 and with_room(n, shape.n) or {}
    else
      t = {}
    end
    tables[table_n] = t
    table_n = table_n + 1
    for i = 1, n do t[i] = take() end
    for i = 1, shape.n do t[shape[i]] = take() end
    return t
  end

  function take()
    local kind = tag(t_at)
    t_at = t_at + 1
    if kind == NUMBER then
      n_at = n_at + 1
      return number(n_at - 1)
    elseif kind == TEXT then
      x_at = x_at + 1
      return texts[word(x_at - 1)]
    elseif kind == TABLE then return take_table()
    elseif kind == FALSE then return false
    elseif kind == TRUE then return true
    elseif kind == INTEGER then
      n_at = n_at + 1
      return to_integer(number(n_at - 1))
    elseif kind == AGAIN then
      x_at = x_at + 1
      return tables[word(x_at - 1)]
    elseif kind == KIND then
      x_at = x_at + 1
      return kinds[word(x_at - 1)]
    elseif kind == LONG then
      x_at = x_at + 1
      return to_integer(texts[word(x_at - 1)])
    end
    return nil
  end

  local shape_sizes = bounded("i4", streams.shapes, 4)
  for i = 0, sizes.shapes - 1 do
    local shape = {n = shape_sizes(i), plain = true}
    for j = 1, shape.n do
      shape[j] = take()
      if type(shape[j]) ~= "string" then shape.plain = false end
    end
    shapes[i] = shape
  end
  t_at, n_at, x_at = 0, 0, 0
  return {next = take, text = function(i) return texts[i] end}
end
