"""Strict YAML with positions: the text of a document becomes a tree, or diagnostics, never a traceback.

libyaml gives events; caps, refusals (anchors, tags, duplicate keys) and the scalars of YAML 1.2 are ours.
Reusable for every kind of document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import yaml

from worldwright.diagnostics import Applicability, Diagnostic, Edit, Fix, Position, Span
from worldwright.spec import scalars, wrecks
from worldwright.spec.codes import structure as codes
from worldwright.spec.pauses import without_collection
from worldwright.spec.tree import Entry, MappingNode, Node, ScalarNode, SequenceNode
from worldwright.spec.yaml_errors import explain

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_NAMES = {
    "\x00": "a NUL character",
    "\ufeff": "a byte order mark",
    "\x85": "a next-line character (U+0085)",
    "\u2028": "a line separator (U+2028)",
    "\u2029": "a paragraph separator (U+2029)",
}


_MOST = 200
"""After so many problems with the text the rest is not read."""
_tuple = tuple.__new__
"""Makes a named tuple of its parts at once; there are three for each value of a document."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a document may be."""

    bytes: int = 1 << 20
    depth: int = 64
    nodes: int = 20_000


def decode(content: bytes, file: str) -> tuple[str | None, list[Diagnostic]]:
    """The text of a file's bytes; where they are not UTF-8, a diagnostic at the first bad byte."""
    try:
        return content.decode("utf-8"), []
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        byte = content[error.start]
        message = f"byte 0x{byte:02x} is not UTF-8"
        return None, [
            codes.BAD_ENCODING.at(_point(before, len(before), file), message, help="save it as UTF-8")
        ]


@without_collection
def read(text: str, file: str, limits: Limits | None = None) -> tuple[Node | None, list[Diagnostic]]:
    """The tree of a document, and what is wrong with its text.

    The tree is None where YAML's structure is broken; it may be given beside errors that spoil only a part.
    """
    limits = limits or Limits()
    refused = _refuse_text(text, file, limits)
    if refused:
        return None, [refused]
    reading = _Reading(text, file, limits)
    try:
        return reading.document(), reading.diagnostics
    except _StopReadingError as stop:
        return None, [*reading.diagnostics, stop.diagnostic]
    except yaml.YAMLError as error:
        return None, [*reading.diagnostics, explain(error, text, file)]


def _refuse_text(text: str, file: str, limits: Limits) -> Diagnostic | None:
    if len(text) > limits.bytes or len(text.encode("utf-8", "surrogatepass")) > limits.bytes:
        limit = f"{limits.bytes >> 20} MiB" if limits.bytes >= 1 << 20 else f"{limits.bytes} bytes"
        return codes.TOO_LARGE.at(_point("", 0, file), f"the document is larger than {limit}")
    bad = _CONTROL.search(text)
    if bad is None:
        return None
    char = bad.group()
    name = _NAMES.get(char) or (
        f"a lone surrogate (U+{ord(char):04X})" if "\ud800" <= char <= "\udfff" else f"U+{ord(char):04X}"
    )
    span = _point(text, bad.start(), file)
    fix = None
    if char == "\ufeff":
        fix = Fix("remove it", (Edit(span, ""),), Applicability.SAFE)
    return codes.BAD_CHARACTER.at(span, f"the text holds {name}", help="remove it", fix=fix)


def _point(text: str, index: int, file: str) -> Span:
    before = text[:index].replace("\r\n", "\n").replace("\r", "\n")
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return Span(file, Position(line, column), Position(line, column + 1))


class _StopReadingError(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class _Reading:
    """One pass over the events of one document."""

    def __init__(self, text: str, file: str, limits: Limits) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._text = text
        self._file = file
        self._limits = limits
        self._nodes = 0
        self._starts: list[int] = []
        self._loader: Any = yaml.CSafeLoader(text)

    def document(self) -> Node | None:
        """The one document of the stream."""
        self._loader.get_event()
        event: Any = self._loader.get_event()
        if isinstance(event, yaml.StreamEndEvent):
            self._stop(codes.EMPTY.at(_point("", 0, self._file), "the document is empty"))
        if getattr(event, "version", None) or getattr(event, "tags", None):
            span = self._span(event)
            self._stop(codes.TAG.at(span, "YAML directives (%YAML, %TAG) are not part of the language"))
        node = self._node(self._loader.get_event(), 0)
        if isinstance(node, ScalarNode) and node.value is None and not node.quoted:
            self._stop(codes.EMPTY.at(_point("", 0, self._file), "the document is empty"))
        self._loader.get_event()
        event: Any = self._loader.get_event()
        if not isinstance(event, yaml.StreamEndEvent):
            message = "a second document begins here"
            self._stop(
                codes.MANY_DOCUMENTS.at(self._span(event), message, help="put it in a file of its own")
            )
        return node

    def _node(self, event: Any, depth: int) -> Node:
        """The node that an event begins; scalars, which are most of a document, come first."""
        self._nodes += 1
        if self._nodes > self._limits.nodes:
            message = f"the document has more than {self._limits.nodes:,} values"
            self._stop(codes.TOO_LARGE.at(self._span(event), message))
        if depth > self._limits.depth:
            message = f"the document is nested more than {self._limits.depth} deep"
            self._stop(codes.TOO_DEEP.at(self._span(event), message))
        if type(event) is yaml.ScalarEvent:
            if event.anchor is not None or event.tag is not None:
                self._refuse_decorations(event)
            return self._scalar(event)
        self._refuse_decorations(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, depth)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event, depth)
        return ScalarNode(None, "", False, self._span(event), f"*{event.anchor}")

    def _refuse_decorations(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            message = f"the alias *{event.anchor} is not allowed"
            help = "write the value out; an expression that begins with * must be in quotes"
            self.diagnostics.append(codes.ALIAS.at(self._span(event), message, help=help))
            return
        if event.anchor is not None:
            message = f"the anchor &{event.anchor} is not allowed"
            self.diagnostics.append(codes.ALIAS.at(self._span(event), message, help="remove it"))
        if event.tag is not None:
            message = f"the tag {event.tag} is not allowed"
            help = "remove it; text that begins with ! must be in quotes"
            self.diagnostics.append(codes.TAG.at(self._span(event), message, help=help))

    def _scalar(self, event: Any) -> ScalarNode:
        quoted = bool(event.style)  # libyaml gives '' for a plain scalar, not None
        start, end = event.start_mark, event.end_mark
        span = _between(self._file, start, end)
        raw = self._text[start.index : end.index]
        text = event.value
        if quoted:
            return ScalarNode(text, text, True, span, raw)
        try:
            value = scalars.resolve(text)
        except ValueError as error:
            self.diagnostics.append(codes.WRONG_VALUE.at(span, f"{error} is too long"))
            value = None
        return ScalarNode(value, text, False, span, raw)

    def _sequence(self, start: Any, depth: int) -> SequenceNode:
        items: list[Node] = []
        while type(event := self._loader.get_event()) is not yaml.SequenceEndEvent:
            items.append(self._node(event, depth + 1))
        flow = bool(start.flow_style)
        if flow:
            items = self._mended(items)
        self._warn_of_zeros(items)
        return SequenceNode(tuple(items), self._stretch(start, event, items), flow)

    def _mended(self, items: list[Node]) -> list[Node]:
        """The items of a flow sequence, with the pieces of cut expressions joined again."""
        kept: list[Node] = []
        wreck: ScalarNode | None = None
        for item in items:
            if wreck is not None and item.span.start < wreck.span.end:
                continue
            wreck = self._wreck(item)
            kept.append(wreck or item)
        return kept

    def _mapping(self, start: Any, depth: int) -> MappingNode:
        entries: dict[str, Entry] = {}
        flow = bool(start.flow_style)
        wreck: ScalarNode | None = None
        get_event = self._loader.get_event
        while type(event := get_event()) is not yaml.MappingEndEvent:
            key = self._node(event, depth + 1)
            value = self._node(get_event(), depth + 1)
            if not isinstance(key, ScalarNode):
                message = "a key must be a name, not a list or mapping"
                help = "an expression that begins with a bracket must be in quotes"
                self.diagnostics.append(codes.KEY_NOT_TEXT.at(key.span, message, help=help))
                continue
            if wreck is not None and key.span.start < wreck.span.end:
                continue
            wreck = self._wreck(value) if flow else None
            self._add(entries, Entry(key, wreck or value))
        values = [entry.value for entry in entries.values()]
        self._warn_of_zeros(values)
        return MappingNode(tuple(entries.values()), self._stretch(start, event, values), flow)

    def _add(self, entries: dict[str, Entry], entry: Entry) -> None:
        name = entry.key.text
        first = entries.get(name)
        if first is None:
            entries[name] = entry
            return
        related = ((first.key.span, "it is first given here"),)
        message = f"the key {name!r} is given twice"
        self.diagnostics.append(codes.DUPLICATE_KEY.at(entry.key.span, message, related=related))
        if len(self.diagnostics) > _MOST:
            self._stop(self.diagnostics.pop())

    def _wreck(self, piece: Node) -> ScalarNode | None:
        """The whole of an expression that the flow syntax has cut at a comma, told as an error."""
        if not isinstance(piece, ScalarNode) or piece.quoted or not wrecks.is_cut(piece.text):
            return None
        place = piece.span.start
        found = wrecks.expanse(self._text, self._index(place))
        if found is None or len(found.text) <= len(piece.raw):
            return None
        span = Span(self._file, place, Position(place.line, place.column + len(found.text)))
        message = f"YAML has cut the expression {found.text!r} at a comma"
        fix = wrecks.repair(self._text, found, place, self._file)
        help = "put the expression in quotes, or give it a line of its own"
        self.diagnostics.append(codes.FLOW_WRECK.at(span, message, help=help, fix=fix))
        return ScalarNode(found.text, found.text, False, span, found.text)

    def _warn_of_zeros(self, nodes: list[Node]) -> None:
        for node in nodes:
            if isinstance(node, ScalarNode) and type(node.value) is int and scalars.is_ambiguous(node.text):
                text = node.text
                message = f"{text} is read as {node.value} by some and as octal by others"
                help = f"write {node.value} for the number, or '{text}' for the text"
                self.diagnostics.append(codes.AMBIGUOUS_NUMBER.at(node.span, message, help=help))

    def _index(self, place: Position) -> int:
        if not self._starts:
            lengths = (len(line) for line in self._text.splitlines(keepends=True))
            self._starts = list(accumulate(lengths, initial=0))
        return self._starts[place.line - 1] + place.column - 1

    def _span(self, event: Any) -> Span:
        return _between(self._file, event.start_mark, event.end_mark)

    def _stretch(self, start: Any, end: Any, values: list[Node]) -> Span:
        """Block collections end where their last value ends, not where the next token begins."""
        if start.flow_style or not values:
            return _between(self._file, start.start_mark, end.end_mark)
        first = _between(self._file, start.start_mark, start.start_mark)
        return Span(self._file, first.start, values[-1].span.end)

    def _stop(self, diagnostic: Diagnostic) -> None:
        raise _StopReadingError(diagnostic)


def _between(file: str, start: Any, end: Any) -> Span:
    first = _tuple(Position, (start.line + 1, start.column + 1))
    return _tuple(Span, (file, first, _tuple(Position, (end.line + 1, end.column + 1))))
