"""Beta and gamma: a quantile table where all agents share the law, the exact inverse where they do not.

A table holds log x (gamma) or log(x / (1 − x)) (beta) at normal scores 1/128 apart with exact slopes, and is
read by cubic Hermite interpolation; truncation is part of the table. It is built by the same kernels on
every machine, so its bits are the engine's own.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np

from worldwright.population import arrays
from worldwright.population.block import Block
from worldwright.population.kernels import inverses, scores
from worldwright.population.laws.law import LEAST_MASS, Law
from worldwright.population.lowering import Number
from worldwright.population.values import Floats, Mask

_FIRST = -8.5
_CELLS_PER_UNIT = 128.0
_NODES = 2 * 8 * 128 + 128 + 1


class Shaped(Law):
    """A law without a closed inverse."""

    @staticmethod
    @abstractmethod
    def build(parameters: tuple[float, ...], low: float, high: float, out: Floats) -> float:
        """Fill a table for a constant law between cuts; returns the probability between them."""

    @abstractmethod
    def _read_table(self, uniform: Floats, table: Floats, out: Floats) -> None:
        """From uniforms to values by the table."""

    @abstractmethod
    def _exact(
        self, uniform: Floats, parameters: tuple[Number, ...], ends: tuple[Number, Number], out: Floats
    ) -> int:
        """Invert row by row; returns the first row without probability between its cuts, or −1."""

    def _invert(
        self, uniform: Floats, parameters: tuple[Number, ...], ends: tuple[Number, Number], block: Block
    ) -> Floats:
        out = np.empty(block.count)
        if self.constant:
            self._read_table(uniform, self._table, out)
            return self.settle(out, ends)
        row = self._exact(uniform, parameters, ends, out)
        if row >= 0:
            raise self.refuse_mass(block, row, *ends)
        return self.settle(out, ends)

    @cached_property
    def _table(self) -> Floats:
        low, high = (float(cut) for cut in self.cuts(self.fixed_ends))
        found = _cells(type(self), self.fixed_parameters, low, high)
        if found is None:
            raise self.refuse_mass(Block(0, 1), 0, *self.fixed_ends)
        return found


@lru_cache(maxsize=64)
def _cells(kind: type[Shaped], parameters: tuple[float, ...], low: float, high: float) -> Floats | None:
    """The cubics of a constant law, made once for all that have it; None where it has no probability."""
    table = np.empty((_NODES, 2))
    if not kind.build(parameters, low, high, table) > LEAST_MASS:
        return None
    cells = np.empty((_NODES - 1, 4))
    scores.cubics(table, cells)
    return cells


class Gamma(Shaped):
    """The gamma law with shape and scale."""

    names = ("shape", "scale")

    def _check(self, values: Sequence[Number]) -> list[tuple[Mask | bool, str]]:
        return [(values[0] <= 0, "its shape is not positive"), (values[1] <= 0, "its scale is not positive")]

    @staticmethod
    def build(parameters: tuple[float, ...], low: float, high: float, out: Floats) -> float:
        """Logarithms at scale 1."""
        shape, scale = parameters
        return inverses.gamma_table(shape, low / scale, high / scale, _FIRST, 1.0 / _CELLS_PER_UNIT, out)

    def _read_table(self, uniform: Floats, table: Floats, out: Floats) -> None:
        scale = self.fixed_parameters[1]
        scores.scaled_exp_at_scores(uniform, _FIRST, _CELLS_PER_UNIT, table, scale, out)

    def _exact(
        self, uniform: Floats, parameters: tuple[Number, ...], ends: tuple[Number, Number], out: Floats
    ) -> int:
        shape, scale = parameters
        low, high = self.cuts(ends)
        count = len(out)
        row = inverses.gamma_rows(
            uniform,
            arrays.rows(shape, count),
            arrays.rows(low / scale, count),
            arrays.rows(high / scale, count),
            out,
        )
        out *= scale
        return row


class Beta(Shaped):
    """The beta law with alpha and beta."""

    names = ("alpha", "beta")

    def _check(self, values: Sequence[Number]) -> list[tuple[Mask | bool, str]]:
        return [(values[0] <= 0, "its alpha is not positive"), (values[1] <= 0, "its beta is not positive")]

    @staticmethod
    def build(parameters: tuple[float, ...], low: float, high: float, out: Floats) -> float:
        """Logits."""
        a, b = parameters
        return inverses.beta_table(a, b, max(low, 0.0), min(high, 1.0), _FIRST, 1.0 / _CELLS_PER_UNIT, out)

    def _read_table(self, uniform: Floats, table: Floats, out: Floats) -> None:
        scores.logistic_at_scores(uniform, _FIRST, _CELLS_PER_UNIT, table, out)

    def _exact(
        self, uniform: Floats, parameters: tuple[Number, ...], ends: tuple[Number, Number], out: Floats
    ) -> int:
        count = len(out)
        low, high = self.cuts(ends)
        return inverses.beta_rows(
            uniform,
            arrays.rows(parameters[0], count),
            arrays.rows(parameters[1], count),
            arrays.rows(np.maximum(low, 0.0), count),
            arrays.rows(np.minimum(high, 1.0), count),
            out,
        )
