"""The answer of an experiment: its main outcome by cell, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from worldwright.errors import UsageError
from worldwright.project.locate import Project
from worldwright.project.publish import report_path

if TYPE_CHECKING:
    from worldwright.store import Dataset


@dataclass(frozen=True, slots=True)
class Row:
    """One cell's answer; `low` and `high` are None where the cell is incomplete or has one replicate."""

    cell: int
    label: str
    mean: float | None
    """None where no run of the cell has such a value, such as a level that none reached."""
    low: float | None
    high: float | None
    replicates: int
    missing: int = 0
    """Replicates that have no such value; the mean is then that of the others, without an interval."""


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
    outcome: str = ""
    """The name of the main outcome."""
    at: str = "at the last tick"
    """When or how the metric is read."""


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
            help=f"{offer}{listed}make them with `worldwright run {near[0] if near else name}`",
        )
    return current


def answer_of(project: Project, name: str) -> Answer:
    """The answer of an experiment's current version."""
    version, record = current_record(project, name)
    store, about = project.store, record["experiment"]
    keys = record["datasets"]
    outcome = about.get("outcome", {"name": about["metric"], "words": "at the last tick", "in_ticks": False})
    summary = store.get(keys["metric_summary"]["summary"]["key"])
    found = _ends(summary, outcome["name"])
    rows = tuple(
        Row(cell, about["cells"][cell]["label"], *(row[column] for column in _COLUMNS))
        for cell, row in sorted(found.items())
    )
    return Answer(
        experiment=name,
        version=version,
        question=about["question"],
        metric=about["metric"],
        kind="tick" if outcome["in_ticks"] else about["kinds"].get(about["metric"], "value"),
        ticks=about["ticks"],
        rows=rows,
        failed=about["failed"],
        report=project.show(report_path(project, name)),
        outcome=outcome["name"],
        at=outcome["words"],
    )


_COLUMNS = ("mean", "low", "high", "n", "missing")


def _ends(summary: Dataset, outcome: str) -> dict[int, dict[str, Any]]:
    """The outcome over all agents, by cell; of results from before there were outcomes, the last tick."""
    import pyarrow.compute as pc

    everybody = pc.field("segment") == ""
    if "outcomes.parquet" in summary.parts:
        table = summary.table("outcomes").filter((pc.field("outcome") == outcome) & everybody)
        return {row["cell"]: row for row in table.to_pylist()}
    table = summary.table("summary").filter((pc.field("metric") == outcome) & everybody)
    return {row["cell"]: {**row, "missing": 0} for row in table.sort_by("tick").to_pylist()}
