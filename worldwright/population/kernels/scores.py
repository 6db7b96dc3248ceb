"""Normal scores of uniforms, of truncated laws and of members of a copula; quantile tables read at scores."""

from __future__ import annotations

from worldwright.population.compiled import inlined, kernel
from worldwright.population.kernels.elementary import ndtri, normal_tails
from worldwright.population.values import Floats

_LEAST_MASS = 1e-290


@inlined
def score_between(u: float, low: float, high: float, mass: float) -> float:
    """The normal score at low + u·mass, read from the nearer tail; `high` is the mass above the interval."""
    p = low + u * mass
    if p <= 0.5:
        return ndtri(p)
    return -ndtri(high + (1.0 - u) * mass)


@inlined
def mass_between(a: float, b: float) -> tuple[float, float, float]:
    """(F(a), 1 − F(b), F(b) − F(a)) of the standard normal law, without cancellation in either tail."""
    low, above = normal_tails(a)
    below, high = normal_tails(b)
    mass = above - high if a > 0.0 else below - low
    return low, high, mass


@kernel("void(f8[::1], f8, f8, f8, f8[::1])")
def scores_between(uniform: Floats, low: float, high: float, mass: float, out: Floats) -> None:
    """Scores of a law truncated alike for all rows."""
    for i in range(uniform.shape[0]):
        out[i] = score_between(uniform[i], low, high, mass)


@kernel("i8(f8[::1], f8[::1], f8[::1], f8[::1])")
def scores_between_rows(uniform: Floats, a: Floats, b: Floats, out: Floats) -> int:
    """Scores truncated to [a, b], row by row; returns the first row without mass between them, or −1."""
    for i in range(uniform.shape[0]):
        low, high, mass = mass_between(a[i], b[i])
        if not (mass > _LEAST_MASS):
            return i
        out[i] = score_between(uniform[i], low, high, mass)
    return -1


@kernel("void(f8, f8, f8[::1])")
def masses(a: float, b: float, out: Floats) -> None:
    """`mass_between` of one interval, for plans."""
    low, high, mass = mass_between(a, b)
    out[0] = low
    out[1] = high
    out[2] = mass


@kernel("void(f8[::1], f8, f8, f8[:, ::1], f8[::1])")
def table_at_scores(uniform: Floats, first: float, per_cell: float, table: Floats, out: Floats) -> None:
    """Cubic Hermite interpolation of (value, slope per cell) at the normal scores of uniforms."""
    last = table.shape[0] - 2
    for i in range(uniform.shape[0]):
        t = (ndtri(uniform[i]) - first) * per_cell
        cell = min(max(int(t), 0), last)
        s = t - cell
        y0 = table[cell, 0]
        d0 = table[cell, 1]
        y1 = table[cell + 1, 0]
        d1 = table[cell + 1, 1]
        rise = y1 - y0
        c2 = 3.0 * rise - 2.0 * d0 - d1
        c3 = d0 + d1 - 2.0 * rise
        out[i] = y0 + s * (d0 + s * (c2 + s * c3))


@kernel("void(f8[::1], f8, f8[::1])")
def add_scaled(x: Floats, factor: float, out: Floats) -> None:
    """Out += factor · x, as a multiplication and an addition."""
    for i in range(x.shape[0]):
        out[i] += factor * x[i]
