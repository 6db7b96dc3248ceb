"""The other way to run Vivarium's scripts: a virtual machine for each entity, driven from Python.

What Vivarium does (github.com/MartinKuzma/vivarium, src/core/world.rs and scripting/lua/controller.rs), in
its order: advance the clock, deliver what is due, call `update` of every entity, then apply the commands.
Messages and states pass as copies. Python stands in for Rust, so its share of the time is larger than there.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import Any

MODULES = {"luajit": "lupa.luajit21", "lua54": "lupa.lua54"}


@dataclass
class Entity:
    """One entity and the machine it lives in."""

    id: str
    lua: Any
    update: Any
    inbox: list[tuple[str, Any]] = field(default_factory=list)


class World:
    """A world of Vivarium.

    Args:
        scripts: Sources by name.
        runtime: `luajit` or `lua54`.
    """

    def __init__(self, scripts: dict[str, str], runtime: str) -> None:
        self._lua = importlib.import_module(MODULES[runtime]).LuaRuntime
        self._scripts = scripts
        self.now = self.updates = self.sent = 0
        self.entities: dict[str, Entity] = {}
        self.metrics: dict[str, dict[int, float]] = {}
        self._bus: dict[int, list[tuple[str, str, Any]]] = {}
        self._commands: list[tuple[Any, ...]] = []

    def add(self, id: str, script: str, state: Any = None) -> None:
        """A new entity; `state` goes to its set_state."""
        lua = self._lua(unpack_returned_tuples=True)
        commands, table = self._commands, lua.table_from

        def send_msg(to: str, kind: str, content: Any, delay: float) -> None:
            commands.append(("send", id, to, kind, plain(content), int(delay)))

        def spawn_entity(other: str, script: str, state: Any = None) -> None:
            commands.append(("spawn", other, script, plain(state)))

        lua.globals()["self"] = table(
            {
                "id": id,
                "send_msg": send_msg,
                "spawn_entity": spawn_entity,
                "destroy": lambda other: commands.append(("destroy", other)),
            }
        )
        lua.globals()["world"] = table(
            {
                "list_entities": lambda: table(list(self.entities)),
                "record_metric": lambda name, value: commands.append(("metric", name, value)),
            }
        )
        lua.execute(self._scripts[script])
        if state is not None:
            lua.globals().set_state(table(state))
        self.entities[id] = Entity(id, lua, lua.globals().update)

    def step(self) -> None:
        """One tick."""
        self.now += 1
        for to, kind, content in self._bus.pop(self.now, ()):
            if to in self.entities:
                self.entities[to].inbox.append((kind, content))
        for entity in self.entities.values():
            table = entity.lua.table_from
            messages = [
                table({"kind": kind, "content": table(content) if isinstance(content, dict) else content})
                for kind, content in entity.inbox
            ]
            entity.inbox.clear()
            entity.update(self.now, table(messages))
            self.updates += 1
        commands = self._commands[:]
        self._commands.clear()
        for command in commands:
            self._apply(command)

    def states(self) -> dict[str, Any]:
        """What each entity's get_state gives."""
        return {id: plain(entity.lua.globals().get_state()) for id, entity in self.entities.items()}

    def _apply(self, command: tuple[Any, ...]) -> None:
        match command:
            case "send", _, to, kind, content, delay:
                self._bus.setdefault(self.now + max(delay, 1), []).append((to, kind, content))
                self.sent += 1
            case "spawn", id, script, state:
                self.entities.pop(id, None)
                self.add(id, script, state)
            case "destroy", id:
                self.entities.pop(id, None)
            case "metric", name, value:
                series = self.metrics.setdefault(name, {})
                series[self.now] = series.get(self.now, 0.0) + float(value)
            case _:
                raise AssertionError(command)


def plain(value: Any) -> Any:
    """A Lua value as Python's: tables become dicts."""
    return {key: plain(item) for key, item in value.items()} if hasattr(value, "items") else value
