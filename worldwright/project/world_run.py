"""Run one world by itself: a native world, or a Vivarium config or snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from worldwright.diagnostics import Diagnostic, DocumentError
from worldwright.errors import UsageError
from worldwright.project.check import project_of
from worldwright.project.specs import load_spec
from worldwright.project.texts import Texts
from worldwright.world import load_world, resolve_parameters

if TYPE_CHECKING:
    import pyarrow as pa

    from worldwright.world import WorldProgram, WorldResult

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


def run_one_world(
    path: Path,
    *,
    ticks: int,
    seed: int,
    parameters: Mapping[str, str],
    populations: Mapping[str, tuple[Path, int | None]],
) -> WorldRun:
    """Run a world for some ticks.

    Args:
        path: A world's folder or file, or a Vivarium file.
        ticks: How many ticks to run (from a snapshot: how many more).
        seed: The seed of everything random in it.
        parameters: Values as written on a command line, by parameter.
        populations: For each population of the world, a spec to sample (or a Parquet file to read) and how
            many agents; a population of the world that is not named here is an error.

    Raises:
        UsageError: for a path, parameter or population that does not fit.
        DocumentError: when the world or a spec has errors.
    """
    if not path.is_file() and not path.is_dir():
        raise UsageError("no such world", where=str(path), help="name a world's folder or file")
    texts = Texts(project_of(path if path.is_file() else path / "world.yaml"))
    program, found = load_world(path, texts.text, texts.project.show)
    if program is None:
        raise DocumentError(found)
    values = resolve_parameters(program, parameters)
    wanted = {entity.population for entity in program.entities if entity.population is not None}
    for name in sorted(wanted - set(populations)):
        raise UsageError(
            f"the world needs a population {name!r}",
            where=str(path),
            help=f"add --population {name}=specs/populations/NAME.yaml (or a Parquet file), with --agents N",
        )
    for name in sorted(set(populations) - wanted):
        raise UsageError(
            f"the world has no population {name!r}", help=f"it has: {', '.join(sorted(wanted)) or 'none'}"
        )
    from worldwright.world import Record, RunRequest, Worker

    request = RunRequest(
        program=program,
        ticks=ticks,
        seed=seed,
        parameters=values,
        populations={name: _table(*given, seed) for name, given in populations.items()},
        record=Record(agents_at=("last",)),
    )
    with Worker() as worker:
        result = worker.run(request)
        if result.status == "failed" and result.repeatable and not result.agents.num_rows:
            # The failed tick has changed states already, so the run is repeated up to the tick before.
            again = worker.run(replace(request, ticks=result.final_tick - program.start))
            if again.status == "ok":
                result = replace(result, agents=again.agents)
    return WorldRun(program, result, flat_metrics(result.metrics), found, texts.files)


def write_world_run(run: WorldRun, folder: Path) -> list[Path]:
    """Write the tables of a run into a folder, which is made where it is missing."""
    from worldwright.population import write_parquet

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"the folder cannot be made: {error.strerror}", where=str(folder)) from None
    tables = {METRICS_FILE: run.metrics, AGENTS_FILE: run.result.agents, ERRORS_FILE: run.result.errors}
    for name, table in tables.items():
        write_parquet([table], folder / name)
    return [folder / name for name in tables]


def flat_metrics(metrics: pa.Table) -> pa.Table:
    """(tick, metric, segment, value) as (tick, metric, value), with segments in the metric's name."""
    import pyarrow as pa

    pairs = zip(metrics.column("metric").to_pylist(), metrics.column("segment").to_pylist(), strict=True)
    names = [f"{metric}[{segment}]" if segment else metric for metric, segment in pairs]
    columns = {"tick": metrics.column("tick"), "metric": pa.array(names, pa.string())}
    return pa.table({**columns, "value": metrics.column("value")})


def _rows(path: Path, agents: int | None) -> pa.Table:
    """The first rows of a Parquet file, or all."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
    except (OSError, pa.ArrowException) as error:
        missing = not path.exists()
        what = "no such file" if missing else f"not a Parquet file that can be read: {error}"
        raise UsageError(what, where=str(path), help="make one with `worldwright sample`") from None
    if agents is not None and agents > table.num_rows:
        raise UsageError(
            f"the file has {table.num_rows} rows, and {agents} agents are asked for",
            where=str(path),
            help="ask for fewer, or name a spec: that can be sampled at any size",
        )
    return table if agents is None else table.slice(0, agents)


def _table(path: Path, agents: int | None, seed: int) -> pa.Table:
    if path.suffix == ".parquet":
        return _rows(path, agents)
    project = project_of(path)
    population, found = load_spec(project, Texts(project), path)
    if population is None:
        raise DocumentError(found)
    from worldwright.population import plan, sample

    number = population.agents if agents is None else agents
    return sample(plan(population, seed, number), 0, number)
