"""Worlds of ours, run in this process and timed by its CPU clock.

A machine is built, run and asked as a locked worker does it, without the pipe in between.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import time
from pathlib import Path
from typing import Any

from worldwright.world import Record, RunRequest, WorldProgram, WorldResult, load_world
from worldwright.world.job import build_job
from worldwright.world.machine import Machines, kernel_sources
from worldwright.world.results import read_result

WORLDS = Path(__file__).resolve().parent / "worlds"
LUAJIT, LUA54 = "luajit", "lua54"
CHARGE = " __ww_b[1]=__ww_b[1]-1 if __ww_b[1]<0 then __ww_over() end "


def world(path: Path, **counts: int) -> WorldProgram:
    """The world of a folder or file; `counts` are numbers of entities by name."""
    program, found = load_world(path, lambda file: file.read_text(encoding="utf-8"))
    if program is None:
        raise SystemExit("\n".join(str(diagnostic) for diagnostic in found))
    entities = tuple(
        dataclasses.replace(entity, count=counts.get(entity.name, entity.count))
        for entity in program.entities
    )
    return dataclasses.replace(program, entities=entities)


@functools.cache
def sources() -> dict[str, bytes]:
    return kernel_sources()


class Timed:
    """One run: its result, and the CPU time of its parts."""

    def __init__(
        self,
        request: RunRequest,
        runtime: str = LUAJIT,
        uncharged: bool = False,
        machines: Machines | None = None,
    ) -> None:
        began = time.process_time()
        job = build_job(request, runtime)
        if uncharged:
            given = request.program.scripts.values()
            for script, plain in zip(job.head["program"]["scripts"], given, strict=True):
                script["source"] = plain.source
                if script["shared"]:
                    script["shared"]["source"] = script["shared"]["source"].replace(CHARGE, " ")
        self.built_s = time.process_time() - began
        machines = machines or Machines(sources())
        self.machine = machines.take(job.head)
        advance = self.machine._advance
        self.steps_s = 0.0

        def advanced(ticks: int, more: bool) -> Any:
            start = time.process_time()
            done = advance(ticks, more)
            self.steps_s += time.process_time() - start
            return done

        self.machine._advance = advanced
        self.text, self.buffers = self.machine.run(job.head, job.buffers)
        self.machine._advance = advance
        machines.give_back(self.machine)
        self.total_s = time.process_time() - began
        """With the making of the world, the machine and the buffers of its results."""
        self._request, self._runtime = request, runtime

    @functools.cached_property
    def result(self) -> WorldResult:
        """Its tables."""
        result = read_result(self._request, self._runtime, json.loads(self.text), self.buffers)
        if result.status != "ok":
            raise SystemExit(f"{self._request.program.name}: {result.failure}")
        return result

    def heap(self) -> float:
        """Bytes of the VM's heap after a full collection."""
        self.machine.evaluate("collectgarbage()")
        return 1024.0 * float(self.machine.evaluate("collectgarbage('count')"))


def run(
    program: WorldProgram,
    ticks: int,
    seed: int = 1,
    runtime: str = LUAJIT,
    machines: Machines | None = None,
    **parameters: Any,
) -> Timed:
    """A world from its beginning, keeping no states."""
    request = RunRequest(program, ticks, seed, parameters=parameters, record=Record(()))
    return Timed(request, runtime, machines=machines)
