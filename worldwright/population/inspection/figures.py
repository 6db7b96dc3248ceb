"""Figures of samples."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from worldwright.population.values import Floats


def spearman(first: Floats, second: Floats) -> float:
    """The rank correlation, with mid-ranks for ties."""
    found: Any = stats.spearmanr(first, second)
    return float(found.statistic)


def spearman_error(first: Floats, second: Floats) -> float:
    """The standard error of the rank correlation in a sample of independent pairs, ties included.

    By the influence of each pair on it: the correlation of mid-ranks is a function of three means over pairs
    of pairs, whose first-order (Hájek) projections are averaged ranks (van der Vaart, Asymptotic Statistics
    1998, chapters 11 and 12).
    """
    n = len(first)
    u, v = (np.asarray(stats.rankdata(x), dtype=np.float64) / n - 0.5 / n for x in (first, second))
    product = u * v + _above(first, v) + _above(second, u)
    one = u * u + 2.0 * _above(first, u)
    other = v * v + 2.0 * _above(second, v)
    variance, other_variance = float(np.var(u)), float(np.var(v))
    spread = float(np.sqrt(variance * other_variance))
    rho = float(np.mean(u * v) - 0.25) / spread
    influence = product / spread - 0.5 * rho * (one / variance + other / other_variance)
    return float(np.std(influence) / np.sqrt(n))


def _above(x: Floats, weight: Floats) -> Floats:
    """For each x the mean of the weights of those above it, those equal to it counted half."""
    order = np.argsort(x, kind="stable")
    total = np.concatenate([[0.0], np.cumsum(weight[order])])
    low = np.searchsorted(x[order], x, side="left")
    high = np.searchsorted(x[order], x, side="right")
    return (total[-1] - 0.5 * (total[low] + total[high])) / len(x)
