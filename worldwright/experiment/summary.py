"""From runs to answers: one table of metrics, their means with intervals, and the effects of factors."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from worldwright.experiment.design import Cell, Experiment, spell
from worldwright.experiment.documents import Scalar
from worldwright.experiment.factors import column
from worldwright.experiment.runner import AGENTS, METRICS, Run
from worldwright.experiment.stopping import interval, mean_sd

if TYPE_CHECKING:
    from worldwright.store import Store

ALGORITHM = 1
"""Raised by hand whenever a summarised value changes."""

RUN_COLUMNS = pa.schema(
    [
        ("cell", pa.int32()),
        ("replicate", pa.int32()),
        ("status", pa.string()),
        ("final_tick", pa.int64()),
        ("messages", pa.int64()),
        ("run", pa.string()),
        ("digest", pa.string()),
        ("error", pa.string()),
        ("error_tick", pa.int64()),
        ("error_entity", pa.string()),
        ("error_script", pa.string()),
        ("error_line", pa.int64()),
    ]
)
SUMMARY_COLUMNS = pa.schema(
    [
        ("cell", pa.int32()),
        ("metric", pa.string()),
        ("segment", pa.string()),
        ("tick", pa.int64()),
        ("n", pa.int32()),
        ("mean", pa.float64()),
        ("sd", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
    ]
)


def factor_columns(experiment: Experiment, taken: Iterable[str]) -> dict[str, str]:
    """The column each factor gets in tables: its own, or `world_NAME` where that is taken."""
    return columns_of(experiment.factors, taken)


def columns_of(factors: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """The column of each factor beside columns that are there already."""
    used = set(taken)
    columns: dict[str, str] = {}
    for factor in factors:
        name = column(factor)
        columns[factor] = name if name not in used else factor.replace(".", "_").replace("-", "_")
        used.add(columns[factor])
    return columns


def runs_table(runs: Sequence[Run]) -> pa.Table:
    """One row per run, failed ones with their error and its place."""
    rows = [
        {
            "cell": run.cell,
            "replicate": run.replicate,
            "status": run.status,
            "final_tick": run.final_tick,
            "messages": run.messages,
            "run": run.key,
            "digest": run.digest,
            "error": run.error,
            "error_tick": run.error_tick,
            "error_entity": run.error_entity,
            "error_script": run.error_script,
            "error_line": run.error_line,
        }
        for run in runs
    ]
    return pa.Table.from_pylist(rows, schema=RUN_COLUMNS)


def combine(experiment: Experiment, store: Store, runs: Sequence[Run], part: str) -> pa.Table:
    """The metrics or agents of all runs as one table, led by the cell, its factors and the replicate.

    Agents' columns are united over the runs; a column that is text in one run and a number in another
    becomes text.
    """
    tables: list[pa.Table] = []
    for run in runs:
        dataset = store.find(run.key) if run.digest else None
        table = dataset.table(part) if dataset else None
        if table is None or (part == AGENTS and table.num_rows == 0):
            continue
        tables.append(_labelled(experiment, experiment.cells[run.cell], run.replicate, table))
    if not tables:
        return _labelled(experiment, experiment.cells[0], 0, _EMPTY[part]).slice(0, 0)
    return _unite(tables)


def summarise(experiment: Experiment, metrics: pa.Table, runs: Sequence[Run]) -> pa.Table:
    """Mean, sd and Student interval of every metric, by cell, segment and tick, over replicates.

    A cell with a failed run is incomplete and shows no interval (`low` and `high` are null).
    """
    incomplete = {run.cell for run in runs if run.status != "ok"}
    failed = {(run.cell, run.replicate) for run in runs if run.status != "ok"}
    groups: dict[tuple[int, str, str, int], list[float]] = defaultdict(list)
    for cell, replicate, tick, metric, segment, value in _rows(metrics):
        if (cell, replicate) not in failed and math.isfinite(value):
            groups[cell, metric, segment, tick].append(value)
    rows: list[dict[str, Any]] = []
    for (cell, metric, segment, tick), values in sorted(groups.items()):
        mean, sd = mean_sd(values)
        low, high = interval(mean, sd, len(values)) if cell not in incomplete else (None, None)
        rows.append(
            {"cell": cell, "metric": metric, "segment": segment, "tick": tick, "n": len(values)}
            | {"mean": mean, "sd": _known(sd), "low": low, "high": high}
        )
    return pa.Table.from_pylist(rows, schema=SUMMARY_COLUMNS)


def label_outcomes(experiment: Experiment, values: pa.Table) -> pa.Table:
    """The table of `outcome_values` with a column per factor after the cell."""
    factors = factor_columns(experiment, values.column_names)
    cells = values.column("cell").to_pylist()
    columns: dict[str, Any] = {"cell": values.column("cell")}
    for factor, name in factors.items():
        settings = [cell.settings[factor] for cell in experiment.cells]
        kind = column_type(settings)
        columns[name] = pa.array([_typed(settings[cell], settings) for cell in cells], kind)
    return pa.table(columns | {name: values.column(name) for name in values.column_names})


_EMPTY = {
    METRICS: pa.schema(
        [("tick", pa.int64()), ("metric", pa.string()), ("segment", pa.string()), ("value", pa.float64())]
    ).empty_table(),
    AGENTS: pa.schema(
        [("tick", pa.int64()), ("entity_id", pa.string()), ("script", pa.string()), ("agent", pa.int64())]
    ).empty_table(),
}


def _rows(metrics: pa.Table) -> Iterable[tuple[int, int, int, str, str, float]]:
    names = ("cell", "replicate", "tick", "metric", "segment", "value")
    return zip(*(metrics.column(name).to_pylist() for name in names), strict=True)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _labelled(experiment: Experiment, cell: Cell, replicate: int, table: pa.Table) -> pa.Table:
    n = table.num_rows
    columns: dict[str, pa.Array] = {"cell": pa.array([cell.index] * n, pa.int32())}
    names = factor_columns(experiment, ["cell", "replicate", *table.column_names])
    for factor, name in names.items():
        values = [other.settings[factor] for other in experiment.cells]
        columns[name] = pa.array([_typed(cell.settings[factor], values)] * n, column_type(values))
    columns["replicate"] = pa.array([replicate] * n, pa.int32())
    return pa.table(columns | {name: table.column(name) for name in table.column_names})


def _unite(tables: list[pa.Table]) -> pa.Table:
    types: dict[str, pa.DataType] = {}
    for table in tables:
        for entry in table.schema:
            known = types.setdefault(entry.name, entry.type)
            if known != entry.type:
                types[entry.name] = _common(known, entry.type)
    united = [
        pa.table(
            {
                name: table.column(name).cast(kind)
                if name in table.column_names
                else pa.nulls(table.num_rows, kind)
                for name, kind in types.items()
            }
        )
        for table in tables
    ]
    return pa.concat_tables(united).combine_chunks()


def _common(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    if pa.types.is_null(one) or pa.types.is_null(other):
        return other if pa.types.is_null(one) else one
    numeric = [pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in (one, other)]
    return pa.float64() if all(numeric) else pa.string()


def column_type(values: Sequence[Scalar]) -> pa.DataType:
    """The narrowest type that holds all values of a factor; text where they have nothing in common."""
    if all(isinstance(value, bool) for value in values):
        return pa.bool_()
    if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return pa.int64()
    if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
        return pa.float64()
    return pa.string()


def _typed(value: Scalar, values: Sequence[Scalar]) -> Scalar:
    kind = column_type(values)
    if pa.types.is_floating(kind):
        return float(value)
    return spell(value) if pa.types.is_string(kind) else value
