"""What a path to a world stands for: a native world, a file or project of Vivarium, or a snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from worldwright.diagnostics import Diagnostic, DocumentError
from worldwright.errors import UsageError
from worldwright.project.locate import project_of
from worldwright.project.texts import Texts
from worldwright.world import Record, RunRequest, load_world, resolve_parameters
from worldwright.world.snapshot_file import is_snapshot, read_snapshot

if TYPE_CHECKING:
    import pyarrow as pa

    from worldwright.world import Snapshot

Populations = Mapping[str, tuple[Path, int | None]]


@dataclass(frozen=True)
class WorldSource:
    """A world ready to run: a request without ticks, and what was found in its documents."""

    request: RunRequest
    diagnostics: list[Diagnostic]
    texts: dict[str, str]


def open_world(
    path: Path,
    *,
    seed: int | None = None,
    parameters: Mapping[str, str] | None = None,
    populations: Populations | None = None,
) -> WorldSource:
    """Find out what a path is and make a request of it.

    Args:
        path: A world's folder or file, a Vivarium config, snapshot or project, or a snapshot of ours.
        seed: The seed of everything random in it; of a snapshot its own, else 0, unless given.
        parameters: Values as written on a command line, by parameter.
        populations: For each population of the world, a spec to sample (or a Parquet file, or a folder of
            its parts, to read) and how many agents; one that the world has and is not named here is an error.

    Raises:
        UsageError: for a path, parameter or population that does not fit, and a damaged snapshot.
        DocumentError: when the world or a spec has errors.
    """
    if not path.is_file() and not path.is_dir():
        raise UsageError("no such world", where=str(path), help="name a world's folder or file")
    if path.is_file() and is_snapshot(path):
        if populations:
            raise UsageError("a snapshot carries its populations with it", where=str(path))
        snapshot = read_snapshot(path).branch(seed=seed, parameters=parameters)
        return WorldSource(snapshot.request(0, record=Record(("last",))), [], {})
    texts = Texts(project_of(path if path.is_file() else path / "world.yaml"))
    program, found = load_world(path, texts.text, texts.project.show)
    if program is None:
        raise DocumentError(found)
    values = resolve_parameters(program, parameters or {})
    given = populations or {}
    wanted = {entity.population for entity in program.entities if entity.population is not None}
    for name in sorted(wanted - set(given)):
        raise UsageError(
            f"the world needs a population {name!r}",
            where=str(path),
            help=f"add --population {name}=specs/populations/NAME.yaml (or a Parquet file), with --agents N",
        )
    for name in sorted(set(given) - wanted):
        raise UsageError(
            f"the world has no population {name!r}", help=f"it has: {', '.join(sorted(wanted)) or 'none'}"
        )
    request = RunRequest(
        program=program,
        ticks=0,
        seed=seed or 0,
        parameters=values,
        populations={name: _table(*one, seed or 0) for name, one in given.items()},
        record=Record(agents_at=("last",)),
    )
    return WorldSource(request, found, texts.files)


def open_state(path: Path, **given: Any) -> Snapshot:
    """The state that a path stands for: a snapshot's own, else that of the world before its first tick.

    Raises:
        UsageError: as `open_world`; also where the world cannot begin, or its state cannot be kept.
    """
    if path.is_file() and is_snapshot(path) and not given:
        return read_snapshot(path)
    source = open_world(path, **given)
    from worldwright.world import Worker

    with Worker() as worker:
        result = worker.run(replace(source.request, save_at="last", record=Record(())))
    if result.snapshot is None:
        reason = result.snapshot_problem or result.failure
        raise UsageError(f"the world has no state to keep: {reason}", where=str(path))
    return result.snapshot


def _rows(path: Path, agents: int | None) -> pa.Table:
    """The first rows of a Parquet file or of the parts in a folder, or all."""
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
    if path.suffix == ".parquet" or path.is_dir():
        return _rows(path, agents)
    from worldwright.project.sample import sample_table

    return sample_table(path, agents, seed)
