"""A request in the worker's terms: the program as plain data, everything else as buffers.

Takes a request and the runtime it will have, gives a `Job`. Touches nothing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from worldwright.errors import UsageError
from worldwright.streams import MAX_SEED, stream_key
from worldwright.world.columns import population_columns, segment_codes
from worldwright.world.events import EVENTS
from worldwright.world.interventions import as_job
from worldwright.world.network import edges
from worldwright.world.places import place_fields
from worldwright.world.program import Metric, resolve_parameters
from worldwright.world.runtime import RunRequest
from worldwright.world.sharing import shared_form
from worldwright.world.syntax import ScriptFacts, facts_of, instrument

MAX_TICK = 2**53 - 1


@dataclass(frozen=True)
class Job:
    """A request in the worker's terms."""

    head: dict[str, Any]
    buffers: list[bytes]


def build_job(request: RunRequest, runtime: str) -> Job:
    """The request as plain data and buffers.

    Raises:
        UsageError: for ticks, seeds, parameters or populations that do not fit the program.
        WorldError: for a network that cannot exist.
    """
    program = request.program
    if request.stride < 1 or (request.stride > 1 and not program.vivarium):
        least = "1 or more" if program.vivarium else "1 in a world of ours, whose unit is the tick"
        raise UsageError(f"the duration of a step is {least}, not {request.stride}", where=program.name)
    if not 0 <= request.ticks * request.stride <= MAX_TICK - request.begin:
        raise UsageError(f"ticks must be 0 or more, not {request.ticks}", where=program.name)
    if request.replicate < 0:
        raise UsageError(f"a replicate is a number from 0 on, not {request.replicate}", where=program.name)
    if not 0 <= request.seed <= MAX_SEED:
        raise UsageError(f"a seed is a number from 0 to 2**63 - 1, not {request.seed}", where=program.name)
    key = stream_key(request.seed, "world", request.replicate)
    job = _Job(request)
    observe, last = _ticks_to_observe(request)
    return Job(
        {
            "runtime": runtime,
            "ticks": request.ticks,
            "observe": observe,
            "observe_last": last,
            "save_at": _tick_to_save(request),
            "events": _events(request),
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
        ticks.add(request.begin + tick)
    return sorted(ticks), "last" in request.record.agents_at


def _events(request: RunRequest) -> dict[str, Any] | None:
    log = request.events
    if log is None:
        return None
    first, last = log.ticks or (0, MAX_TICK - request.begin)
    wanted = {kind: kind in log.only or not log.only for kind in EVENTS}
    return {"rows": log.rows, "first": request.begin + first, "last": request.begin + last, "wanted": wanted}


def _tick_to_save(request: RunRequest) -> int | None:
    end = request.begin + request.ticks * request.stride
    if request.save_at is None or request.save_at == "last":
        return end if request.save_at else None
    if not request.begin <= request.save_at <= end:
        raise UsageError(
            f"this run goes from tick {request.begin} to {end}, so there is no snapshot at {request.save_at}",
            where=request.program.name,
        )
    return request.save_at


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
        groups = [] if request.resume else groups
        size = sum(group["count"] for group in groups)
        if size > program.limits.entities:
            raise UsageError(
                f"the world begins with {size} entities, and its limit is {program.limits.entities}",
                where=program.name,
                help=None if program.vivarium else "raise `limits: {entities: …}`",
            )
        return {
            "vivarium": program.vivarium,
            "order": program.order,
            "errors": program.errors,
            "start": request.begin,
            "limits": {
                "steps": program.limits.steps,
                "messages": program.limits.messages,
                "entities": program.limits.entities,
                "metrics": program.limits.metrics,
                "memory": program.limits.memory,
            },
            "parameters": resolve_parameters(program, request.parameters),
            "scripts": [self._script(name) for name in program.scripts],
            "kinds": kinds,
            "groups": groups,
            "network": None if request.resume else self._network(),
            "directed": program.network is not None and program.network.directed,
            **place_fields(program),
            "metrics": [self._metric(name, metric) for name, metric in program.metrics.items()],
            "pending": [
                {
                    "to": message.to,
                    "due": message.due,
                    "message": {"kind": message.kind, "content": message.content, "sender": message.sender},
                }
                for message in program.pending
                if message.to is not None and request.resume is None
            ],
            "saved": self._saved(),
            "stride": request.stride,
            "interventions": as_job(program, request.interventions) or None,
        }

    def _saved(self) -> dict[str, Any] | None:
        snapshot = self._request.resume
        if snapshot is None:
            return None
        arrays = {name: self._put(content) for name, content in snapshot.arrays.items()}
        return {"now": snapshot.tick, "sizes": dict(snapshot.sizes), "arrays": arrays}

    def _put(self, content: bytes) -> int:
        self.buffers.append(content)
        return len(self.buffers)

    def _script(self, name: str) -> dict[str, Any]:
        facts: ScriptFacts = self._facts[name]
        script = self._program.scripts[name]
        shared = shared_form(script.source)
        return {
            "file": script.file,
            "source": instrument(script.source),
            "shared": shared and asdict(shared),
            "names": sorted(facts.names),
            "reads_only": not facts.keeps_inbox,
            "passes_on_nothing": not facts.keeps_messages,
            "reads_lists": not facts.keeps_lists,
            "defines": sorted(facts.defines),
        }

    def _native(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        kinds: list[dict[str, Any]] = []
        groups: list[dict[str, Any]] = []
        for number, entity in enumerate(self._program.entities, start=1):
            kind: dict[str, Any] = {
                "name": entity.name,
                "number": number,
                "script": self._scripts[entity.script],
                "public": list(entity.public),
            }
            size = entity.count
            if entity.place == "each_cell" and self._program.grid is not None:
                size = self._program.grid.cells
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
                    "place": entity.place,
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
        size, table = entity.count, None
        if entity.place == "each_cell" and self._program.grid is not None:
            size = self._program.grid.cells
        if entity.population is not None:
            table = self._population(entity.population)
            size = table.num_rows
        pairs = edges(network, size or 0, self._request.seed, self._request.replicate, table)
        return {"kind": number, "count": len(pairs), "edges": self._put(pairs.astype("<i4").tobytes())}

    def _metric(self, name: str, metric: Metric) -> dict[str, Any]:
        if metric.field is not None:
            return {"name": name, "how": metric.how, "field": list(metric.field), "segments": []}
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
