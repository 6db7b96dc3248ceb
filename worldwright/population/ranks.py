"""Which correlation of normal scores gives a declared Spearman correlation of two attributes.

For two continuous attributes it is 2·sin(π·ρ/6). An attribute with few values is a step function of its
score; the Spearman correlation of two such (with mid-ranks, as it is estimated from data with ties) is a sum
of bivariate normal probabilities, which grows with the correlation of the scores, so it is solved for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from worldwright.errors import SamplingError
from worldwright.population import arrays
from worldwright.population.kernels import bivariate
from worldwright.population.values import Floats

_CONTINUOUS_VARIANCE = 1.0 / 12.0
_STRONGEST = 1.0 - 1e-9


@dataclass(frozen=True)
class Ranks:
    """The ranks of an attribute as a function of its normal score: steps at `cuts`, none where continuous."""

    cuts: Floats

    @property
    def continuous(self) -> bool:
        """Whether every score has a rank of its own."""
        return len(self.cuts) == 0

    @property
    def below(self) -> list[float]:
        """The probability below each cut."""
        return arrays.rows(arrays.ndtr(self.cuts), len(self.cuts)).tolist()

    @property
    def variance(self) -> float:
        """The variance of the mid-ranks."""
        if self.continuous:
            return _CONTINUOUS_VARIANCE
        edges = [0.0, *self.below, 1.0]
        cubes = 0.0
        for low, high in pairwise(edges):
            cubes += (high - low) ** 3
        return (1.0 - cubes) / 12.0

    @property
    def steps(self) -> tuple[Floats, Floats, float]:
        """Where the rank rises and by how much, and the factor on the correlation.

        A continuous rank is the probability that another score, drawn independently, is below its own: a
        step of height 1 at 0 in the difference of the two, whose correlation with anything is 1/√2 of it.
        """
        if self.continuous:
            return np.zeros(1), np.ones(1), math.sqrt(0.5)
        edges = [0.0, *self.below, 1.0]
        rises = [0.5 * (edges[k + 1] - edges[k - 1]) for k in range(1, len(edges) - 1)]
        return self.cuts, np.array(rises), 1.0


def spearman(first: Ranks, second: Ranks, correlation: float) -> float:
    """The Spearman correlation of two attributes whose scores have a given Pearson correlation."""
    cuts_a, rises_a, factor_a = first.steps
    cuts_b, rises_b, factor_b = second.steps
    rho = correlation * factor_a * factor_b
    covariance = bivariate.covariance_of_steps(cuts_a, rises_a, cuts_b, rises_b, rho)
    return covariance / math.sqrt(first.variance * second.variance)


def score_correlation(
    first: Ranks, second: Ranks, target: float, label: str, where: str | None = None
) -> float:
    """The Pearson correlation of scores that gives a Spearman correlation.

    Raises:
        SamplingError: where it cannot be attained, with the range that can.
    """
    if first.continuous and second.continuous:
        return 2.0 * _sine(math.pi / 6.0 * target)
    least, greatest = spearman(first, second, -_STRONGEST), spearman(first, second, _STRONGEST)
    if not least < target < greatest:
        raise SamplingError(
            f"{label} cannot have a Spearman correlation of {target:g}; "
            f"from {least:.3f} to {greatest:.3f} is attainable",
            where=where,
            why="attributes with few values have ties, and ties bound the correlation of ranks",
        )
    low, high = -_STRONGEST, _STRONGEST
    while high - low > 1e-13:
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        if spearman(first, second, middle) < target:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _sine(x: float) -> float:
    """Sin x for |x| ≤ π/6 by its series: libm's differs between machines."""
    term, total, k = x, x, 1
    while abs(term) > 1e-18:
        term *= -x * x / ((k + 1) * (k + 2))
        total += term
        k += 2
    return total
