"""Whole numbers for a fitted table: counts of N agents that keep the margins.

Controlled rounding (L. H. Cox, 1987, "A constructive procedure for unbiased controlled rounding", names the
problem): each margin is rounded by the largest remainder, from those over few attributes to those over many,
so that margins which share attributes agree; then the table is rounded the same way, and units are moved
between cells, the cheapest first, until its margins are the rounded ones. No choice is left to chance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from worldwright.spec.raking.tables import Counts, Floats, Group, margin, projection

_MOST_EXCHANGED = 2000
"""Cells with agents in them up to which exchanges are looked for; larger tables rarely need one."""


@dataclass(frozen=True)
class Whole:
    """Counts of the cells of a table."""

    counts: Counts
    off: int
    """How many agents all margins together miss their whole targets by; 0 nearly always."""


@dataclass(frozen=True)
class _Kept:
    """A margin that is to have given counts."""

    axes: tuple[int, ...]
    into: Counts
    counts: Counts


def whole(group: Group, cells: Floats, agents: int) -> Whole:
    """Counts of a group's fitted cells for a number of agents."""
    shape = group.shape
    expected = cells * float(agents)
    goals: dict[tuple[int, ...], Counts] = {}
    for axes in _lattice(group):
        into = projection(shape, axes)
        size = math.prod(shape[axis] for axis in axes)
        own = margin(expected, into, size)
        lengths = [shape[axis] for axis in axes]
        inner: list[_Kept] = []
        for lower, counts in goals.items():
            if set(lower) < set(axes):
                places = tuple(axes.index(axis) for axis in lower)
                inner.append(_Kept(places, projection(lengths, places), counts))
        goals[axes] = _rounded(own, lengths, inner, agents)
    wanted = {tuple(sorted(target.axes)) for target in group.targets}
    kept = [_Kept(axes, projection(shape, axes), counts) for axes, counts in goals.items() if axes in wanted]
    counts = _rounded(expected, list(shape), kept, agents)
    return Whole(counts, sum(_missing(counts, margin) for margin in kept))


def _lattice(group: Group) -> list[tuple[int, ...]]:
    """The axes of all targets, and those that targets share, from few to many."""
    found = {tuple(sorted(target.axes)) for target in group.targets}
    while True:
        shared = {tuple(sorted(set(a) & set(b))) for a, b in combinations(sorted(found), 2)} - {()}
        if shared <= found:
            return sorted(found, key=lambda axes: (len(axes), axes))
        found |= shared


def _rounded(expected: Floats, shape: list[int], kept: Sequence[_Kept], agents: int) -> Counts:
    counts = _largest_remainder(expected, agents)
    if kept:
        _repair(counts, expected, shape, kept)
    return counts


def _largest_remainder(expected: Floats, agents: int) -> Counts:
    """Whole parts, and one more where the remainder is largest; the first of equal ones."""
    counts = np.floor(expected + 1e-9).astype(np.int64)
    left = agents - int(counts.sum())
    remainders = np.round(expected - counts, 9)
    remainders[expected <= 0.0] = -2.0
    order = np.argsort(-remainders, kind="stable")
    counts[order[: max(left, 0)]] += 1
    for place in order[::-1].tolist() if left < 0 else ():
        if left < 0 and counts[place] > 0:
            counts[place] -= 1
            left += 1
    return counts


def _missing(counts: Counts, kept: _Kept) -> int:
    return int(np.abs(_margin(counts, kept) - kept.counts).sum())


def _margin(counts: Counts, kept: _Kept) -> Counts:
    found = np.zeros(len(kept.counts), dtype=np.int64)
    np.add.at(found, kept.into, counts)
    return found


def _repair(counts: Counts, expected: Floats, shape: list[int], kept: Sequence[_Kept]) -> None:
    """Move units until the margins are kept, or no move brings them nearer."""
    strides = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    gaps = [_margin(counts, one) - one.counts for one in kept]
    while any(gap.any() for gap in gaps):
        best = _best_moves(counts, expected, strides, shape, kept, gaps)
        if best is None:
            return
        for source, target in best:
            counts[source] -= 1
            counts[target] += 1
            for one, gap in zip(kept, gaps, strict=True):
                gap[one.into[source]] -= 1
                gap[one.into[target]] += 1


def _best_moves(
    counts: Counts,
    expected: Floats,
    strides: list[int],
    shape: list[int],
    kept: Sequence[_Kept],
    gaps: Sequence[Counts],
) -> list[tuple[int, int]] | None:
    """The cheapest move of one unit, or else exchange between two, that brings the margins nearer."""
    best: tuple[int, float, int, int] | None = None
    for one, gap in zip(kept, gaps, strict=True):
        surplus, deficit = np.flatnonzero(gap > 0), np.flatnonzero(gap < 0)
        for wanted in deficit.tolist():
            sources = np.flatnonzero(np.isin(one.into, surplus) & (counts > 0))
            targets = _moved(sources, one, wanted, strides, shape)
            usable = expected[targets] > 0.0
            sources, targets = sources[usable], targets[usable]
            if not len(sources):
                continue
            gains = np.zeros(len(sources), dtype=np.int64)
            for other, own in zip(kept, gaps, strict=True):
                a, b = other.into[sources], other.into[targets]
                change = np.where(own[a] > 0, -1, 1) + np.where(own[b] < 0, -1, 1)
                gains += np.where(a == b, 0, change)
            costs = (counts[targets] - expected[targets]) - (counts[sources] - expected[sources])
            order = np.lexsort((targets, sources, np.round(costs, 9), gains))
            first = int(order[0])
            found = (
                int(gains[first]),
                float(np.round(costs[first], 9)),
                int(sources[first]),
                int(targets[first]),
            )
            if found[0] < 0 and (best is None or found < best):
                best = found
    if best is not None:
        return [(best[2], best[3])]
    return _exchange(counts, expected, strides, shape, kept, gaps)


def _moved(sources: Counts, kept: _Kept, wanted: int, strides: list[int], shape: list[int]) -> Counts:
    """The cells that units come to when they take the options of a cell of a margin."""
    targets = sources.copy()
    for axis in reversed(kept.axes):
        wanted, code = divmod(wanted, shape[axis])
        own = (sources // strides[axis]) % shape[axis]
        targets = targets + (code - own) * strides[axis]
    return targets


def _exchange(
    counts: Counts,
    expected: Floats,
    strides: list[int],
    shape: list[int],
    kept: Sequence[_Kept],
    gaps: Sequence[Counts],
) -> list[tuple[int, int]] | None:
    """Two units exchange some of their options, so that margins over the others stay as they are."""
    one, gap = next((one, gap) for one, gap in zip(kept, gaps, strict=True) if gap.any())
    full = np.flatnonzero(counts > 0)
    if len(full) > _MOST_EXCHANGED:
        return None
    firsts = full[gap[one.into[full]] > 0]
    for size in range(1, len(one.axes)):
        for axes in combinations(one.axes, size):
            for first in firsts.tolist():
                for second in full.tolist():
                    moves = _exchanged(first, second, axes, strides, shape)
                    if moves is not None and _improves(moves, counts, expected, kept, gaps):
                        return moves
    return None


def _exchanged(
    first: int, second: int, axes: tuple[int, ...], strides: list[int], shape: list[int]
) -> list[tuple[int, int]] | None:
    shift = 0
    for axis in axes:
        own, other = ((cell // strides[axis]) % shape[axis] for cell in (first, second))
        shift += (other - own) * strides[axis]
    return [(first, first + shift), (second, second - shift)] if shift and first != second else None


def _improves(
    moves: list[tuple[int, int]],
    counts: Counts,
    expected: Floats,
    kept: Sequence[_Kept],
    gaps: Sequence[Counts],
) -> bool:
    if any(expected[target] <= 0.0 for _, target in moves):
        return False
    change = 0
    for one, gap in zip(kept, gaps, strict=True):
        shifted: dict[int, int] = {}
        for source, target in moves:
            shifted[int(one.into[source])] = shifted.get(int(one.into[source]), 0) - 1
            shifted[int(one.into[target])] = shifted.get(int(one.into[target]), 0) + 1
        change += sum(abs(int(gap[cell]) + by) - abs(int(gap[cell])) for cell, by in shifted.items())
    return change < 0
