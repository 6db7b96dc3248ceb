"""Choosing categories by inverse CDF: the code is the number of cumulative shares that u has reached."""

from __future__ import annotations

import numpy as np

from worldwright.population.compiled import kernel
from worldwright.population.values import Codes, Floats

_INF = np.inf


@kernel("void(f8[::1], f8[::1], i4[::1])")
def select(uniform: Floats, cumulative: Floats, out: Codes) -> None:
    """One table of cumulative shares for all rows; its length is the number of categories less one."""
    for i in range(uniform.shape[0]):
        u = uniform[i]
        code = np.int32(0)
        for j in range(cumulative.shape[0]):
            code += np.int32(u >= cumulative[j])
        out[i] = code


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
