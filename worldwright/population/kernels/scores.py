"""Normal scores of uniforms, of truncated laws and of members of a copula; quantile tables read at scores."""

from __future__ import annotations

import numpy as np

from worldwright.population.compiled import inlined, inlined_always, kernel
from worldwright.population.kernels.elementary import exp
from worldwright.population.kernels.normal import CHUNK, ndtri_chunk, normal_tails, tails_chunk
from worldwright.population.values import Codes, Floats

_LEAST_MASS = 1e-290


@inlined_always
def _nearer(u: float, low: float, high: float, mass: float) -> float:
    """The smaller tail at low + u·mass; `high` is the mass above the interval."""
    p = low + u * mass
    q = high + (1.0 - u) * mass
    return p if p <= 0.5 else q


@kernel("void(f8[::1], f8, f8, f8, f8[::1])")
def scores_between(uniform: Floats, low: float, high: float, mass: float, out: Floats) -> None:
    """Scores of a law truncated alike for all rows: at low + u·mass, read from the nearer tail."""
    places, tails, room = np.empty(CHUNK, np.int32), np.empty(CHUNK), np.empty(CHUNK)
    for first in range(0, uniform.shape[0], CHUNK):
        u, scores = uniform[first : first + CHUNK], out[first : first + CHUNK]
        nearer = room[: u.shape[0]]
        for i in range(u.shape[0]):
            nearer[i] = _nearer(u[i], low, high, mass)
        ndtri_chunk(nearer, scores, places, tails)
        for i in range(u.shape[0]):
            scores[i] = scores[i] if low + u[i] * mass <= 0.5 else -scores[i]


@kernel("i8(f8[::1], f8[::1], f8[::1], f8[::1])")
def scores_between_rows(uniform: Floats, a: Floats, b: Floats, out: Floats) -> int:
    """Scores truncated to [a, b], row by row; returns the first row without mass between them, or −1.

    An `a` or `b` of no rows stands for no truncation on that side.
    """
    places, tails = np.empty(CHUNK, np.int32), np.empty(CHUNK)
    room, room_for_signs = np.empty(CHUNK), np.empty(CHUNK)
    low, above = np.zeros(CHUNK), np.ones(CHUNK)
    below, high = np.ones(CHUNK), np.zeros(CHUNK)
    for first in range(0, uniform.shape[0], CHUNK):
        u, scores = uniform[first : first + CHUNK], out[first : first + CHUNK]
        count = u.shape[0]
        nearer = room[:count]
        for i in range(count):
            nearer[i] = 1.0
        if b.shape[0]:
            tails_chunk(b[first : first + CHUNK], below[:count], high[:count])
            for i in range(count):
                nearer[i] = below[i]
        if a.shape[0]:
            left = a[first : first + CHUNK]
            tails_chunk(left, low[:count], above[:count])
            for i in range(count):  # the mass without cancellation in either tail
                nearer[i] = above[i] - high[i] if left[i] > 0.0 else nearer[i] - low[i]
        missing = 0
        for i in range(count):
            missing += int(not (nearer[i] > _LEAST_MASS))
        if missing:
            for i in range(count):
                if not (nearer[i] > _LEAST_MASS):
                    return first + i
        signs = room_for_signs[:count]
        for i in range(count):
            mass = nearer[i]
            signs[i] = 1.0 if low[i] + u[i] * mass <= 0.5 else -1.0
            nearer[i] = _nearer(u[i], low[i], high[i], mass)
        ndtri_chunk(nearer, scores, places, tails)
        for i in range(count):
            scores[i] *= signs[i]
    return -1


@kernel("void(f8, f8, f8[::1])")
def masses(a: float, b: float, out: Floats) -> None:
    """(F(a), 1 − F(b), F(b) − F(a)) of the standard normal law, for plans."""
    low, above = normal_tails(a)
    below, high = normal_tails(b)
    out[0] = low
    out[1] = high
    out[2] = above - high if a > 0.0 else below - low


@inlined_always
def _interpolated(score: float, first: float, per_cell: float, table: Floats) -> float:
    """Cubic Hermite interpolation of (value, slope per cell) at a normal score."""
    t = (score - first) * per_cell
    cell = min(max(int(t), 0), table.shape[0] - 2)
    s = t - cell
    y0 = table[cell, 0]
    d0 = table[cell, 1]
    y1 = table[cell + 1, 0]
    d1 = table[cell + 1, 1]
    rise = y1 - y0
    c2 = 3.0 * rise - 2.0 * d0 - d1
    c3 = d0 + d1 - 2.0 * rise
    return y0 + s * (d0 + s * (c2 + s * c3))


@inlined
def _table_chunk(
    uniform: Floats, first: float, per_cell: float, table: Floats, out: Floats, places: Codes, tails: Floats
) -> None:
    ndtri_chunk(uniform, out, places, tails)
    for i in range(out.shape[0]):
        out[i] = _interpolated(out[i], first, per_cell, table)


@kernel("void(f8[::1], f8, f8, f8[:, ::1], f8[::1])")
def table_at_scores(uniform: Floats, first: float, per_cell: float, table: Floats, out: Floats) -> None:
    """A table of (value, slope per cell) read at the normal scores of uniforms."""
    places, tails = np.empty(CHUNK, np.int32), np.empty(CHUNK)
    for start in range(0, uniform.shape[0], CHUNK):
        part = out[start : start + CHUNK]
        _table_chunk(uniform[start : start + CHUNK], first, per_cell, table, part, places, tails)


@kernel("void(f8[::1], f8, f8, f8[:, ::1], f8, f8[::1])")
def scaled_exp_at_scores(
    uniform: Floats, first: float, per_cell: float, table: Floats, scale: float, out: Floats
) -> None:
    """A table of logarithms read at the normal scores of uniforms: scale · exp(value)."""
    places, tails = np.empty(CHUNK, np.int32), np.empty(CHUNK)
    for start in range(0, uniform.shape[0], CHUNK):
        part = out[start : start + CHUNK]
        _table_chunk(uniform[start : start + CHUNK], first, per_cell, table, part, places, tails)
        for i in range(part.shape[0]):
            part[i] = scale * exp(part[i])


@kernel("void(f8[::1], f8, f8, f8[:, ::1], f8[::1])")
def logistic_at_scores(uniform: Floats, first: float, per_cell: float, table: Floats, out: Floats) -> None:
    """A table of logits read at the normal scores of uniforms: 1 / (1 + exp(−value))."""
    places, tails = np.empty(CHUNK, np.int32), np.empty(CHUNK)
    for start in range(0, uniform.shape[0], CHUNK):
        part = out[start : start + CHUNK]
        _table_chunk(uniform[start : start + CHUNK], first, per_cell, table, part, places, tails)
        for i in range(part.shape[0]):
            part[i] = 1.0 / (1.0 + exp(-part[i]))


@kernel("void(f8[::1], f8, f8[::1])")
def add_scaled(x: Floats, factor: float, out: Floats) -> None:
    """Out += factor · x, as a multiplication and an addition."""
    for i in range(x.shape[0]):
        out[i] += factor * x[i]
