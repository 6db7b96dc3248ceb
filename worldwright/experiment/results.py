"""Outcomes of runs and what they come to: one number per run, its mean over replicates with an interval."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from worldwright.experiment.design import Experiment
from worldwright.experiment.outcomes import Outcome, at_the_end
from worldwright.experiment.runner import Run
from worldwright.experiment.stopping import interval, mean_sd

VALUE_COLUMNS = pa.schema(
    [
        ("cell", pa.int32()),
        ("replicate", pa.int32()),
        ("outcome", pa.string()),
        ("metric", pa.string()),
        ("segment", pa.string()),
        ("value", pa.float64()),
    ]
)
OUTCOME_COLUMNS = pa.schema(
    [
        ("cell", pa.int32()),
        ("outcome", pa.string()),
        ("metric", pa.string()),
        ("how", pa.string()),
        ("segment", pa.string()),
        ("n", pa.int32()),
        ("missing", pa.int32()),
        ("mean", pa.float64()),
        ("sd", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
    ]
)


def all_outcomes(experiment: Experiment, metrics: Iterable[pa.Table]) -> tuple[Outcome, ...]:
    """The outcomes the document names, then every other recorded metric at the last tick.

    Args:
        experiment: What names outcomes.
        metrics: Tables with the column `metric`.
    """
    named = {outcome.name for outcome in experiment.outcomes}
    recorded = {str(name) for table in metrics for name in table.column("metric").unique().to_pylist()}
    return (*experiment.outcomes, *(at_the_end(metric) for metric in sorted(recorded) if metric not in named))


def in_order(outcomes: Sequence[Outcome], values: pa.Table) -> pa.Table:
    """The rows of `outcome_values` by outcome as they are listed, segment, cell and replicate."""
    positions = {outcome.name: position for position, outcome in enumerate(outcomes)}
    order = pa.array([positions[name] for name in values.column("outcome").to_pylist()], pa.int64())
    keys = [("order", "ascending"), *((name, "ascending") for name in ("segment", "cell", "replicate"))]
    return values.append_column("order", order).sort_by(keys).drop_columns(["order"])


def outcome_values(outcomes: Sequence[Outcome], metrics: pa.Table, runs: Sequence[Run]) -> pa.Table:
    """One row per outcome, segment and finished run that recorded the metric in that segment.

    The value is null where the outcome is not determined, such as a level that was never reached.

    Args:
        outcomes: What to read.
        metrics: All runs' metrics with the columns cell, replicate, tick, metric, segment and value.
        runs: The runs; those that failed are left out.
    """
    ends = {(run.cell, run.replicate): run.final_tick for run in runs if run.status == "ok"}
    rows: dict[str, list[Any]] = {name: [] for name in VALUE_COLUMNS.names}
    for outcome in outcomes:
        for segment, cell, replicate, ticks, values in _series(metrics, outcome):
            final = ends.get((cell, replicate))
            if final is not None:
                value = outcome.value(ticks, values, final)
                row = (cell, replicate, outcome.name, outcome.metric, segment, value)
                for name, item in zip(VALUE_COLUMNS.names, row, strict=True):
                    rows[name].append(item)
    return pa.table(rows, schema=VALUE_COLUMNS)


def summarise_outcomes(
    outcomes: Sequence[Outcome], values: pa.Table, runs: Sequence[Run], shares: Collection[str] = ()
) -> pa.Table:
    """Mean, sd and Student interval of every outcome, by cell and segment, over replicates.

    There is no interval in a cell with a failed run, nor where some runs have no such value: `missing` counts
    them, and the mean is that of the others. Intervals of shares end at 0 and 1, as in `summarise`.

    Args:
        outcomes: What is summarised.
        values: The table of `outcome_values`.
        runs: All runs.
        shares: The metrics that lie between 0 and 1.
    """
    incomplete = {run.cell for run in runs if run.status != "ok"}
    groups: dict[tuple[str, str, int], list[float | None]] = defaultdict(list)
    columns = (values.column(name).to_pylist() for name in ("outcome", "segment", "cell", "value"))
    for outcome, segment, cell, value in zip(*columns, strict=True):
        groups[outcome, segment, cell].append(value)
    known = {outcome.name: outcome for outcome in outcomes}
    rows: list[dict[str, Any]] = []
    for (name, segment, cell), found in groups.items():
        outcome = known[name]
        kept = [value for value in found if value is not None]
        mean, sd = mean_sd(kept) if kept else (None, None)
        low, high = None, None
        if mean is not None and sd is not None and len(kept) == len(found) and cell not in incomplete:
            low, high = interval(mean, sd, len(kept))
        if outcome.metric in shares and not outcome.in_ticks and low is not None and high is not None:
            low, high = max(low, 0.0), min(high, 1.0)
        rows.append(
            {"cell": cell, "outcome": name, "metric": outcome.metric, "how": outcome.words}
            | {"segment": segment, "n": len(kept), "missing": len(found) - len(kept)}
            | {"mean": mean, "sd": sd if len(kept) > 1 else None, "low": low, "high": high}
        )
    return pa.Table.from_pylist(rows, schema=OUTCOME_COLUMNS)


def _series(
    metrics: pa.Table, outcome: Outcome
) -> Iterator[tuple[str, int, int, Sequence[int], Sequence[float]]]:
    """Segment, cell, replicate, ticks and values of every run's series of a metric, in this order."""
    chosen = metrics.filter(pc.field("metric") == outcome.metric)
    if outcome.window is not None:
        first, last = outcome.window
        chosen = chosen.filter((pc.field("tick") >= first) & (pc.field("tick") <= last))
    keys = ("segment", "cell", "replicate")
    chosen = chosen.sort_by([(name, "ascending") for name in (*keys, "tick")])
    if not chosen.num_rows:
        return
    segments = chosen.column("segment").combine_chunks().dictionary_encode()
    codes = segments.indices.to_numpy(zero_copy_only=False)
    cells, replicates, ticks, values = (
        chosen.column(name).to_numpy() for name in ("cell", "replicate", "tick", "value")
    )
    changed = (np.diff(codes) != 0) | (np.diff(cells) != 0) | (np.diff(replicates) != 0)
    starts = [0, *(np.flatnonzero(changed) + 1).tolist(), chosen.num_rows]
    for start, end in pairwise(starts):
        yield (
            segments.dictionary[int(codes[start])].as_py(),
            int(cells[start]),
            int(replicates[start]),
            ticks[start:end].tolist(),
            values[start:end].tolist(),
        )
