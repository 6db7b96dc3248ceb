"""A run as data: what is asked for, and the tables that come back.

Takes and gives plain frozen values; `job` and `results` translate them for a worker. Touches nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from worldwright.errors import WorldError
from worldwright.world.interventions import Intervention
from worldwright.world.program import Scalar, WorldProgram

if TYPE_CHECKING:
    from worldwright.world.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of the entities' states."""

    agents_at: tuple[int | Literal["last"], ...] = (0, "last")
    """Ticks whose states are kept, counted from the start; 0 is before the first, `last` the last."""


@dataclass(frozen=True, slots=True)
class EventLog:
    """What is kept of the events of a run."""

    rows: int = 1_000_000
    """Most rows; what comes later is counted."""
    ticks: tuple[int, int] | None = None
    """The first and the last tick, counted from the start; all, unless given."""
    only: tuple[str, ...] = ()
    """The kinds of events (`events.EVENTS`); all, where there are none."""


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
    resume: Snapshot | None = None
    """Where to go on from; its program, populations and so on are those of `Snapshot.request`."""
    save_at: int | Literal["last"] | None = None
    """The tick after which a snapshot is taken, on the world's own clock."""
    events: EventLog | None = None
    """The event log; None: there is none."""

    interventions: tuple[Intervention, ...] = ()
    """What is done to the world before the first tick of this run."""
    stride: int = 1
    """How far the clock goes in one tick; beyond 1 in worlds of Vivarium only, whose steps last."""

    @property
    def begin(self) -> int:
        """The tick before the first of this run."""
        return self.program.start if self.resume is None else self.resume.tick


@dataclass(frozen=True)
class WorldResult:
    """What a run gave."""

    status: Literal["ok", "failed"]
    metrics: pa.Table
    """tick, metric, segment ("" is everybody, else such as `rank=chief`), value."""
    agents: pa.Table
    """tick, entity_id, script (the entity's name), agent (population row or null), a column per state key."""
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
    snapshot: Snapshot | None = None
    """The world at the tick that was asked for."""
    snapshot_problem: str | None = None
    """Why there is none, where it could not be taken."""
    events: pa.Table | None = None
    """The event log, where it was asked for (`events.EVENTS_SCHEMA`); `counts["events_lost"]` had no room."""

    @property
    def failure_record(self) -> dict[str, Any] | None:
        """What stopped the world: message, tick, entity, script and line; None where nothing did."""
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


def choose_runtime(request: RunRequest, runtimes: tuple[str, ...], locked: bool) -> str:
    """The runtime a run has.

    Raises:
        WorldError: where it asks for one that is not there or not allowed.
    """
    program = request.program
    wanted = program.runtime
    if request.resume is not None:
        from worldwright.world.snapshot import runtime_of

        return runtime_of(request.resume, wanted, runtimes if locked else ("lua54",))
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
