"""The elementary functions on arrays and single numbers, by the kernels that every stored value uses."""

from __future__ import annotations

import numpy as np

from worldwright.population.compiled import Kernel
from worldwright.population.kernels import elementary, normal
from worldwright.population.values import Floats

Number = float | Floats
"""A constant, or a value for each row."""


def _apply(for_many: Kernel, for_one: Kernel, x: Number) -> Number:
    if not isinstance(x, np.ndarray) or not x.ndim:
        return float(for_one(float(x)))
    values = np.ascontiguousarray(x, dtype=np.float64)
    out = np.empty(values.shape)
    for_many(values, out)
    return out


def exp(x: Number) -> Number:
    """e**x."""
    return _apply(elementary.exp_of, elementary.exp_at, x)


def log(x: Number) -> Number:
    """The natural logarithm."""
    return _apply(elementary.log_of, elementary.log_at, x)


def expm1(x: Number) -> Number:
    """e**x − 1."""
    return _apply(elementary.expm1_of, elementary.expm1_at, x)


def log1p(x: Number) -> Number:
    """log(1 + x)."""
    return _apply(elementary.log1p_of, elementary.log1p_at, x)


def ndtr(x: Number) -> Number:
    """The standard normal distribution function."""
    return _apply(normal.ndtr_of, normal.ndtr_at, x)


def ndtri(p: Number) -> Number:
    """The inverse of the standard normal distribution function."""
    return _apply(normal.ndtri_of, normal.ndtri_at, p)


def rows(value: Number, count: int) -> Floats:
    """A value for each row, contiguous."""
    if isinstance(value, np.ndarray) and value.ndim:
        return np.ascontiguousarray(value, dtype=np.float64)
    return np.full(count, float(value))
