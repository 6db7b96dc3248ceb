"""Empirical laws: the values of a table with their weights, or quantiles with straight lines between them.

Both are inverted by a search among cumulative shares and the four operations, so that bits are the same on
every machine. Between two ends a table keeps its weights; of quantiles, an integer is cut at half-integers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from worldwright.population import arrays
from worldwright.population.block import Block
from worldwright.population.laws.law import Law
from worldwright.population.lowering import Number, Scope
from worldwright.population.refusal import first_row
from worldwright.population.values import Floats, Mask
from worldwright.spec.packed import Packed
from worldwright.spec.population import Attribute, Distribution, Empirical


def floats(packed: Packed) -> Floats:
    """Packed numbers as an array that cannot be changed."""
    return np.frombuffer(packed.data, dtype=np.float64)


def _table(distribution: Distribution) -> Empirical:
    assert distribution.table is not None
    return distribution.table


class Values(Law):
    """The values of a table, each as likely as its weight says."""

    def __init__(self, attribute: Attribute, distribution: Distribution, scope: Scope) -> None:
        table = _table(distribution)
        self.points = floats(table.points)
        running = np.concatenate([[0.0], np.cumsum(floats(table.shares))])
        self.cumulative: Floats = running / running[-1]
        """The probability below each value, and 1."""
        super().__init__(attribute, distribution, scope)

    def _check(self, values: Sequence[Number]) -> list[tuple[Mask | bool, str]]:
        return []

    def _invert(
        self, uniform: Floats, parameters: tuple[Number, ...], ends: tuple[Number, Number], block: Block
    ) -> Floats:
        first = np.searchsorted(self.points, ends[0], side="left")
        last = np.searchsorted(self.points, ends[1], side="right")
        row = first_row(np.broadcast_to(np.asarray(first >= last), (block.count,)))
        if row >= 0:
            raise self.refuse_mass(block, row, *ends)
        below, above = self.cumulative[first], self.cumulative[last]
        at = np.searchsorted(self.cumulative, below + uniform * (above - below), side="right") - 1
        return self.points[np.minimum(np.maximum(at, first), last - 1)]


class Quantiles(Law):
    """Values by probability, on straight lines; equal neighbours are one value with its own probability."""

    def __init__(self, attribute: Attribute, distribution: Distribution, scope: Scope) -> None:
        table = _table(distribution)
        self.points = floats(table.points)
        self.probabilities = floats(table.shares)
        super().__init__(attribute, distribution, scope)

    def _check(self, values: Sequence[Number]) -> list[tuple[Mask | bool, str]]:
        return []

    def _invert(
        self, uniform: Floats, parameters: tuple[Number, ...], ends: tuple[Number, Number], block: Block
    ) -> Floats:
        low, high = self.cuts(ends)
        below, above = self.reached(low, strictly=True), self.reached(high, strictly=False)
        row = first_row(np.broadcast_to(above <= below, (block.count,)))
        if row >= 0:
            raise self.refuse_mass(block, row, *ends)
        return self.settle(self.at(below + uniform * (above - below)), ends)

    def at(self, p: Floats) -> Floats:
        """The quantiles at some probabilities."""
        cell = np.searchsorted(self.probabilities, p, side="right") - 1
        cell = np.minimum(np.maximum(cell, 0), len(self.points) - 2)
        start = self.probabilities[cell]
        share = (p - start) / (self.probabilities[cell + 1] - start)
        return self.points[cell] + share * (self.points[cell + 1] - self.points[cell])

    def reached(self, x: Number, strictly: bool) -> Floats:
        """The probability below x, or up to and with it."""
        values = np.minimum(np.maximum(np.asarray(x, dtype=np.float64), self.points[0]), self.points[-1])
        side = "left" if strictly else "right"
        cell = np.searchsorted(self.points, values, side=side) - 1
        cell = np.minimum(np.maximum(cell, 0), len(self.points) - 2)
        width = self.points[cell + 1] - self.points[cell]
        share = np.where(width > 0.0, (values - self.points[cell]) / np.where(width > 0.0, width, 1.0), 1.0)
        found = self.probabilities[cell] + share * (self.probabilities[cell + 1] - self.probabilities[cell])
        least, greatest = self.points[0], self.points[-1]
        outside = np.asarray(x) <= least if strictly else np.asarray(x) < least
        beyond = np.asarray(x) > greatest if strictly else np.asarray(x) >= greatest
        return np.where(outside, 0.0, np.where(beyond, 1.0, found))


def empirical(attribute: Attribute, distribution: Distribution, scope: Scope) -> Law:
    """The law of a table of either kind."""
    kind = Quantiles if _table(distribution).quantiles else Values
    return kind(attribute, distribution, scope)


def cut_scores(law: Values, most: int) -> Floats:
    """The normal scores at which the value of a table rises, for correlations.

    Of a long table, neighbours that are rare together count as one value.
    """
    inside = law.cumulative[1:-1]
    if len(inside) > most:
        kept, before = list[float](), 0.0
        for share, after in zip(inside.tolist(), [*inside[1:].tolist(), 1.0], strict=True):
            if share - before >= 1.0 / most or after - share >= 1.0 / most:
                kept.append(share)
                before = share
        inside = np.array(kept)
    inside = inside[(inside > 0.0) & (inside < 1.0)]
    return arrays.rows(arrays.ndtri(inside), len(inside))
