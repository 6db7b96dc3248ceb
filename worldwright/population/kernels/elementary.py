"""exp, log and the normal distribution, from + - * / and bit moves alone.

Sources: exp and log follow the algorithms of FDLIBM (Sun Microsystems, 1993; freely distributable
provided this notice is preserved); the normal distribution function is W. J. Cody's rational
approximation (1969; ACM TOMS algorithm 715); its inverse is algorithm AS 241, PPND16 (Wichura 1988).
expm1 and log1p use W. Kahan's device.
"""

from __future__ import annotations

import math

import numpy as np

from worldwright.population.compiled import inlined, kernel
from worldwright.population.values import Floats

_INF = math.inf
_NAN = math.nan
_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_INV_LN2 = 1.44269504088896338700
_INV_SQRT_2PI = 0.398942280401432677939946
_SQRT_32 = 5.656854249492380195206754896838
_BIAS = np.int64(1023)
_52 = np.int64(52)
_FRACTION = np.int64(0x000FFFFFFFFFFFFF)
_SQRT_HALF = np.int64(0x3FE6A09E667F3BCD)
_ONE_BITS = np.int64(0x3FF0000000000000)


@inlined
def exp(x: float) -> float:
    """e**x, within 1 unit in the last place."""
    if x != x:
        return x
    if x > 709.782712893384:
        return _INF
    if x < -745.1332191019412:
        return 0.0
    k = np.floor(x * _INV_LN2 + 0.5)
    high = x - k * _LN2_HIGH
    low = k * _LN2_LOW
    r = high - low
    t = r * r
    c = r - t * (
        1.66666666666666019037e-01
        + t
        * (
            -2.77777777770155933842e-03
            + t
            * (
                6.61375632143793436117e-05
                + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08)
            )
        )
    )
    y = 1.0 - ((low - (r * c) / (2.0 - c)) - high)
    n = np.int64(k)
    half = n >> np.int64(1)
    first = np.int64((half + _BIAS) << _52).view(np.float64)
    second = np.int64((n - half + _BIAS) << _52).view(np.float64)
    return y * first * second


@inlined
def log(x: float) -> float:
    """The natural logarithm, within 1 unit in the last place; −inf at 0, NaN below."""
    if not (x > 0.0):
        return -_INF if x == 0.0 else _NAN
    if x == _INF:
        return x
    shift = np.int64(0)
    if x < 2.2250738585072014e-308:
        x = x * 18014398509481984.0
        shift = np.int64(-54)
    bits = np.float64(x).view(np.int64)
    offset = bits - _SQRT_HALF
    k = offset >> _52
    m = np.int64(bits - (k << _52)).view(np.float64)
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    t1 = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    t2 = z * (
        6.666666666666735130e-01
        + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01))
    )
    half = 0.5 * f * f
    e = np.float64(k + shift)
    return e * _LN2_HIGH - ((half - (s * (half + (t1 + t2)) + e * _LN2_LOW)) - f)


@inlined
def expm1(x: float) -> float:
    """e**x − 1 without cancellation."""
    if -1e-5 < x < 1e-5:
        return x + x * x * (0.5 + x * (1.0 / 6.0))
    if x < -37.5:
        return -1.0
    if x > 37.5:
        return exp(x)
    u = exp(x)
    if u == 1.0:
        return x
    return (u - 1.0) * (x / log(u))


@inlined
def log1p(x: float) -> float:
    """log(1 + x) without cancellation."""
    y = 1.0 + x
    if y == 1.0:
        return x
    if not (y > 0.0) or y == _INF:
        return log(y)
    return log(y) * (x / (y - 1.0))


@inlined
def _gauss(y: float) -> float:
    """exp(−y²/2), with the rounding error of y² (Dekker 1971) made good: the exponential would magnify it."""
    square = y * y
    split = 134217729.0 * y
    high = split - (split - y)
    low = y - high
    error = ((high * high - square) + 2.0 * high * low) + low * low
    return exp(-0.5 * square) * (1.0 - 0.5 * error)


@inlined
def _far_tail(y: float) -> float:
    """The normal law's probability beyond y ≥ 0.67448975."""
    if y <= _SQRT_32:
        top = 1.0765576773720192317e-8 * y + 0.39894151208813466764
        top = top * y + 8.8831497943883759412
        top = top * y + 93.506656132177855979
        top = top * y + 597.27027639480026226
        top = top * y + 2494.5375852903726711
        top = top * y + 6848.1904505362823326
        top = top * y + 11602.651437647350124
        top = top * y + 9842.7148383839780218
        bottom = y + 22.266688044328115691
        bottom = bottom * y + 235.38790178262499861
        bottom = bottom * y + 1519.377599407554805
        bottom = bottom * y + 6485.558298266760755
        bottom = bottom * y + 18615.571640885098091
        bottom = bottom * y + 34900.952721145977266
        bottom = bottom * y + 38912.003286093271411
        bottom = bottom * y + 19685.429676859990727
        return _gauss(y) * (top / bottom)
    if y < 38.6:
        s = 1.0 / (y * y)
        top = 0.02307344176494017303 * s + 0.21589853405795699
        top = top * s + 0.1274011611602473639
        top = top * s + 0.022235277870649807
        top = top * s + 0.001421619193227893466
        top = top * s + 2.9112874951168792e-5
        bottom = s + 1.28426009614491121
        bottom = bottom * s + 0.468238212480865118
        bottom = bottom * s + 0.0659881378689285515
        bottom = bottom * s + 0.00378239633202758244
        bottom = bottom * s + 7.29751555083966205e-5
        return _gauss(y) * ((_INV_SQRT_2PI - s * (top / bottom)) / y)
    if y != y:
        return y
    return 0.0


@inlined
def normal_tails(x: float) -> tuple[float, float]:
    """The standard normal law's probability below and above x, each keeping its digits where small."""
    if -0.67448975 <= x <= 0.67448975:
        s = x * x
        top = 0.065682337918207449113 * s + 2.2352520354606839287
        top = top * s + 161.02823106855587881
        top = top * s + 1067.6894854603709582
        top = top * s + 18154.981253343561249
        bottom = s + 47.20258190468824187
        bottom = bottom * s + 976.09855173777669322
        bottom = bottom * s + 10260.932208618978205
        bottom = bottom * s + 45507.789335026729956
        middle = x * top / bottom
        return 0.5 + middle, 0.5 - middle
    tail = _far_tail(abs(x))
    return (tail, 1.0 - tail) if x < 0.0 else (1.0 - tail, tail)


@inlined
def ndtr(x: float) -> float:
    """The standard normal distribution function, accurate in relative terms in the lower tail."""
    return normal_tails(x)[0]


@inlined
def ndtri(p: float) -> float:
    """The inverse of `ndtr` on (0, 1); ∓inf at 0 and 1."""
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = 2.5090809287301226727e3 * r + 3.3430575583588128105e4
        top = top * r + 6.7265770927008700853e4
        top = top * r + 4.5921953931549871457e4
        top = top * r + 1.3731693765509461125e4
        top = top * r + 1.9715909503065514427e3
        top = top * r + 1.3314166789178437745e2
        top = top * r + 3.3871328727963666080e0
        bottom = 5.2264952788528545610e3 * r + 2.8729085735721942674e4
        bottom = bottom * r + 3.9307895800092710610e4
        bottom = bottom * r + 2.1213794301586595867e4
        bottom = bottom * r + 5.3941960214247511077e3
        bottom = bottom * r + 6.8718700749205790830e2
        bottom = bottom * r + 4.2313330701600911252e1
        bottom = bottom * r + 1.0
        return q * (top / bottom)
    tail = p if q < 0.0 else 1.0 - p
    if not (tail > 0.0):
        if tail != tail:
            return tail
        return -_INF if q < 0.0 else _INF
    r = math.sqrt(-log(tail))
    if r <= 5.0:
        r -= 1.6
        top = 7.74545014278341407640e-4 * r + 2.27238449892691845833e-2
        top = top * r + 2.41780725177450611770e-1
        top = top * r + 1.27045825245236838258e0
        top = top * r + 3.64784832476320460504e0
        top = top * r + 5.76949722146069140550e0
        top = top * r + 4.63033784615654529590e0
        top = top * r + 1.42343711074968357734e0
        bottom = 1.05075007164441684324e-9 * r + 5.47593808499534494600e-4
        bottom = bottom * r + 1.51986665636164571966e-2
        bottom = bottom * r + 1.48103976427480074590e-1
        bottom = bottom * r + 6.89767334985100004550e-1
        bottom = bottom * r + 1.67638483018380384940e0
        bottom = bottom * r + 2.05319162663775882187e0
        bottom = bottom * r + 1.0
    else:
        r -= 5.0
        top = 2.01033439929228813265e-7 * r + 2.71155556874348757815e-5
        top = top * r + 1.24266094738807843860e-3
        top = top * r + 2.65321895265761230930e-2
        top = top * r + 2.96560571828504891230e-1
        top = top * r + 1.78482653991729133580e0
        top = top * r + 5.46378491116411436990e0
        top = top * r + 6.65790464350110377720e0
        bottom = 2.04426310338993978564e-15 * r + 1.42151175831644588870e-7
        bottom = bottom * r + 1.84631831751005468180e-5
        bottom = bottom * r + 7.86869131145613259100e-4
        bottom = bottom * r + 1.48753612908506148525e-2
        bottom = bottom * r + 1.36929880922735805310e-1
        bottom = bottom * r + 5.99832206555887937690e-1
        bottom = bottom * r + 1.0
    x = top / bottom
    return -x if q < 0.0 else x


@kernel("void(f8[::1], f8[::1])")
def exp_of(x: Floats, out: Floats) -> None:
    """Fill `out` with exp(x)."""
    for i in range(x.shape[0]):
        out[i] = exp(x[i])


@kernel("void(f8[::1], f8[::1])")
def log_of(x: Floats, out: Floats) -> None:
    """Fill `out` with log(x)."""
    for i in range(x.shape[0]):
        out[i] = log(x[i])


@kernel("void(f8[::1], f8[::1])")
def expm1_of(x: Floats, out: Floats) -> None:
    """Fill `out` with exp(x) − 1."""
    for i in range(x.shape[0]):
        out[i] = expm1(x[i])


@kernel("void(f8[::1], f8[::1])")
def log1p_of(x: Floats, out: Floats) -> None:
    """Fill `out` with log(1 + x)."""
    for i in range(x.shape[0]):
        out[i] = log1p(x[i])


@kernel("void(f8[::1], f8[::1])")
def ndtr_of(x: Floats, out: Floats) -> None:
    """Fill `out` with the normal distribution function of x."""
    for i in range(x.shape[0]):
        out[i] = ndtr(x[i])


@kernel("void(f8[::1], f8[::1])")
def ndtri_of(p: Floats, out: Floats) -> None:
    """Fill `out` with the normal scores of p."""
    for i in range(p.shape[0]):
        out[i] = ndtri(p[i])
