"""From runs to answers: one table of metrics, their means with intervals, and the effects of factors."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from worldwright.experiment.design import Cell, Experiment, spell
from worldwright.experiment.documents import Scalar
from worldwright.experiment.factors import column
from worldwright.experiment.runner import AGENTS, EVENTS, METRICS, Run
from worldwright.experiment.stopping import CONFIDENCE, student_t
from worldwright.world.events import EVENTS_SCHEMA

if TYPE_CHECKING:
    from worldwright.store import Store

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
ALGORITHM = 3
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


_MANY = 1 << 32
"""More than there are replicates."""
METRIC_COLUMNS = ("cell", "replicate", "tick", "metric", "segment", "value")
"""What summaries read of all runs' metrics."""


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


def combine(
    experiment: Experiment, store: Store, runs: Sequence[Run], part: str
) -> tuple[pa.Schema, Iterator[pa.Table]]:
    """What all runs kept of one part, led by the cell, its factors and the replicate: run by run.

    Agents' columns are united over the runs; a column that is text in one run and a number in another
    becomes text.

    Returns:
        The columns of all, and a table of each run that has rows.
    """
    kept = [(run, store.get(run.key)) for run in runs if run.digest]
    kept = [(run, dataset) for run, dataset in kept if f"{part}.parquet" in dataset.parts]
    schemas = dict.fromkeys(dataset.schema(part) for _, dataset in kept)
    labelled = [
        _labelled(experiment, experiment.cells[0], 0, schema.empty_table()).schema
        for schema in (*schemas, _EMPTY[part].schema)
    ]
    schema = _united(labelled)

    def tables() -> Iterator[pa.Table]:
        for run, dataset in kept:
            table = dataset.table(part)
            if table.num_rows:
                cell = experiment.cells[run.cell]
                yield _as(schema, _labelled(experiment, cell, run.replicate, table))

    return schema, tables()


def by_cell(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The rows of one cell after another, of tables whose rows are in the order of the cells."""
    waiting: list[pa.Table] = []
    for table in tables:
        cells = table.column("cell").to_numpy()
        cuts = [0, *(np.flatnonzero(np.diff(cells)) + 1).tolist(), len(cells)]
        for start, end in pairwise(cuts):
            piece = table.slice(start, end - start)
            if not piece.num_rows:
                continue
            if waiting and waiting[0].column("cell")[0] != piece.column("cell")[0]:
                yield pa.concat_tables(waiting)
                waiting = []
            waiting.append(piece)
    if waiting:
        yield pa.concat_tables(waiting)


def summarise(metrics: pa.Table, runs: Sequence[Run], shares: Collection[str] = ()) -> pa.Table:
    """Mean, sd and Student interval of every metric, by cell, segment and tick, over replicates.

    A cell with a failed run is incomplete and shows no interval (`low` and `high` are null). Intervals of
    shares end at 0 and 1: what is cut off cannot be the true mean, so that none covers it less often.

    Args:
        metrics: Rows in the order of the replicates; those of failed runs and values that are not finite
            are left out.
        runs: All runs.
        shares: The metrics that lie between 0 and 1.
    """
    incomplete = {run.cell for run in runs if run.status != "ok"}
    found = [_summarised(part, runs, incomplete, shares) for part in _by_metric(metrics)]
    return pa.concat_tables([SUMMARY_COLUMNS.empty_table(), *found])


def _by_metric(metrics: pa.Table) -> Iterator[pa.Table]:
    """The rows of each cell and metric, so that no more than these are sorted at a time."""
    cells = sorted(metrics.column("cell").unique().to_pylist())
    for cell in cells:
        rows = metrics if len(cells) == 1 else metrics.filter(pc.field("cell") == cell)
        for metric in sorted(rows.column("metric").unique().to_pylist()):
            yield rows.filter(pc.field("metric") == metric)


def _summarised(
    metrics: pa.Table, runs: Sequence[Run], incomplete: set[int], shares: Collection[str]
) -> pa.Table:
    rows = _judged(metrics, runs)
    if not len(rows["value"]):
        return SUMMARY_COLUMNS.empty_table()
    order = np.lexsort([rows[name] for name in ("tick", "segment", "metric", "cell")])
    keys = {name: rows[name][order] for name in ("cell", "metric", "segment", "tick")}
    values = rows["value"][order]
    changed = np.zeros(len(order), dtype=bool)
    changed[0] = True
    for key in keys.values():
        changed[1:] |= key[1:] != key[:-1]
    starts = np.flatnonzero(changed)
    ends = np.append(starts[1:], len(order))
    n = ends - starts
    means, sds = _means_sds(values, starts, ends)
    t = np.array([student_t(int(k) - 1, CONFIDENCE) if k > 1 else math.nan for k in n])
    width = t * sds / np.sqrt(n)
    lows, highs = means - width, means + width
    shared = np.array([name in shares for name in rows["metrics"].to_pylist()])[keys["metric"][starts]]
    lows[shared], highs[shared] = np.maximum(lows[shared], 0.0), np.minimum(highs[shared], 1.0)
    unknown = (n < 2) | np.isin(keys["cell"][starts], list(incomplete))
    names = rows["metrics"], rows["segments"]
    return pa.table(
        {
            "cell": pa.array(keys["cell"][starts]),
            "metric": names[0].take(pa.array(keys["metric"][starts])),
            "segment": names[1].take(pa.array(keys["segment"][starts])),
            "tick": pa.array(keys["tick"][starts]),
            "n": pa.array(n.astype(np.int32)),
            "mean": pa.array(means),
            "sd": pa.array(sds, mask=n < 2),
            "low": pa.array(lows, mask=unknown),
            "high": pa.array(highs, mask=unknown),
        },
        schema=SUMMARY_COLUMNS,
    )


def _judged(metrics: pa.Table, runs: Sequence[Run]) -> dict[str, Any]:
    """The columns of the rows that count as arrays; texts as positions among the sorted ones."""
    cell, replicate = (metrics.column(name).to_numpy() for name in ("cell", "replicate"))
    value = metrics.column("value").to_numpy()
    failed = [run.cell * _MANY + run.replicate for run in runs if run.status != "ok"]
    kept = np.isfinite(value) & ~np.isin(cell.astype(np.int64) * _MANY + replicate, failed)
    found: dict[str, Any] = {"cell": cell[kept], "value": value[kept]}
    found["tick"] = metrics.column("tick").to_numpy()[kept]
    for name in ("metric", "segment"):
        coded = metrics.column(name).combine_chunks().dictionary_encode()
        texts = coded.dictionary.to_pylist()
        rank = np.empty(len(texts), dtype=np.int64)
        rank[np.array(sorted(range(len(texts)), key=texts.__getitem__), dtype=np.int64)] = range(len(texts))
        found[name] = rank[coded.indices.to_numpy()][kept] if texts else np.empty(0, dtype=np.int64)
        found[f"{name}s"] = pa.array(sorted(texts), pa.string())
    return found


def _means_sds(values: Floats, starts: Whole, ends: Whole) -> tuple[Floats, Floats]:
    """Mean and sample standard deviation of each stretch, from exactly rounded sums, as `mean_sd`."""
    n = (ends - starts).astype(np.float64)
    stretches = list(zip(starts.tolist(), ends.tolist(), strict=True))
    means = np.array([math.fsum(values[start:end].tolist()) for start, end in stretches]) / n
    away = values - np.repeat(means, ends - starts)
    away *= away
    sums = np.array([math.fsum(away[start:end].tolist()) for start, end in stretches])
    return means, np.sqrt(sums / np.where(n > 1, n - 1, math.nan))


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
    EVENTS: EVENTS_SCHEMA.empty_table(),
}


def _labelled(experiment: Experiment, cell: Cell, replicate: int, table: pa.Table) -> pa.Table:
    n = table.num_rows
    columns: dict[str, pa.Array] = {"cell": pa.array([cell.index] * n, pa.int32())}
    names = factor_columns(experiment, ["cell", "replicate", *table.column_names])
    for factor, name in names.items():
        values = [other.settings[factor] for other in experiment.cells]
        columns[name] = pa.array([_typed(cell.settings[factor], values)] * n, column_type(values))
    columns["replicate"] = pa.array([replicate] * n, pa.int32())
    return pa.table(columns | {name: table.column(name) for name in table.column_names})


def _united(schemas: Iterable[pa.Schema]) -> pa.Schema:
    types: dict[str, pa.DataType] = {}
    for schema in schemas:
        for entry in schema:
            known = types.setdefault(entry.name, entry.type)
            if known != entry.type:
                types[entry.name] = _common(known, entry.type)
    return pa.schema(list(types.items()))


def _as(schema: pa.Schema, table: pa.Table) -> pa.Table:
    """A table with the columns of a schema; those it lacks are null."""
    columns = [
        table.column(entry.name).cast(entry.type)
        if entry.name in table.column_names
        else pa.nulls(table.num_rows, entry.type)
        for entry in schema
    ]
    return pa.table(columns, schema=schema)


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
