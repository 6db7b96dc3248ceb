"""Incomplete gamma and beta functions with their inverses.

Densities follow C. Loader, "Fast and accurate computation of binomial probabilities" (2000): Stirling's error
and the deviance, which do not cancel for large parameters. The incomplete functions are the usual series and
continued fractions (DLMF 8.7.1, 8.9.2, 8.17.22, the fractions by Lentz's method); the inverses are Newton's
method on the logarithm of the smaller tail, inside a bracket. Every function that takes a probability takes
both tails (p, q), so that neither loses its digits.
"""

from __future__ import annotations

import math

from worldwright.population.compiled import inlined
from worldwright.population.kernels.elementary import exp, log, log1p
from worldwright.population.kernels.normal import ndtri

_TINY = 1e-300
_EPS = 1e-16
_TWO_PI = 6.283185307179586476925287
_ROUNDS = 200_000


@inlined
def stirling_error(n: float) -> float:
    """Log Γ(n + 1) less Stirling's formula for it, n > 0."""
    total = 0.0
    while n < 16.0:
        total += (n + 0.5) * log1p(1.0 / n) - 1.0
        n += 1.0
    s = 1.0 / (n * n)
    series = 1.0 / 12.0 - s * (
        1.0 / 360.0 - s * (1.0 / 1260.0 - s * (1.0 / 1680.0 - s * (1.0 / 1188.0 - s * (691.0 / 360360.0))))
    )
    return total + series / n


@inlined
def deviance(x: float, mean: float) -> float:
    """x·log(x / mean) + mean − x without cancellation."""
    if abs(x - mean) < 0.1 * (x + mean):
        v = (x - mean) / (x + mean)
        s = (x - mean) * v
        term = 2.0 * x * v
        v = v * v
        for j in range(1, 1000):
            term *= v
            following = s + term / (2 * j + 1)
            if following == s:
                return s
            s = following
        return s
    return x * log(x / mean) + mean - x


@inlined
def poisson_mass(x: float, mean: float) -> float:
    """mean**x · exp(−mean) / Γ(x + 1) for real x ≥ 0 and mean > 0."""
    if x == 0.0:
        return exp(-mean)
    return exp(-stirling_error(x) - deviance(x, mean)) / math.sqrt(_TWO_PI * x)


@inlined
def binomial_mass(x: float, rest: float, p: float, q: float) -> float:
    """Γ(n + 1) / (Γ(x + 1) Γ(rest + 1)) · p**x · q**rest for n = x + rest, real x, rest ≥ 0 and q = 1 − p."""
    if p == 0.0:
        return 1.0 if x == 0.0 else 0.0
    if q == 0.0:
        return 1.0 if rest == 0.0 else 0.0
    if x == 0.0:
        return exp(rest * (log1p(-p) if p < 0.5 else log(q)))
    if rest == 0.0:
        return exp(x * (log1p(-q) if q < 0.5 else log(p)))
    n = x + rest
    exponent = (
        stirling_error(n)
        - stirling_error(x)
        - stirling_error(rest)
        - deviance(x, n * p)
        - deviance(rest, n * q)
    )
    return exp(exponent) * math.sqrt(n / (_TWO_PI * x * rest))


@inlined
def gamma_tails(shape: float, x: float) -> tuple[float, float]:
    """(P, Q) of the gamma law with scale 1."""
    if x <= 0.0:
        return 0.0, 1.0
    if x == math.inf:
        return 1.0, 0.0
    mass = poisson_mass(shape, x)
    if x < shape + 1.0:
        term = 1.0
        total = 1.0
        n = shape
        for _ in range(_ROUNDS):
            n += 1.0
            term *= x / n
            total += term
            if term < total * _EPS:
                break
        lower = min(mass * total, 1.0)
        return lower, 1.0 - lower
    b = x + 1.0 - shape
    c = 1.0 / _TINY
    d = 1.0 / b
    h = d
    for i in range(1, _ROUNDS):
        step = i * (shape - i)
        b += 2.0
        d = step * d + b
        if abs(d) < _TINY:
            d = _TINY
        c = b + step / c
        if abs(c) < _TINY:
            c = _TINY
        d = 1.0 / d
        change = d * c
        h *= change
        if abs(change - 1.0) < _EPS * 3.0:
            break
    upper = min(mass * shape * h, 1.0)
    return 1.0 - upper, upper


@inlined
def _beta_fraction(a: float, b: float, x: float) -> float:
    c = 1.0
    d = 1.0 - (a + b) * x / (a + 1.0)
    if abs(d) < _TINY:
        d = _TINY
    d = 1.0 / d
    h = d
    for m in range(1, _ROUNDS):
        m2 = 2.0 * m
        step = m * (b - m) * x / ((a - 1.0 + m2) * (a + m2))
        d = 1.0 + step * d
        if abs(d) < _TINY:
            d = _TINY
        c = 1.0 + step / c
        if abs(c) < _TINY:
            c = _TINY
        d = 1.0 / d
        h *= d * c
        step = -(a + m) * (a + b + m) * x / ((a + m2) * (a + 1.0 + m2))
        d = 1.0 + step * d
        if abs(d) < _TINY:
            d = _TINY
        c = 1.0 + step / c
        if abs(c) < _TINY:
            c = _TINY
        d = 1.0 / d
        change = d * c
        h *= change
        if abs(change - 1.0) < _EPS * 3.0:
            break
    return h


@inlined
def beta_tails(a: float, b: float, x: float, y: float) -> tuple[float, float]:
    """(I, 1 − I) of the beta law at x, given also y = 1 − x."""
    if x <= 0.0:
        return 0.0, 1.0
    if y <= 0.0:
        return 1.0, 0.0
    mass = binomial_mass(a, b, x, y)
    if x < (a + 1.0) / (a + b + 2.0):
        lower = min(mass * b / (a + b) * _beta_fraction(a, b, x), 1.0)
        return lower, 1.0 - lower
    upper = min(mass * a / (a + b) * _beta_fraction(b, a, y), 1.0)
    return 1.0 - upper, upper


@inlined
def gamma_log_quantile(shape: float, p: float, q: float) -> float:
    """Log x where the gamma law with scale 1 has p below and q above."""
    if p <= 0.0:
        return -math.inf
    if q <= 0.0:
        return math.inf
    lower = p <= q
    target = log(p) if lower else log(q)
    # P(x) ≤ x**shape / Γ(shape + 1) bounds the quantile from below
    low = (log(p) + stirling_error(shape) + 0.5 * log(_TWO_PI * shape)) / shape + log(shape) - 1.0
    low -= 1e-12 * abs(low) + 1e-12
    high = 710.0
    # Wilson and Hilferty's approximation
    z = ndtri(p) if lower else -ndtri(q)
    root = 1.0 - 1.0 / (9.0 * shape) + z / (3.0 * math.sqrt(shape))
    t = log(shape) + 3.0 * log(root) if root > 0.05 else low
    t = min(max(t, low), high)
    for _ in range(200):
        x = exp(t)
        if x < 1e-280:
            return low  # the leading term of the series is all there is
        below, above = gamma_tails(shape, x)
        tail = below if lower else above
        miss = log(tail) - target
        if not lower:
            miss = -miss
        if miss > 0.0:
            high = t
        else:
            low = t
        step = miss * tail / (shape * poisson_mass(shape, x))
        following = t - step
        if not (low <= following <= high):
            following = 0.5 * (low + high)
            step = following - t
        t = following
        if abs(step) <= 1e-10:  # what is left is about its square
            break
    return t


@inlined
def _beta_lower_logit(a: float, b: float, p: float) -> float:
    """log(x / (1 − x)) where the beta law has p below, p not above one half."""
    target = log(p)
    # I(x) ≥ x**a / (a·B(a, b)) for b ≤ 1 and ≤ for b ≥ 1: the leading term of the series
    leading = binomial_mass(a, b, 0.5, 0.5) * b / (a + b)  # 2**-(a + b) / (a·B)
    near_zero = (target - log(leading)) / a - (a + b) / a * 0.6931471805599453
    if a >= 1.0 and b >= 1.0:
        # Abramowitz and Stegun 26.5.22
        z = ndtri(p)
        k = (z * z - 3.0) / 6.0
        h = 2.0 / (1.0 / (2.0 * a - 1.0) + 1.0 / (2.0 * b - 1.0))
        w = -z * math.sqrt(h + k) / h if h + k > 0.0 else -z / math.sqrt(h)
        w -= (1.0 / (2.0 * b - 1.0) - 1.0 / (2.0 * a - 1.0)) * (k + 5.0 / 6.0 - 2.0 / (3.0 * h))
        t = log(a) - log(b) - 2.0 * w
    else:
        t = min(near_zero, 0.0)
    low, high = -1e6, 1e6
    for _ in range(400):
        if t < -640.0:
            return near_zero
        x = 1.0 / (1.0 + exp(-t))
        y = 1.0 / (1.0 + exp(t))
        below = beta_tails(a, b, x, y)[0]
        miss = log(below) - target
        if miss > 0.0:
            high = t
        else:
            low = t
        slope = a * b / (a + b) * binomial_mass(a, b, x, y)
        step = miss * below / slope
        following = t - step
        if not (low <= following <= high):
            # steps that double reach any root; between two signs the middle does
            if low == -1e6:
                following = t - max(1.0, 2.0 * abs(t))
            elif high == 1e6:
                following = t + max(1.0, 2.0 * abs(t))
            else:
                following = 0.5 * (low + high)
            step = following - t
        t = following
        if abs(step) <= 1e-10:
            break
    return t


@inlined
def beta_logit_quantile(a: float, b: float, p: float, q: float) -> float:
    """log(x / (1 − x)) where the beta law has p below and q above."""
    if p <= 0.0:
        return -math.inf
    if q <= 0.0:
        return math.inf
    return _beta_lower_logit(a, b, p) if p <= q else -_beta_lower_logit(b, a, q)
