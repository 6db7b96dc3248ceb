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


@inlined
def _scores_chunk(
    u: Floats, low: float, high: float, mass: float, room: Floats, out: Floats, places: Codes, tails: Floats
) -> None:
    """Scores at low + u·mass, read from the nearer tail."""
    nearer = room[: u.shape[0]]
    for i in range(u.shape[0]):
        nearer[i] = _nearer(u[i], low, high, mass)
    ndtri_chunk(nearer, out, places, tails)
    for i in range(u.shape[0]):
        out[i] = out[i] if low + u[i] * mass <= 0.5 else -out[i]


@inlined_always
def _settled(value: float, whole: bool, least: float, most: float) -> float:
    """A value of a continuous law on the integers where asked, and inside the ends."""
    placed = np.ceil(value - 0.5) if whole else value
    placed = least if placed < least else placed
    return most if placed > most else placed


@kernel("void(f8[::1], f8, f8, f8, f8, f8, b1, f8, f8, f8[::1])")
def normal_alike(
    uniform: Floats,
    low: float,
    high: float,
    mass: float,
    mean: float,
    sd: float,
    whole: bool,
    least: float,
    most: float,
    out: Floats,
) -> None:
    """A normal law that is the same for all rows, between cuts with probability `mass`."""
    places, tails, room = np.empty(CHUNK, np.int32), np.empty(CHUNK), np.empty(CHUNK)
    for first in range(0, uniform.shape[0], CHUNK):
        part = out[first : first + CHUNK]
        _scores_chunk(uniform[first : first + CHUNK], low, high, mass, room, part, places, tails)
        for i in range(part.shape[0]):
            part[i] = _settled(mean + sd * part[i], whole, least, most)


@kernel("void(f8[::1], f8, f8, f8, f8, f8, b1, f8, f8, f8[::1])")
def lognormal_alike(
    uniform: Floats,
    low: float,
    high: float,
    mass: float,
    location: float,
    spread: float,
    whole: bool,
    least: float,
    most: float,
    out: Floats,
) -> None:
    """A lognormal law that is the same for all rows, between cuts with probability `mass`."""
    places, tails, room = np.empty(CHUNK, np.int32), np.empty(CHUNK), np.empty(CHUNK)
    for first in range(0, uniform.shape[0], CHUNK):
        part = out[first : first + CHUNK]
        _scores_chunk(uniform[first : first + CHUNK], low, high, mass, room, part, places, tails)
        for i in range(part.shape[0]):
            part[i] = exp(location + spread * part[i])
        for i in range(part.shape[0]):
            part[i] = _settled(part[i], whole, least, most)


@kernel("void(f8[::1], f8[::1], f8[::1], b1, f8[::1])")
def normal_rows(uniform: Floats, mean: Floats, sd: Floats, whole: bool, out: Floats) -> None:
    """Normal laws of each row's own, not cut."""
    places, tails = np.empty(CHUNK, np.int32), np.empty(CHUNK)
    for first in range(0, uniform.shape[0], CHUNK):
        part = out[first : first + CHUNK]
        ndtri_chunk(uniform[first : first + CHUNK], part, places, tails)
        mean_here, sd_here = mean[first : first + CHUNK], sd[first : first + CHUNK]
        for i in range(part.shape[0]):
            value = mean_here[i] + sd_here[i] * part[i]
            part[i] = np.ceil(value - 0.5) if whole else value


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
def _interpolated(score: float, first: float, per_cell: float, cells: Floats) -> float:
    """The cubic of the cell that a normal score is in."""
    t = (score - first) * per_cell
    cell = np.uint32(min(max(int(t), 0), cells.shape[0] - 1))
    s = t - cell
    return cells[cell, 0] + s * (cells[cell, 1] + s * (cells[cell, 2] + s * cells[cell, 3]))


@kernel("void(f8[:, ::1], f8[:, ::1])")
def cubics(table: Floats, out: Floats) -> None:
    """Coefficients of cubic Hermite interpolation in each cell between nodes (value, slope per cell)."""
    for cell in range(out.shape[0]):
        y0 = table[cell, 0]
        d0 = table[cell, 1]
        d1 = table[cell + 1, 1]
        rise = table[cell + 1, 0] - y0
        out[cell, 0] = y0
        out[cell, 1] = d0
        out[cell, 2] = 3.0 * rise - 2.0 * d0 - d1
        out[cell, 3] = d0 + d1 - 2.0 * rise


@inlined
def _table_chunk(
    uniform: Floats, first: float, per_cell: float, cells: Floats, out: Floats, places: Codes, tails: Floats
) -> None:
    ndtri_chunk(uniform, out, places, tails)
    for i in range(out.shape[0]):
        out[i] = _interpolated(out[i], first, per_cell, cells)


@kernel("void(f8[::1], f8, f8, f8[:, ::1], f8, f8[::1])")
def scaled_exp_at_scores(
    uniform: Floats, first: float, per_cell: float, cells: Floats, scale: float, out: Floats
) -> None:
    """A table of logarithms read at the normal scores of uniforms: scale · exp(value)."""
    places, tails = np.empty(CHUNK, np.int32), np.empty(CHUNK)
    for start in range(0, uniform.shape[0], CHUNK):
        part = out[start : start + CHUNK]
        _table_chunk(uniform[start : start + CHUNK], first, per_cell, cells, part, places, tails)
        for i in range(part.shape[0]):
            part[i] = scale * exp(part[i])


@kernel("void(f8[::1], f8, f8, f8[:, ::1], f8[::1])")
def logistic_at_scores(uniform: Floats, first: float, per_cell: float, cells: Floats, out: Floats) -> None:
    """A table of logits read at the normal scores of uniforms: 1 / (1 + exp(−value))."""
    places, tails = np.empty(CHUNK, np.int32), np.empty(CHUNK)
    for start in range(0, uniform.shape[0], CHUNK):
        part = out[start : start + CHUNK]
        _table_chunk(uniform[start : start + CHUNK], first, per_cell, cells, part, places, tails)
        for i in range(part.shape[0]):
            part[i] = 1.0 / (1.0 + exp(-part[i]))


@kernel("void(f8[::1], f8, f8[::1])")
def add_scaled(x: Floats, factor: float, out: Floats) -> None:
    """Out += factor · x, as a multiplication and an addition."""
    for i in range(x.shape[0]):
        out[i] += factor * x[i]
