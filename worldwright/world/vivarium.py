"""Files of Vivarium, read as it reads them: world configs and snapshots, YAML or JSON.

Takes a text, gives a `WorldProgram` or diagnostics. Touches nothing.

Vivarium reads YAML with serde_yaml, which is near YAML 1.2: `yes` and `12:30` are text, `0o17` is a number,
`<<` is an ordinary key, `!Entity` is a variant of an enum, and a field that is text takes the raw scalar.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any

import yaml

from worldwright.diagnostics import Diagnostic, Position, Span, in_order
from worldwright.world import codes
from worldwright.world.program import Individual, Limits, Pending, Script, WorldProgram

_HEADING = re.compile(r"^[ \t]*+[\"']?worldwright[\"']?\s*:", re.MULTILINE)
_KEYS = re.compile(
    r"^[ \t]*+[{,]?[ \t]*+[\"']?(?:script_library|configuration|simulation_time)[\"']?\s*:", re.MULTILINE
)
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_RADIX = re.compile(r"[-+]?0(?:x[0-9a-fA-F]+|o[0-7]+|b[01]+)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL = {".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf, ".nan": math.nan}
_NULLS, _TRUES, _FALSES = (
    {"", "~", "null", "Null", "NULL"},
    {"true", "True", "TRUE"},
    {"false", "False", "FALSE"},
)
_DEEPEST = 128
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
        tree = _from_json(text, file) if text.lstrip()[:1] in ("{", "[") else _from_yaml(text, file)
        return _Reading(file).world(tree)
    except _RefusedError as refused:
        return None, [codes.VIVARIUM.at(refused.span, refused.message, help=refused.help)]


class _RefusedError(Exception):
    def __init__(self, span: Span, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.span, self.message, self.help = span, message, help


class _Value:
    """One value of the file: a scalar with its raw text, a list, or a mapping."""

    __slots__ = ("_at", "items", "raw", "scalar", "tag")

    def __init__(
        self,
        at: Callable[[], Span],
        scalar: Any = None,
        raw: str | None = None,
        items: dict[str, _Value] | list[_Value] | None = None,
        tag: str | None = None,
    ) -> None:
        self._at, self.scalar, self.raw, self.items, self.tag = at, scalar, raw, items, tag

    @property
    def span(self) -> Span:
        """Its place, made when it is asked for: a large file has many values and few problems."""
        return self._at()

    def plain(self) -> Any:
        """As dictionaries, lists and values."""
        if isinstance(self.items, dict):
            return {key: value.plain() for key, value in self.items.items()}
        if isinstance(self.items, list):
            return [value.plain() for value in self.items]
        if isinstance(self.scalar, float) and not math.isfinite(self.scalar):
            return None  # serde_json's values have no such numbers
        return self.scalar


def _place(file: str, line: int, column: int) -> Span:
    return Span(file, Position(line, column), Position(line, column + 1))


def _from_json(text: str, file: str) -> _Value:
    try:
        content: Any = json.loads(text)
    except json.JSONDecodeError as error:
        raise _RefusedError(_place(file, error.lineno, error.colno), f"not JSON: {error.msg}") from None
    except RecursionError:
        raise _RefusedError(_place(file, 1, 1), "nested too deeply") from None
    span = _place(file, 1, 1)

    def at() -> Span:
        return span

    def value(item: Any, depth: int) -> _Value:
        if depth > _DEEPEST:
            raise _RefusedError(span, f"nested more than {_DEEPEST} deep")
        if isinstance(item, dict):
            return _Value(at, items={key: value(below, depth + 1) for key, below in item.items()})
        if isinstance(item, list):
            return _Value(at, items=[value(below, depth + 1) for below in item])
        return _Value(at, item, item if isinstance(item, str) else json.dumps(item))

    return value(content, 0)


def _from_yaml(text: str, file: str) -> _Value:
    try:
        root: Any = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark or error.context_mark
        place = _place(file, mark.line + 1, mark.column + 1) if mark else _place(file, 1, 1)
        raise _RefusedError(place, f"not YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise _RefusedError(_place(file, 1, 1), f"not YAML: {error}") from None
    if root is None:
        raise _RefusedError(_place(file, 1, 1), "the file is empty")
    return _yaml_value(root, file, 0)


def _yaml_value(node: Any, file: str, depth: int) -> _Value:
    def at() -> Span:
        start, end = node.start_mark, node.end_mark
        return Span(file, Position(start.line + 1, start.column + 1), Position(end.line + 1, end.column + 1))

    if depth > _DEEPEST:
        raise _RefusedError(at(), f"nested more than {_DEEPEST} deep")
    content: Any = node.value
    tag = node.tag[1:] if node.tag[:1] == "!" and len(node.tag) > 1 else None
    if isinstance(node, yaml.ScalarNode):
        return _Value(at, content if node.style or tag else _scalar(content), content, tag=tag)
    if isinstance(node, yaml.SequenceNode):
        return _Value(at, items=[_yaml_value(below, file, depth + 1) for below in content], tag=tag)
    items: dict[str, _Value] = {}
    for key, below in content:
        if not isinstance(key, yaml.ScalarNode):
            raise _RefusedError(at(), "a key must be text")
        items[key.value] = _yaml_value(below, file, depth + 1)
    return _Value(at, items=items, tag=tag)


def _scalar(raw: str) -> Any:
    """A plain scalar as serde_yaml 0.9 resolves it."""
    if raw in _NULLS:
        return None
    if raw in _TRUES or raw in _FALSES:
        return raw in _TRUES
    if _INTEGER.fullmatch(raw):
        number = int(raw)
        return number if -(2**63) <= number < 2**64 else float(number)
    if _RADIX.fullmatch(raw):
        return int(raw, 0)
    if _FLOAT.fullmatch(raw) and not re.fullmatch(r"[-+]?0[0-9]+", raw):
        return float(raw)
    return _SPECIAL.get(raw.lower() if raw[-3:] in ("inf", "Inf", "INF", "nan", "NaN", "NAN") else "", raw)


class _Reading:
    """One file on its way to a program."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.found: list[Diagnostic] = []

    def world(self, tree: _Value) -> tuple[WorldProgram | None, list[Diagnostic]]:
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

    def _script(self, name: str, script: _Value) -> str:
        fields = self._mapping(script, f"the script {name!r}")
        for key in ("id", "kind"):
            self._text(self._field(fields, key, script))
        return self._text(self._field(fields, "script", script))

    def _individual(self, entity: _Value, scripts: dict[str, str]) -> Individual:
        fields = self._mapping(entity, "an entity")
        id = self._text(self._field(fields, "id", entity))
        script = self._field(fields, "script_id", entity)
        name = self._text(script)
        if name not in scripts:
            known = ", ".join(scripts) or "none"
            raise _RefusedError(
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
        self, top: dict[str, _Value], tree: _Value
    ) -> tuple[int, tuple[Pending, ...], dict[str, tuple[tuple[int, float], ...]]]:
        start = self._count(self._field(top, "simulation_time", tree))
        outer = self._mapping(self._field(top, "metrics", tree), "`metrics`")
        inner = self._mapping(self._field(outer, "metrics", tree), "`metrics.metrics`")
        history = {
            name: tuple(self._point(point) for point in self._list(points)) for name, points in inner.items()
        }
        messages = self._list(self._field(top, "pending_messages", tree))
        return start, tuple(self._message(message) for message in messages), history

    def _point(self, point: _Value) -> tuple[int, float]:
        pair = self._list(point)
        if len(pair) != 2:
            raise _RefusedError(point.span, "a metric's point is a time and a value")
        value = pair[1].scalar
        if value is None:
            return self._count(pair[0]), math.nan
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _RefusedError(pair[1].span, "a metric's value is a number")
        return self._count(pair[0]), float(value)

    def _message(self, message: _Value) -> Pending:
        fields = self._mapping(message, "a message")
        receiver = self._field(fields, "receiver", message)
        return Pending(
            sender=self._text(self._field(fields, "sender", message)),
            to=self._receiver(receiver),
            kind=self._text(self._field(fields, "kind", message)),
            content=self._field(fields, "content", message).plain(),
            due=self._count(self._field(fields, "receive_step", message)),
        )

    def _receiver(self, receiver: _Value) -> str | None:
        """`!Entity {id: x}` as YAML writes it, or {"Entity": {"id": "x"}} as JSON does."""
        variant, value = receiver.tag, receiver
        if variant is None and isinstance(receiver.items, dict) and len(receiver.items) == 1:
            variant, value = next(iter(receiver.items.items()))
        fields = self._mapping(value, "a receiver")
        if variant == "Entity":
            return self._text(self._field(fields, "id", value))
        if variant == "Radius2D":
            return None
        raise _RefusedError(receiver.span, "a receiver is an Entity or a Radius2D")

    def _check(self, scripts: dict[str, str], library: dict[str, _Value]) -> None:
        from worldwright.world.checks import check_vivarium_script

        for name, source in scripts.items():
            self.found += check_vivarium_script(name, source, library[name].span)

    def _field(self, fields: dict[str, _Value], name: str, owner: _Value) -> _Value:
        if name not in fields:
            raise _RefusedError(owner.span, f"there is no `{name}` here, and Vivarium needs it")
        return fields[name]

    def _mapping(self, value: _Value, what: str) -> dict[str, _Value]:
        if not isinstance(value.items, dict):
            raise _RefusedError(value.span, f"{what} is a mapping of names to values")
        return value.items

    def _list(self, value: _Value) -> list[_Value]:
        if not isinstance(value.items, list):
            raise _RefusedError(value.span, "a list is wanted here")
        return value.items

    def _text(self, value: _Value) -> str:
        if value.raw is None:
            raise _RefusedError(value.span, "text is wanted here")
        return value.raw

    def _count(self, value: _Value) -> int:
        if isinstance(value.scalar, bool) or not isinstance(value.scalar, int) or value.scalar < 0:
            raise _RefusedError(value.span, "a whole number from 0 on is wanted here")
        return value.scalar
