"""One Lua machine: loads the kernel into a fresh VM and runs one world in it.

Takes the request a parent sent (plain data and buffers). Touches nothing outside the VM; no Python object
enters it, only numbers and byte strings.
"""

from __future__ import annotations

import importlib
import json
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

_BOOT = b"""
local W = {luajit = jit ~= nil, buffers = {}, lasting = {}}
local compile = loadstring or load
python = nil
return function(name, source) assert(compile(source, '=(' .. name .. ')'))(W) end,
  function(text) W.buffers[#W.buffers + 1] = text end,
  function(program, observe, last, save_at, events)
    W.want(W.decode(observe), last)
    W.save_at = save_at
    if events then W.log_events(events) end
    W.start(program)
    return not W.state.stopped
  end,
  function(ticks, more)
    local done = W.advance(ticks, more)
    return done, not W.state.stopped
  end,
  function(metrics) return W.progress(metrics) end,
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


class Machine:
    """A fresh VM with the kernel in it.

    Args:
        runtime: `luajit` or `lua54`.
        sources: What `kernel_sources` gave; read before the process was locked.
    """

    def __init__(self, runtime: str, sources: dict[str, bytes]) -> None:
        lupa = importlib.import_module(RUNTIMES[runtime])
        self.out_of_memory: type[Exception] = lupa.LuaMemoryError
        self.error: type[Exception] = lupa.LuaError
        self._vm = lupa.LuaRuntime(
            encoding=None, register_eval=False, register_builtins=False, attribute_filter=_deny,
            unpack_returned_tuples=True,
        )  # fmt: skip
        add, self._buffer, self._begin, self._advance, self._progress, self._finish, self._evaluate = (
            self._vm.execute(_BOOT)
        )
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
        """
        for buffer in buffers:
            self._buffer(buffer)
        program = json.dumps(head["program"], ensure_ascii=False, separators=(",", ":"))
        going = self._begin(
            program.encode("utf-8", "surrogateescape"),
            json.dumps(head["observe"]).encode(),
            head["observe_last"],
            head.get("save_at"),
            head.get("events"),
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
        text, lists = self._finish(done)
        return text, [lists[i + 1] for i in range(len(lists))]

    def evaluate(self, expression: str) -> Any:
        """The value of a Lua expression in which `W` is the kernel; for tests of its parts."""
        return self._evaluate(expression.encode())


class Machines:
    """The machine of the last run, which serves another run of the same program.

    LuaJIT compiles a world while it runs, which takes longer than many a small run; the second run of a
    program has that behind it. Nothing else stays (lua/again.lua), and another program gets a fresh machine.

    Args:
        sources: What `kernel_sources` gave.
    """

    def __init__(self, sources: dict[str, bytes]) -> None:
        self._sources = sources
        self._kept: tuple[str, Machine] | None = None
        self._program = ""

    def take(self, head: dict[str, Any]) -> Machine:
        """A machine as good as new for a request."""
        kept, self._kept = self._kept, None
        self._program = json.dumps([head["runtime"], head["program"]["scripts"]])
        if kept is not None and kept[0] == self._program:
            kept[1].evaluate("W.begin_again()")
            return kept[1]
        machine = Machine(head["runtime"], self._sources)
        if head["runtime"] == "luajit":
            machine.evaluate("W.remember_beginning()")
        return machine

    def give_back(self, machine: Machine) -> None:
        """Keep the machine taken last, if another run may have it; only after a run that ended well."""
        if machine.evaluate("W.luajit and W.may_begin_again()"):
            self._kept = (self._program, machine)
