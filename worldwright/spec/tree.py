"""The tree of a document: mappings, sequences and scalars, each with its place.

Made by `reader`, bound to models by `binding`. Keys are text, as written; a scalar keeps both its value
(by the core table of YAML 1.2) and its text, since a label `no` or an expression is wanted as text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from worldwright.diagnostics import Position, Span

Scalar = str | int | float | bool | None


class ScalarNode(NamedTuple):
    """A single value."""

    value: Scalar
    """By the core table; text where it is quoted or matches nothing else."""
    text: str
    """As text, with quotes and escapes resolved."""
    quoted: bool
    """Whether it is anything but a plain scalar."""
    span: Span
    raw: str
    """The characters of the document from the span's start to its end."""

    def places(self) -> tuple[Position, ...] | None:
        """Where each character of `text` stands, and the end; None where it is one plain line."""
        if not self.quoted and "\n" not in self.raw and "\r" not in self.raw:
            return None
        return _align(self)


class Entry(NamedTuple):
    """One key of a mapping with its value."""

    key: ScalarNode
    value: Node


@dataclass(frozen=True, slots=True)
class MappingNode:
    """Keys with values, in the order written; no key occurs twice."""

    entries: tuple[Entry, ...]
    span: Span
    flow: bool
    """Whether it is written in braces."""
    _index: dict[str, Entry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", {entry.key.text: entry for entry in self.entries})

    def entry(self, key: str) -> Entry | None:
        """The entry of a key."""
        return self._index.get(key)

    def get(self, key: str) -> Node | None:
        """The value of a key."""
        entry = self.entry(key)
        return entry.value if entry else None

    def keys(self) -> tuple[str, ...]:
        """All keys, in order."""
        return tuple(entry.key.text for entry in self.entries)


@dataclass(frozen=True, slots=True)
class SequenceNode:
    """Items in order."""

    items: tuple[Node, ...]
    span: Span
    flow: bool
    """Whether it is written in brackets."""


Node = MappingNode | SequenceNode | ScalarNode


def plain(node: Node) -> Any:
    """The tree as dictionaries, lists and values."""
    match node:
        case ScalarNode():
            return node.value
        case SequenceNode():
            return [plain(item) for item in node.items]
        case MappingNode():
            return {entry.key.text: plain(entry.value) for entry in node.entries}


def find(node: Node | None, *path: str | int) -> Node | None:
    """The node at a path of keys and positions; None where the path leads nowhere."""
    for part in path:
        match node:
            case MappingNode() if isinstance(part, str):
                node = node.get(part)
            case SequenceNode() if isinstance(part, int) and 0 <= part < len(node.items):
                node = node.items[part]
            case _:
                return None
    return node


def key_span(node: Node | None, *path: str | int) -> Span | None:
    """The span of the last key of a path, or of the item where the path ends in a position."""
    if not path:
        return node.span if node else None
    parent = find(node, *path[:-1])
    last = path[-1]
    if isinstance(parent, MappingNode) and isinstance(last, str):
        entry = parent.entry(last)
        return entry.key.span if entry else None
    found = find(parent, last)
    return found.span if found else None


_WORDS = {
    "": re.compile(r"[ \t\r\n]+|[^ \t\r\n]+"),
    "'": re.compile(r"[ \t\r\n]+|''|[^ \t\r\n']+"),
    '"': re.compile(r'[ \t\r\n]+|[^ \t\r\n"\\]+'),
}
"""What a scalar of each kind is made of, where it holds no escapes."""
_ESCAPES = {"x": 4, "u": 6, "U": 10}


def _align(node: ScalarNode) -> tuple[Position, ...]:
    """Match the characters of a quoted, folded or many-lined scalar with those of the document."""
    raw, text = node.raw, node.text
    quick = _by_words(node)
    if quick is not None:
        return quick
    walker = _Walker(raw, node.span.start)
    kind = raw[:1] if node.quoted else ""
    if kind in ("'", '"'):
        walker.step(1)
    elif kind in ("|", ">"):
        walker.step(raw.find("\n") + 1)
    places: list[Position] = []
    i = 0
    while i < len(text):
        char = text[i]
        escaped = kind == '"' and walker.char == "\\"
        while escaped and walker.next in "\r\n":
            walker.step(1)
            walker.blanks()
            escaped = walker.char == "\\"
        if escaped:
            places.append(walker.place)
            walker.step(_ESCAPES.get(walker.next, 2))
        elif char in " \n\t":
            run = i
            while i < len(text) and text[i] in " \n\t":
                i += 1
            places += [walker.place] * (i - run)
            walker.blanks()
            continue
        else:
            if walker.char.isspace():
                walker.blanks()
            places.append(walker.place)
            walker.step(2 if kind == "'" and char == "'" else 1)
        i += 1
    places.append(walker.place)
    return tuple(places)


def _by_words(node: ScalarNode) -> tuple[Position, ...] | None:
    """As `_align`, by words instead of characters; None for what is not as simple as that."""
    raw, text = node.raw, node.text
    kind = raw[:1] if node.quoted else ""
    if kind not in _WORDS or "\r" in raw or not text.isprintable():
        return None
    line, column = node.span.start.line, node.span.start.column + len(kind)
    places: list[Position] = []
    at, end = len(kind), len(raw) - len(kind)
    while at < end:
        match = _WORDS[kind].match(raw, at, end)
        if match is None:
            return None
        word, at = match.group(), match.end()
        if word[0] in " \t\n":
            here = Position(line, column)
            start = len(places)
            stop = start
            while stop < len(text) and text[stop] == " ":
                stop += 1
            places += [here] * (stop - start)
            broken = word.rfind("\n")
            line += word.count("\n")
            column = len(word) - broken if broken >= 0 else column + len(word)
        elif word == "''" and kind == "'":
            places.append(Position(line, column))
            column += 2
        else:
            places += [Position(line, column + i) for i in range(len(word))]
            column += len(word)
    places.append(Position(line, column))
    return tuple(places) if len(places) == len(text) + 1 else None


class _Walker:
    """A place in the raw text that knows its line and column."""

    def __init__(self, raw: str, start: Position) -> None:
        self._raw = raw
        self._at = 0
        self._line = start.line
        self._column = start.column

    @property
    def char(self) -> str:
        return self._raw[self._at : self._at + 1]

    @property
    def next(self) -> str:
        return self._raw[self._at + 1 : self._at + 2]

    @property
    def place(self) -> Position:
        return Position(self._line, self._column)

    def step(self, count: int) -> None:
        for _ in range(count):
            char = self.char
            if not char:
                return
            self._at += 1
            if char == "\n" or (char == "\r" and self.char != "\n"):
                self._line, self._column = self._line + 1, 1
            else:
                self._column += 1

    def blanks(self) -> None:
        while self.char and self.char in " \t\r\n":
            self.step(1)
