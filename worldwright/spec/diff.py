"""What changed from one document to another, by meaning: spelling, layout and comments do not count.

Takes plain documents, gives frozen changes; `apply` carries them out, so that a difference applied to the old
document gives one that means what the new one does. Expressions are equal when they mean the same by the same
steps. The order of keys counts where it decides something: of attributes (columns) and of options (codes).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from worldwright.diagnostics import Position, Span
from worldwright.spec.expressions.canonical import form
from worldwright.spec.expressions.parser import parse_expression
from worldwright.spec.places import Path, holds_expression

_NOWHERE = Span("", Position(1, 1), Position(1, 1))
_WORDS = frozenset({"description", "source", "sources", "assumption", "note", "title", "agents", "expect"})


@dataclass(frozen=True, slots=True)
class Added:
    """A key or item that only the new document has; an item's position is that in the new list."""

    path: Path
    new: Any


@dataclass(frozen=True, slots=True)
class Removed:
    """A key or item that only the old document has; an item's position is that in the old list."""

    path: Path
    old: Any


@dataclass(frozen=True, slots=True)
class Replaced:
    """A value that means something else; positions are those in the old lists."""

    path: Path
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Reordered:
    """Keys whose order decides something and is another."""

    path: Path
    old: tuple[str, ...]
    new: tuple[str, ...]


Change = Added | Removed | Replaced | Reordered
IsExpression = Callable[[Path], bool]


def diff(
    old: Mapping[str, Any], new: Mapping[str, Any], is_expression: IsExpression = holds_expression
) -> tuple[Change, ...]:
    """The changes from one plain document to another, in the order of the old one, additions last."""
    return tuple(_Comparison(is_expression).values((), dict(old), dict(new)))


def apply(changes: Sequence[Change], old: Mapping[str, Any]) -> dict[str, Any]:
    """The old document with the changes carried out; the old one is left as it is.

    Raises:
        KeyError, IndexError: for changes of another document.
    """
    document: dict[str, Any] = {"": deepcopy(dict(old))}
    # Positions are those of the old lists until items are removed (last first) and added (first first).
    for change in sorted(changes, key=_rank):
        place, key = _parent(document, change.path)
        match change:
            case Removed():
                del place[key]
            case Added() if isinstance(place, list):
                place.insert(int(key), deepcopy(change.new))
            case Added() | Replaced():
                place[key] = deepcopy(change.new)
            case Reordered():
                place[key] = {name: place[key][name] for name in change.new}
    return document[""]


def same_meaning(path: Path, one: Any, other: Any) -> bool:
    """Whether two values of one place in populations or scenarios mean the same."""
    comparison = _Comparison(holds_expression)
    return comparison.key(path, one) == comparison.key(path, other)


def enters_the_digest(change: Change) -> bool:
    """Whether what is drawn may change; titles, sources, expectations and `agents` only describe."""
    return not (_WORDS.intersection(map(str, change.path)) or change.path == ("name",))


def attributes_of(changes: Sequence[Change]) -> tuple[str, ...]:
    """The attributes whose own declarations change what is drawn."""
    own = (
        c.path[1] for c in changes if len(c.path) > 1 and c.path[0] == "attributes" and enters_the_digest(c)
    )
    return tuple(dict.fromkeys(str(name) for name in own))


class _Comparison:
    def __init__(self, is_expression: IsExpression) -> None:
        self._is_expression = is_expression

    def values(self, path: Path, old: Any, new: Any) -> Iterator[Change]:
        """The changes from one value to another."""
        if isinstance(old, dict) and isinstance(new, dict):
            yield from self._mappings(path, old, new)
        elif isinstance(old, list) and isinstance(new, list) and self._is_itemised(path):
            yield from self._lists(path, old, new)
        elif self.key(path, old) != self.key(path, new):
            yield Replaced(path, old, new)

    def _mappings(self, path: Path, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
        for name, value in old.items():
            if name in new:
                yield from self.values((*path, name), value, new[name])
            else:
                yield Removed((*path, name), value)
        for name, value in new.items():
            if name not in old:
                yield Added((*path, name), value)
        left = [name for name in old if name in new] + [name for name in new if name not in old]
        if _is_ordered(path) and left != list(new):
            yield Reordered(path, tuple(old), tuple(new))

    def _lists(self, path: Path, old: list[Any], new: list[Any]) -> Iterator[Change]:
        """Items are paired by what they are about (a modifier by its condition), in their order."""
        matcher = SequenceMatcher(
            None,
            [self._about((*path, i), item) for i, item in enumerate(old)],
            [self._about((*path, i), item) for i, item in enumerate(new)],
            autojunk=False,
        )
        for tag, a, b, c, d in matcher.get_opcodes():
            if tag == "equal":
                for i, j in zip(range(a, b), range(c, d), strict=True):
                    yield from self.values((*path, i), old[i], new[j])
            else:
                yield from (Removed((*path, i), old[i]) for i in range(a, b))
                yield from (Added((*path, j), new[j]) for j in range(c, d))

    def _is_itemised(self, path: Path) -> bool:
        """Lists of documents' parts are compared item by item; a pair or a list of options is one value."""
        lists = (("constraints",), ("correlations",), ("expect",), ("marginals", "targets"))
        return path in lists or path[-1:] == ("modifiers",)

    def _about(self, path: Path, item: Any) -> str:
        if path[:2] == ("marginals", "targets") and isinstance(item, dict) and "of" in item:
            return json.dumps(sorted([item["of"]] if isinstance(item["of"], str) else item["of"]))
        if isinstance(item, dict) and "when" in item:
            return json.dumps(self.key((*path, "when"), item["when"]))
        return json.dumps(self.key(path, item))

    def key(self, path: Path, value: Any) -> Any:
        """A form that is equal for values that mean the same."""
        if isinstance(value, dict):
            parts = {name: self.key((*path, name), part) for name, part in value.items()}
            return ["map", list(parts.items()) if _is_ordered(path) else sorted(parts.items())]
        if isinstance(value, list):
            return ["list", *(self.key((*path, i), part) for i, part in enumerate(value))]
        if isinstance(value, bool) or value is None:
            return ["boolean", value]
        if isinstance(value, (int, float)):
            return ["number", float(value)]
        if self._is_expression(path):
            expression, _ = parse_expression(value, _NOWHERE)
            if expression is not None:
                return form(expression)
        return ["text", value]


def _is_ordered(path: Path) -> bool:
    return path == ("attributes",) or path[-2:] == ("distribution", "categorical")


def _parent(document: dict[str, Any], path: Path) -> tuple[Any, str | int]:
    """The collection that holds what a path leads to, and its key there."""
    place: Any = document
    full = ("", *path)
    for part in full[:-1]:
        place = place[part]
    return place, full[-1]


def _rank(change: Change) -> tuple[int, int]:
    """Which change comes first: those inside of items, then orders, then items removed, then items added."""
    last = change.path[-1] if change.path else ""
    if isinstance(change, Reordered):
        return 1, 0
    if isinstance(change, Replaced) or isinstance(last, str):
        return 0, 0
    return (2, -last) if isinstance(change, Removed) else (3, last)
