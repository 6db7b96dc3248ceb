"""Iterative proportional fitting of a table to margins.

W. E. Deming and F. F. Stephan (1940), "On a least squares adjustment of a sampled frequency table when the
expected marginal totals are known". The result has the given margins and the cross-product ratios of the
prior; among all tables with these margins it is the one nearest to the prior in relative entropy
(I. Csiszár, 1975). Every operation is one of + − × ÷ in a fixed order, so its bits are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from worldwright.spec.raking.tables import Counts, Floats, Group, Target, margin, total

TOLERANCE = 1e-11
"""The largest difference between a fitted margin and its target that counts as none, in shares of all."""
MOST_ROUNDS = 2000
_STALLED = 200
"""Rounds after which a gap that has hardly closed since half as many is taken to stay."""
_MOST_VISITS = 400_000_000
_VANISHING = 1e-3


@dataclass(frozen=True)
class Fit:
    """A fitted table and how well it fits."""

    cells: Floats
    """Shares of the whole."""
    rounds: int
    gap: float
    """The largest difference between a margin and its target, in shares of the whole."""
    target: int
    """The target of that difference, by position."""
    cell: int
    """The cell of that target."""
    vanishing: tuple[int, ...] = ()
    """Cells that were still shrinking towards nothing when the fit was given up."""

    @property
    def converged(self) -> bool:
        """Whether every margin is met."""
        return self.gap <= TOLERANCE


def fit(group: Group) -> Fit:
    """Fit the table of a group; the result may not have converged.

    A target's cell whose prior is empty stays empty: `starved` tells of it.
    """
    return fitted(group.seed, group.targets, group.projections)


def fitted(seed: Floats, targets: Sequence[Target], projections: Sequence[Counts]) -> Fit:
    """Fit a table of weights to margins, given which cells add up to which.

    Args:
        seed: Weights of the cells, not negative, at least one above 0.
        targets: Margins as shares of the whole.
        projections: For each target, the cell of its margin that each cell of the table adds to.
    """
    cells = seed / total(seed)
    rounds = min(MOST_ROUNDS, max(_MOST_VISITS // max(len(cells) * len(targets), 1), 1))
    gaps: list[float] = []
    before = cells
    worst = (0.0, 0, 0)
    for number in range(1, rounds + 1):
        before = cells
        for target, into in zip(targets, projections, strict=True):
            sums = margin(cells, into, len(target.shares))
            factor = np.divide(target.shares, sums, out=np.zeros(len(sums)), where=sums > 0.0)
            cells = cells * factor[into]
        worst = _worst(cells, targets, projections)
        gaps.append(worst[0])
        stalled = number >= _STALLED and gaps[-1] > 0.9 * gaps[number // 2]
        if worst[0] <= TOLERANCE or stalled:
            break
    if worst[0] <= TOLERANCE:
        return Fit(cells, len(gaps), *worst)
    shrinking = (cells < before) & (cells > 0.0) & (cells < _VANISHING * seed / total(seed))
    return Fit(cells, len(gaps), *worst, tuple(np.flatnonzero(shrinking).tolist()))


def starved(group: Group) -> tuple[int, int] | None:
    """A target with a cell above 0 that no cell of the prior can fill: their positions.

    Where another target is 0, the prior is empty too.
    """
    possible = group.seed > 0.0
    for target, into in zip(group.targets, group.projections, strict=True):
        possible = possible & (target.shares > 0.0)[into]
    for number, (target, into) in enumerate(zip(group.targets, group.projections, strict=True)):
        filled = np.bincount(into[possible], minlength=len(target.shares)) > 0
        empty = np.flatnonzero((target.shares > 0.0) & ~filled)
        if len(empty):
            return number, int(empty[0])
    return None


def _worst(cells: Floats, targets: Sequence[Target], projections: Sequence[Counts]) -> tuple[float, int, int]:
    """The largest difference between a margin and its target, and where it is."""
    worst = (0.0, 0, 0)
    for number, (target, into) in enumerate(zip(targets, projections, strict=True)):
        differences = np.abs(margin(cells, into, len(target.shares)) - target.shares)
        place = int(np.argmax(differences))
        if differences[place] > worst[0]:
            worst = (float(differences[place]), number, place)
    return worst
