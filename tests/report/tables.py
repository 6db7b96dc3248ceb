"""Small results whose every number can be computed by hand."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pyarrow as pa

from worldwright.experiment.contrasts import EFFECT_COLUMNS as EFFECTS
from worldwright.experiment.summary import RUN_COLUMNS as RUNS
from worldwright.experiment.summary import SUMMARY_COLUMNS as SUMMARY
from worldwright.report import ReportCell, ReportData

QUALITY = pa.schema(
    [(name, pa.string()) for name in ("kind", "attribute", "branch")]
    + [(name, pa.float64()) for name in ("declared", "achieved", "tolerance", "p_value")]
    + [("verdict", pa.string()), ("n", pa.int64()), ("text", pa.string())]
)
TICKS = 4
AVERAGED = "all others, averaged"

__all__ = ["AVERAGED", "EFFECTS", "QUALITY", "RUNS", "SUMMARY", "TICKS"]


def grid(**factors: list[float]) -> tuple[ReportCell, ...]:
    """Every combination, labelled as `experiment.Cell` does."""
    if not factors:
        return (ReportCell("default", {}),)
    return tuple(
        ReportCell(
            ", ".join(f"{name}={value:g}" for name, value in zip(factors, row, strict=True)),
            {f"world.{name}": value for name, value in zip(factors, row, strict=True)},
        )
        for row in itertools.product(*factors.values())
    )


def end(cell: int) -> float:
    """The end value of `adopters` in a cell."""
    return round(0.2 + 0.02 * cell, 6)


def summary_of(
    cells: int, *, incomplete: tuple[int, ...] = (), half_width: float = 0.009, ranks: tuple[str, ...] = ()
) -> pa.Table:
    """`adopters` grows linearly from 0 to `end(cell)`; `wealth` is 1,000 times as much, a segment half."""
    rows: list[dict[str, Any]] = []
    metrics = [
        ("adopters", "", 1.0),
        *(("adopters", f"rank={rank}", 0.5) for rank in ranks),
        ("wealth", "", 1000.0),
    ]
    for cell, (metric, segment, scale), tick in itertools.product(range(cells), metrics, range(TICKS + 1)):
        mean, width = end(cell) * tick / TICKS * scale, half_width * scale
        known = cell not in incomplete
        rows.append(
            {
                "cell": cell,
                "metric": metric,
                "segment": segment,
                "tick": tick,
                "n": 10,
                "mean": mean,
                "sd": width,
            }
            | {"low": mean - width if known else None, "high": mean + width if known else None}
        )
    return pa.Table.from_pylist(rows, schema=SUMMARY)


def effect(
    factor: str, to: str, difference: float, *, held: str = "", half: float | None = 0.01
) -> dict[str, Any]:
    return {
        "metric": "adopters",
        "segment": "",
        "factor": factor,
        "from_value": "0",
        "to_value": to,
        "held": held,
        "n": 10,
        "difference": difference,
        "low": None if half is None else difference - half,
        "high": None if half is None else difference + half,
    }


def runs_of(cells: int, failed: tuple[tuple[int, int], ...] = ()) -> pa.Table:
    """Ten runs a cell; `failed` names cells and replicates."""
    rows: list[dict[str, Any]] = []
    for cell, replicate in itertools.product(range(cells), range(10)):
        row: dict[str, Any] = {"cell": cell, "replicate": replicate, "status": "ok", "final_tick": TICKS}
        if (cell, replicate) in failed:
            row |= {"status": "failed", "final_tick": 2, "error": "attempt to index nil", "error_tick": 2}
            row |= {"error_entity": "surgeon-7", "error_script": "surgeon.lua", "error_line": 48}
        rows.append({name: row.get(name) for name in RUNS.names})
    return pa.Table.from_pylist(rows, schema=RUNS)


def report(cells: tuple[ReportCell, ...], **changes: Any) -> ReportData:
    """A complete experiment of 10 replicates over the given cells, without a population."""
    data = ReportData(
        name="tool-adoption",
        question="Who uses the tool?",
        description="Surgeons and a tool.",
        ticks=TICKS,
        cells=cells,
        main_metric="adopters",
        summary=summary_of(len(cells)),
        effects=EFFECTS.empty_table(),
        runs=runs_of(len(cells)),
        quality=QUALITY.empty_table(),
        population=pa.table({}),
        kinds={"adopters": "share", "wealth": "mean"},
    )
    return replace(data, **changes)


def nothing(cells: tuple[ReportCell, ...]) -> ReportData:
    """The same experiment before anything has run: every table has 0 rows."""
    return report(cells, summary=SUMMARY.empty_table(), runs=RUNS.empty_table())
