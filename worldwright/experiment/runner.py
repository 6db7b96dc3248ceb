"""Run an experiment's cells and replicates: what is in the store is not run again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from worldwright.errors import ExperimentError
from worldwright.executors import Executor
from worldwright.experiment.contrasts import pairs
from worldwright.experiment.design import Cell, Experiment, Members
from worldwright.experiment.documents import Scalar
from worldwright.experiment.outcomes import Outcome
from worldwright.experiment.populations import population_key, population_table
from worldwright.experiment.stopping import next_round, precise_enough
from worldwright.experiment.versions import versions
from worldwright.hashing import digest
from worldwright.store import Dataset, Store
from worldwright.world import ALGORITHM, resolve_parameters

if TYPE_CHECKING:
    import pyarrow as pa

    from worldwright.world import Worker, WorldResult

Clock = Callable[[], datetime]
Progress = Callable[["Progressed"], None]

_RUNS_IN_A_BLOCK = 200
"""About how many runs there are from one word of progress to the next, where there are many."""
METRICS, AGENTS, ERRORS, EVENTS = "metrics", "agents", "errors", "events"


@dataclass(frozen=True, slots=True)
class Progressed:
    """How far an experiment is: runs known to be needed so far, and done, of which some were cached."""

    needed: int
    done: int
    cached: int
    failed: int


@dataclass(frozen=True, slots=True)
class Run:
    """One run as the store has it; a run that was killed has no digest and is tried again next time."""

    cell: int
    replicate: int
    key: str
    digest: str | None
    status: str
    final_tick: int
    messages: int
    error: str | None = None
    error_tick: int | None = None
    error_entity: str | None = None
    error_script: str | None = None
    error_line: int | None = None


@dataclass(frozen=True, slots=True)
class _Block:
    """Work for one process: some replicates, each with the cells that are missing."""

    experiment: Experiment
    store: Path
    clock: Clock
    parents: tuple[str, ...]
    again: bool
    """Whether runs that failed are done again."""
    work: tuple[tuple[int, tuple[int, ...]], ...]


def run_key(experiment: Experiment, cell: Cell, replicate: int) -> str:
    """The key of a run: the world, its full parameters, its populations, its seed and what it records."""
    seed, members = experiment.population_seed(replicate), experiment.members_in(cell)
    absent = {name: use.absent for name, use in members.items() if use.absent}
    log = experiment.event_log(replicate)
    return digest(
        "run",
        {
            **({"absent": absent} if absent else {}),
            **({"events": asdict(log)} if log else {}),
            "algorithm": ALGORITHM,
            "world": experiment.world.digest,
            "parameters": _parameters(experiment, cell),
            "populations": {
                name: population_key(use.population, seed, use.agents) for name, use in members.items()
            },
            "ticks": experiment.ticks,
            "seed": experiment.seed,
            "replicate": replicate,
            "record": list(experiment.record_ticks) if replicate < experiment.record_replicates else [],
        },
    )


def run_all(
    experiment: Experiment,
    store: Store,
    executor: Executor,
    clock: Clock,
    progress: Progress,
    parents: Sequence[str] = (),
    blocks_per_round: int = 8,
    again: bool = False,
) -> list[Run]:
    """All runs the experiment needs, in the order of cells and replicates; finished ones come from the store.

    Replicates are added in rounds, to all cells alike, until the stopping rule holds in every cell; the
    decision reads complete rounds only, so it does not depend on which run finished first.

    Args:
        experiment: What to run.
        store: Where finished runs are found and published.
        executor: What does the work; results do not depend on it.
        clock: Tells the time that is recorded beside datasets.
        progress: Told how far it is, after every block.
        parents: Keys of the datasets that every run is made from.
        blocks_per_round: Into how many pieces the work of a round is cut, where there are no more workers.
        again: Do runs again that failed, though the store has them; what comes out takes their place.

    Raises:
        ExperimentError: when the stopping rule reads a metric that no run recorded.
    """
    runs: dict[tuple[int, int], Run] = {}
    plan = _Block(experiment, store.root, clock, tuple(parents), again, ())
    target, started, cached = experiment.minimum, 0, 0
    while True:
        missing: list[tuple[int, tuple[int, ...]]] = []
        for replicate in range(started, target):
            absent: list[int] = []
            for cell in experiment.cells:
                found = store.find(run_key(experiment, cell, replicate))
                if found is None or _to_do_again(found, again):
                    absent.append(cell.index)
                else:
                    runs[cell.index, replicate] = _from_store(cell.index, replicate, found)
                    cached += 1
            if absent:
                missing.append((replicate, tuple(absent)))
        needed = target * len(experiment.cells)
        _tell(progress, needed, runs, cached)
        many = sum(len(cells) for _, cells in missing) // _RUNS_IN_A_BLOCK
        pieces = max(blocks_per_round, executor.workers, many) if missing else 0
        for block in _done(executor, store, _blocks(plan, missing, pieces)):
            runs.update({(run.cell, run.replicate): run for run in block})
            _tell(progress, needed, runs, cached)
        if target >= experiment.maximum or _precise(experiment, store, runs, target):
            return [runs[key] for key in sorted(runs)]
        started, target = target, next_round(target, experiment.maximum)


def run_block(block: _Block) -> list[Run]:
    """Do one block in this process, in one locked world worker; every run is published as it ends."""
    store = Store(block.store, clock=block.clock)
    found: dict[tuple[int, int], Run] = {}

    def absent(cell: Cell, replicate: int) -> bool:
        dataset = store.find(run_key(block.experiment, cell, replicate))
        if dataset is None or _to_do_again(dataset, block.again):
            return True
        found[cell.index, replicate] = _from_store(cell.index, replicate, dataset)
        return False

    for result in _results(block, absent):
        found[result.cell, result.replicate] = _published(block, store, result)
    return [found[cell, replicate] for replicate, cells in block.work for cell in cells]


def run_block_away(block: _Block) -> list[_Result]:
    """Do one block on a machine that may not have the store: the results travel, and are published there."""
    return list(_results(block, lambda cell, replicate: True))


@dataclass(frozen=True, slots=True)
class _Result:
    """What one run came to, before it is published."""

    cell: int
    replicate: int
    result: WorldResult


def _done(executor: Executor, store: Store, blocks: Sequence[_Block]) -> Iterator[list[Run]]:
    """The runs of each block, published in the store."""
    if executor.shares_disk:
        yield from executor.map(run_block, blocks)
        return
    for block, results in zip(blocks, executor.map(run_block_away, blocks), strict=True):
        yield [_published(block, store, result) for result in results]


def _results(block: _Block, wanted: Callable[[Cell, int], bool]) -> Iterator[_Result]:
    """Run the worlds of a block that are wanted, in one locked worker."""
    from worldwright.world import Worker

    experiment = block.experiment
    with Worker() as worker:
        for replicate, indices in block.work:
            sampled = _Sampled(experiment.population_seed(replicate))
            for cell in (experiment.cells[index] for index in indices):
                if wanted(cell, replicate):
                    members = experiment.members_in(cell)
                    tables = {name: sampled.table(name, use) for name, use in members.items()}
                    result = run_world_cell(experiment, worker, cell, replicate, tables)
                    yield _Result(cell.index, replicate, result)


class _Sampled:
    """The populations of one replicate; of each use the last is kept, since most cells share it."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._kept: dict[str, tuple[str, pa.Table]] = {}

    def table(self, name: str, use: Members) -> pa.Table:
        import pyarrow as pa

        kept = self._kept.get(name)
        if kept is None or kept[0] != use.population.digest:
            table = population_table(use.population, self._seed, use.agents)
            for column in use.absent:
                table = table.append_column(column, pa.nulls(table.num_rows, pa.float64()))
            kept = use.population.digest, table
            self._kept[name] = kept
        return kept[1]


def run_world_cell(
    experiment: Experiment, worker: Worker, cell: Cell, replicate: int, tables: dict[str, pa.Table]
) -> WorldResult:
    """Run one cell's replicate, without the store."""
    from worldwright.world import Record, RunRequest

    recorded = replicate < experiment.record_replicates
    return worker.run(
        RunRequest(
            program=experiment.world,
            ticks=experiment.ticks,
            seed=experiment.seed,
            replicate=replicate,
            parameters=_parameters(experiment, cell),
            populations=tables,
            record=Record(agents_at=experiment.record_ticks if recorded else ()),
            events=experiment.event_log(replicate),
        )
    )


def _published(block: _Block, store: Store, done: _Result) -> Run:
    experiment, result = block.experiment, done.result
    cell, replicate = experiment.cells[done.cell], done.replicate
    key = run_key(experiment, cell, replicate)
    if not result.repeatable:
        return _run(cell.index, replicate, key, None, _facts(result))
    dataset = store.publish(
        key,
        stage="run",
        inputs={
            "world": experiment.world.digest,
            "settings": cell.settings,
            "seed": experiment.seed,
            "replicate": replicate,
            "population_seed": experiment.population_seed(replicate),
            "algorithm": ALGORITHM,
        },
        parents=block.parents,
        write=lambda folder: _write_result(result, folder),
        about={"versions": versions()},
        replace=block.again,
    )
    return _from_store(cell.index, replicate, dataset)


def _to_do_again(dataset: Dataset, again: bool) -> bool:
    """Whether a stored run failed and such are done again."""
    return again and dataset.facts["status"] != "ok"


def _write_result(result: WorldResult, folder: Path) -> dict[str, Any]:
    from worldwright.population import write_parquet

    for name, table in ((METRICS, result.metrics), (AGENTS, result.agents), (ERRORS, result.errors)):
        write_parquet([table], folder / f"{name}.parquet")
    if result.events is not None:
        write_parquet([_with_lost(result)], folder / f"{EVENTS}.parquet")
    return _facts(result)


def _with_lost(result: WorldResult) -> pa.Table:
    """The events of a run, and a last row that counts those that had no room."""
    import pyarrow as pa

    events, lost = result.events, result.counts.get("events_lost", 0)
    assert events is not None
    if not lost:
        return events
    row = {"tick": result.final_tick, "event": "lost", "text": f"{lost} more events had no room"}
    return pa.concat_tables([events, pa.Table.from_pylist([row], schema=events.schema)])


def _facts(result: WorldResult) -> dict[str, Any]:
    return {
        "status": result.status,
        "final_tick": result.final_tick,
        "messages": result.counts.get("messages", 0),
        "error": result.failure_record,
    }


def _from_store(cell: int, replicate: int, dataset: Dataset) -> Run:
    return _run(cell, replicate, dataset.key, dataset.digest, dataset.facts)


def _run(cell: int, replicate: int, key: str, digest: str | None, facts: Mapping[str, Any]) -> Run:
    error: dict[str, Any] = facts.get("error") or {}
    return Run(
        cell=cell,
        replicate=replicate,
        key=key,
        digest=digest,
        status=facts["status"],
        final_tick=facts["final_tick"],
        messages=facts["messages"],
        error=error.get("message"),
        error_tick=error.get("tick"),
        error_entity=error.get("entity"),
        error_script=error.get("script"),
        error_line=error.get("line"),
    )


def _parameters(experiment: Experiment, cell: Cell) -> dict[str, Scalar]:
    return resolve_parameters(experiment.world, cell.parameters)


def _blocks(plan: _Block, missing: Sequence[tuple[int, tuple[int, ...]]], count: int) -> list[_Block]:
    size = max(1, -(-len(missing) // max(1, count)))
    return [
        replace(plan, work=tuple(missing[start : start + size])) for start in range(0, len(missing), size)
    ]


def _precise(experiment: Experiment, store: Store, runs: dict[tuple[int, int], Run], target: int) -> bool:
    outcome = experiment.stopping
    if outcome is None or experiment.until is None:
        return True
    values: dict[int, list[float | None]] = {}
    for cell in experiment.cells:
        finished = [run for r in range(target) if (run := runs[cell.index, r]).status == "ok"]
        found = {run.replicate: value for run, value in _values(store, finished, outcome)}
        values[cell.index] = [found.get(replicate) for replicate in range(target)]
        unknown = outcome.how == "last" or (finished and outcome.metric not in _recorded(store, finished[0]))
        if finished and not found and unknown:
            raise ExperimentError(
                f"no run recorded the metric {outcome.metric!r} {_where(outcome)}",
                where=experiment.name,
                help=f"the metric must be one of: {', '.join(_recorded(store, finished[0]))}",
            )
    if experiment.until.of == "cell":
        judged = list(values.values())
    else:
        judged = [
            [
                None if x is None or y is None else y - x
                for x, y in zip(values[a.index], values[b.index], strict=True)
            ]
            for a, b in pairs(experiment)
        ]
    # A cell with a failed run is incomplete, and one where a level was not reached has no mean: more
    # replicates would not make its interval honest.
    complete = ([value for value in found if value is not None] for found in judged)
    return all(len(found) < target or precise_enough(found, experiment.until) for found in complete)


def _where(outcome: Outcome) -> str:
    return "at its last tick" if outcome.how == "last" else f"as {outcome.name!r} reads it: {outcome.words}"


def _values(store: Store, runs: list[Run], outcome: Outcome) -> Iterator[tuple[Run, float]]:
    """An outcome over all agents, of every run that has it."""
    import pyarrow.compute as pc

    for run in runs:
        table = store.get(run.key).table(METRICS)
        rows = table.filter((pc.field("metric") == outcome.metric) & (pc.field("segment") == "")).sort_by(
            "tick"
        )
        ticks, values = rows.column("tick").to_pylist(), rows.column("value").to_pylist()
        value = outcome.value(ticks, values, run.final_tick)
        if value is not None:
            yield run, value


def _recorded(store: Store, run: Run) -> list[str]:
    return sorted(set(store.get(run.key).table(METRICS).column("metric").to_pylist())) or ["none"]


def _tell(progress: Progress, needed: int, runs: dict[tuple[int, int], Run], cached: int) -> None:
    failed = sum(run.status != "ok" for run in runs.values())
    progress(Progressed(needed, len(runs), cached, failed))


def run_again(experiment: Experiment, cell: Cell, replicate: int, store: Store, clock: Clock) -> Run:
    """One run into a store that does not have it, with nothing taken from elsewhere."""
    (done,) = run_block(_Block(experiment, store.root, clock, (), False, ((replicate, (cell.index,)),)))
    return done
