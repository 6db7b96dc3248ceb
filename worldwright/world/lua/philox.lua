-- Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011), the same numbers on LuaJIT and Lua 5.4.
-- Reads nothing. Sets W.words(c0,c1,c2,c3,k0,k1) -> four 32-bit words,
-- W.uniforms(same) -> two doubles in [0, 1) of 53 bits each, and W.key(k0, k1, text) -> the key of a name.
-- Words are signed on LuaJIT (as `bit` makes them) and unsigned on 5.4; W.unsigned() evens that out.
local W = ...
local byte, floor = string.byte, math.floor
local compile = loadstring or load

local body, head
if W.luajit then
  -- In 64-bit numbers, which LuaJIT keeps in registers once it compiles: nine times as fast as with doubles.
  head = "local band, bxor, rshift, tobit = ... local A, B, KA, KB, M = "
    .. "0xD2511F53ULL, 0xCD9E8D57ULL, 0x9E3779B9ULL, 0xBB67AE85ULL, 0xffffffffULL "
  body = [[
    local p, q = A * c0, B * c2
    c0, c1, c2, c3 = bxor(rshift(q, 32), c1, k0), band(q, M), bxor(rshift(p, 32), c3, k1), band(p, M)
    k0, k1 = band(k0 + KA, M), band(k1 + KB, M)
  ]]
else
  head = "local _ = ... "
  body = [[
    local p, q = 0xD2511F53 * c0, 0xCD9E8D57 * c2
    c0, c1, c2, c3 = (q >> 32) ~ c1 ~ k0, q & 0xffffffff, (p >> 32) ~ c3 ~ k1, p & 0xffffffff
    k0, k1 = (k0 + 0x9E3779B9) & 0xffffffff, (k1 + 0xBB67AE85) & 0xffffffff
  ]]
end
local rounds = "do " .. string.rep(body .. " end do ", 9) .. body .. " end "
local normal = "c0, c1, c2, c3 = c0 | 0, c1 | 0, c2 | 0, c3 | 0 "
local whole, unit = "c0, c1, c2, c3", "((c0 >> 5) * 67108864 + (c1 >> 6)) * 2.0^-53, ((c2 >> 5) * 67108864 + (c3 >> 6)) * 2.0^-53"
if W.luajit then
  normal = "c0, c1, c2, c3 = band(tobit(c0), M), band(tobit(c1), M), band(tobit(c2), M), band(tobit(c3), M) "
    .. "k0, k1 = band(tobit(k0), M), band(tobit(k1), M) "
  whole = "tobit(tonumber(c0)), tobit(tonumber(c1)), tobit(tonumber(c2)), tobit(tonumber(c3))"
  unit = "(tonumber(rshift(c0, 5)) * 67108864 + tonumber(rshift(c1, 6))) * 2^-53, "
    .. "(tonumber(rshift(c2, 5)) * 67108864 + tonumber(rshift(c3, 6))) * 2^-53"
end
local source = head
  .. "return function(c0, c1, c2, c3, k0, k1) " .. normal .. rounds .. " return " .. whole .. " end, "
  .. "function(c0, c1, c2, c3, k0, k1) " .. normal .. rounds .. " return " .. unit .. " end"
local bit = W.luajit and require("bit") or {}
W.words, W.uniforms = assert(compile(source, "=philox"))(bit.band, bit.bxor, bit.rshift, bit.tobit)

local words = W.words

--- A word as a number from 0 to 2^32 - 1.
function W.unsigned(word)
  return floor(word % 4294967296)
end

--- The key of `text` under the key (k0, k1): its bytes, eight at a time, chained through Philox
-- after their number, as in a CBC-MAC with the length in front.
function W.key(k0, k1, text)
  local a, b = #text, 0
  for i = 1, #text > 0 and #text or 1, 8 do
    local b1, b2, b3, b4, b5, b6, b7, b8 = byte(text, i, i + 7)
    a, b = words(
      (b1 or 0) + (b2 or 0) * 256 + (b3 or 0) * 65536 + (b4 or 0) * 16777216,
      (b5 or 0) + (b6 or 0) * 256 + (b7 or 0) * 65536 + (b8 or 0) * 16777216, a, b, k0, k1)
  end
  return a, b
end
