"""Inverse distribution functions of gamma, beta, Poisson and binomial laws: as tables and row by row."""

from __future__ import annotations

import numpy as np

from worldwright.population.compiled import inlined, kernel
from worldwright.population.kernels.counts import (
    binomial_quantile,
    binomial_tails,
    poisson_quantile,
    poisson_tails,
    short_binomial_quantile,
    short_poisson_quantile,
)
from worldwright.population.kernels.elementary import exp
from worldwright.population.kernels.normal import ndtr
from worldwright.population.kernels.special import (
    beta_logit_quantile,
    beta_tails,
    binomial_mass,
    gamma_log_quantile,
    gamma_tails,
    poisson_mass,
)
from worldwright.population.values import Floats

_INV_SQRT_2PI = 0.398942280401432677939946
_LEAST_MASS = 1e-290


@inlined
def _mass(below_low: float, above_low: float, below_high: float, above_high: float) -> float:
    return above_low - above_high if below_low > 0.5 else below_high - below_low


@kernel("f8(f8, f8, f8, f8, f8, f8[:, ::1])")
def gamma_table(shape: float, low: float, high: float, first: float, step: float, out: Floats) -> float:
    """Logarithms of quantiles of the gamma law (scale 1) on [low, high], with their slopes per step.

    They are those at the normal scores first + i·step. Returns the probability of the interval; the table is
    not filled where it is too small.
    """
    p0, q0 = gamma_tails(shape, low)
    p1, q1 = gamma_tails(shape, high)
    mass = _mass(p0, q0, p1, q1)
    if not (mass > _LEAST_MASS):
        return mass
    for i in range(out.shape[0]):
        z = first + i * step
        t = gamma_log_quantile(shape, p0 + ndtr(z) * mass, q1 + ndtr(-z) * mass)
        out[i, 0] = t
        x = exp(t)
        density = shape * poisson_mass(shape, x) if x > 0.0 else 0.0
        if density > 0.0:
            out[i, 1] = _INV_SQRT_2PI * exp(-0.5 * z * z) * (mass / density) * step
        else:  # the leading term of the series: P = c·x**shape
            out[i, 1] = _INV_SQRT_2PI * exp(-0.5 * z * z) / ndtr(z) / shape * step
    return mass


@kernel("f8(f8, f8, f8, f8, f8, f8, f8[:, ::1])")
def beta_table(a: float, b: float, low: float, high: float, first: float, step: float, out: Floats) -> float:
    """As `gamma_table`, for the beta law, whose quantiles x are kept as log(x / (1 − x))."""
    p0, q0 = beta_tails(a, b, low, 1.0 - low)
    p1, q1 = beta_tails(a, b, high, 1.0 - high)
    mass = _mass(p0, q0, p1, q1)
    if not (mass > _LEAST_MASS):
        return mass
    for i in range(out.shape[0]):
        z = first + i * step
        t = beta_logit_quantile(a, b, p0 + ndtr(z) * mass, q1 + ndtr(-z) * mass)
        out[i, 0] = t
        x = 1.0 / (1.0 + exp(-t))
        y = 1.0 / (1.0 + exp(t))
        density = a * b / (a + b) * binomial_mass(a, b, x, y) if x > 0.0 and y > 0.0 else 0.0
        gauss = _INV_SQRT_2PI * exp(-0.5 * z * z)
        if density > 0.0:
            out[i, 1] = gauss * (mass / density) * step
        else:  # the leading term of the series
            out[i, 1] = (gauss / ndtr(z) / a if t < 0.0 else gauss / ndtr(-z) / b) * step
    return mass


@kernel("i8(f8[::1], f8[::1], f8[::1], f8[::1], f8[::1])")
def gamma_rows(uniform: Floats, shape: Floats, low: Floats, high: Floats, out: Floats) -> int:
    """Exact inverses (scale 1), row by row; returns the first row without mass between its cuts, or −1."""
    for i in range(uniform.shape[0]):
        p0, q0 = gamma_tails(shape[i], low[i])
        p1, q1 = gamma_tails(shape[i], high[i])
        mass = _mass(p0, q0, p1, q1)
        if not (mass > _LEAST_MASS):
            return i
        u = uniform[i]
        out[i] = exp(gamma_log_quantile(shape[i], p0 + u * mass, q1 + (1.0 - u) * mass))
    return -1


@kernel("i8(f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1])")
def beta_rows(uniform: Floats, a: Floats, b: Floats, low: Floats, high: Floats, out: Floats) -> int:
    """As `gamma_rows`, for the beta law."""
    for i in range(uniform.shape[0]):
        p0, q0 = beta_tails(a[i], b[i], low[i], 1.0 - low[i])
        p1, q1 = beta_tails(a[i], b[i], high[i], 1.0 - high[i])
        mass = _mass(p0, q0, p1, q1)
        if not (mass > _LEAST_MASS):
            return i
        u = uniform[i]
        t = beta_logit_quantile(a[i], b[i], p0 + u * mass, q1 + (1.0 - u) * mass)
        out[i] = 1.0 / (1.0 + exp(-t))
    return -1


@kernel("i8(f8[::1], f8[::1], f8[::1], f8[::1], f8[::1])")
def poisson_rows(uniform: Floats, mean: Floats, low: Floats, high: Floats, out: Floats) -> int:
    """The Poisson law on low … high, row by row; returns the first row without mass, or −1."""
    for i in range(uniform.shape[0]):
        if mean[i] <= 30.0 and low[i] <= 100.0:
            out[i] = short_poisson_quantile(mean[i], np.ceil(low[i]), np.floor(high[i]), uniform[i])
            if out[i] == out[i]:
                continue
        p0, q0 = poisson_tails(np.ceil(low[i]) - 1.0, mean[i])
        p1, q1 = poisson_tails(np.floor(high[i]), mean[i])
        mass = _mass(p0, q0, p1, q1)
        if not (mass > _LEAST_MASS):
            return i
        u = uniform[i]
        k = poisson_quantile(mean[i], p0 + u * mass, q1 + (1.0 - u) * mass)
        out[i] = min(max(k, np.ceil(low[i])), np.floor(high[i]))
    return -1


@kernel("i8(f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1])")
def binomial_rows(uniform: Floats, n: Floats, chance: Floats, low: Floats, high: Floats, out: Floats) -> int:
    """As `poisson_rows`, for the binomial law."""
    for i in range(uniform.shape[0]):
        if n[i] <= 64.0:
            out[i] = short_binomial_quantile(n[i], chance[i], np.ceil(low[i]), np.floor(high[i]), uniform[i])
            if out[i] == out[i]:
                continue
        p0, q0 = binomial_tails(np.ceil(low[i]) - 1.0, n[i], chance[i])
        p1, q1 = binomial_tails(np.floor(high[i]), n[i], chance[i])
        mass = _mass(p0, q0, p1, q1)
        if not (mass > _LEAST_MASS):
            return i
        u = uniform[i]
        k = binomial_quantile(n[i], chance[i], p0 + u * mass, q1 + (1.0 - u) * mass)
        out[i] = min(max(k, np.ceil(low[i])), np.floor(high[i]))
    return -1


@kernel("void(f8[::1], f8[::1], f8[::1], f8[::1])")
def gamma_tails_of(shape: Floats, x: Floats, below: Floats, above: Floats) -> None:
    """Both tails of gamma laws with scale 1."""
    for i in range(x.shape[0]):
        below[i], above[i] = gamma_tails(shape[i], x[i])


@kernel("void(f8[::1], f8[::1], f8[::1], f8[::1], f8[::1])")
def beta_tails_of(a: Floats, b: Floats, x: Floats, below: Floats, above: Floats) -> None:
    """Both tails of beta laws."""
    for i in range(x.shape[0]):
        below[i], above[i] = beta_tails(a[i], b[i], x[i], 1.0 - x[i])


@kernel("void(f8, f8, f8[::1])")
def poisson_masses(mean: float, first: float, out: Floats) -> None:
    """Probabilities of first, first + 1, … under the Poisson law."""
    for i in range(out.shape[0]):
        if mean > 0.0:
            out[i] = poisson_mass(first + i, mean)
        else:
            out[i] = 1.0 if first + i == 0.0 else 0.0


@kernel("void(f8, f8, f8, f8[::1])")
def binomial_masses(n: float, chance: float, first: float, out: Floats) -> None:
    """Probabilities of first, first + 1, … under the binomial law."""
    for i in range(out.shape[0]):
        out[i] = binomial_mass(first + i, n - (first + i), chance, 1.0 - chance)
