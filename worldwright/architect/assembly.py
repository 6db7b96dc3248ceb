"""A document put together: the model's draft, its sources as research returned them, and what a person wrote.

Blocks of a document are stretches of its lines: a section or an attribute with the comments above it. They
are exchanged as text, so that comments and spelling stay. A draft that cannot be read is left as it is; its
own diagnostics say why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from worldwright.diagnostics import DocumentError
from worldwright.errors import WorldwrightError
from worldwright.spec.fmt import formatted
from worldwright.spec.reader import read
from worldwright.spec.source import Source
from worldwright.spec.tree import MappingNode, find
from worldwright.spec.writer import write

SECTIONS = ("correlations", "constraints", "marginals", "expect")
"""Sections that are kept as a whole where a person has edited them."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What of a document a person has edited, and stays.

    Args:
        attributes: Blocks by name.
        removed: Attributes that were generated and have been taken out by hand.
        sections: Blocks of `SECTIONS` by name; "" for one that was taken out.
        sources: The entries of `sources:` that were there, by id.
    """

    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    removed: tuple[str, ...] = ()
    sections: Mapping[str, str] = field(default_factory=dict[str, str])
    sources: Mapping[str, Mapping[str, object]] = field(default_factory=dict[str, Mapping[str, object]])

    def for_model(self) -> str:
        """What a model is told of it."""
        parts = [*self.attributes.values(), *(text for text in self.sections.values() if text)]
        if self.removed:
            parts.append(f"# taken out, not to be brought back: {', '.join(self.removed)}")
        return "\n".join(parts)


NOTHING = Kept()
"""Nothing stays."""


def canonical(text: str, file: str) -> str:
    """A document in canonical form; as it is where it cannot be read."""
    try:
        return formatted(Source(file, text))[0] or text
    except (DocumentError, WorldwrightError):
        return text


def section_blocks(text: str) -> dict[str, str]:
    """The top-level keys of a canonical document with their lines."""
    return _blocks(text, ())


def attribute_blocks(text: str) -> dict[str, str]:
    """The attributes of a canonical document with their lines."""
    return _blocks(text, ("attributes",))


def assembled(draft: str, file: str, sources: Mapping[str, Mapping[str, object]], kept: Kept) -> str:
    """A draft with the sources that are ours to write and with what a person has edited.

    Args:
        draft: The model's document.
        file: Its name, for diagnostics.
        sources: Entries of `sources:` that research returned.
        kept: What stays as it was.
    """
    text = canonical(draft, file)
    node, found = read(text, file)
    if not isinstance(node, MappingNode) or any(d.is_error for d in found):
        return text
    if not isinstance(node.get("attributes"), MappingNode):
        return text
    sections = section_blocks(text)
    if not sections:
        return text
    attributes = attribute_blocks(text)
    opening = sections["attributes"].removesuffix("".join(attributes.values()))
    for name in kept.removed:
        attributes.pop(name, None)
    attributes |= kept.attributes
    sections["attributes"] = opening + "".join(attributes.values())
    for name, block in kept.sections.items():
        sections.pop(name, None)
        if block:
            sections[name] = block
    sections.pop("sources", None)
    known = {**kept.sources, **sources}
    body = "".join(sections.values())
    used = {name: entry for name, entry in known.items() if name in _named(body, file)}
    if used:
        block = write({"sources": used})
        parts = [(key, value) for key, value in sections.items()]
        at = next(index for index, (key, _) in enumerate(parts) if key == "attributes")
        sections = dict([*parts[:at], ("sources", block), *parts[at:]])
    return canonical("".join(sections.values()), file)


def _named(text: str, file: str) -> set[str]:
    """Every text that stands at a key `source`."""
    node, _ = read(text, file)
    names: set[str] = set()
    pending = [node]
    while pending:
        match pending.pop():
            case MappingNode(entries=entries):
                for key, value in entries:
                    if key.text == "source" and (name := getattr(value, "text", None)) is not None:
                        names.add(name)
                    pending.append(value)
            case found if (items := getattr(found, "items", None)) is not None:
                pending.extend(items)
            case _:
                pass
    return names


def _blocks(text: str, path: tuple[str, ...]) -> dict[str, str]:
    """The entries of a block mapping with their lines and the comments above them; none for one in braces."""
    node, found = read(text, "document")
    mapping = find(node, *path) if node is not None else None
    if not isinstance(mapping, MappingNode) or mapping.flow or any(d.is_error for d in found):
        return {}
    lines = text.splitlines(keepends=True)
    starts = [_with_comments(lines, entry.key.span.start.line - 1) for entry in mapping.entries]
    end = len(lines)
    if path:
        after = [
            _with_comments(lines, entry.key.span.start.line - 1)
            for entry in (node.entries if isinstance(node, MappingNode) else ())
            if entry.key.span.start.line > mapping.entries[-1].key.span.start.line
        ]
        end = min(after, default=end)
    elif starts:
        starts[0] = 0
    stretches = zip(mapping.entries, starts, [*starts[1:], end], strict=True)
    return {entry.key.text: "".join(lines[start:stop]) for entry, start, stop in stretches}


def _with_comments(lines: list[str], line: int) -> int:
    """The first line of the comments and blank lines right above a line."""
    while line > 0 and (not lines[line - 1].strip() or lines[line - 1].lstrip().startswith("#")):
        line -= 1
    return line
