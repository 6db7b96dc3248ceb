"""The normal distribution and its inverse, from + - * / and bit moves alone: for one number, and for many.

Sources: the distribution function is W. J. Cody's rational approximation (1969; ACM TOMS algorithm 715); its
inverse is algorithm AS 241, PPND16 (Wichura 1988).
Both are made of pieces. For one number the piece is chosen; for many, the common pieces are computed for all
in loops without branches, which compilers turn into vector instructions, and the rest is put right after. The
operations on a number are the same either way, and so are its bits.
"""

from __future__ import annotations

import math

import numpy as np

from worldwright.population.compiled import inlined, inlined_always, kernel
from worldwright.population.kernels.elementary import exp, log
from worldwright.population.values import Codes, Floats

CHUNK = 1024
"""Numbers treated at once: they and what is made of them stay in the nearest cache."""

_INF = math.inf
_INV_SQRT_2PI = 0.398942280401432677939946
_SQRT_32 = 5.656854249492380195206754896838
_MIDDLE = 0.67448975


@inlined
def _gauss(y: float) -> float:
    """exp(−y²/2), with the rounding error of y² (Dekker 1971) made good: the exponential would magnify it."""
    square = y * y
    split = 134217729.0 * y
    high = split - (split - y)
    low = y - high
    error = ((high * high - square) + 2.0 * high * low) + low * low
    return exp(-0.5 * square) * (1.0 - 0.5 * error)


@inlined_always
def _off_half(x: float) -> float:
    """F(x) − ½ for |x| ≤ 0.67448975."""
    s = x * x
    top = 0.065682337918207449113 * s + 2.2352520354606839287
    top = top * s + 161.02823106855587881
    top = top * s + 1067.6894854603709582
    top = top * s + 18154.981253343561249
    bottom = s + 47.20258190468824187
    bottom = bottom * s + 976.09855173777669322
    bottom = bottom * s + 10260.932208618978205
    bottom = bottom * s + 45507.789335026729956
    return x * top / bottom


@inlined_always
def _tail(y: float) -> float:
    """The probability beyond y for 0.67448975 ≤ y ≤ √32."""
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


@inlined
def _far_tail(y: float) -> float:
    """The probability beyond y > √32, or NaN."""
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
    y = abs(x)
    if y <= _MIDDLE:
        middle = _off_half(x)
        return 0.5 + middle, 0.5 - middle
    tail = _tail(y) if y <= _SQRT_32 else _far_tail(y)
    return (tail, 1.0 - tail) if x < 0.0 else (1.0 - tail, tail)


@inlined
def ndtr(x: float) -> float:
    """The standard normal distribution function, accurate in relative terms in the lower tail."""
    return normal_tails(x)[0]


@inlined_always
def _central_score(q: float) -> float:
    """The score at ½ + q for |q| ≤ 0.425."""
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


@inlined_always
def _tail_score(root: float) -> float:
    """Minus the score at a tail of exp(−root²), root ≤ 5."""
    r = root - 1.6
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
    return top / bottom


@inlined
def _far_score(root: float) -> float:
    """Minus the score at a tail of exp(−root²), root > 5."""
    r = root - 5.0
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
    return top / bottom


@inlined
def ndtri(p: float) -> float:
    """The inverse of `ndtr` on (0, 1); ∓inf at 0 and 1."""
    q = p - 0.5
    if abs(q) <= 0.425:
        return _central_score(q)
    tail = p if q < 0.0 else 1.0 - p
    if not (tail > 0.0):
        if tail != tail:
            return tail
        return -_INF if q < 0.0 else _INF
    root = math.sqrt(-log(tail))
    x = _tail_score(root) if root <= 5.0 else _far_score(root)
    return -x if q < 0.0 else x


@inlined
def ndtri_chunk(p: Floats, out: Floats, places: Codes, tails: Floats) -> None:
    """Fill `out` with the scores of at most CHUNK numbers; `places` and `tails` are room to work in."""
    count = p.shape[0]
    for i in range(count):
        out[i] = _central_score(p[i] - 0.5)
    found = 0
    for i in range(count):
        places[found] = i
        found += int(not (abs(p[i] - 0.5) <= 0.425))
    held = tails[:found]
    for j in range(found):
        x = p[places[j]]
        held[j] = x if x - 0.5 < 0.0 else 1.0 - x
    far = 0
    for j in range(found):
        root = math.sqrt(-log(held[j]))
        far += int(not (root <= 5.0))
        held[j] = _tail_score(root)
    for j in range(found):
        i = places[j]
        out[i] = -held[j] if p[i] - 0.5 < 0.0 else held[j]
    if far:
        for j in range(found):
            out[places[j]] = ndtri(float(p[places[j]]))


@inlined
def tails_chunk(x: Floats, below: Floats, above: Floats) -> None:
    """`normal_tails` of many numbers."""
    count = x.shape[0]
    far = 0
    for i in range(count):
        y = abs(x[i])
        middle = _off_half(x[i])
        tail = _tail(y)
        far += int(not (y <= _SQRT_32))
        low = tail if x[i] < 0.0 else 1.0 - tail
        high = 1.0 - tail if x[i] < 0.0 else tail
        below[i] = 0.5 + middle if y <= _MIDDLE else low
        above[i] = 0.5 - middle if y <= _MIDDLE else high
    if far:
        for i in range(count):
            if not (abs(x[i]) <= _SQRT_32):
                below[i], above[i] = normal_tails(x[i])


@kernel("void(f8[::1], f8[::1])")
def ndtr_of(x: Floats, out: Floats) -> None:
    """Fill `out` with the normal distribution function of x."""
    above = np.empty(CHUNK)
    for first in range(0, x.shape[0], CHUNK):
        part = x[first : first + CHUNK]
        tails_chunk(part, out[first : first + CHUNK], above[: part.shape[0]])


@kernel("void(f8[::1], f8[::1])")
def ndtri_of(p: Floats, out: Floats) -> None:
    """Fill `out` with the normal scores of p."""
    places, tails = np.empty(CHUNK, np.int32), np.empty(CHUNK)
    for first in range(0, p.shape[0], CHUNK):
        ndtri_chunk(p[first : first + CHUNK], out[first : first + CHUNK], places, tails)


@kernel("f8(f8)")
def ndtr_at(x: float) -> float:
    """The normal distribution function of one number."""
    return ndtr(x)


@kernel("f8(f8)")
def ndtri_at(x: float) -> float:
    """The normal score of one probability."""
    return ndtri(x)
