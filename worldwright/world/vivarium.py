"""Files of Vivarium, read as it reads them: world configs and snapshots, YAML or JSON.

Takes a text, gives a `WorldProgram` or diagnostics. Touches nothing.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from worldwright.diagnostics import Diagnostic, in_order
from worldwright.world import codes
from worldwright.world.program import Individual, Limits, Pending, Script, WorldProgram
from worldwright.world.vivarium_tree import RefusedError, Value, from_json, from_yaml, taken_back

_HEADING = re.compile(r"^[ \t]*+[\"']?worldwright[\"']?\s*:", re.MULTILINE)
_KEYS = re.compile(
    r"^[ \t]*+[{,]?[ \t]*+[\"']?(?:script_library|configuration|simulation_time)[\"']?\s*:", re.MULTILINE
)
MAX_ENTITIES = 10_000
"""Vivarium's own limit of living entities."""


def is_vivarium(text: str) -> bool:
    """Whether a text looks like a file of Vivarium rather than a document of ours."""
    if text.lstrip()[:1] == "{":
        try:
            content: Any = json.loads(text)
        except (ValueError, RecursionError):
            return _KEYS.search(text) is not None
        return not {"script_library", "configuration", "simulation_time"}.isdisjoint(content)
    return _KEYS.search(text) is not None and _HEADING.search(text) is None


def load_vivarium(text: str, file: str) -> tuple[WorldProgram | None, list[Diagnostic]]:
    """A program from a config or snapshot; unknown keys are ignored, as at home."""
    try:
        tree = from_json(text, file) if text.lstrip()[:1] in ("{", "[") else from_yaml(text, file)
        return read_tree(tree, file)
    except RefusedError as refused:
        return None, [codes.VIVARIUM.at(refused.span, refused.message, help=refused.help)]


def read_tree(tree: Value, file: str) -> tuple[WorldProgram | None, list[Diagnostic]]:
    """A program from what was read.

    Raises:
        RefusedError: for what Vivarium would not take.
    """
    return _Reading(file).world(tree)


class _Reading:
    """One file on its way to a program."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.found: list[Diagnostic] = []

    def world(self, tree: Value) -> tuple[WorldProgram | None, list[Diagnostic]]:
        """The program of a config or a snapshot."""
        top = self._mapping(tree, "the file")
        snapshot = "configuration" in top
        config = self._field(top, "configuration", tree) if snapshot else tree
        fields = self._mapping(config, "the configuration")
        library = self._mapping(self._field(fields, "script_library", config), "`script_library`")
        scripts = {name: self._script(name, script) for name, script in library.items()}
        individuals = [
            self._individual(entity, scripts)
            for entity in self._list(self._field(fields, "entities", config))
        ]
        latest = {one.id: one for one in individuals}  # as at home, the last of one id stands
        start, pending, history = self._snapshot(top, tree) if snapshot else (0, (), {})
        self._check(scripts, library)
        program = WorldProgram(
            name=self._text(self._field(fields, "name", config)),
            scripts={name: Script(name, source) for name, source in scripts.items()},
            vivarium=True,
            runtime="lua54",
            limits=Limits(entities=MAX_ENTITIES),
            individuals=tuple(latest.values()),
            start=start,
            pending=pending,
            history=history,
        )
        found = in_order(self.found)
        return (None if any(d.is_error for d in found) else program), found

    def _script(self, name: str, script: Value) -> str:
        fields = self._mapping(script, f"the script {name!r}")
        for key in ("id", "kind"):
            self._text(self._field(fields, key, script))
        return self._text(self._field(fields, "script", script))

    def _individual(self, entity: Value, scripts: dict[str, str]) -> Individual:
        fields = self._mapping(entity, "an entity")
        id = self._text(self._field(fields, "id", entity))
        script = self._field(fields, "script_id", entity)
        name = self._text(script)
        if name not in scripts:
            known = ", ".join(scripts) or "none"
            raise RefusedError(
                script.span,
                f"the entity {id!r} refers to a script {name!r} that is not in the library",
                f"there are {known}",
            )
        state = fields.get("initial_state")
        if state is None or (state.items is None and state.scalar is None):
            return Individual(id, name, None)
        return Individual(
            id, name, {k: v.plain() for k, v in self._mapping(state, "`initial_state`").items()}
        )

    def _snapshot(
        self, top: dict[str, Value], tree: Value
    ) -> tuple[int, tuple[Pending, ...], dict[str, tuple[tuple[int, float], ...]]]:
        start = self._count(self._field(top, "simulation_time", tree))
        outer = self._mapping(self._field(top, "metrics", tree), "`metrics`")
        inner = self._mapping(self._field(outer, "metrics", tree), "`metrics.metrics`")
        history = {
            name: tuple(self._point(point) for point in self._list(points)) for name, points in inner.items()
        }
        messages = self._list(self._field(top, "pending_messages", tree))
        return start, tuple(self._message(message) for message in messages), history

    def _point(self, point: Value) -> tuple[int, float]:
        pair = self._list(point)
        if len(pair) != 2:
            raise RefusedError(point.span, "a metric's point is a time and a value")
        value = pair[1].scalar
        if value is None:
            return self._count(pair[0]), math.nan
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise RefusedError(pair[1].span, "a metric's value is a number")
        return self._count(pair[0]), float(value)

    def _message(self, message: Value) -> Pending:
        fields = self._mapping(message, "a message")
        receiver = self._field(fields, "receiver", message)
        return Pending(
            sender=self._text(self._field(fields, "sender", message)),
            to=self._receiver(receiver),
            kind=self._text(self._field(fields, "kind", message)),
            content=taken_back(self._field(fields, "content", message).plain()),
            due=self._count(self._field(fields, "receive_step", message)),
        )

    def _receiver(self, receiver: Value) -> str | None:
        """`!Entity {id: x}` as YAML writes it, or {"Entity": {"id": "x"}} as JSON does."""
        variant, value = receiver.tag, receiver
        if variant is None and isinstance(receiver.items, dict) and len(receiver.items) == 1:
            variant, value = next(iter(receiver.items.items()))
        fields = self._mapping(value, "a receiver")
        if variant == "Entity":
            return self._text(self._field(fields, "id", value))
        if variant == "Radius2D":
            return None
        raise RefusedError(receiver.span, "a receiver is an Entity or a Radius2D")

    def _check(self, scripts: dict[str, str], library: dict[str, Value]) -> None:
        from worldwright.world.checks import check_vivarium_script

        for name, source in scripts.items():
            self.found += check_vivarium_script(name, source, library[name].span)

    def _field(self, fields: dict[str, Value], name: str, owner: Value) -> Value:
        if name not in fields:
            raise RefusedError(owner.span, f"there is no `{name}` here, and Vivarium needs it")
        return fields[name]

    def _mapping(self, value: Value, what: str) -> dict[str, Value]:
        if not isinstance(value.items, dict):
            raise RefusedError(value.span, f"{what} is a mapping of names to values")
        return value.items

    def _list(self, value: Value) -> list[Value]:
        if not isinstance(value.items, list):
            raise RefusedError(value.span, "a list is wanted here")
        return value.items

    def _text(self, value: Value) -> str:
        if value.raw is None:
            raise RefusedError(value.span, "text is wanted here")
        return value.raw

    def _count(self, value: Value) -> int:
        if isinstance(value.scalar, bool) or not isinstance(value.scalar, int) or value.scalar < 0:
            raise RefusedError(value.span, "a whole number from 0 on is wanted here")
        return value.scalar
