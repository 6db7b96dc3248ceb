"""One Lua machine: loads the kernel into a fresh VM and runs one world in it.

Takes the request a parent sent (plain data and buffers). Touches nothing outside the VM; no Python object
enters it, only numbers and byte strings.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import mmap
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Protocol

LUA_FILES = (
    "philox",
    "mathematics",
    "json",
    "buffers",
    "turns",
    "values",
    "entities",
    "eventlog",
    "kernel",
    "orders",
    "starvation",
    "measures",
    "patterns",
    "sandbox",
    "api",
    "acts",
    "cells",
    "occupants",
    "found",
    "public",
    "buckets",
    "grid",
    "space",
    "layers",
    "resources",
    "places",
    "snapshot",
    "interventions",
    "again",
)
"""The parts of the kernel in the order they load; each adds to the table the one before has filled."""

RUNTIMES = {"luajit": "lupa.luajit21", "lua54": "lupa.lua54"}

_STARVED = "not enough memory"

_BOOT = b"""
local W = {luajit = jit ~= nil, buffers = {}, lasting = {}}
local compile = loadstring or load
python = nil
return function(name, source) assert(compile(source, '=(' .. name .. ')'))(W) end,
  function(text) W.buffers[#W.buffers + 1] = text end,
  function(program, observe, last, save_at, events)
    W.want(W.decode(observe), last)
    W.save_at = save_at
    if events then W.log_events(W.decode(events)) end
    W.start(program)
    return not W.state.stopped
  end,
  function(ticks, more)
    local done = W.advance(ticks, more)
    return done, not W.state.stopped
  end,
  function(metrics) return W.progress(metrics) end,
  function() return W.state.fatal end,
  function() W.seek_starved() end,
  function() return W.starved() end,
  function(done)
    W.buffers = nil
    return W.finish(done)
  end,
  function(expression) return assert(compile("local W = ... return " .. expression))(W) end
"""


def kernel_sources() -> dict[str, bytes]:
    """The Lua of the kernel by part, from the package's data."""
    folder = files("worldwright.world") / "lua"
    return {name: (folder / f"{name}.lua").read_bytes() for name in LUA_FILES}


def available_runtimes() -> tuple[str, ...]:
    """The Lua runtimes this installation of lupa has, LuaJIT first."""
    found: list[str] = []
    for name, module in RUNTIMES.items():
        try:
            importlib.import_module(module)
        except ImportError:
            continue
        found.append(name)
    return tuple(found)


def _deny(_object: Any, _name: Any, _is_setting: bool) -> str:
    raise AttributeError("no Python object is open to Lua")


class Watcher(Protocol):
    """Somebody who wants to see a world while it runs."""

    @property
    def metrics(self) -> bool:
        """Whether the metrics' values are to be shown too."""
        ...

    def patience(self) -> int:
        """How many ticks may pass before it is asked again."""
        ...

    def wants(self, done: int) -> bool:
        """Whether to be shown how things stand after so many ticks."""
        ...

    def show(self, progress: bytes) -> None:
        """How things stand, as JSON (W.progress in lua/measures.lua)."""
        ...


class StarvedError(Exception):
    """Memory ran out, and nothing but this can be told of the run.

    Args:
        error: Its only error, as in the answer of a run; None where not even that is known.
    """

    def __init__(self, error: dict[str, Any] | None) -> None:
        super().__init__("out of memory")
        self.error = error


class Machine:
    """A fresh VM with the kernel in it.

    Args:
        runtime: `luajit` or `lua54`.
        sources: What `kernel_sources` gave; read before the process was locked.
        reserves: Memory that is given back when there is no other left: the first to find out who used it up,
            the rest to tell.
    """

    def __init__(self, runtime: str, sources: dict[str, bytes], reserves: Sequence[mmap.mmap] = ()) -> None:
        lupa = importlib.import_module(RUNTIMES[runtime])
        self._out_of_memory: type[Exception] = lupa.LuaMemoryError
        self._error: type[Exception] = lupa.LuaError
        self._reserves = list(reserves)
        self._vm = lupa.LuaRuntime(
            encoding=None, register_eval=False, register_builtins=False, attribute_filter=_deny,
            unpack_returned_tuples=True,
        )  # fmt: skip
        functions = self._vm.execute(_BOOT)
        add, self._buffer, self._begin, self._advance, self._progress = functions[:5]
        self._is_starved, self._seek_starved, self._starved, self._finish, self._evaluate = functions[5:]
        for name, source in sources.items():
            add(name.encode(), source)

    def run(
        self, head: dict[str, Any], buffers: list[bytes], watcher: Watcher | None = None
    ) -> tuple[bytes, list[bytes]]:
        """Run a world to its end; gives the JSON head and the buffers of the result.

        Args:
            head: The request as plain data.
            buffers: Its arrays.
            watcher: Is asked now and then whether it wants to see how things stand, and shown it.

        Raises:
            StarvedError: where memory ran out, unless a result could be had nevertheless.
        """
        try:
            done = self._ticks(head, buffers, watcher)
            starved = bool(self._is_starved())
            if not starved:
                return self._result(done)
        except (MemoryError, self._error) as problem:
            if not self._lacks_memory(problem):
                raise
            done, starved = None, True
        error = self._find_starved()
        try:
            if done is not None and error is not None:
                return self._result(done)
        except (MemoryError, self._error) as problem:
            if not self._lacks_memory(problem):
                raise
        raise StarvedError(error)

    def _ticks(self, head: dict[str, Any], buffers: list[bytes], watcher: Watcher | None) -> int:
        """Begin the world and let its ticks pass; gives how many did."""
        for buffer in buffers:
            self._buffer(buffer)
        program = json.dumps(head["program"], ensure_ascii=False, separators=(",", ":"))
        going = self._begin(
            program.encode("utf-8", "surrogateescape"),
            json.dumps(head["observe"]).encode(),
            head["observe_last"],
            head.get("save_at"),
            json.dumps(events).encode() if (events := head.get("events")) else None,
        )
        done, ticks = 0, int(head["ticks"])
        if watcher is None:
            done = self._advance(ticks, False)[0] if going else 0
        while watcher is not None and going and done < ticks:
            some = min(watcher.patience(), ticks - done)
            more, going = self._advance(some, done + some < ticks)
            done += more
            if watcher.wants(done):
                watcher.show(self._progress(watcher.metrics))
        if watcher is not None:
            watcher.show(self._progress(watcher.metrics))
        return done

    def _result(self, done: int) -> tuple[bytes, list[bytes]]:
        text, lists = self._finish(done)
        return text, [lists[i + 1] for i in range(len(lists))]

    def _lacks_memory(self, problem: Exception) -> bool:
        return isinstance(problem, (MemoryError, self._out_of_memory)) or _STARVED in str(problem)

    def _find_starved(self) -> dict[str, Any] | None:
        """The error of the entity that ran when memory ran out; the kernel keeps it as a row, too."""
        for reserve in self._reserves[:1]:
            reserve.close()
        with contextlib.suppress(MemoryError, self._error):
            self._seek_starved()
        for reserve in self._reserves[1:]:
            reserve.close()
        try:
            entity, script, line, tick, message = self._starved()
        except (MemoryError, self._error):
            return None
        texts = {"entity": entity, "script": script, "message": message}
        return {name: text.decode("utf-8", "replace") for name, text in texts.items()} | {
            "tick": int(tick),
            "line": int(line),
            "count": 1,
        }

    def evaluate(self, expression: str) -> Any:
        """The value of a Lua expression in which `W` is the kernel; for tests of its parts."""
        return self._evaluate(expression.encode())


class Machines:
    """The machine of the last run, which serves another run of the same program.

    LuaJIT compiles a world while it runs, which takes longer than many a small run; the second run of a
    program has that behind it. Nothing else stays (lua/again.lua), and another program gets a fresh machine.

    Args:
        sources: What `kernel_sources` gave.
        reserves: As for each `Machine`.
    """

    def __init__(self, sources: dict[str, bytes], reserves: Sequence[mmap.mmap] = ()) -> None:
        self._sources, self._reserves = sources, reserves
        self._kept: tuple[str, Machine] | None = None
        self._program = ""

    def take(self, head: dict[str, Any]) -> Machine:
        """A machine as good as new for a request."""
        kept, self._kept = self._kept, None
        self._program = json.dumps([head["runtime"], head["program"]["scripts"]])
        if kept is not None and kept[0] == self._program:
            kept[1].evaluate("W.begin_again()")
            return kept[1]
        machine = Machine(head["runtime"], self._sources, self._reserves)
        if head["runtime"] == "luajit":
            machine.evaluate("W.remember_beginning()")
        return machine

    def give_back(self, machine: Machine) -> None:
        """Keep the machine taken last, if another run may have it; only after a run that ended well."""
        if machine.evaluate("W.luajit and W.may_begin_again()"):
            self._kept = (self._program, machine)
