"""Poisson and binomial: counts with their own probabilities, truncated to the whole numbers of [min, max].

Where all agents share the law, a count is chosen like a category from a table of cumulative shares; where
they do not, the distribution function is inverted row by row.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from worldwright.population import arrays
from worldwright.population.block import Block
from worldwright.population.kernels import inverses, select
from worldwright.population.laws.law import Law
from worldwright.population.lowering import Number
from worldwright.population.values import Codes, Floats, Mask

_WIDEST = 200_000
_NEGLIGIBLE = 1e-22


@dataclass(frozen=True, slots=True)
class Counts:
    """The probabilities of first, first + 1, … on an interval, up to a common factor."""

    first: float
    weights: Floats


class Count(Law):
    """A law on whole numbers."""

    @abstractmethod
    def _center_and_spread(self) -> tuple[float, float]:
        """Mean and standard deviation of the constant law."""

    @abstractmethod
    def _support(self, parameters: tuple[Number, ...]) -> tuple[Number, Number]:
        """Least and greatest value of the untruncated law."""

    @abstractmethod
    def _masses(self, first: float, out: Floats) -> None:
        """Fill in the probabilities of first, first + 1, … under the constant law."""

    @abstractmethod
    def _exact(
        self, uniform: Floats, parameters: tuple[Number, ...], low: Floats, high: Floats, out: Floats
    ) -> int:
        """Invert row by row; returns the first row without probability, or −1."""

    def _invert(
        self, uniform: Floats, parameters: tuple[Number, ...], ends: tuple[Number, Number], block: Block
    ) -> Floats:
        if self.constant and self.table is not None:
            return self._chosen(uniform, self.table)
        least, greatest = self._support(parameters)
        low, high = np.maximum(np.ceil(ends[0]), least), np.minimum(np.floor(ends[1]), greatest)
        self.demand_interval(low, high, block)
        out = np.empty(block.count)
        row = self._exact(
            uniform, parameters, arrays.rows(low, block.count), arrays.rows(high, block.count), out
        )
        if row >= 0:
            raise self.refuse_mass(block, row, *ends)
        return out

    @cached_property
    def table(self) -> Counts | None:
        """The probabilities of a constant law; None where it spreads too widely or lies too far out."""
        least, greatest = self._support(self.fixed_parameters)
        low = max(
            math.ceil(self.fixed_ends[0]) if self.fixed_ends[0] > -math.inf else -math.inf, float(least)
        )
        high = min(
            math.floor(self.fixed_ends[1]) if self.fixed_ends[1] < math.inf else math.inf, float(greatest)
        )
        self.demand_interval(low, high, Block(0, 1))
        center, spread = self._center_and_spread()
        reach = 12.0 * spread + 40.0  # both tails are below 1e-22 there
        first, last = max(low, math.floor(center - reach)), min(high, math.ceil(center + reach))
        if last < first or last - first > _WIDEST:
            return None
        weights = np.empty(int(last - first) + 1)
        self._masses(float(first), weights)
        greatest_weight = float(weights.max())
        if greatest_weight < 1e-200:
            return None
        likely = np.flatnonzero(weights > greatest_weight * _NEGLIGIBLE)
        return Counts(float(first) + float(likely[0]), weights[likely[0] : likely[-1] + 1])

    @cached_property
    def _guided(self) -> tuple[Floats, Codes]:
        assert self.table is not None
        running, sums = 0.0, list[float]()
        for weight in self.table.weights.tolist():
            running += weight
            sums.append(running)
        return select.guided(np.array(sums[:-1]) / running)

    def _chosen(self, uniform: Floats, table: Counts) -> Floats:
        out = np.empty(len(uniform))
        select.count_guided(uniform, *self._guided, table.first, out)
        return out


class Poisson(Count):
    """The Poisson law with its mean."""

    names = ("mean",)

    def _check(self, values: Sequence[Number]) -> list[tuple[Mask | bool, str]]:
        return [(values[0] < 0, "its mean is negative")]

    def _center_and_spread(self) -> tuple[float, float]:
        return self.fixed_parameters[0], math.sqrt(self.fixed_parameters[0])

    def _support(self, parameters: tuple[Number, ...]) -> tuple[Number, Number]:
        return 0.0, math.inf

    def _masses(self, first: float, out: Floats) -> None:
        inverses.poisson_masses(self.fixed_parameters[0], first, out)

    def _exact(
        self, uniform: Floats, parameters: tuple[Number, ...], low: Floats, high: Floats, out: Floats
    ) -> int:
        return inverses.poisson_rows(uniform, arrays.rows(parameters[0], len(out)), low, high, out)


class Binomial(Count):
    """The binomial law with n trials of probability p."""

    names = ("n", "p")

    def _check(self, values: Sequence[Number]) -> list[tuple[Mask | bool, str]]:
        n, p = values
        return [
            ((n < 0) | (n != np.floor(n)), "its n is not a whole number of trials"),
            ((p < 0) | (p > 1), "its p is not between 0 and 1"),
        ]

    def _center_and_spread(self) -> tuple[float, float]:
        n, p = self.fixed_parameters
        return n * p, math.sqrt(n * p * (1.0 - p))

    def _support(self, parameters: tuple[Number, ...]) -> tuple[Number, Number]:
        return 0.0, parameters[0]

    def _masses(self, first: float, out: Floats) -> None:
        inverses.binomial_masses(self.fixed_parameters[0], self.fixed_parameters[1], first, out)

    def _exact(
        self, uniform: Floats, parameters: tuple[Number, ...], low: Floats, high: Floats, out: Floats
    ) -> int:
        count = len(out)
        n, p = arrays.rows(parameters[0], count), arrays.rows(parameters[1], count)
        return inverses.binomial_rows(uniform, n, p, low, high, out)
