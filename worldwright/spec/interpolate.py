"""A document between two others: linear where numbers and shares stand in the same place, equal elsewhere.

Takes the trees of two documents of one kind and a place between 0 and 1, gives a plain document or what does
not line up, each with both positions. The ends are the two documents themselves.
"""

from __future__ import annotations

import datetime
from typing import Any

from worldwright.diagnostics import Diagnostic
from worldwright.spec.codes.operations import UNALIGNED
from worldwright.spec.complaints import described
from worldwright.spec.diff import same_meaning
from worldwright.spec.expressions import canonical, nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.expressions.parser import day_number, parse_expression
from worldwright.spec.places import Path, holds_expression
from worldwright.spec.spelling import figure
from worldwright.spec.tree import MappingNode, Node, ScalarNode, SequenceNode, find, key_span, plain

_DIGITS = 12
_WORDS = frozenset({"description", "source", "assumption"})
_SET_APART = frozenset({"name", "sources", *_WORDS})
_EPOCH = datetime.date(1970, 1, 1)


def interpolated(
    first: MappingNode, second: MappingNode, at: float, name: str | None = None
) -> tuple[dict[str, Any] | None, list[Diagnostic]]:
    """The document at a place between two, 0 being the first and 1 the second.

    A figure whose sources differ is marked as interpolated between them. Attributes stand in the order of the
    first document.

    Returns:
        The document, or None and everything that does not line up.
    """
    mixing = _Mixing(first, second, at)
    document = mixing.document()
    if mixing.diagnostics:
        return None, mixing.diagnostics
    if at in (0, 1):
        document = plain(second if at else first)
    if name is not None:
        document["name"] = name
    return document, []


class _Mixing:
    def __init__(self, first: MappingNode, second: MappingNode, at: float) -> None:
        self._first = first
        self._second = second
        self._at = at
        self._names = (_text(first, "name"), _text(second, "name"))
        self._kept: dict[str, Any] = {}
        self.diagnostics: list[Diagnostic] = []

    def document(self) -> dict[str, Any]:
        """The whole; to be used only where nothing was found wrong."""
        mixed = self._mapping(self._first, self._second, ())
        head: dict[str, Any] = {}
        for key in (entry.key.text for entry in self._first.entries):
            if key == "name":
                head[key] = "-".join(self._names)
            elif key == "description":
                head[key] = self._described()
            elif key == "sources":
                head[key] = {}
            elif key in mixed:
                head[key] = mixed[key]
        if self._kept:
            head["sources"] = self._kept
        elif "sources" in head:
            del head["sources"]
        attributes = head.pop("attributes")
        before = {
            k: v for k, v in head.items() if k not in ("correlations", "constraints", "expect", "marginals")
        }
        return before | {"attributes": attributes} | head

    def _described(self) -> str:
        mine, theirs = (_text(node, "description") for node in (self._first, self._second))
        if mine == theirs:
            return mine
        return f"{figure(round(100 * self._at, 6))} % of the way from {self._names[0]} to {self._names[1]}"

    def _value(self, one: Node, other: Node, path: Path) -> Any:
        match one, other:
            case MappingNode(), MappingNode():
                return self._mapping(one, other, path)
            case SequenceNode(), SequenceNode():
                return self._sequence(one, other, path)
            case ScalarNode(), ScalarNode():
                return self._scalar(one, other, path)
            case _:
                self._differ(
                    path, f"{_called(path)} is {_shown(one)} in one and {_shown(other)} in the other"
                )
                return None

    def _mapping(self, one: MappingNode, other: MappingNode, path: Path) -> dict[str, Any]:
        in_attribute = (len(path) == 2 and path[0] == "attributes") or _is_item(path)
        skipped = _WORDS | {"type"} if in_attribute else (_SET_APART if not path else frozenset[str]())
        found: dict[str, Any] = {}
        for key in (entry.key.text for entry in one.entries):
            value = other.get(key)
            if key == "type" and in_attribute:
                found[key] = self._value(_there(one, key), value or _there(one, key), (*path, key))
            elif key in skipped:
                continue
            elif value is None:
                self._absent((*path, key), 0)
            else:
                found[key] = self._value(_there(one, key), value, (*path, key))
        for key in (entry.key.text for entry in other.entries):
            if key not in skipped and one.get(key) is None:
                self._absent((*path, key), 1)
        if path[-2:] == ("distribution", "categorical"):
            self._same_order(one, other, path)
        return found | self._words(one, other) if in_attribute else found

    def _sequence(self, one: SequenceNode, other: SequenceNode, path: Path) -> list[Any]:
        if len(one.items) != len(other.items):
            self._differ(
                path, f"{_called(path)} has {len(one.items)} items in one and {len(other.items)} in the other"
            )
            return []
        pairs = enumerate(zip(one.items, other.items, strict=True))
        return [self._value(mine, theirs, (*path, i)) for i, (mine, theirs) in pairs]

    def _scalar(self, one: ScalarNode, other: ScalarNode, path: Path) -> Any:
        if same_meaning(path, plain(one), plain(other)):
            return plain(one)
        mine, theirs = _number(one), _number(other)
        if mine is not None and theirs is not None:
            return self._between(mine, theirs, path)
        choice = None if mine is not None or theirs is not None else self._choice(one, other, path)
        if choice is not None:
            return canonical.text(choice)
        days = day_number(one.text), day_number(other.text)
        if "distribution" in path and days[0] is not None and days[1] is not None:
            return str(_EPOCH + datetime.timedelta(days=round(self._mixed(days[0], days[1]))))
        self._differ(path, f"{_called(path)} is {_shown(one)} in one and {_shown(other)} in the other")
        return None

    def _choice(self, one: ScalarNode, other: ScalarNode, path: Path) -> Expression | None:
        """Numbers that equal conditions choose, as in `.62 if age < 33 else .82`; None for others."""
        if not holds_expression(path):
            return None
        trees = [parse_expression(node.text, node.span, node.places())[0] for node in (one, other)]
        return None if trees[0] is None or trees[1] is None else self._chosen(trees[0], trees[1])

    def _chosen(self, one: Expression, other: Expression) -> Expression | None:
        if canonical.form(one) == canonical.form(other):
            return one
        match one, other:
            case nodes.Number(mine), nodes.Number(theirs):
                return nodes.Number(float(f"{self._mixed(mine, theirs):.{_DIGITS}g}"), one.span)
            case nodes.IfElse(condition, then, otherwise), nodes.IfElse(same, this, that):
                if canonical.form(condition) != canonical.form(same):
                    return None
                first, second = self._chosen(then, this), self._chosen(otherwise, that)
                return (
                    None
                    if first is None or second is None
                    else nodes.IfElse(condition, first, second, one.span)
                )
            case _:
                return None

    def _between(self, mine: float, theirs: float, path: Path) -> float:
        found = self._mixed(mine, theirs)
        if path == ("agents",):
            return max(1, round(found))
        if path[-2:] == ("binomial", "n") and found != round(found):
            self._differ(
                path, f"{_called(path)} would be {figure(found)}, and trials are counted in whole numbers"
            )
        return float(f"{found:.{_DIGITS}g}")

    def _mixed(self, mine: float, theirs: float) -> float:
        return mine * (1 - self._at) + theirs * self._at

    def _words(self, one: MappingNode, other: MappingNode) -> dict[str, Any]:
        """What is said of figures beside their values."""
        found: dict[str, Any] = {}
        for key in ("description", "assumption"):
            mine, theirs = one.get(key), other.get(key)
            if mine is not None and theirs is not None and plain(mine) == plain(theirs):
                found[key] = plain(mine)
        keys = [_text(node, "source") for node in (one, other)]
        sources = [
            find(side, "sources", key) for side, key in zip((self._first, self._second), keys, strict=True)
        ]
        said = [None if source is None else plain(source) for source in sources]
        if said[0] is not None and said[0] == said[1]:
            self._kept[keys[0]] = said[0]
            found["source"] = keys[0]
        elif any(said) or "assumption" in {*one.keys(), *other.keys()} - found.keys():
            titles = [
                str(item["title"]) if item else name for item, name in zip(said, self._names, strict=True)
            ]
            found["assumption"] = f"interpolated between {titles[0]} and {titles[1]}"
        return found

    def _same_order(self, one: MappingNode, other: MappingNode, path: Path) -> None:
        if one.keys() != other.keys() and set(one.keys()) == set(other.keys()):
            self._differ(path, f"{_called(path)} lists its options in another order")

    def _absent(self, path: Path, side: int) -> None:
        message = f"{_called(path)} is given in {self._names[side]} only"
        here, there = (self._first, self._second) if side == 0 else (self._second, self._first)
        span = key_span(here, *path)
        above = next((s for n in range(len(path) - 1, -1, -1) if (s := key_span(there, *path[:n]))), None)
        self._add(message, span, above, "it is not given here")

    def _differ(self, path: Path, message: str) -> None:
        spans = [
            found.span if (found := find(side, *path)) is not None else None
            for side in (self._first, self._second)
        ]
        self._add(message, spans[0], spans[1], "the other is here")

    def _add(self, message: str, span: Any, other: Any, label: str) -> None:
        share = figure(float(f"{1 - self._at:.6g}"))
        files = " ".join(dict.fromkeys((self._first.span.file, self._second.span.file)))
        merge = f"worldwright spec merge {files} --share {share}"
        help = f"bring both into one shape, or mix the two populations: {merge}"
        related = ((other, label),) if other is not None else ()
        self.diagnostics.append(UNALIGNED.at(span, message, help=help, related=related))


def _is_item(path: Path) -> bool:
    """Whether a path leads to a modifier, a constraint or an expectation."""
    return bool(path) and isinstance(path[-1], int) and path[-2] in ("modifiers", "constraints", "expect")


def _number(node: ScalarNode) -> float | None:
    value = node.value
    return (
        value if isinstance(value, (int, float)) and not isinstance(value, bool) and not node.quoted else None
    )


def _text(node: MappingNode, key: str) -> str:
    value = node.get(key)
    return value.text if isinstance(value, ScalarNode) else ""


def _there(node: MappingNode, key: str) -> Node:
    value = node.get(key)
    assert value is not None
    return value


def _called(path: Path) -> str:
    return f"`{'.'.join(map(str, path))}`"


def _shown(node: Node) -> str:
    return node.text if isinstance(node, ScalarNode) else described(plain(node))
