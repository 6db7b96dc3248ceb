"""Empirical laws for one agent: the values of a table, or quantiles with straight lines between them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache

from worldwright.population.explanation.laws import ScalarLaw
from worldwright.spec.packed import Packed
from worldwright.spec.population import Empirical


@lru_cache(maxsize=64)
def _numbers(packed: Packed) -> list[float]:
    return list(packed)


@lru_cache(maxsize=64)
def cumulative(weights: Packed) -> list[float]:
    """0, and the share of the weights up to each one."""
    running, sums = 0.0, [0.0]
    for weight in weights:
        running += weight
        sums.append(running)
    return [share / running for share in sums]


@dataclass(frozen=True)
class Values(ScalarLaw):
    """The values of a table with their weights."""

    table: Empirical

    def check(self) -> None:
        """Nothing: the document has been checked."""

    def at(self, u: float) -> float:
        """The value in whose part of the cumulative weights u lies, among those inside the ends."""
        points, below = _numbers(self.table.points), cumulative(self.table.shares)
        first, last = bisect_left(points, self.low), bisect_right(points, self.high)
        self.demand_mass(1.0 if first < last else 0.0)
        place = bisect_right(below, below[first] + u * (below[last] - below[first])) - 1
        return points[min(max(place, first), last - 1)]


@dataclass(frozen=True)
class Quantiles(ScalarLaw):
    """Values by probability."""

    table: Empirical

    def check(self) -> None:
        """Nothing: the document has been checked."""

    def at(self, u: float) -> float:
        """The point of the line at u of the probability between the ends."""
        points, chances = _numbers(self.table.points), _numbers(self.table.shares)
        low, high = self.cuts
        below, above = self._below(points, chances, low), self._up_to(points, chances, high)
        self.demand_mass(1.0 if above > below else 0.0)
        p = below + u * (above - below)
        cell = min(max(bisect_right(chances, p) - 1, 0), len(points) - 2)
        share = (p - chances[cell]) / (chances[cell + 1] - chances[cell])
        return self.settled(points[cell] + share * (points[cell + 1] - points[cell]))

    @staticmethod
    def _below(points: list[float], chances: list[float], x: float) -> float:
        if x <= points[0]:
            return 0.0
        return 1.0 if x > points[-1] else _on_line(points, chances, bisect_left(points, x) - 1, x)

    @staticmethod
    def _up_to(points: list[float], chances: list[float], x: float) -> float:
        if x < points[0]:
            return 0.0
        return 1.0 if x >= points[-1] else _on_line(points, chances, bisect_right(points, x) - 1, x)


def _on_line(points: list[float], chances: list[float], cell: int, x: float) -> float:
    cell = min(max(cell, 0), len(points) - 2)
    width = points[cell + 1] - points[cell]
    share = (x - points[cell]) / width if width > 0.0 else 1.0
    return chances[cell] + share * (chances[cell + 1] - chances[cell])
