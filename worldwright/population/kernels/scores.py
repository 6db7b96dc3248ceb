"""Normal scores of uniforms, of truncated laws and of members of a copula; quantile tables read at scores."""

from __future__ import annotations

from worldwright.population.compiled import inlined, kernel
from worldwright.population.kernels.elementary import ndtri, normal_tails

_LEAST_MASS = 1e-290


@inlined
def score_between(u, low, high, mass):  # type: ignore[no-untyped-def]
    """The normal score at low + u·mass, read from the nearer tail; `high` is the mass above the interval."""
    p = low + u * mass
    if p <= 0.5:
        return ndtri(p)
    return -ndtri(high + (1.0 - u) * mass)


@inlined
def mass_between(a, b):  # type: ignore[no-untyped-def]
    """(F(a), 1 − F(b), F(b) − F(a)) of the standard normal law, without cancellation in either tail."""
    low, above = normal_tails(a)
    below, high = normal_tails(b)
    mass = above - high if a > 0.0 else below - low
    return low, high, mass


@kernel("void(f8[::1], f8, f8, f8, f8[::1])")
def scores_between(uniform, low, high, mass, out):  # type: ignore[no-untyped-def]
    """Scores of a law truncated alike for all rows."""
    for i in range(uniform.shape[0]):
        out[i] = score_between(uniform[i], low, high, mass)


@kernel("i8(f8[::1], f8[::1], f8[::1], f8[::1])")
def scores_between_rows(uniform, a, b, out):  # type: ignore[no-untyped-def]
    """Scores truncated to [a, b], row by row; returns the first row without mass between them, or −1."""
    for i in range(uniform.shape[0]):
        low, high, mass = mass_between(a[i], b[i])
        if not (mass > _LEAST_MASS):
            return i
        out[i] = score_between(uniform[i], low, high, mass)
    return -1


@kernel("void(f8, f8, f8[::1])")
def masses(a, b, out):  # type: ignore[no-untyped-def]
    """`mass_between` of one interval, for plans."""
    low, high, mass = mass_between(a, b)
    out[0] = low
    out[1] = high
    out[2] = mass


@kernel("void(f8[::1], f8, f8, f8[:, ::1], f8[::1])")
def table_at_scores(uniform, first, per_cell, table, out):  # type: ignore[no-untyped-def]
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
def add_scaled(x, factor, out):  # type: ignore[no-untyped-def]
    """Out += factor · x, as a multiplication and an addition."""
    for i in range(x.shape[0]):
        out[i] += factor * x[i]
