"""The canonical form of a document: one way to write it, with every comment and blank line kept.

Two spaces a level, one space after a colon, two before a comment; what is written in braces on one line
stays so, unless an expression is in it: an expression stands on its own block line, or in quotes in braces
where the whole line has room. An attribute in braces over several lines keeps them where its expressions
are in quotes. Numbers stay as written.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from worldwright.diagnostics import Diagnostic, Position, Span
from worldwright.errors import WorldwrightError
from worldwright.spec.expressions.canonical import form
from worldwright.spec.expressions.parser import parse_expression
from worldwright.spec.expressions.spacing import spaced
from worldwright.spec.heading import KEY, VERSIONS, kind_of
from worldwright.spec.migrations import MIGRATIONS, Migration, step
from worldwright.spec.places import IsExpression, Path, expressions_of
from worldwright.spec.reader import read
from worldwright.spec.source import Source
from worldwright.spec.spelling import is_compound, is_date, is_plain
from worldwright.spec.tree import MappingNode, Node, ScalarNode, SequenceNode
from worldwright.spec.trivia import Trivium, body, scalars, trivia
from worldwright.spec.writer import KEPT_WIDTH

STEP = 2
"""Spaces a level."""


class FormatError(WorldwrightError):
    """A document that would mean something else in canonical form; `where` names it. It is left alone."""


def formatted(source: Source, versions: Mapping[str, int] = VERSIONS) -> tuple[str | None, list[Diagnostic]]:
    """The document in canonical form; None, with the reasons, where it cannot be read.

    Names, types and figures are not looked at, so documents with errors in them can be formatted.

    Raises:
        FormatError: when the result would not read as the document does.
    """
    if not source.text.endswith(("\n", "\r")):
        source = Source(source.file, source.text + "\n")
    node, found = read(source.text, source.file)
    errors = [diagnostic for diagnostic in found if diagnostic.is_error]
    if node is None or errors:
        return None, errors
    heading, errors = kind_of(node, versions)
    if heading is None or not isinstance(node, MappingNode):
        return None, errors
    text = _Writer(source.text, node, expressions_of(heading.kind)).document(node)
    _verify(source, node, text, expressions_of(heading.kind))
    return text, []


def upgraded(
    source: Source,
    migrations: Sequence[Migration] = MIGRATIONS,
    versions: Mapping[str, int] = VERSIONS,
) -> tuple[str | None, list[Diagnostic]]:
    """The document in the newest version of its language and in canonical form.

    Args:
        source: The document; one of a newer version than there is is refused as everywhere.
        migrations: The steps between versions.
        versions: The newest version of each kind.

    Raises:
        FormatError: when the result would not read as the document does.
    """
    while True:
        node, _ = read(source.text, source.file)
        heading = kind_of(node, versions)[0] if isinstance(node, MappingNode) else None
        later = None
        if isinstance(node, MappingNode) and heading is not None:
            later = step(source, node, heading, migrations)
        if later is None:
            return formatted(source, versions)
        source = later


class _Writer:
    """Writes a tree, taking up comments and blank lines as it passes their places."""

    def __init__(self, text: str, root: Node, is_expression: IsExpression) -> None:
        self._trivia = trivia(text, root)
        self._at = 0
        self._leaves = sorted(_leaves(root))
        self._is_expression = is_expression
        self._lines: list[str] = []
        self._commented = 0

    def document(self, root: MappingNode) -> str:
        """All of it."""
        ranges: list[tuple[int, int]] = []
        moved = 0
        for position, entry in enumerate(root.entries):
            before = len(self._lines)
            self._entry(entry.key, entry.value, 0, "", (entry.key.text,))
            ranges.append((before, len(self._lines)))
            if entry.key.text == KEY:
                moved = position
        if moved:
            self._move_to_the_top(*ranges[moved], is_last=moved == len(ranges) - 1)
        while self._pending():
            self._alone(0)
        return "\n".join(self._lines) + "\n"

    def _move_to_the_top(self, start: int, end: int, *, is_last: bool) -> None:
        """Move the heading before the first key, below what is said at the very top."""
        first = start
        while not self._lines[first]:
            first += 1
        piece = self._lines[first:end]
        del self._lines[start if is_last else first : end]
        top = next(i for i, line in enumerate(self._lines) if line and not line.startswith("#"))
        self._lines[top:top] = piece

    def _pending(self, before: Position | None = None) -> Trivium | None:
        """The next comment or blank line, if it comes before a place."""
        if self._at == len(self._trivia):
            return None
        trivium = self._trivia[self._at]
        return trivium if before is None or trivium.place < before else None

    def _alone(self, indent: int) -> None:
        """Write the next comment or blank line on a line of its own."""
        text = self._trivia[self._at].text
        self._lines.append(" " * indent + text if text else "")
        self._at += 1

    def _flush(self, before: Position, indent: int) -> None:
        while self._pending(before):
            self._alone(indent)

    def _end_line(self, line: int, before: Position | None = None) -> None:
        """Add the comment that stands at the end of a line of the document, if the line here has none yet."""
        trivium = self._pending(before)
        if trivium is None or not trivium.text or trivium.line != line:
            return
        if self._commented == len(self._lines) or self._lines[-1].lstrip().startswith("#"):
            self._alone(len(self._lines[-1]) - len(self._lines[-1].lstrip()))
            return
        self._lines[-1] += f"  {trivium.text}"
        self._commented = len(self._lines)
        self._at += 1

    def _entry(self, key: ScalarNode, value: Node, indent: int, lead: str, path: Path) -> None:
        """A key with its value; `lead` stands before the key on its line."""
        inner = indent + len(lead)
        if braces := self._attribute_in_braces(value, path):
            self._flush(_first(key, value), indent)
            first, *rest = braces
            self._lines.append(f"{' ' * indent}{lead}{key.raw}: {first}")
            self._lines += (" " * inner + line for line in rest)
            self._end_line(value.span.end.line)
            return
        if isinstance(value, ScalarNode) or self._on_one_line(value, path, inner + len(key.raw) + 2):
            self._flush(_first(key, value), indent)
            self._lines.append(f"{' ' * indent}{lead}{key.raw}:")
            self._value(value, inner + STEP, path)
            return
        self._flush(key.span.start, indent)
        self._lines.append(f"{' ' * indent}{lead}{key.raw}:")
        self._end_line(key.span.end.line, _inside(value))
        flush_with_key = isinstance(value, SequenceNode) and value.span.start.column == key.span.start.column
        self._block(value, inner + STEP, "", path, flush_with_key)

    def _block(
        self, node: MappingNode | SequenceNode, indent: int, lead: str, path: Path, strict: bool = False
    ) -> None:
        """A mapping or sequence in block style; `lead` stands before its first part."""
        outer = indent - len(lead)
        match node:
            case MappingNode(entries):
                for position, entry in enumerate(entries):
                    first = position == 0
                    self._entry(
                        entry.key,
                        entry.value,
                        outer if first else indent,
                        lead if first else "",
                        (*path, entry.key.text),
                    )
            case SequenceNode(items):
                for position, item in enumerate(items):
                    first = position == 0
                    self._item(item, outer if first else indent, lead if first else "", (*path, position))
        self._close(node, indent, strict)

    def _item(self, item: Node, indent: int, lead: str, path: Path) -> None:
        dash = f"{lead}- "
        if isinstance(item, ScalarNode) or self._on_one_line(item, path, indent + len(dash)):
            self._flush(item.span.start, indent)
            self._lines.append(f"{' ' * indent}{lead}-")
            self._value(item, indent + len(dash), path)
        else:
            self._block(item, indent + len(dash), dash, path)

    def _value(self, value: Node, indent: int, path: Path) -> None:
        """A value on the line that is begun; the further lines of a long one are indented."""
        text = self._inline(value, path)
        if not text:
            self._end_line(value.span.start.line)
            return
        first, *rest = _indented(value, text, indent) if isinstance(value, ScalarNode) else [text]
        self._lines[-1] += f" {first}"
        self._lines += rest
        if text[0] not in "|>":
            self._end_line(value.span.end.line)

    def _close(self, node: MappingNode | SequenceNode, indent: int, strict: bool) -> None:
        """The comments that stand at the end of a block and belong to it by their indentation."""
        if node.flow:
            self._flush(node.span.end, indent)
            self._end_line(node.span.end.line)
            return
        last = _last(node)
        following = bisect_right(self._leaves, last)
        limit = self._leaves[following] if following < len(self._leaves) else None
        for _ in range(self._run(node.span.start.column + strict, limit)):
            self._alone(indent)

    def _run(self, column: int, limit: Position | None) -> int:
        """How many comments and blank lines there are up to the last comment so far to the right."""
        length = 0
        for count, trivium in enumerate(self._trivia[self._at :], 1):
            if (limit is not None and trivium.place >= limit) or not trivium.alone:
                break
            if trivium.text and trivium.column < column:
                break
            length = count if trivium.text else length
        return length

    def _on_one_line(self, node: Node, path: Path, column: int) -> bool:
        """Whether it is written in brackets or braces on one line and may stay so.

        YAML cuts an expression in braces at its commas, but never one in quotes.
        """
        if isinstance(node, ScalarNode) or not node.flow or node.span.start.line != node.span.end.line:
            return False
        expressions = list(self._expressions(node, path))
        if not expressions:
            return True
        quoted = all(expression.quoted for expression in expressions)
        return quoted and column + len(self._inline(node, path)) <= KEPT_WIDTH

    def _attribute_in_braces(self, node: Node, path: Path) -> list[str]:
        """The lines of an attribute in braces, broken where it was: before its parts and its modifiers.

        Empty where it is written otherwise, has a comment within or an expression without quotes.
        """
        if len(path) != 2 or path[0] != "attributes" or not isinstance(node, MappingNode) or not node.flow:
            return []
        is_kept = (
            all(part.span.start.line == part.span.end.line for part in scalars(node))
            and all(expression.quoted for expression in self._expressions(node, path))
            and not any(node.span.start < trivium.place < node.span.end for trivium in self._trivia)
        )
        lines = ["{"]
        line = node.span.start.line
        for depth, place, text in self._pieces(node, path) if is_kept else ():
            if place.start.line > line:
                lines[-1] = lines[-1].rstrip()
                lines.append(" " * STEP * depth)
            lines[-1] += text
            line = place.end.line
        lines[-1] += "}"
        return lines if len(lines) > 1 else []

    def _pieces(self, node: MappingNode, path: Path) -> Iterator[tuple[int, Span, str]]:
        """What may begin a line in an attribute in braces: how deep it stands, where it was, and its text."""
        for number, (key, value) in enumerate(node.entries, 1):
            comma = ", " if number < len(node.entries) else ""
            place = Span(key.span.file, key.span.start, value.span.end)
            below = (*path, key.text)
            if below[-1] != "modifiers" or not isinstance(value, SequenceNode) or not value.items:
                yield 1, place, f"{key.raw}: {self._inline(value, below, True)}{comma}"
                continue
            yield 1, Span(key.span.file, key.span.start, value.span.start), f"{key.raw}: ["
            for position, item in enumerate(value.items):
                end = ", " if position + 1 < len(value.items) else f"]{comma}"
                yield 2, item.span, f"{self._inline(item, (*below, position), True)}{end}"

    def _expressions(self, node: Node, path: Path) -> Iterator[ScalarNode]:
        """The expressions in it that are more than a name."""
        match node:
            case ScalarNode():
                if isinstance(node.value, str) and is_compound(node.text) and self._is_expression(path):
                    yield node
            case SequenceNode(items):
                for position, item in enumerate(items):
                    yield from self._expressions(item, (*path, position))
            case MappingNode(entries):
                for entry in entries:
                    yield from self._expressions(entry.value, (*path, entry.key.text))

    def _inline(self, node: Node, path: Path, within: bool = False) -> str:
        match node:
            case ScalarNode():
                return _expression(node, within) if self._is_expression(path) else body(node)
            case SequenceNode(items):
                return "[" + ", ".join(self._inline(v, (*path, i), True) for i, v in enumerate(items)) + "]"
            case MappingNode(entries):
                parts = (f"{e.key.raw}: {self._inline(e.value, (*path, e.key.text), True)}" for e in entries)
                return "{" + ", ".join(parts) + "}"


def _expression(node: ScalarNode, within: bool) -> str:
    """An expression as it is written, in its usual spacing, and in quotes only where they are needed.

    Args:
        node: The expression.
        within: Whether it stands in brackets or braces.
    """
    raw = body(node)
    if "\n" in raw or "\r" in raw or not isinstance(node.value, str) or is_date(node.text):
        return raw
    text = spaced(node.text)
    if not node.quoted:
        return text
    if (not within or text.isidentifier()) and is_plain(text):
        return text
    quote = raw[0]
    return f"{quote}{text}{quote}" if raw == f"{quote}{node.text}{quote}" else raw


def _indented(node: ScalarNode, text: str, indent: int) -> list[str]:
    """The lines of a scalar, all but the first in the place that its new indentation gives them."""
    first, *rest = text.splitlines()
    if node.quoted and text[0] in "|>":
        return [first.rstrip(), *_moved(rest, first, indent)]
    return [first.rstrip(), *(" " * indent + line.strip() if line.strip() else "" for line in rest)]


def _moved(lines: Sequence[str], header: str, indent: int) -> list[str]:
    """The content of a block scalar, moved as a whole."""
    if any(char.isdigit() for char in header.split("#")[0]):
        raise FormatError(
            "a block of text gives its own indentation",
            why="it would hold other spaces where the block is moved",
            help="remove the number after | or >, or write the text in quotes",
        )
    depth = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip(" ")), default=0)
    return [" " * indent + line[depth:] if line.strip(" ") else "" for line in lines]


def _leaves(node: Node) -> Iterator[Position]:
    """Where everything begins that is written on a line: keys, single values, brackets and braces."""
    match node:
        case ScalarNode():
            yield node.span.start
        case SequenceNode(items):
            if node.flow:
                yield node.span.start
            for item in items:
                yield from _leaves(item)
        case MappingNode(entries):
            if node.flow:
                yield node.span.start
            for entry in entries:
                yield entry.key.span.start
                yield from _leaves(entry.value)


def _inside(node: MappingNode | SequenceNode) -> Position | None:
    """Where the first part of a mapping or sequence begins."""
    if isinstance(node, MappingNode):
        return node.entries[0].key.span.start if node.entries else None
    return node.items[0].span.start if node.items else None


def _last(node: Node) -> Position:
    return max(_leaves(node), default=node.span.start)


def _first(key: ScalarNode, value: Node) -> Position:
    """The place before which all comments stand above a line with a key and its value."""
    return max(key.span.start, value.span.start)


def _verify(source: Source, node: Node, text: str, is_expression: IsExpression) -> None:
    """That the new text reads as the old one did."""
    again, found = read(text, source.file)
    if (
        again is None
        or any(d.is_error for d in found)
        or _meaning(again, is_expression, ()) != _meaning(node, is_expression, ())
    ):
        raise FormatError(
            "the document cannot be brought into canonical form without changing what it says",
            where=source.file,
            help="write what is unusual in it (long keys, blocks of text) more simply, and try again",
        )


def _meaning(node: Node, is_expression: IsExpression, path: Path) -> object:
    match node:
        case ScalarNode():
            if is_expression(path) and isinstance(node.value, str):
                expression, _ = parse_expression(node.text, node.span, node.places())
                if expression is not None:
                    return form(expression)
            return (type(node.value).__name__, node.text)
        case SequenceNode(items):
            return [_meaning(item, is_expression, (*path, i)) for i, item in enumerate(items)]
        case MappingNode(entries):
            return {e.key.text: _meaning(e.value, is_expression, (*path, e.key.text)) for e in entries}
