"""Suggestions for a document, and the document with them carried out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from worldwright.diagnostics import Edit, Position, Span
from worldwright.spec import spelling
from worldwright.spec.declaration import value_of
from worldwright.spec.edits import applied
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.canonical import form, text
from worldwright.spec.expressions.parser import parse_expression
from worldwright.spec.fmt import formatted
from worldwright.spec.places import Path, holds_expression
from worldwright.spec.population import Population
from worldwright.spec.reach import reach
from worldwright.spec.reader import read
from worldwright.spec.simplify.folding import simpler
from worldwright.spec.simplify.modifiers import always, dispensable
from worldwright.spec.source import Source
from worldwright.spec.tree import Entry, MappingNode, Node, ScalarNode, SequenceNode, find

_ROUNDS = 10
Load = Callable[[str], Population | None]
"""What a text of the document means; None where it has errors."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing that could be simpler; its place is that in the text it was found in."""

    span: Span
    message: str
    edit: Edit


def simplified(source: Source, load: Load) -> tuple[str, list[Suggestion]]:
    """The document with all suggestions carried out, and the suggestions in the order they were made.

    No drawn value changes: only exact steps are taken, and one that would let a constraint redraw another
    attribute is left out. Comments stay, but for those of modifiers that go. A document without suggestions
    is given as it is.

    Args:
        source: A valid population or scenario.
        load: What another text of it means.
    """
    found: list[Suggestion] = []
    content = source.text
    before = load(content)
    assert before is not None
    for _ in range(_ROUNDS):
        population = load(content)
        assert population is not None
        made = _round(Source(source.file, content), population, before, load)
        if made is None:
            break
        content, suggestions = made
        found += suggestions
    return content, found


def _round(
    source: Source, population: Population, before: Population, load: Load
) -> tuple[str, list[Suggestion]] | None:
    """One pass; those suggestions that meet others wait for the next."""
    node, _ = read(source.text, source.file)
    assert isinstance(node, MappingNode)
    chosen: list[Suggestion] = []
    for suggestion in _suggestions(node, population):
        if any(_meet(suggestion.edit.span, other.edit.span) for other in chosen):
            continue
        if _keeps(_written(source, [*chosen, suggestion]), before, load):
            chosen.append(suggestion)
    text = _written(source, chosen)
    return None if not chosen or text is None else (text, chosen)


def _written(source: Source, suggestions: list[Suggestion]) -> str | None:
    return formatted(Source(source.file, applied(source.text, [s.edit for s in suggestions])))[0]


def _keeps(content: str | None, before: Population, load: Load) -> bool:
    after = None if content is None else load(content)
    if after is None:
        return False
    return [(form(c.condition), c.owners) for c in after.constraints] == [
        (form(c.condition), c.owners) for c in before.constraints
    ]


def _suggestions(node: MappingNode, population: Population) -> Iterator[Suggestion]:
    domains = reach(population)
    section = find(node, "attributes")
    for entry in section.entries if isinstance(section, MappingNode) else ():
        attribute = population.attribute(entry.key.text)
        going = dict(dispensable(attribute, domains))
        holder = entry.value
        items = find(holder, "modifiers")
        if going and isinstance(items, SequenceNode) and isinstance(holder, MappingNode):
            yield from _without(entry, holder, items, going)
        for position in always(attribute, domains):
            when = find(items, position, "when")
            if position not in going and when is not None:
                shown = text(attribute.modifiers[position].when)
                message = f"this condition of `{attribute.name}` always holds: {shown}"
                yield Suggestion(when.span, message, Edit(when.span, "true"))
    yield from _foldings(node, ())


def _without(
    entry: Entry, holder: MappingNode, items: SequenceNode, going: dict[int, str]
) -> Iterator[Suggestion]:
    """A suggestion for each modifier that goes; for the last one the list goes with it."""
    for position, reason in going.items():
        item = items.items[position]
        message = f"this modifier of `{entry.key.text}` can go: {reason}"
        if len(items.items) == 1:
            key = holder.entry("modifiers")
            assert key is not None
            yield Suggestion(
                item.span, message, _removal(holder, key.key.span.start, items.span.end, "modifiers")
            )
        elif items.flow:
            kept = [part for i, part in enumerate(items.items) if i != position]
            yield Suggestion(item.span, message, Edit(items.span, f"[{', '.join(map(_flow, kept))}]"))
        else:
            start = Position(item.span.start.line, 1)
            later = items.items[position + 1].span.start.line if position + 1 < len(items.items) else None
            end = Position(later or _after(item), 1)
            yield Suggestion(item.span, message, Edit(Span(item.span.file, start, end), ""))


def _removal(holder: MappingNode, start: Position, end: Position, key: str) -> Edit:
    if holder.flow:
        kept = {entry.key.raw: entry.value for entry in holder.entries if entry.key.text != key}
        return Edit(holder.span, "{" + ", ".join(f"{raw}: {_flow(part)}" for raw, part in kept.items()) + "}")
    return Edit(Span(holder.span.file, Position(start.line, 1), Position(end.line + 1, 1)), "")


def _after(node: Node) -> int:
    return node.span.end.line + 1


def _flow(node: Node) -> str:
    match node:
        case ScalarNode():
            return node.raw if not node.raw.startswith(("|", ">")) else spelling.quoted(node.text)
        case SequenceNode(items):
            return f"[{', '.join(map(_flow, items))}]"
        case MappingNode(entries):
            return "{" + ", ".join(f"{entry.key.raw}: {_flow(entry.value)}" for entry in entries) + "}"


def _foldings(node: Node, path: Path) -> Iterator[Suggestion]:
    match node:
        case ScalarNode():
            if holds_expression(path) and path[0] == "attributes" and isinstance(node.value, str):
                yield from _folded(node, path)
        case SequenceNode(items):
            for position, item in enumerate(items):
                yield from _foldings(item, (*path, position))
        case MappingNode(entries):
            for entry in entries:
                yield from _foldings(entry.value, (*path, entry.key.text))


def _folded(node: ScalarNode, path: Path) -> Iterator[Suggestion]:
    if not spelling.is_compound(node.text):
        return
    expression, _ = parse_expression(node.text, node.span, node.places())
    if expression is None:
        return
    found = simpler(expression)
    if form(found) == form(expression) or not _keeps_reading(expression, found, path):
        return
    shown = text(found)
    value: Any = value_of(found)
    written = spelling.quoted(shown) if isinstance(value, str) else spelling.scalar(value)
    yield Suggestion(node.span, f"{text(expression)} is {shown}", Edit(node.span, written))


def _keeps_reading(before: nodes.Expression, after: nodes.Expression, path: Path) -> bool:
    """Laws and weights of constants are drawn by other steps than those of expressions."""
    if "distribution" in path or path[-2:-1] in (("weights",), ("scale",)):
        return bool(nodes.names(before)) == bool(nodes.names(after))
    return True


def _meet(one: Span, other: Span) -> bool:
    return (one.start < other.end and other.start < one.end) or one.start == other.start
