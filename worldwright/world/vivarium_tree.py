"""Vivarium's files as trees of values with their places.

Takes a text, gives a `Value`. Touches nothing.

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

from worldwright.diagnostics import Position, Span

VALUE, NOTHING = "$value", "$nil"
"""Under which names our export writes a content that is no object."""
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


class RefusedError(Exception):
    """What Vivarium would not take, and where."""

    def __init__(self, span: Span, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.span, self.message, self.help = span, message, help


class Value:
    """One value of the file: a scalar with its raw text, a list, or a mapping."""

    __slots__ = ("_at", "items", "raw", "scalar", "tag")

    def __init__(
        self,
        at: Callable[[], Span],
        scalar: Any = None,
        raw: str | None = None,
        items: dict[str, Value] | list[Value] | None = None,
        tag: str | None = None,
    ) -> None:
        self._at, self.scalar, self.raw, self.items, self.tag = at, scalar, raw, items, tag

    @property
    def span(self) -> Span:
        """Its place, made when it is asked for: a large file has many values and few problems."""
        return self._at()

    def with_items(self, items: dict[str, Value] | list[Value]) -> Value:
        """A mapping or list of other values at the same place."""
        return Value(self._at, items=items)

    def with_scalar(self, text: str) -> Value:
        """A text at the same place."""
        return Value(self._at, text, text)

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


def from_json(text: str, file: str) -> Value:
    """A tree from JSON.

    Raises:
        RefusedError: for what is no JSON, or nested too deeply.
    """
    try:
        content: Any = json.loads(text)
    except json.JSONDecodeError as error:
        raise RefusedError(_place(file, error.lineno, error.colno), f"not JSON: {error.msg}") from None
    except RecursionError:
        raise RefusedError(_place(file, 1, 1), "nested too deeply") from None
    span = _place(file, 1, 1)

    def at() -> Span:
        return span

    def value(item: Any, depth: int) -> Value:
        if depth > _DEEPEST:
            raise RefusedError(span, f"nested more than {_DEEPEST} deep")
        if isinstance(item, dict):
            return Value(at, items={key: value(below, depth + 1) for key, below in item.items()})
        if isinstance(item, list):
            return Value(at, items=[value(below, depth + 1) for below in item])
        return Value(at, item, item if isinstance(item, str) else json.dumps(item))

    return value(content, 0)


def from_yaml(text: str, file: str) -> Value:
    """A tree from YAML, as serde_yaml 0.9 reads it.

    Raises:
        RefusedError: for what is no YAML, or nested too deeply.
    """
    try:
        root: Any = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark or error.context_mark
        place = _place(file, mark.line + 1, mark.column + 1) if mark else _place(file, 1, 1)
        raise RefusedError(place, f"not YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise RefusedError(_place(file, 1, 1), f"not YAML: {error}") from None
    if root is None:
        raise RefusedError(_place(file, 1, 1), "the file is empty")
    return _yaml_value(root, file, 0)


def _yaml_value(node: Any, file: str, depth: int) -> Value:
    def at() -> Span:
        start, end = node.start_mark, node.end_mark
        return Span(file, Position(start.line + 1, start.column + 1), Position(end.line + 1, end.column + 1))

    if depth > _DEEPEST:
        raise RefusedError(at(), f"nested more than {_DEEPEST} deep")
    content: Any = node.value
    tag = node.tag[1:] if node.tag[:1] == "!" and len(node.tag) > 1 else None
    if isinstance(node, yaml.ScalarNode):
        return Value(at, content if node.style or tag else _scalar(content), content, tag=tag)
    if isinstance(node, yaml.SequenceNode):
        return Value(at, items=[_yaml_value(below, file, depth + 1) for below in content], tag=tag)
    items: dict[str, Value] = {}
    for key, below in content:
        if not isinstance(key, yaml.ScalarNode):
            raise RefusedError(at(), "a key must be text")
        items[key.value] = _yaml_value(below, file, depth + 1)
    return Value(at, items=items, tag=tag)


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


def taken_back(content: Any) -> Any:
    """A content as it was before our export made an object of it (`VALUE`, `NOTHING`)."""
    if isinstance(content, dict) and len(content) == 1:
        if VALUE in content:
            return content[VALUE]
        if content.get(NOTHING) is True:
            return None
    return content
