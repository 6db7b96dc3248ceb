"""Run one world by itself, and keep what comes of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from worldwright.diagnostics import Diagnostic
from worldwright.errors import UsageError
from worldwright.project.world_source import Populations, open_world
from worldwright.project.world_state import check_target, save_state

if TYPE_CHECKING:
    import pyarrow as pa

    from worldwright.world import WorldProgram, WorldResult
    from worldwright.world.progress import Watch

_DAY = 86_400.0
METRICS_FILE, AGENTS_FILE, ERRORS_FILE = "metrics.parquet", "agents.parquet", "errors.parquet"


@dataclass(frozen=True)
class WorldRun:
    """A finished run of one world."""

    program: WorldProgram
    result: WorldResult
    """Of a failed run the agents are those after the last completed tick, where they can be had."""
    metrics: pa.Table
    """(tick, metric, value); a metric of a segment is named `adopters[rank=chief]`."""
    diagnostics: list[Diagnostic]
    texts: dict[str, str]
    notes: tuple[str, ...] = ()
    """What the format of the snapshot could not hold."""


def run_one_world(
    path: Path,
    *,
    ticks: int,
    seed: int | None = None,
    parameters: Mapping[str, str] | None = None,
    populations: Populations | None = None,
    save: Path | None = None,
    save_at: int | None = None,
    events: int | None = None,
    watch: Watch | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> WorldRun:
    """Run a world for some ticks.

    Args:
        path: As `open_world`; a snapshot of ours is gone on from.
        ticks: How many ticks to run (from a snapshot: how many more).
        seed: As `open_world`.
        parameters: As `open_world`.
        populations: As `open_world`.
        save: Where to write a snapshot to: Arrow, or a file of Vivarium.
        save_at: The tick after which it is taken, on the world's clock; the last, unless given.
        events: Most rows of an event log; there is none unless given.
        watch: Who is to see the world while it runs; such a run has no limit of time but its world's.
        progress: Told how many ticks are done, and of how many; not besides `watch`.

    Raises:
        UsageError: for a path, parameter, population or tick that does not fit.
        DocumentError: when the world or a spec has errors.
    """
    if save is not None:
        check_target(save)
    source = open_world(path, seed=seed, parameters=parameters, populations=populations)
    from worldwright.world import EventLog, Worker

    when = ("last" if save_at is None else save_at) if save is not None else None
    request = replace(source.request, ticks=ticks, save_at=when, events=EventLog(events) if events else None)
    with Worker(seconds=_DAY) if watch else Worker() as worker:
        result = worker.run(request, watch or _counting(progress, request.begin, ticks))
        if result.status == "failed" and result.repeatable and not result.agents.num_rows:
            # The failed tick has changed states already, so the run is repeated up to the tick before.
            when = "last" if save is not None and result.snapshot is None else None
            again = worker.run(
                replace(request, ticks=result.final_tick - request.begin, save_at=when, events=None)
            )
            if again.status == "ok":
                snapshot = result.snapshot or again.snapshot
                result = replace(result, agents=again.agents, snapshot=snapshot)
    notes = save_state(result.snapshot, save) if save is not None and result.snapshot is not None else []
    return WorldRun(
        request.program, result, flat_metrics(result.metrics), source.diagnostics, source.texts, tuple(notes)
    )


def _counting(progress: Callable[[int, int], None] | None, begin: int, ticks: int) -> Watch | None:
    from worldwright.world.progress import Watch

    if progress is None:
        return None
    progress(0, ticks)
    return Watch(lambda at: progress(at.tick - begin, ticks), metrics=False)


def write_world_run(run: WorldRun, folder: Path) -> list[Path]:
    """Write the tables of a run into a folder, which is made where it is missing: all of them or none."""
    from worldwright.population import write_parquet

    tables = {METRICS_FILE: run.metrics, AGENTS_FILE: run.result.agents, ERRORS_FILE: run.result.errors}
    made = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            write_parquet([table], folder / f".{name}.new")
        for name in tables:
            (folder / f".{name}.new").replace(folder / name)
    except BaseException as error:
        with contextlib.suppress(OSError):
            for name in tables:
                (folder / f".{name}.new").unlink(missing_ok=True)
            if made:
                folder.rmdir()
        if isinstance(error, OSError):
            raise UsageError(f"the folder cannot be made: {error.strerror}", where=str(folder)) from None
        raise
    return [folder / name for name in tables]


def write_events(run: WorldRun, file: Path) -> None:
    """Write the event log of a run as Parquet."""
    from worldwright.population import write_parquet

    if run.result.events is not None:
        write_parquet([run.result.events], file)


def flat_metrics(metrics: pa.Table) -> pa.Table:
    """(tick, metric, segment, value) as (tick, metric, value), with segments in the metric's name."""
    import pyarrow as pa

    pairs = zip(metrics.column("metric").to_pylist(), metrics.column("segment").to_pylist(), strict=True)
    names = [f"{metric}[{segment}]" if segment else metric for metric, segment in pairs]
    columns = {"tick": metrics.column("tick"), "metric": pa.array(names, pa.string())}
    return pa.table({**columns, "value": metrics.column("value")})
