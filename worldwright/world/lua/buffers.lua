-- Arrays across the border between Python and Lua, as strings of little-endian numbers.
-- Reads W.luajit. Sets W.doubles / W.bytes / W.int32s (Lua array -> string) and
-- W.reader(kind, string) -> function(i) giving element i, counted from 0; kinds: f8, i4, u1.
local W = ...
local concat, char, byte = table.concat, string.char, string.byte
local unpack = table.unpack or unpack

if W.luajit then
  local ffi = require("ffi")
  local function packer(ctype, size)
    local array = ffi.typeof(ctype .. "[?]")
    return function(values, n)
      local out = array(n)
      for i = 1, n do out[i - 1] = values[i] end
      return ffi.string(out, n * size)
    end
  end
  W.doubles, W.int32s, W.bytes = packer("double", 8), packer("int32_t", 4), packer("uint8_t", 1)
  local pointers = {f8 = "const double*", i4 = "const int32_t*", u1 = "const uint8_t*"}
  function W.reader(kind, text)
    local pointer = ffi.cast(pointers[kind], text)
    return function(i)
      local _ = text -- keeps the bytes alive
      return pointer[i]
    end
  end
else
  local pack, decode = string.pack, string.unpack
  local function packer(code)
    return function(values, n)
      local parts = {}
      for from = 1, n, 200 do
        local to = from + 199 < n and from + 199 or n
        parts[#parts + 1] = pack("<" .. string.rep(code, to - from + 1), unpack(values, from, to))
      end
      return concat(parts)
    end
  end
  W.doubles, W.int32s, W.bytes = packer("d"), packer("i4"), packer("B")
  local codes = {f8 = {"<d", 8}, i4 = {"<i4", 4}}
  function W.reader(kind, text)
    if kind == "u1" then
      return function(i) return byte(text, i + 1) end
    end
    local code, size = codes[kind][1], codes[kind][2]
    return function(i) return (decode(code, text, i * size + 1)) end
  end
end
