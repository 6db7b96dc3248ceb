"""The first line of a document: its kind and the version of the language, `worldwright: population/1`.

Takes a tree, gives the heading or the reason why the document cannot be read by this version.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from worldwright.diagnostics import Diagnostic, Edit, Fix, Span
from worldwright.spec.codes import structure as codes
from worldwright.spec.suggestions import listed, nearest
from worldwright.spec.tree import MappingNode, Node, ScalarNode

KEY = "worldwright"
VERSIONS = {"population": 1, "scenario": 1, "world": 1, "experiment": 1}
"""The kinds of documents, with the newest version of each that this release reads."""

_HEADING = re.compile(r"([A-Za-z_-]+)/([0-9]{1,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Heading:
    """What a document says it is."""

    kind: str
    version: int
    span: Span


def kind_of(node: Node, versions: Mapping[str, int] = VERSIONS) -> tuple[Heading | None, list[Diagnostic]]:
    """The heading of a document; None, with the reason, where there is none or it cannot be followed."""
    if not isinstance(node, MappingNode):
        message = "the document is not a mapping of keys to values"
        return None, [codes.NO_HEADING.at(node.span, message, help=_help())]
    value = node.get(KEY)
    if value is None:
        span = node.entries[0].key.span if node.entries else node.span
        message = "the document does not say what it is"
        return None, [codes.NO_HEADING.at(span, message, help=_help())]
    if not isinstance(value, ScalarNode):
        return None, [codes.NO_HEADING.at(value.span, "the heading is not text", help=_help())]
    match = _HEADING.fullmatch(value.text)
    kind = match.group(1) if match else value.text.split("/")[0]
    if kind not in VERSIONS:
        return None, [_unknown(kind, value)]
    if match is None:
        message = f"the heading {value.text!r} names no version"
        fix = Fix(f"write {kind}/{VERSIONS[kind]}", (Edit(value.span, f"{kind}/{VERSIONS[kind]}"),))
        return None, [codes.NO_HEADING.at(value.span, message, help=_help(kind), fix=fix)]
    version = int(match.group(2))
    if version > versions[kind] or version < 1:
        message = (
            f"the document is written in {kind}/{version}, and this release reads {kind}/{versions[kind]}"
        )
        help = "a newer release of worldwright reads it" if version else None
        return None, [codes.NEWER_VERSION.at(value.span, message, help=help)]
    return Heading(kind, version, value.span), []


def expect_kind(node: Node, *kinds: str) -> tuple[Heading | None, list[Diagnostic]]:
    """The heading, where it is one of the given kinds; otherwise None and the reason."""
    heading, diagnostics = kind_of(node)
    if heading is None or heading.kind in kinds:
        return heading, diagnostics
    article = "an" if heading.kind[0] in "aeiou" else "a"
    message = f"this is {article} {heading.kind}, and a {' or '.join(kinds)} is wanted here"
    return None, [*diagnostics, codes.WRONG_KIND.at(heading.span, message)]


def _unknown(kind: str, value: ScalarNode) -> Diagnostic:
    message = f"there is no kind of document called {kind!r}"
    near = nearest(kind, VERSIONS)
    if near is None:
        return codes.UNKNOWN_KIND.at(value.span, message, help=listed(VERSIONS))
    heading = f"{near}/{VERSIONS[near]}"
    fix = Fix(f"write {heading}", (Edit(value.span, heading),))
    return codes.UNKNOWN_KIND.at(value.span, message, help=f"did you mean {near}?", fix=fix)


def _help(kind: str = "population") -> str:
    return f"begin with `{KEY}: {kind}/{VERSIONS[kind]}`"
