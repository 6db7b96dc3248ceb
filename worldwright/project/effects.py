"""What each factor of an experiment changes, from its current version."""

from __future__ import annotations

from typing import Any

from worldwright.project.answer import answer_of, current_record
from worldwright.project.locate import Project


def effects_of(project: Project, name: str, outcome: str | None = None) -> tuple[str, list[dict[str, Any]]]:
    """Differences paired by replicate, with intervals: over everything else first, then within each setting.

    Args:
        project: The project.
        name: The experiment.
        outcome: One of its outcomes or metrics; the main one, unless given.

    Returns:
        The outcome, and factor, from_value, to_value, held, n, difference, low, high for each contrast.

    Raises:
        UsageError: when it has no results yet.
    """
    from worldwright.report.reading import effects_of as found

    _, record = current_record(project, name)
    asked = outcome or answer_of(project, name).outcome
    table = project.store.get(record["datasets"]["metric_summary"]["summary"]["key"]).table("effects")
    rows = [
        {
            "factor": one.factor,
            "from_value": one.from_value,
            "to_value": one.to_value,
            "held": one.held,
            "n": one.n,
            "difference": one.difference,
            "low": one.low,
            "high": one.high,
        }
        for one in found(table, asked)
    ]
    return asked, rows
