"""The elementary functions on arrays and single numbers, by the kernels that every stored value uses."""

from __future__ import annotations

import numpy as np

from worldwright.population.compiled import Kernel
from worldwright.population.kernels import elementary
from worldwright.population.values import Floats

Number = float | Floats
"""A constant, or a value for each row."""


def _apply(function: Kernel, x: Number) -> Number:
    values = np.ascontiguousarray(x, dtype=np.float64).reshape(-1)
    out = np.empty(values.shape)
    function(values, out)
    return out if isinstance(x, np.ndarray) and x.ndim else float(out[0])


def exp(x: Number) -> Number:
    """e**x."""
    return _apply(elementary.exp_of, x)


def log(x: Number) -> Number:
    """The natural logarithm."""
    return _apply(elementary.log_of, x)


def expm1(x: Number) -> Number:
    """e**x − 1."""
    return _apply(elementary.expm1_of, x)


def log1p(x: Number) -> Number:
    """log(1 + x)."""
    return _apply(elementary.log1p_of, x)


def ndtr(x: Number) -> Number:
    """The standard normal distribution function."""
    return _apply(elementary.ndtr_of, x)


def ndtri(p: Number) -> Number:
    """The inverse of the standard normal distribution function."""
    return _apply(elementary.ndtri_of, p)


def rows(value: Number, count: int) -> Floats:
    """A value for each row, contiguous."""
    if isinstance(value, np.ndarray) and value.ndim:
        return np.ascontiguousarray(value, dtype=np.float64)
    return np.full(count, float(value))
