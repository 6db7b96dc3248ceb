"""Figures of samples."""

from __future__ import annotations

from typing import Any

from scipy import stats

from worldwright.population.values import Floats


def spearman(first: Floats, second: Floats) -> float:
    """The rank correlation, with mid-ranks for ties."""
    found: Any = stats.spearmanr(first, second)
    return float(found.statistic)
