"""A run as data: what is asked of a worker, and the tables that come back.

Takes a program, parameters, populations and a seed; gives the request a worker understands and reads its answer.
Touches nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa

from worldwright.errors import UsageError, WorldError
from worldwright.streams import stream_key
from worldwright.world.columns import (
    agents_table,
    concatenated,
    decoded_texts,
    population_columns,
    segment_codes,
)
from worldwright.world.network import edges
from worldwright.world.program import Metric, Scalar, WorldProgram, resolve_parameters
from worldwright.world.syntax import ScriptFacts, facts_of, instrument

if TYPE_CHECKING:
    import numpy.typing as npt

ALGORITHM = 1
"""Raised by hand whenever the meaning of the kernel changes; guarded by golden digests."""

MAX_TICK = 2**53 - 1

METRICS_SCHEMA = pa.schema(
    [("tick", pa.int64()), ("metric", pa.string()), ("segment", pa.string()), ("value", pa.float64())]
)
ERRORS_SCHEMA = pa.schema(
    [
        ("tick", pa.int64()),
        ("entity_id", pa.string()),
        ("script", pa.string()),
        ("line", pa.int64()),
        ("message", pa.string()),
        ("count", pa.int64()),
    ]
)


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of the entities' states."""

    agents_at: tuple[int | Literal["last"], ...] = (0, "last")
    """Ticks whose states are kept, counted from the start; 0 is before the first, `last` the last."""


@dataclass(frozen=True)
class RunRequest:
    """One run of one world."""

    program: WorldProgram
    ticks: int
    seed: int
    replicate: int = 0
    parameters: Mapping[str, Scalar] = field(default_factory=dict[str, Scalar])
    populations: Mapping[str, pa.Table] = field(default_factory=dict[str, pa.Table])
    record: Record = Record()


@dataclass(frozen=True)
class WorldResult:
    """What a run gave."""

    status: Literal["ok", "failed"]
    metrics: pa.Table
    """tick, metric, segment ("" is everybody, else such as `rank=chief`), value."""
    agents: pa.Table
    """tick, entity_id, script (the entity's name), agent (population row or null), one column for each state key."""
    errors: pa.Table
    """tick (the first), entity_id, script, line (null where unknown), message, count."""
    final_tick: int
    """The last tick that was completed."""
    runtime: str
    counts: Mapping[str, int]
    failure: str | None = None
    """Why it failed."""
    repeatable: bool = True
    """Whether the same request gives the same result; a kill by clock or memory is not repeatable."""
    printed: tuple[str, ...] = ()
    """The first lines that scripts printed, each after its entity."""

    @property
    def failure_record(self) -> dict[str, Any] | None:
        """The error that stopped the world: message, tick, entity, script and line; None where it did not stop."""
        if self.status == "ok":
            return None
        rows = self.errors.to_pylist()
        if not rows:
            return {
                "message": self.failure,
                "tick": self.final_tick,
                "entity": None,
                "script": None,
                "line": None,
            }
        last = rows[-1]
        return {
            "message": last["message"],
            "tick": last["tick"],
            "entity": last["entity_id"],
            "script": last["script"],
            "line": last["line"],
        }


@dataclass(frozen=True)
class Job:
    """A request in the worker's terms."""

    head: dict[str, Any]
    buffers: list[bytes]


def choose_runtime(program: WorldProgram, runtimes: tuple[str, ...], locked: bool) -> str:
    """The runtime a program runs on.

    Raises:
        WorldError: where it asks for one that is not there or not allowed.
    """
    wanted = program.runtime
    if wanted == "auto":
        wanted = "luajit" if locked and "luajit" in runtimes else "lua54"
    if wanted == "luajit" and not locked:
        raise WorldError(
            "LuaJIT runs only behind the lock of the operating system, which this machine does not offer",
            where=program.name,
            help="set `runtime: lua54`",
        )
    if wanted not in runtimes:
        raise WorldError(
            f"this installation of lupa has no {wanted}",
            where=program.name,
            help=f"it has {', '.join(runtimes)}",
        )
    return wanted


def build_job(request: RunRequest, runtime: str) -> Job:
    """The request as plain data and buffers.

    Raises:
        UsageError: for ticks, seeds, parameters or populations that do not fit the program.
        WorldError: for a network that cannot exist.
    """
    program = request.program
    if not 0 <= request.ticks <= MAX_TICK - program.start:
        raise UsageError(f"ticks must be 0 or more, not {request.ticks}", where=program.name)
    if request.replicate < 0:
        raise UsageError(f"a replicate is a number from 0 on, not {request.replicate}", where=program.name)
    key = stream_key(request.seed, "world", request.replicate)
    job = _Job(request)
    observe, last = _ticks_to_observe(request)
    return Job(
        {
            "runtime": runtime,
            "ticks": request.ticks,
            "observe": observe,
            "observe_last": last,
            "program": job.program() | {"key": [key & 0xFFFFFFFF, key >> 32]},
        },
        job.buffers,
    )


def _ticks_to_observe(request: RunRequest) -> tuple[list[int], bool]:
    ticks: set[int] = set()
    for tick in request.record.agents_at:
        if tick == "last":
            continue
        if tick < 0:
            raise UsageError(f"agents cannot be recorded at tick {tick}", help="ticks count from 0")
        ticks.add(request.program.start + tick)
    return sorted(ticks), "last" in request.record.agents_at


class _Job:
    """One request on its way to a job."""

    def __init__(self, request: RunRequest) -> None:
        self.buffers: list[bytes] = []
        self._request = request
        self._program = request.program
        self._facts = {name: facts_of(script.source) for name, script in request.program.scripts.items()}
        self._scripts = {name: i + 1 for i, name in enumerate(request.program.scripts)}

    def program(self) -> dict[str, Any]:
        """The program as the kernel reads it; everything numbered from 1."""
        program, request = self._program, self._request
        unknown = sorted(set(request.populations) - {e.population for e in program.entities})
        if unknown:
            raise UsageError(f"the world {program.name!r} has no population {unknown[0]!r}")
        kinds, groups = self._vivarium() if program.vivarium else self._native()
        return {
            "vivarium": program.vivarium,
            "order": program.order,
            "errors": program.errors,
            "start": program.start,
            "limits": {
                "steps": program.limits.steps,
                "messages": program.limits.messages,
                "entities": program.limits.entities,
                "metrics": program.limits.metrics,
            },
            "parameters": resolve_parameters(program, request.parameters),
            "scripts": [self._script(name) for name in program.scripts],
            "kinds": kinds,
            "groups": groups,
            "network": self._network(),
            "metrics": [self._metric(name, metric) for name, metric in program.metrics.items()],
            "pending": [
                {
                    "to": message.to,
                    "due": message.due,
                    "message": {"kind": message.kind, "content": message.content, "sender": message.sender},
                }
                for message in program.pending
                if message.to is not None
            ],
        }

    def _put(self, content: bytes) -> int:
        self.buffers.append(content)
        return len(self.buffers)

    def _script(self, name: str) -> dict[str, Any]:
        facts: ScriptFacts = self._facts[name]
        script = self._program.scripts[name]
        return {
            "file": script.file,
            "source": instrument(script.source),
            "names": sorted(facts.names),
            "reads_only": not facts.keeps_inbox,
        }

    def _native(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        kinds: list[dict[str, Any]] = []
        groups: list[dict[str, Any]] = []
        for number, entity in enumerate(self._program.entities, start=1):
            kind: dict[str, Any] = {
                "name": entity.name,
                "number": number,
                "script": self._scripts[entity.script],
            }
            size = entity.count
            if entity.population is not None:
                table = self._population(entity.population)
                size = table.num_rows
                wanted = self._facts[entity.script].agent_fields
                kind["columns"] = population_columns(table, wanted, self._put)
            kinds.append(kind)
            groups.append(
                {
                    "kind": number,
                    "name": entity.name,
                    "count": size,
                    "single": entity.count == 1,
                    "population": entity.population is not None,
                    "state": dict(entity.state) or None,
                }
            )
        return kinds, groups

    def _vivarium(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        kinds = [{"name": name, "number": number, "script": number} for name, number in self._scripts.items()]
        groups = [
            {
                "kind": self._scripts[one.script],
                "name": one.id,
                "single": True,
                "count": 1,
                "state": one.state,
            }
            for one in self._program.individuals
        ]
        return kinds, groups

    def _population(self, name: str) -> pa.Table:
        table = self._request.populations.get(name)
        if table is None:
            given = ", ".join(self._request.populations) or "none"
            raise UsageError(
                f"the world {self._program.name!r} needs a population {name!r}", help=f"given: {given}"
            )
        return table

    def _network(self) -> dict[str, Any] | None:
        network = self._program.network
        if network is None:
            return None
        number, entity = next((i, e) for i, e in enumerate(self._program.entities, 1) if e.name == network.of)
        size = entity.count
        if entity.population is not None:
            size = self._population(entity.population).num_rows
        pairs = edges(network, size or 0, self._request.seed, self._request.replicate)
        return {"kind": number, "count": len(pairs), "edges": self._put(pairs.astype("<i4").tobytes())}

    def _metric(self, name: str, metric: Metric) -> dict[str, Any]:
        number, entity = next((i, e) for i, e in enumerate(self._program.entities, 1) if e.name == metric.of)
        description: dict[str, Any] = {
            "name": name,
            "how": metric.how,
            "of": number,
            "path": list(metric.path) if metric.path else None,
            "where": list(metric.where) if metric.where else None,
            "segments": [],
        }
        if metric.by and entity.population is not None:
            codes, labels = segment_codes(self._population(entity.population), metric.by, name)
            description |= {"segments": labels, "codes": self._put(codes.astype("<i4").tobytes())}
        return description


def read_result(request: RunRequest, runtime: str, head: Any, buffers: list[bytes]) -> WorldResult:
    """The tables of a finished run.

    Raises:
        ValueError: where the answer is not what a worker sends; also KeyError, TypeError and IndexError.
    """
    program = request.program
    errors = _errors(head["errors"] or [])
    stopped = bool(head["stopped"])
    failure = None
    if stopped:
        row = errors.slice(max(errors.num_rows - 1, 0)).to_pylist()
        failure = _sentence(row[0]) if row else "the world stopped"
    kinds = list(program.scripts) if program.vivarium else [entity.name for entity in program.entities]
    return WorldResult(
        status="failed" if stopped else "ok",
        metrics=_metrics(program, head["metrics"], buffers),
        agents=agents_table(head["states"] or [], buffers, kinds),
        errors=errors,
        final_tick=program.start + int(head["ticks"]),
        runtime=runtime,
        counts={str(name): int(count) for name, count in head["counts"].items()},
        failure=failure,
        repeatable=not head.get("fatal"),
        printed=tuple(str(line) for line in head["printed"] or ()),
    )


def failed_result(runtime: str, reason: str, final_tick: int, *, repeatable: bool) -> WorldResult:
    """The result of a run that gave nothing."""
    return WorldResult(
        status="failed",
        metrics=METRICS_SCHEMA.empty_table(),
        agents=agents_table([], [], []),
        errors=ERRORS_SCHEMA.empty_table(),
        final_tick=final_tick,
        runtime=runtime,
        counts={},
        failure=reason,
        repeatable=repeatable,
    )


def _sentence(row: dict[str, Any]) -> str:
    place = f"{row['script']}:{row['line']}: " if row["line"] is not None else ""
    who = f"{row['entity_id']}: " if row["entity_id"] else ""
    return f"{who}{place}{row['message']}"


def _errors(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.table(
        {
            "tick": [int(row["tick"]) for row in rows],
            "entity_id": [str(row["entity"]) for row in rows],
            "script": [str(row["script"]) for row in rows],
            "line": [int(row["line"]) or None for row in rows],
            "message": [str(row["message"]) for row in rows],
            "count": [int(row["count"]) for row in rows],
        },
        schema=ERRORS_SCHEMA,
    )


def _metrics(program: WorldProgram, head: Any, buffers: list[bytes]) -> pa.Table:
    n = int(head["n"])
    ticks = _array(buffers[head["tick"]], "<f8", n)
    values = _array(buffers[head["value"]], "<f8", n)
    names, segments = [str(x) for x in head["names"] or []], [str(x) for x in head["segments"]]
    table = pa.table(
        {
            "tick": ticks.astype(np.int64),
            "metric": decoded_texts(_array(buffers[head["name"]], "<i4", n) - 1, names),
            "segment": decoded_texts(_array(buffers[head["segment"]], "<i4", n) - 1, segments),
            "value": values,
        },
        schema=METRICS_SCHEMA,
    )
    if not program.history:
        return table
    points = [(tick, name, value) for name, series in program.history.items() for tick, value in series]
    points.sort(key=lambda point: (point[0], point[1]))
    before = pa.table(
        {
            "tick": [point[0] for point in points],
            "metric": [point[1] for point in points],
            "segment": [""] * len(points),
            "value": [point[2] for point in points],
        },
        schema=METRICS_SCHEMA,
    )
    return concatenated([before, table])


def _array(content: bytes, kind: str, n: int) -> npt.NDArray[Any]:
    array = np.frombuffer(content, dtype=kind)
    if len(array) != n:
        raise ValueError("an array of another length than announced")
    return array
