-- Elementary functions from + - * / alone, so that every x86-64 machine and both runtimes give the same bits.
-- (The C library changes bits with CPU features; LuaJIT computes x^2 differently once it is compiled.)
-- Reads nothing. Sets W.mathematics: exp, log, log10, pow, sin, cos, tan, asin, acos, atan, sqrt.
-- exp, the kernels of sin and cos, and atan follow fdlibm (Sun Microsystems 1993); log and pow work in
-- double-double with Dekker's products. Errors stay below about one unit in the last place; sin, cos and tan
-- lose accuracy for arguments beyond 2^50.
local W = ...
local floor, sqrt, fmod, huge = math.floor, math.sqrt, math.fmod, math.huge

local NAN = 0 / 0
local two = {}
do
  local up, down = 1.0, 1.0
  for k = 0, 1023 do two[k], up = up, up * 2.0 end
  for k = 1, 1074 do down = down / 2.0; two[-k] = down end
end

local function scale(x, k)
  if k > 1023 then return x * two[1023] * two[k - 1023 > 1023 and 1023 or k - 1023] end
  if k < -1022 then return x * two[-1000] * two[k + 1000 < -1074 and -1074 or k + 1000] end
  return x * two[k]
end

-- x = m * 2^k with m in [1/sqrt 2, sqrt 2), for finite positive x.
local function split(x)
  local k = 0
  if x < two[-1000] then x, k = x * two[512] * two[512], -1024 end
  local step = 512
  if x >= 1.0 then
    while step >= 1 do
      if x >= two[step] then x, k = x * two[-step], k + step end
      step = (step - step % 2) / 2
    end
  else
    while step >= 1 do
      if x < two[-step] then x, k = x * two[step], k - step end
      step = (step - step % 2) / 2
    end
    -- now 1/2 <= x < 1, or x is exactly a power that the steps left at 1/2
  end
  if x >= 1.4142135623730951 then x, k = x * 0.5, k + 1 end
  if x < 0.7071067811865476 then x, k = x * 2.0, k - 1 end
  return x, floor(k)
end

local function product(a, b)
  local p = a * b
  local c = 134217729.0 * a
  local ah = c - (c - a)
  c = 134217729.0 * b
  local bh = c - (c - b)
  local al, bl = a - ah, b - bh
  return p, ((ah * bh - p) + ah * bl + al * bh) + al * bl
end

local function sum(a, b)
  local s = a + b
  local t = s - a
  return s, (a - (s - t)) + (b - t)
end

local function exp(x)
  x = x * 1.0
  if x ~= x then return x end
  if x > 709.782712893384 then return huge end
  if x < -745.1332191019412 then return 0.0 end
  local k = floor(x * 1.4426950408889634 + 0.5)
  local hi, lo = x - k * 6.93147180369123816490e-01, k * 1.90821492927058770002e-10
  local r = hi - lo
  local t = r * r
  local c = r - t * (1.66666666666666019037e-01 + t * (-2.77777777770155933842e-03
    + t * (6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))))
  return scale(1.0 - ((lo - (r * c) / (2.0 - c)) - hi), k)
end

-- log x as an unevaluated sum of two doubles, for finite positive x.
local function logarithm(x)
  local m, k = split(x)
  local n = m - 1.0
  local d, e = sum(m, 1.0)
  local s = n / d
  local p, pe = product(s, d)
  local sl = ((n - p) - pe - s * e) / d
  local z, zl = product(s, s)
  zl = zl + 2.0 * s * sl
  local q = z * (0.2 + z * (1 / 7 + z * (1 / 9 + z * (1 / 11 + z * (1 / 13 + z * (1 / 15
    + z * (1 / 17 + z * (1 / 19 + z * (1 / 21 + z * (1 / 23 + z * (1 / 25)))))))))))
  local u, ul = sum(1 / 3, q)
  ul = ul + 1.850371707708594e-17
  local v, vl = product(z, u)
  vl = vl + z * ul + zl * u
  local w, wl = product(2.0 * s, v)
  wl = wl + 2.0 * s * vl + 2.0 * sl * v
  local h, l = sum(2.0 * s, w)
  l = l + wl + 2.0 * sl
  local g, gl = sum(k * 6.93147180369123816490e-01, h)
  l = l + gl
  return sum(g, l + k * 1.90821492927058770002e-10)
end

local LN10, LN10_LOW = 2.302585092994046, -2.1707562233822494e-16

local function log(x, base)
  x = x * 1.0
  if base ~= nil then
    base = base * 1.0
    if not (x > 0.0 and base > 0.0 and x < huge and base < huge) then
      return log(x) / log(base)
    end
    local h, l = logarithm(x)
    local b, bl = logarithm(base)
    local q = h / b
    local p, pe = product(q, b)
    return q + ((h - p) - pe + l - q * bl) / b
  end
  if x > 0.0 and x < huge then
    return (logarithm(x))
  end
  if x == 0.0 then return -huge end
  if x == huge then return huge end
  return NAN
end

local function log10(x)
  x = x * 1.0
  if not (x > 0.0 and x < huge) then return log(x) end
  local h, l = logarithm(x)
  local q = h / LN10
  local p, pe = product(q, LN10)
  return q + ((h - p) - pe + l - q * LN10_LOW) / LN10
end

-- x^n for a small whole n by repeated squaring in double-double: exact where the result is.
local function whole(x, n)
  local h, l, b, bl = 1.0, 0.0, x, 0.0
  local m = n < 0 and -n or n
  while true do
    if m % 2 == 1 then
      local p, pe = product(h, b)
      h, l = sum(p, pe + h * bl + l * b)
    end
    m = (m - m % 2) / 2
    if m == 0 then break end
    local p, pe = product(b, b)
    b, bl = sum(p, pe + 2.0 * b * bl)
  end
  if n < 0 then
    local q = 1.0 / h
    local p, pe = product(q, h)
    return q + ((1.0 - p) - pe - q * l) / h
  end
  return h + l
end

local function pow(x, y)
  x, y = x * 1.0, y * 1.0
  if y == 2.0 then return x * x end
  if y == 1.0 then return x end
  if y == 0.0 or x == 1.0 then return 1.0 end
  if x ~= x or y ~= y then return NAN end
  if y == huge or y == -huge then
    local a = x < 0.0 and -x or x
    if a == 1.0 then return 1.0 end
    return (a > 1.0) == (y > 0.0) and huge or 0.0
  end
  local integral = y == floor(y)
  local odd = integral and y % 2.0 == 1.0
  if x == 0.0 then
    if y > 0.0 then return odd and x or 0.0 end
    return odd and 1.0 / x or huge
  end
  if x == huge then return y > 0.0 and huge or 0.0 end
  if x == -huge then
    if y > 0.0 then return odd and -huge or huge end
    return odd and -0.0 or 0.0
  end
  if x < 0.0 then
    if not integral then return NAN end
    local z = pow(-x, y)
    return odd and -z or z
  end
  if y == 0.5 then return sqrt(x) end
  if integral and y <= 1024.0 and y >= -1024.0 then
    local _, k = split(x)
    local reach = (y < 0.0 and -y or y) * ((k < 0 and -k or k) + 1)
    if reach < 900.0 then return whole(x, y) end
  end
  local h, l = logarithm(x)
  if y * h > 710.0 then return huge end
  if y * h < -746.0 then return 0.0 end
  local p, pe = product(y, h)
  local z = exp(p)
  if z == huge or z == 0.0 then return z end
  return z + z * (pe + y * l)
end

-- x = n * pi/2 + (r + rl), n modulo 4
local function reduce(x)
  if x <= 0.7853981633974483 and x >= -0.7853981633974483 then return 0, x, 0.0 end
  if x > 1125899906842624.0 or x < -1125899906842624.0 then x = fmod(x, 6.283185307179586) end
  local n = floor(x * 0.6366197723675814 + 0.5) + 0.0
  local p, pe = product(n, 1.5707963267948966)
  local r, rl = sum(x, -p)
  local q, qe = product(n, 6.123233995736766e-17)
  local s, sl = sum(r, -pe)
  local t, tl = sum(s, -q)
  r, rl = sum(t, rl + sl + tl - qe - n * -1.497384904859169777e-33)
  return n % 4.0, r, rl
end

local function sine(x, y)
  local z = x * x
  local v = z * x
  local r = 8.33333333332248946124e-03 + z * (-1.98412698298579493134e-04 + z * (2.75573137070700676789e-06
    + z * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10)))
  return x - ((z * (0.5 * y - v * r) - y) - v * -1.66666666666666324348e-01)
end

local function cosine(x, y)
  local z = x * x
  local r = z * (4.16666666666666019037e-02 + z * (-1.38888888888741095749e-03 + z * (2.48015872894767294178e-05
    + z * (-2.75573143513906633035e-07 + z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11)))))
  local h = 0.5 * z
  local w = 1.0 - h
  return w + (((1.0 - w) - h) + (z * r - x * y))
end

local function sin(x)
  x = x * 1.0
  if x ~= x or x == huge or x == -huge then return NAN end
  local n, r, l = reduce(x)
  if n == 0 then return sine(r, l) end
  if n == 1 then return cosine(r, l) end
  if n == 2 then return -sine(r, l) end
  return -cosine(r, l)
end

local function cos(x)
  x = x * 1.0
  if x ~= x or x == huge or x == -huge then return NAN end
  local n, r, l = reduce(x)
  if n == 0 then return cosine(r, l) end
  if n == 1 then return -sine(r, l) end
  if n == 2 then return -cosine(r, l) end
  return sine(r, l)
end

local function tan(x)
  return sin(x) / cos(x)
end

local function arc(x)
  if x < 0.0 then return -arc(-x) end
  if x ~= x then return x end
  if x == 0.0 then return x end
  if x > 7.3786976294838206e19 then return 1.5707963267948966 end
  local hi, lo
  if x < 0.4375 then
    hi, lo = nil, nil
  elseif x < 0.6875 then
    x, hi, lo = (2.0 * x - 1.0) / (2.0 + x), 4.63647609000806093515e-01, 2.26987774529616870924e-17
  elseif x < 1.1875 then
    x, hi, lo = (x - 1.0) / (x + 1.0), 7.85398163397448278999e-01, 3.06161699786838301793e-17
  elseif x < 2.4375 then
    x, hi, lo = (x - 1.5) / (1.0 + 1.5 * x), 9.82793723247329054082e-01, 1.39033110312309984516e-17
  else
    x, hi, lo = -1.0 / x, 1.57079632679489655800e+00, 6.12323399573676603587e-17
  end
  local z = x * x
  local w = z * z
  local a = z * (3.33333333333329318027e-01 + w * (1.42857142725034663711e-01 + w * (9.09088713343650656196e-02
    + w * (6.66107313738753120669e-02 + w * (4.97687799461593236017e-02 + w * 1.62858201153657823623e-02)))))
  local b = w * (-1.99999999998764832476e-01 + w * (-1.11111104054623557880e-01 + w * (-7.69187620504482999495e-02
    + w * (-5.83357013379057348645e-02 + w * -3.65315727442169155270e-02))))
  if not hi then return x - x * (a + b) end
  return hi - ((x * (a + b) - lo) - x)
end

local PI, HALF = 3.141592653589793, 1.5707963267948966

-- atan(y) or the angle of the point (x, y), as Lua 5.4's math.atan(y, x) and C's atan2.
local function atan(y, x)
  y = y * 1.0
  if x == nil then return arc(y) end
  x = x * 1.0
  if x ~= x or y ~= y then return NAN end
  local below = y < 0.0 or (y == 0.0 and 1.0 / y < 0.0)
  local left = x < 0.0 or (x == 0.0 and 1.0 / x < 0.0)
  local a, b = y < 0.0 and -y or y, x < 0.0 and -x or x
  local angle
  if a == 0.0 then angle = 0.0
  elseif b == 0.0 then angle = HALF
  elseif a == huge then angle = b == huge and HALF / 2 or HALF
  elseif b == huge then angle = 0.0
  else angle = arc(a / b) end
  if left then angle = PI - (angle - 1.2246467991473532e-16) end
  return below and -angle or angle
end

local function asin(x)
  x = x * 1.0
  if x ~= x or x > 1.0 or x < -1.0 then return NAN end
  return atan(x, sqrt((1.0 - x) * (1.0 + x)))
end

local function acos(x)
  x = x * 1.0
  if x ~= x or x > 1.0 or x < -1.0 then return NAN end
  return 2.0 * atan(sqrt(1.0 - x), sqrt(1.0 + x))
end

W.mathematics = {
  exp = exp, log = log, log10 = log10, pow = pow, sin = sin, cos = cos, tan = tan,
  asin = asin, acos = acos, atan = atan, sqrt = sqrt,
}
