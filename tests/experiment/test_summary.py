"""Means with intervals over replicates, against a plain account of them."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from statistics import mean, stdev
from typing import Any

import pyarrow as pa
import pytest
from scipy import stats

from worldwright.experiment import by_cell, summarise
from worldwright.experiment.runner import Run

RANDOM = random.Random(11)
RUNS = [Run(cell, replicate, "run:0", "data:0", "ok", 3, 0) for cell in range(3) for replicate in range(5)]
FAILED = Run(1, 4, "run:1", "data:1", "failed", 2, 0, error="fell")
ALL = [FAILED if (run.cell, run.replicate) == (1, 4) else run for run in RUNS]
ROWS: list[dict[str, Any]] = [
    {"cell": run.cell, "replicate": run.replicate, "tick": tick, "metric": metric, "segment": segment}
    | {"value": math.nan if (run.replicate, tick) == (2, 3) else RANDOM.gauss(10, 3)}
    for run in RUNS
    for tick in range(1, 4)
    for metric in ("wealth", "adopters")
    for segment in ("", "rank=chief", "rank=Älteste")
]
KINDS = {"cell": pa.int32(), "replicate": pa.int32(), "tick": pa.int64(), "metric": pa.string()}
SCHEMA = pa.schema(list((KINDS | {"segment": pa.string(), "value": pa.float64()}).items()))


def table() -> pa.Table:
    return pa.Table.from_pylist(ROWS, schema=SCHEMA)


def test_it_agrees_with_a_plain_account() -> None:
    groups: dict[tuple[int, str, str, int], list[float]] = defaultdict(list)
    for row in ROWS:
        if (row["cell"], row["replicate"]) != (1, 4) and math.isfinite(row["value"]):
            groups[row["cell"], row["metric"], row["segment"], row["tick"]].append(row["value"])
    found = summarise(table(), ALL).to_pylist()
    assert [(r["cell"], r["metric"], r["segment"], r["tick"]) for r in found] == sorted(groups)
    for row, (_, values) in zip(found, sorted(groups.items()), strict=True):
        assert row["n"] == len(values)
        assert row["mean"] == pytest.approx(mean(values), rel=1e-14)
        assert row["sd"] == pytest.approx(stdev(values), rel=1e-12)
        if row["cell"] == 1:
            assert (row["low"], row["high"]) == (None, None)
        else:
            ends = stats.t.interval(
                0.95, len(values) - 1, loc=mean(values), scale=stdev(values) / math.sqrt(len(values))
            )
            assert (row["low"], row["high"]) == pytest.approx(ends, rel=1e-9)


@pytest.mark.parametrize("size", [1, 7, 18, 90, 1000])
def test_cells_come_one_by_one_however_the_rows_were_cut(size: int) -> None:
    whole = table()
    pieces = [whole.slice(start, size) for start in range(0, len(whole), size)]
    cells = list(by_cell(pieces))
    assert [set(cell.column("cell").to_pylist()) for cell in cells] == [{0}, {1}, {2}]
    assert pa.concat_tables([summarise(cell, ALL) for cell in cells]).equals(summarise(whole, ALL))


def test_one_replicate_has_a_mean_and_no_interval() -> None:
    row = summarise(table().slice(0, 1), RUNS[:1]).to_pylist()[0]
    assert row["n"] == 1 and row["mean"] == ROWS[0]["value"]
    assert row["sd"] is row["low"] is row["high"] is None


def test_nothing_recorded_is_no_rows() -> None:
    assert summarise(table().slice(0, 0), RUNS).num_rows == 0
    assert list(by_cell([table().slice(0, 0)])) == []


def test_intervals_of_shares_end_at_none_and_all() -> None:
    values = {"few": [0.0, 0.0, 0.1], "many": [0.9, 1.0, 1.0], "wide": [0.0, 1.0, 0.5]}
    rows = [
        {"cell": 0, "replicate": r, "tick": 1, "metric": metric, "segment": "", "value": value}
        for metric, drawn in values.items()
        for r, value in enumerate(drawn)
    ]
    runs = [Run(0, r, "run:0", "data:0", "ok", 1, 0) for r in range(3)]
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    cut = {
        row["metric"]: (row["low"], row["high"]) for row in summarise(table, runs, set(values)).to_pylist()
    }
    free = {row["metric"]: (row["low"], row["high"]) for row in summarise(table, runs).to_pylist()}
    assert cut["wide"] == (0.0, 1.0)
    assert (cut["few"][0], cut["many"][1]) == (0.0, 1.0)
    assert (cut["few"][1], cut["many"][0]) == (free["few"][1], free["many"][0])
    assert free["few"][0] < 0 and free["many"][1] > 1
