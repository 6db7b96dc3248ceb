"""The answer of an experiment: its main metric at the end, by cell, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from worldwright.errors import UsageError
from worldwright.project.locate import Project
from worldwright.project.publish import report_path


@dataclass(frozen=True, slots=True)
class Row:
    """One cell's answer; `low` and `high` are None where the cell is incomplete or has one replicate."""

    cell: int
    label: str
    mean: float
    low: float | None
    high: float | None
    replicates: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What an experiment found, from its current version."""

    experiment: str
    version: int
    question: str | None
    metric: str
    kind: str
    """How the metric is made: share, mean, count, …; shares are shown in percent."""
    ticks: int
    rows: tuple[Row, ...]
    failed: int
    report: str


def current_record(project: Project, name: str) -> tuple[int, dict[str, Any]]:
    """The current version of an experiment's results.

    Raises:
        UsageError: when the experiment has none yet; it lists what exists.
    """
    current = project.store.current(name)
    if current is None:
        known = project.store.experiments()
        near = get_close_matches(name, known, n=1)
        offer = f"did you mean {near[0]!r}? " if near else ""
        listed = f"results exist for: {', '.join(known)}; " if known else ""
        raise UsageError(
            f"no results of an experiment {name!r}",
            help=f"{offer}{listed}make them with `worldwright run {name}`",
        )
    return current


def answer_of(project: Project, name: str) -> Answer:
    """The answer of an experiment's current version."""
    import pyarrow.compute as pc

    version, record = current_record(project, name)
    store, about = project.store, record["experiment"]
    keys = record["datasets"]
    table = store.get(keys["metric_summary"]["summary"]["key"]).table("summary")
    chosen = table.filter((pc.field("metric") == about["metric"]) & (pc.field("segment") == ""))
    last: dict[int, dict[str, Any]] = {}
    for row in chosen.to_pylist():
        if row["cell"] not in last or row["tick"] > last[row["cell"]]["tick"]:
            last[row["cell"]] = row
    rows = tuple(
        Row(cell, about["cells"][cell]["label"], row["mean"], row["low"], row["high"], row["n"])
        for cell, row in sorted(last.items())
    )
    return Answer(
        experiment=name,
        version=version,
        question=about["question"],
        metric=about["metric"],
        kind=about["kinds"].get(about["metric"], "value"),
        ticks=about["ticks"],
        rows=rows,
        failed=about["failed"],
        report=project.show(report_path(project, name)),
    )
