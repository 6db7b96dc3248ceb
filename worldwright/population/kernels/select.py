"""Choosing categories by inverse CDF: the code is the number of cumulative shares that u has reached."""

from __future__ import annotations

import numpy as np

from worldwright.population.compiled import inlined_always, kernel
from worldwright.population.values import Codes, Floats

_INF = np.inf


@inlined_always
def _guided(u: float, cumulative: Floats, guide: Codes) -> int:
    code = guide[np.uint32(u * float(guide.shape[0]))]
    while u >= cumulative[np.uint32(code)]:
        code += np.int32(1)
    return code


@kernel("void(f8[::1], f8[::1], i4[::1], i4[::1])")
def select_guided(uniform: Floats, cumulative: Floats, guide: Codes, out: Codes) -> None:
    """One table of cumulative shares for all rows, with the guide that `guided` makes."""
    for i in range(uniform.shape[0]):
        out[i] = _guided(uniform[i], cumulative, guide)


@kernel("void(f8[::1], f8[::1], i4[::1], f8, f8[::1])")
def count_guided(uniform: Floats, cumulative: Floats, guide: Codes, first: float, out: Floats) -> None:
    """As `select_guided`, for counts from `first` on."""
    for i in range(uniform.shape[0]):
        out[i] = first + _guided(uniform[i], cumulative, guide)


def guided(cumulative: Floats) -> tuple[Floats, Codes]:
    """Shares with infinity at the end, and where to begin: the code at the left of each of many equal cells.

    There are so many cells that most of them lie within one category; a power of two, so that a uniform's
    cell is exact.
    """
    cells = 1 << min(max(10, (8 * len(cumulative)).bit_length()), 16)
    guide = np.searchsorted(cumulative, np.arange(cells) / cells, side="right").astype(np.int32)
    return np.append(cumulative, np.inf), guide


@kernel("void(f8[::1], i4[::1], f8[:, ::1], i4[::1])")
def select_by_group(uniform: Floats, group: Codes, cumulative: Floats, out: Codes) -> None:
    """A table of cumulative shares for each group."""
    for i in range(uniform.shape[0]):
        u = uniform[i]
        g = np.uint32(group[i])
        code = np.int32(0)
        for j in range(cumulative.shape[1]):
            code += np.int32(u >= cumulative[g, j])
        out[i] = code


@kernel("i8(f8[::1], f8[:, ::1], i4[::1])")
def select_by_weights(uniform: Floats, weights: Floats, out: Codes) -> int:
    """Weights of each row's own; returns the first row with negative, infinite or no weights, or −1."""
    options = weights.shape[1]
    for i in range(uniform.shape[0]):
        total = 0.0
        for j in range(options):
            w = weights[i, j]
            if not (w >= 0.0):
                return i
            total += w
        if not (0.0 < total < _INF):
            return i
        target = uniform[i] * total
        running = 0.0
        code = 0
        for j in range(options):
            w = weights[i, j]
            if w > 0.0:
                code = j
                running += w
                if target < running:
                    break
        out[i] = code
    return -1
