"""Pictures for somebody who asks: of a spec, of an experiment's results, of living worlds."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from worldwright.errors import UsageError
from worldwright.project.answer import current_record
from worldwright.project.locate import Project
from worldwright.project.spec_tools import plot_spec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worldwright.project.worlds.home import Worlds

MOST_POINTS = 2_000
"""Of one curve of a world; beyond it every so many ticks."""


def spec_picture(path: Path, *, modifiers: bool) -> bytes:
    """Every distribution of a population or scenario, or what its modifiers reach, as PNG.

    Raises:
        UsageError: for a spec without modifiers, where those are asked for.
        DocumentError: when it has errors.
    """
    with tempfile.TemporaryDirectory(prefix="worldwright-") as folder:
        drawn = plot_spec(path, Path(folder) / "spec.png")
        if modifiers and len(drawn) < 2:
            raise UsageError("the spec has no modifiers to draw", where=str(path))
        return drawn[1 if modifiers else 0].read_bytes()


def result_picture(project: Project, experiment: str, which: str | None) -> tuple[str, bytes]:
    """A picture of an experiment's report, as PNG.

    Args:
        project: The project.
        experiment: Which one.
        which: answer, curves, effects, sensitivity or population; answer, unless given.

    Returns:
        Which it is, and the picture.

    Raises:
        UsageError: when it has no results, or no such picture.
    """
    _, record = current_record(project, experiment)
    report = project.store.get(record["datasets"]["experiment_report"]["report"]["key"])
    there = sorted(Path(part).stem for part in report.parts if part.endswith(".png"))
    wanted = which or "answer"
    if wanted not in there:
        raise UsageError(f"the report has no picture {wanted!r}", help=f"it has {', '.join(there)}")
    return wanted, report.file(f"{wanted}.png").read_bytes()


def world_picture(worlds: Worlds, names: Sequence[str], metric: str) -> bytes:
    """A metric of some worlds over time, as PNG.

    Raises:
        UsageError: for a world or metric that is not there.
    """
    import pyarrow as pa

    from worldwright.project.worlds.looking import metric as stats
    from worldwright.report import ReportCell, curves

    rows = [
        (cell, tick, value)
        for cell, name in enumerate(names)
        for tick, value in _thinned(stats(worlds, name, metric).values_over_time)
    ]
    cell, tick, value = zip(*rows, strict=True) if rows else ((), (), ())
    values = pa.array(value, pa.float64())  # one world is no sample, so there is no band around it
    table = pa.table(
        {
            "cell": pa.array(cell, pa.int32()),
            "metric": [metric] * len(rows),
            "segment": [""] * len(rows),
            "tick": pa.array(tick, pa.int64()),
            "n": pa.array([1] * len(rows), pa.int32()),
            "mean": values,
            "low": values,
            "high": values,
        }
    )
    return curves(table, [ReportCell(name) for name in names], metric)


def _thinned(points: list[tuple[int, float]]) -> list[tuple[int, float]]:
    step = -(-len(points) // MOST_POINTS)
    return points[:: max(step, 1)]
