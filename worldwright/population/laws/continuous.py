"""Families whose distribution function has a closed inverse, given the normal scores."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from worldwright.population import arrays
from worldwright.population.block import Block
from worldwright.population.kernels import normal, scores
from worldwright.population.laws.law import LEAST_MASS, Law, is_number
from worldwright.population.lowering import Number
from worldwright.population.refusal import first_row
from worldwright.population.values import Floats, Mask


class Scored(Law):
    """A law that is a function of a normal score: the truncation is inverted on the scores."""

    def scored(
        self, uniform: Floats, cuts: tuple[Number, Number], shown: tuple[Number, Number], block: Block
    ) -> Floats:
        """Scores of each row between two cuts, themselves given as scores."""
        low, high = cuts
        out = np.empty(block.count)
        if is_number(low, -math.inf) and is_number(high, math.inf):
            normal.ndtri_of(uniform, out)
            return out
        a = _NO_CUT if is_number(low, -math.inf) else arrays.rows(low, block.count)
        b = _NO_CUT if is_number(high, math.inf) else arrays.rows(high, block.count)
        row = scores.scores_between_rows(uniform, a, b, out)
        if row >= 0:
            raise self.refuse_mass(block, row, *shown)
        return out

    def shared(
        self, location: float, spread: float, cuts: tuple[Number, Number]
    ) -> tuple[float, float, float]:
        """Of a law that all rows share: the probability below its cuts, above them, and between."""
        found = np.empty(3)
        low, high = (np.divide(float(cut) - location, spread) for cut in cuts)
        scores.masses(low, high, found)
        if not found[2] > LEAST_MASS:
            raise self.refuse_mass(Block(0, 1), 0, *self.fixed_ends)
        return float(found[0]), float(found[1]), float(found[2])


_NO_CUT = np.empty(0)


def _standardised(cut: Number, location: Number, spread: Number) -> Number:
    """A cut as a score; an infinite one stays a number for all."""
    return cut if is_number(cut, math.inf) or is_number(cut, -math.inf) else (cut - location) / spread


class Normal(Scored):
    """The normal law with mean and sd."""

    names = ("mean", "sd")

    def _check(self, values: Sequence[Number]) -> list[tuple[Mask | bool, str]]:
        return [(values[1] <= 0, "its sd is not positive")]

    def _invert(
        self, uniform: Floats, parameters: tuple[Number, ...], ends: tuple[Number, Number], block: Block
    ) -> Floats:
        if self.constant:
            return self._alike(uniform)
        mean, sd = parameters
        low, high = self.cuts(ends)
        if is_number(low, -math.inf) and is_number(high, math.inf):
            out = np.empty(block.count)
            means, sds = arrays.rows(mean, block.count), arrays.rows(sd, block.count)
            scores.normal_rows(uniform, means, sds, self.integer, out)
            return out
        cuts = _standardised(low, mean, sd), _standardised(high, mean, sd)
        score = self.scored(uniform, cuts, ends, block)
        return self.settle(mean + sd * score, ends)

    def _alike(self, uniform: Floats) -> Floats:
        mean, sd = self.fixed_parameters
        shared = self.shared(mean, sd, self.cuts(self.fixed_ends))
        out = np.empty(len(uniform))
        scores.normal_alike(uniform, *shared, mean, sd, self.integer, *self.fixed_ends, out)
        return out


class Lognormal(Scored):
    """The lognormal law, by the mean and sd of the variable itself."""

    names = ("mean", "sd")

    def _check(self, values: Sequence[Number]) -> list[tuple[Mask | bool, str]]:
        return [(values[0] <= 0, "its mean is not positive"), (values[1] <= 0, "its sd is not positive")]

    def _invert(
        self, uniform: Floats, parameters: tuple[Number, ...], ends: tuple[Number, Number], block: Block
    ) -> Floats:
        mean, sd = parameters
        ratio = sd / mean
        variance = arrays.log1p(ratio * ratio)
        location, spread = arrays.log(mean) - 0.5 * variance, np.sqrt(variance)
        low, high = (arrays.log(np.maximum(cut, 0.0)) for cut in self.cuts(ends))
        if self.constant:
            out = np.empty(block.count)
            where, width = float(location), float(spread)
            shared = self.shared(where, width, (low, high))
            scores.lognormal_alike(uniform, *shared, where, width, self.integer, *self.fixed_ends, out)
            return out
        cuts = _standardised(low, location, spread), _standardised(high, location, spread)
        score = self.scored(uniform, cuts, ends, block)
        return self.settle(arrays.rows(arrays.exp(location + spread * score), block.count), ends)


class Uniform(Law):
    """The uniform law on [min, max]; discrete uniform for an integer."""

    names = ("min", "max")

    def _check(self, values: Sequence[Number]) -> list[tuple[Mask | bool, str]]:
        return [(values[0] > values[1], "its min is above its max")]

    def _invert(
        self, uniform: Floats, parameters: tuple[Number, ...], ends: tuple[Number, Number], block: Block
    ) -> Floats:
        low, high = np.maximum(parameters[0], ends[0]), np.minimum(parameters[1], ends[1])
        if self.integer:
            low, high = np.ceil(low), np.floor(high)
        self.demand_interval(low, high, block)
        if self.integer:
            return np.minimum(low + np.floor(uniform * (high - low + 1.0)), high)
        return np.minimum(low + uniform * (high - low), high)


class Exponential(Law):
    """The exponential law with its mean; between two cuts it is memoryless, so no tail is out of reach."""

    names = ("mean",)

    def _check(self, values: Sequence[Number]) -> list[tuple[Mask | bool, str]]:
        return [(values[0] <= 0, "its mean is not positive")]

    def _invert(
        self, uniform: Floats, parameters: tuple[Number, ...], ends: tuple[Number, Number], block: Block
    ) -> Floats:
        mean = parameters[0]
        low, high = self.cuts(ends)
        start = np.maximum(low, 0.0)
        row = first_row(np.broadcast_to(np.asarray(high <= start), (block.count,)))
        if row >= 0:
            raise self.refuse_mass(block, row, *ends)
        share = -1.0 * np.asarray(arrays.expm1((start - high) / mean))
        values = start - mean * np.asarray(arrays.log1p(-(uniform * share)))
        return self.settle(values, ends)


class Triangular(Law):
    """The triangular law on [min, max] with its mode."""

    names = ("min", "mode", "max")

    def _check(self, values: Sequence[Number]) -> list[tuple[Mask | bool, str]]:
        low, mode, high = values
        return [
            ((mode < low) | (mode > high), "its mode is outside min and max"),
            (high <= low, "its max is not above its min"),
        ]

    def _invert(
        self, uniform: Floats, parameters: tuple[Number, ...], ends: tuple[Number, Number], block: Block
    ) -> Floats:
        low, mode, high = parameters
        first, last = self.cuts(ends)
        first, last = np.maximum(first, low), np.minimum(last, high)
        row = first_row(np.broadcast_to(np.asarray(first >= last), (block.count,)))
        if row >= 0:
            raise self.refuse_mass(block, row, *ends)
        below, above = self._tails(first, parameters)
        below_last, above_last = self._tails(last, parameters)
        mass = np.where(below > 0.5, above - above_last, below_last - below)
        p, q = below + uniform * mass, above_last + (1.0 - uniform) * mass
        rising = p * (high - low) <= mode - low
        width = high - low
        values = np.where(
            rising, low + np.sqrt(p * width * (mode - low)), high - np.sqrt(q * width * (high - mode))
        )
        return self.settle(values, ends)

    @staticmethod
    def _tails(x: Number, parameters: tuple[Number, ...]) -> tuple[Floats, Floats]:
        low, mode, high = parameters
        width = high - low
        rise, fall = (x - low) * (x - low), (high - x) * (high - x)
        with np.errstate(all="ignore"):
            below = np.where(x <= mode, rise / (width * (mode - low)), 1.0 - fall / (width * (high - mode)))
            above = np.where(x <= mode, 1.0 - rise / (width * (mode - low)), fall / (width * (high - mode)))
        return np.where(x <= low, 0.0, below), np.where(x >= high, 0.0, above)
