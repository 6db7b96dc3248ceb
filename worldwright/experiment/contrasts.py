"""What factors change: differences between cells, paired by replicate."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from worldwright.experiment.design import Cell, Experiment, spell
from worldwright.experiment.factors import short
from worldwright.experiment.stopping import interval, mean_sd

EFFECT_COLUMNS = pa.schema(
    [
        ("outcome", pa.string()),
        ("metric", pa.string()),
        ("segment", pa.string()),
        ("factor", pa.string()),
        ("from_value", pa.string()),
        ("to_value", pa.string()),
        ("held", pa.string()),
        ("n", pa.int32()),
        ("difference", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
    ]
)


Ends = dict[tuple[int, int], float | None]


def effects(experiment: Experiment, values: pa.Table) -> pa.Table:
    """What each factor changes in every outcome: its values against its first one, paired by replicate.

    One row per setting of the other factors, and one with `held` = "all others, averaged" if there are any.
    There is no interval where a run of a pair has no such value, since the rest would be a selection.
    Only grids and lists are compared like this; the points of other designs differ in everything.

    Args:
        experiment: Whose cells are compared.
        values: The table of `outcome_values`.
    """
    if not experiment.factors or not experiment.crossed:
        return EFFECT_COLUMNS.empty_table()
    ends: dict[tuple[str, str, str], Ends] = defaultdict(dict)
    names = ("outcome", "metric", "segment", "cell", "replicate", "value")
    columns = (values.column(name).to_pylist() for name in names)
    for outcome, metric, segment, cell, replicate, value in zip(*columns, strict=True):
        ends[outcome, metric, segment][cell, replicate] = value
    rows: list[dict[str, Any]] = []
    for (outcome, metric, segment), found in ends.items():
        about = {"outcome": outcome, "metric": metric, "segment": segment}
        rows += [{**about, **row} for row in _contrasts(experiment, found)]
    return pa.Table.from_pylist(rows, schema=EFFECT_COLUMNS)


def pairs(experiment: Experiment) -> Iterator[tuple[Cell, Cell]]:
    """Every two cells that are compared: they differ in one factor, and the first has its first value."""
    for factor in experiment.factors if experiment.crossed else ():
        for by_value in _groups(experiment, factor).values():
            first, *rest = by_value.values()
            yield from ((first, cell) for cell in rest)


def _groups(experiment: Experiment, factor: str) -> dict[str, dict[str, Cell]]:
    """The cells by the settings of the other factors, and then by the value of this one."""
    others = [name for name in experiment.factors if name != factor]
    groups: dict[str, dict[str, Cell]] = defaultdict(dict)
    for cell in experiment.cells:
        held = ", ".join(f"{short(name)}={spell(cell.settings[name])}" for name in others)
        groups[held][spell(cell.settings[factor])] = cell
    return groups


def _contrasts(experiment: Experiment, ends: Ends) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for factor in experiment.factors:
        groups = _groups(experiment, factor)
        averaged: dict[tuple[str, str], dict[int, list[float | None]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for held, by_value in groups.items():
            first, *rest = by_value
            for value in rest:
                pairs = _paired(ends, by_value[first].index, by_value[value].index)
                rows += _contrast(factor, first, value, held, list(pairs.values()))
                for replicate, difference in pairs.items():
                    averaged[first, value][replicate].append(difference)
        if len(groups) > 1:
            for (first, value), by_replicate in averaged.items():
                complete = [_mean(d) for d in by_replicate.values() if len(d) == len(groups)]
                rows += _contrast(factor, first, value, "all others, averaged", complete)
    return rows


def _mean(differences: list[float | None]) -> float | None:
    known = [d for d in differences if d is not None]
    return math.fsum(known) / len(known) if len(known) == len(differences) else None


def _paired(ends: Ends, before: int, after: int) -> dict[int, float | None]:
    replicates = sorted({r for c, r in ends if c == before} & {r for c, r in ends if c == after})
    pairs = {r: (ends[before, r], ends[after, r]) for r in replicates}
    return {r: None if low is None or high is None else high - low for r, (low, high) in pairs.items()}


def _contrast(
    factor: str, first: str, value: str, held: str, differences: list[float | None]
) -> list[dict[str, Any]]:
    known = [d for d in differences if d is not None]
    if not known:
        return []
    mean, sd = mean_sd(known)
    low, high = interval(mean, sd, len(known)) if len(known) == len(differences) else (None, None)
    return [
        {"factor": factor, "from_value": first, "to_value": value, "held": held, "n": len(known)}
        | {"difference": mean, "low": low, "high": high}
    ]
