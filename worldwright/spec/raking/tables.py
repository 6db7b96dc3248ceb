"""Joint tables: axes, margins, and which cells of a table add up to which cell of a margin.

A table is flat, the last of its axes running fastest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


def projection(shape: Sequence[int], axes: Sequence[int]) -> Counts:
    """For each cell of a table, the cell of the margin over some axes (in their order) that it adds to."""
    size = int(np.prod(np.array(shape, dtype=np.int64))) if shape else 1
    left = np.arange(size, dtype=np.int64)
    codes: list[Counts] = [left] * len(shape)
    for axis in reversed(range(len(shape))):
        codes[axis] = left % shape[axis]
        left = left // shape[axis]
    found = np.zeros(size, dtype=np.int64)
    for axis in axes:
        found = found * shape[axis] + codes[axis]
    return found


def margin(table: Floats, cells: Counts, size: int) -> Floats:
    """The sums of a table over the cells of a margin.

    Added one after the other in the order of cells, so that no sum depends on how a processor adds.
    """
    return np.bincount(cells, weights=table, minlength=size).astype(np.float64, copy=False)


def total(table: Floats) -> float:
    """The sum of a table, from left to right."""
    return float(np.cumsum(table)[-1]) if len(table) else 0.0


@dataclass(frozen=True)
class Target:
    """A known margin of a joint table: shares of the whole over some of its axes, flat."""

    axes: tuple[int, ...]
    shares: Floats


@dataclass(frozen=True)
class Group:
    """Attributes whose joint table is fitted, in the order of its axes, with a prior and known margins."""

    members: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    """The options of each member; of a boolean, false and true."""
    seed: Floats
    """The prior: weights of the cells."""
    targets: tuple[Target, ...]
    sources: tuple[int, ...]
    """For each target, its position among those of the document."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of options of each member."""
        return tuple(len(options) for options in self.labels)

    @cached_property
    def projections(self) -> tuple[Counts, ...]:
        """For each target, the cell of its margin that each cell of the table adds to."""
        return tuple(projection(self.shape, target.axes) for target in self.targets)

    def cell(self, number: int, axes: Sequence[int] | None = None) -> tuple[tuple[str, str], ...]:
        """The members and options of a cell of the table, or of the margin over some axes."""
        own = range(len(self.members)) if axes is None else axes
        found: list[tuple[str, str]] = []
        for axis in reversed(own):
            number, code = divmod(number, self.shape[axis])
            found.append((self.members[axis], self.labels[axis][code]))
        return tuple(reversed(found))
