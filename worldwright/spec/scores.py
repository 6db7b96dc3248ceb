"""Correlations of normal scores and of the ranks that they give, for attributes with few values too.

A judgement before sampling, in plain Python; the sampler solves the same equation by its own kernels, to the
last bit. An attribute is given by the probabilities below each step of its ranks, nothing where it is
continuous. Many small steps are taken as fewer or as none, which moves a score by less than a hundredth.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import NormalDist

Steps = Sequence[float]
_MOST = 12
"""Steps that are computed with."""
_FINE = 0.997
"""The variance of ranks, as a share of that of continuous ones, from which on they count as continuous."""
_STRONGEST = 1.0 - 1e-9
_CLOSE = 1e-10
_ROUNDS = 60
# the ten-point Gauss–Legendre rule on each half of the way
_RULE = (
    (0.1488743389816312, 0.2955242247147529),
    (0.4333953941292472, 0.2692667193099963),
    (0.6794095682990244, 0.2190863625159820),
    (0.8650633666889845, 0.1494513491505806),
    (0.9739065285171717, 0.0666713443086881),
)


def score_correlation(first: Steps, second: Steps, spearman: float) -> float:
    """The Pearson correlation of normal scores that gives a Spearman correlation, to ten digits or so.

    Two continuous attributes: 2·sin(π·ρ/6) (K. Pearson, 1907). Steps: solved for by Newton's method between
    bounds, in the angle whose sine is the correlation. What cannot be attained gives the strongest there is.
    """
    pair = _Pair(first, second)
    if pair.continuous:
        return 2.0 * math.sin(math.pi / 6.0 * spearman)
    low, high = math.asin(-_STRONGEST), math.asin(_STRONGEST)
    angle = math.asin(2.0 * math.sin(math.pi / 6.0 * spearman))
    for _ in range(_ROUNDS):
        found, slope = pair.at(angle)
        if found < spearman:
            low = angle
        else:
            high = angle
        step = (spearman - found) / slope if slope > 0.0 else 0.0
        last, angle = angle, angle + step
        if not low < angle < high:
            angle = 0.5 * (low + high)
        if abs(angle - last) < _CLOSE:
            break
    return math.sin(angle)


def spearman_correlation(first: Steps, second: Steps, score: float) -> float:
    """The Spearman correlation of two attributes whose normal scores have a Pearson correlation."""
    pair = _Pair(first, second)
    if pair.continuous:
        return 6.0 / math.pi * math.asin(0.5 * score)
    return pair.at(math.asin(score))[0]


def rises(steps: Steps) -> list[tuple[float, float]]:
    """Each step's place, the probability below it, and how much the mid-rank rises there."""
    edges = [0.0, *steps, 1.0]
    return [(edges[k], 0.5 * (edges[k + 1] - edges[k - 1])) for k in range(1, len(edges) - 1)]


def variance(steps: Steps) -> float:
    """The variance of the mid-ranks, between 0 and 1/12."""
    edges = [0.0, *steps, 1.0]
    return (1.0 - math.fsum((b - a) ** 3 for a, b in pairwise(edges))) / 12.0 if steps else 1.0 / 12.0


class _Pair:
    """Two attributes, as a function of the angle whose sine is the correlation of their scores.

    A continuous rank is the probability that another score, drawn independently, is below its own: a step of
    height 1 at 0 in the difference of the two, whose correlation with anything is 1/√2 of it.
    """

    def __init__(self, first: Steps, second: Steps) -> None:
        first, second = _coarse(first), _coarse(second)
        self.continuous = not first and not second
        self._factor = math.sqrt(0.5) if not first or not second else 1.0
        self._scale = 1.0 / (2.0 * math.pi * math.sqrt(variance(first) * variance(second)))
        self._terms = [
            (0.5 * (a * a + b * b), a * b, rise * other)
            for a, rise in _cuts(first)
            for b, other in _cuts(second)
        ]

    def at(self, angle: float) -> tuple[float, float]:
        """The Spearman correlation at an angle, and its derivative by the angle.

        The covariance of two steps is the integral of the bivariate normal density over the correlation from
        0 on (R. L. Plackett, 1954).
        """
        score = math.sin(angle) * self._factor
        end = math.asin(score)
        total = 0.0
        for node, weight in _RULE:
            total += weight * (
                self._density(0.25 * end * (1.0 - node)) + self._density(0.25 * end * (1.0 + node))
            )
            total += weight * (
                self._density(0.25 * end * (3.0 - node)) + self._density(0.25 * end * (3.0 + node))
            )
        along = math.cos(angle) * self._factor / math.sqrt(1.0 - score * score)
        return 0.25 * end * total * self._scale, self._density(end) * along * self._scale

    def _density(self, angle: float) -> float:
        rho = math.sin(angle)
        rest = 1.0 / max(1.0 - rho * rho, 1e-300)
        return math.fsum(
            mass * math.exp(-(half - product * rho) * rest) for half, product, mass in self._terms
        )


def _coarse(steps: Steps) -> Steps:
    if 12.0 * variance(steps) > _FINE:
        return ()
    kept = list(steps)
    while len(kept) > _MOST:
        edges = [0.0, *kept, 1.0]
        del kept[min(range(len(kept)), key=lambda k: edges[k + 2] - edges[k])]
    return kept


def _cuts(steps: Steps) -> list[tuple[float, float]]:
    normal = NormalDist()
    return [(normal.inv_cdf(below), rise) for below, rise in rises(steps)] or [(0.0, 1.0)]
