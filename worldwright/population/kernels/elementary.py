"""exp and log, from + - * / and bit moves alone.

Sources: exp and log follow the algorithms of FDLIBM (Sun Microsystems, 1993; freely distributable
provided this notice is preserved); expm1 and log1p use W. Kahan's device.
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


@kernel("f8(f8)")
def exp_at(x: float) -> float:
    """e**x of one number."""
    return exp(x)


@kernel("f8(f8)")
def log_at(x: float) -> float:
    """The natural logarithm of one number."""
    return log(x)


@kernel("f8(f8)")
def expm1_at(x: float) -> float:
    """e**x − 1 of one number."""
    return expm1(x)


@kernel("f8(f8)")
def log1p_at(x: float) -> float:
    """log(1 + x) for one number."""
    return log1p(x)
