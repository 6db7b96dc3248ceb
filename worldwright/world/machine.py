"""One Lua machine: loads the kernel into a fresh VM and runs one world in it.

Takes the request a parent sent (plain data and buffers). Touches nothing outside the VM; no Python object
enters it, only numbers and byte strings.
"""

from __future__ import annotations

import importlib
import json
from importlib.resources import files
from typing import Any

LUA_FILES = (
    "philox",
    "mathematics",
    "json",
    "buffers",
    "turns",
    "values",
    "entities",
    "kernel",
    "orders",
    "measures",
    "patterns",
    "sandbox",
    "api",
    "acts",
    "grid",
    "space",
    "layers",
    "resources",
    "places",
    "snapshot",
)
"""The parts of the kernel in the order they load; each adds to the table the one before has filled."""

RUNTIMES = {"luajit": "lupa.luajit21", "lua54": "lupa.lua54"}

_BOOT = b"""
local W = {luajit = jit ~= nil, buffers = {}}
local compile = loadstring or load
python = nil
return function(name, source) assert(compile(source, '=(' .. name .. ')'))(W) end,
  function(text) W.buffers[#W.buffers + 1] = text end,
  function(program, ticks, observe, last, save_at)
    W.want(W.decode(observe), last)
    W.save_at = save_at
    W.start(program)
    local done = 0
    if not W.state.stopped then done = W.advance(ticks) end
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
        add, self._buffer, self._run, self._evaluate = self._vm.execute(_BOOT)
        for name, source in sources.items():
            add(name.encode(), source)

    def run(self, head: dict[str, Any], buffers: list[bytes]) -> tuple[bytes, list[bytes]]:
        """Run a world to its end; gives the JSON head and the buffers of the result."""
        for buffer in buffers:
            self._buffer(buffer)
        program = json.dumps(head["program"], ensure_ascii=False, separators=(",", ":"))
        observe = json.dumps(head["observe"])
        text, lists = self._run(
            program.encode("utf-8", "surrogateescape"),
            head["ticks"],
            observe.encode(),
            head["observe_last"],
            head.get("save_at"),
        )
        return text, [lists[i + 1] for i in range(len(lists))]

    def evaluate(self, expression: str) -> Any:
        """The value of a Lua expression in which `W` is the kernel; for tests of its parts."""
        return self._evaluate(expression.encode())
