"""Random documents in random layouts: what a person may do to a YAML file without changing what it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

PLAIN = ["a", "x-1", ".5", "12", "1e3", "0.50", "true", "~", "no", "b c", "it's", "a#b", "naïve", "-.8"]
QUOTED = ["'a'", "'it''s # not'", '"x: y"', '"tab\\tin"', "''", '"{a, b}"', "'12'", '"[1"']
LONG = ['"two\n{pad}lines # no comment"', "'one\n\n{pad}two'"]
BLOCK = [
    "|\n{pad}text # kept\n{pad}  more",
    ">-\n{pad}folded\n\n{pad}again",
    "|-\n{pad}x",
]
COMMENTS = ["# one", "#two", "# it's {a", "# x: y"]


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A document with a heading and a few keys, laid out at random."""
    lines: list[str] = []
    _trivia(draw, lines, 0)
    if draw(st.booleans()):
        lines.append("---")
    entries: list[tuple[str, Any]] = [("worldwright", "experiment/1"), *draw(_entries(3))]
    if draw(st.integers(0, 3)) == 0:
        entries.append(entries.pop(0))
    _mapping(draw, lines, entries, 0)
    _trivia(draw, lines, draw(st.sampled_from([0, 2, 5])))
    return "\n".join(lines) + draw(st.sampled_from(["\n", "", "\n\n"]))


def _entries(depth: int) -> st.SearchStrategy[list[tuple[str, Any]]]:
    keys = st.sampled_from(["key", "k 2", "'q'", "long-key", "z", "y", '"d q"', "7"])
    value: st.SearchStrategy[Any] = st.sampled_from([*PLAIN, *QUOTED, *LONG, *BLOCK, ""])
    if depth:
        mapping = _entries(depth - 1).filter(bool).map(lambda entries: ("map", entries))
        items = st.lists(st.deferred(lambda: _values(depth - 1)), min_size=1, max_size=3)
        value = st.one_of(value, mapping, items.map(lambda found: ("list", found)))
    return st.lists(st.tuples(keys, value), max_size=4, unique_by=lambda entry: entry[0])


def _values(depth: int) -> st.SearchStrategy[Any]:
    return _entries(depth).filter(bool).map(lambda entries: entries[0][1])


def _trivia(draw: st.DrawFn, lines: list[str], indent: int) -> None:
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        if draw(st.booleans()):
            lines.append(draw(st.sampled_from(["", "  "])))
        else:
            shift = draw(st.sampled_from([0, 0, 2]))
            lines.append(" " * (indent + shift) + draw(st.sampled_from(COMMENTS)))


def _tail(draw: st.DrawFn, lines: list[str], value: Any) -> None:
    if draw(st.integers(0, 4)) == 0 and not (isinstance(value, str) and value[:1] in "|>" and value):
        lines[-1] += draw(st.sampled_from([" ", "   "])) + draw(st.sampled_from(COMMENTS))


def _mapping(draw: st.DrawFn, lines: list[str], entries: Sequence[tuple[str, Any]], indent: int) -> None:
    for position, (key, value) in enumerate(entries):
        after_text = bool(position) and _ends_in_block(entries[position - 1][1])
        if not after_text:
            _trivia(draw, lines, indent)
        lines.append(" " * indent + key + ":")
        _value(draw, lines, value, indent)


def _ends_in_block(value: Any) -> bool:
    while isinstance(value, tuple):
        last = value[1][-1]
        value = last[1] if value[0] == "map" else last
    return isinstance(value, str) and value[:1] in ("|", ">")


def _value(draw: st.DrawFn, lines: list[str], value: Any, indent: int, minimum: int = 1) -> None:
    """A value after `key:` or `-`, on the same line or below."""
    if isinstance(value, str):
        pad = " " * (indent + 2)
        first, *rest = value.replace("{pad}", pad).split("\n")
        if not first:
            return
        lines[-1] += " " * draw(st.sampled_from([1, 1, 3])) + first
        lines.extend(rest)
        _tail(draw, lines, value)
        return
    kind, parts = value
    if not _has_long(value) and draw(st.booleans()):
        lines[-1] += " " + _flow(draw, value, indent)
        _tail(draw, lines, value)
        return
    _tail(draw, lines, value)
    deeper = indent + draw(st.sampled_from([1, 2, 4]))
    if kind == "map":
        _mapping(draw, lines, parts, deeper)
        return
    at = draw(st.sampled_from([deeper, max(indent, minimum - 1)])) if minimum else deeper
    for position, part in enumerate(parts):
        if not (position and _ends_in_block(parts[position - 1])):
            _trivia(draw, lines, at)
        lines.append(" " * at + "-")
        _value(draw, lines, part, at, 0)


def _has_long(value: Any) -> bool:
    if isinstance(value, str):
        return "\n" in value
    return any(_has_long(part[1] if value[0] == "map" else part) for part in value[1])


def _flow(draw: st.DrawFn, value: Any, indent: int) -> str:
    if isinstance(value, str):
        return value
    space = draw(st.sampled_from(["", " "]))
    breaks = draw(st.booleans())
    comment = " # in it" if breaks and draw(st.booleans()) else ""
    gap = f"{comment}\n{' ' * (indent + 3)}" if breaks else " "
    if value[0] == "map":
        parts = [f"{key}: {_flow(draw, part, indent)}" for key, part in value[1]]
        return "{" + space + f",{gap}".join(parts) + space + "}"
    parts = [_flow(draw, part, indent) for part in value[1]]
    parts = [part or "~" for part in parts]
    return "[" + space + f",{gap}".join(parts) + space + "]"
