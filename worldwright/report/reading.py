"""Rows of the summary as curves and end values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from worldwright.report.data import Cell, ReportData, Scalar

if TYPE_CHECKING:
    import pyarrow as pa

AVERAGED = "all others, averaged"
"""What `experiment.effects` writes into `held` for the effect averaged over the other factors."""


@dataclass(frozen=True, slots=True)
class Point:
    """The mean of a metric over replicates at one tick; no interval is None for `low` and `high`."""

    tick: int
    n: int
    mean: float
    low: float | None
    high: float | None

    @property
    def half_width(self) -> float | None:
        """Half of the interval's width."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


@dataclass(frozen=True, slots=True)
class Effect:
    """What going from one value of a factor to another changes, at the last tick, paired by replicate."""

    factor: str
    from_value: str
    to_value: str
    held: str
    n: int
    difference: float
    low: float | None
    high: float | None

    @property
    def half_width(self) -> float | None:
        """Half of the interval's width."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2

    @property
    def averaged(self) -> bool:
        """It is the effect over everything else, or there is nothing else."""
        return self.held in ("", AVERAGED)


Curves = dict[tuple[int, str], list[Point]]
"""By cell and segment, in order of ticks."""


def curves_of(summary: pa.Table, metric: str) -> Curves:
    """All curves of a metric; `segment` "" is everybody."""
    curves: Curves = defaultdict(list)
    for row in _rows_of(summary, metric):
        point = Point(row["tick"], row["n"], row["mean"], row["low"], row["high"])
        curves[row["cell"], row["segment"]].append(point)
    return {key: sorted(points, key=lambda point: point.tick) for key, points in sorted(curves.items())}


def ends_of(summary: pa.Table, metric: str, segment: str = "") -> dict[int, Point]:
    """The last point of each cell that has one."""
    return {cell: points[-1] for (cell, of), points in curves_of(summary, metric).items() if of == segment}


def answers_of(data: ReportData) -> dict[int, Point]:
    """What the answer is about, by cell; cells in which no run has such a value are left out."""
    return ends_of(answer_table(data), data.asked)


def answer_table(data: ReportData) -> pa.Table:
    """The table with the answer, shaped as a summary: the outcome is its metric, at the last tick."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if data.outcome is None:
        return data.summary
    found = data.outcome.summary.filter(
        (pc.field("outcome") == data.outcome.name) & pc.field("mean").is_valid()
    )
    ticks = pa.array([data.ticks] * found.num_rows, pa.int64())
    kept = ("cell", "segment", "n", "mean", "sd", "low", "high")
    return pa.table(
        {"metric": found.column("outcome"), "tick": ticks} | {name: found.column(name) for name in kept}
    )


def effects_of(effects: pa.Table, outcome: str, segment: str = "") -> list[Effect]:
    """The effects on an outcome, in the table's order, the averaged one of each contrast first.

    A metric's own name is that metric at the last tick.
    """
    names = ("factor", "from_value", "to_value", "held", "n", "difference", "low", "high")
    found = [
        Effect(**{name: row[name] for name in names})
        for row in effects.to_pylist()
        if row["segment"] == segment and (row.get("outcome") or row["metric"]) == outcome
    ]
    order: dict[tuple[str, str, str], int] = {}
    for effect in found:
        order.setdefault(_contrast(effect), len(order))
    return sorted(found, key=lambda effect: (order[_contrast(effect)], not effect.averaged))


def metrics_of(summary: pa.Table) -> list[str]:
    """The names of all metrics, sorted."""
    return sorted({str(name) for name in summary.column("metric").unique().to_pylist()})


def segment_attributes(summary: pa.Table, metric: str) -> list[str]:
    """What a metric is split by: `rank` for segments such as `rank=chief`."""
    return sorted({segment.partition("=")[0] for _, segment in curves_of(summary, metric) if segment})


def failed_cells(runs: pa.Table) -> dict[int, int]:
    """How many runs failed, for each cell where any did."""
    failed: dict[int, int] = defaultdict(int)
    for cell, status in zip(runs.column("cell").to_pylist(), runs.column("status").to_pylist(), strict=True):
        if status != "ok":
            failed[cell] += 1
    return dict(failed)


def spell(value: Scalar) -> str:
    """A setting as labels show it."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def factors_of(cells: Sequence[Cell]) -> list[str]:
    """All factors, as written, in order of appearance."""
    return list(dict.fromkeys(name for cell in cells for name in cell.settings))


def _contrast(effect: Effect) -> tuple[str, str, str]:
    return effect.factor, effect.from_value, effect.to_value


def _rows_of(table: pa.Table, metric: str) -> list[dict[str, Any]]:
    import pyarrow.compute as pc

    return table.filter(pc.field("metric") == metric).to_pylist()
