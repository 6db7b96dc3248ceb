"""What YAML does not keep: comments and blank lines of a document, with their places.

Takes the text and its tree; everything outside the scalars that begins with `#` is a comment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from worldwright.diagnostics import Position
from worldwright.spec.edits import line_starts
from worldwright.spec.tree import MappingNode, Node, ScalarNode, SequenceNode


@dataclass(frozen=True, slots=True)
class Trivium:
    """A comment, or a blank line where `text` is empty."""

    line: int
    column: int
    text: str
    alone: bool
    """Whether it has its line to itself."""

    @property
    def place(self) -> Position:
        """Where it begins."""
        return Position(self.line, self.column)


def trivia(text: str, root: Node) -> list[Trivium]:
    """All comments and blank lines in the order of the document, without blank lines at its end."""
    starts = line_starts(text)
    covered = [(_index(starts, node.span.start), _end(starts, node)) for node in scalars(root) if node.raw]
    found: list[Trivium] = []
    at = 0
    for number, start in enumerate(starts[:-1], 1):
        stop = starts[number] if number < len(starts) else len(text)
        line = text[start:stop].rstrip("\r\n")
        while at < len(covered) and covered[at][1] <= start:
            at += 1
        if not line.strip():
            if not (at < len(covered) and covered[at][0] <= start):
                found.append(Trivium(number, 1, "", True))
            continue
        column = _comment(line, start, covered, at)
        if column is not None:
            alone = not line[:column].strip()
            found.append(Trivium(number, column + 1, line[column:].rstrip(), alone))
    last = covered[-1][1] if covered else 0
    while found and not found[-1].text and starts[found[-1].line - 1] >= last:
        found.pop()
    return found


def scalars(node: Node) -> Iterator[ScalarNode]:
    """Every key and every single value, in the order of the document."""
    match node:
        case ScalarNode():
            yield node
        case SequenceNode(items):
            for item in items:
                yield from scalars(item)
        case MappingNode(entries):
            for entry in entries:
                yield entry.key
                yield from scalars(entry.value)


def body(node: ScalarNode) -> str:
    """The characters of a scalar; a block scalar without the blank lines after it, unless it keeps them."""
    if node.raw[:1] not in "|>" or not node.quoted:
        return node.raw
    header = node.raw.splitlines()[0].split("#")[0]
    if "+" in header:
        return node.raw.rstrip(" \t") if node.raw.endswith((" ", "\t")) else node.raw
    return node.raw.rstrip()


def _end(starts: list[int], node: ScalarNode) -> int:
    return _index(starts, node.span.start) + len(body(node))


def _comment(line: str, start: int, covered: list[tuple[int, int]], at: int) -> int | None:
    """The offset at which a comment begins in a line."""
    offset = 0
    while True:
        offset = line.find("#", offset)
        if offset < 0:
            return None
        while at < len(covered) and covered[at][1] <= start + offset:
            at += 1
        if at == len(covered) or covered[at][0] > start + offset:
            return offset
        offset = covered[at][1] - start


def _index(starts: list[int], place: Position) -> int:
    return starts[place.line - 1] + place.column - 1
