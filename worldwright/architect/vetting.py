"""What a generated document must be beyond valid: the one that was asked for, with harmless free text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from worldwright.architect.cleaning import is_control
from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.reader import read
from worldwright.spec.tree import MappingNode, Node, ScalarNode, SequenceNode

LONGEST_TEXT = 1_000
"""The most characters of one text in a generated document."""

NOT_AS_ASKED = Code(
    "WW0830",
    "not-as-asked",
    Severity.ERROR,
    "A generated document takes the place of the one that was asked for.",
)
UNFIT_TEXT = Code(
    "WW0831",
    "unfit-text",
    Severity.ERROR,
    "Text of a model reaches terminals, tables and web pages, where control characters and long text harm.",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The document that was asked for.

    Args:
        kind: Its kind, such as `population`.
        name: Its name.
        extends: The population that a scenario extends.
    """

    kind: str
    name: str
    extends: str | None = None


def vet(text: str, file: str, wanted: Wanted) -> list[Diagnostic]:
    """What keeps a generated document from being taken, whatever the language says about it.

    A text that YAML cannot read gives nothing here: the check of the language has told why.
    """
    node, _ = read(text, file)
    if not isinstance(node, MappingNode):
        return []
    return [*_identity(node, wanted), *_free_text(node)]


def _identity(document: MappingNode, wanted: Wanted) -> Iterator[Diagnostic]:
    expected = {"worldwright": f"{wanted.kind}/1", "name": wanted.name, "extends": wanted.extends}
    for key, value in expected.items():
        found = document.get(key)
        if value is None or (isinstance(found, ScalarNode) and found.text == value):
            continue
        span = found.span if found else document.span
        yield NOT_AS_ASKED.at(span, f"the document must say {key}: {value}", help=f"write {key}: {value}")


def _free_text(node: Node) -> Iterator[Diagnostic]:
    match node:
        case ScalarNode():
            control = next((character for character in node.text if is_control(character)), None)
            if control is not None:
                message = f"the text holds the control character U+{ord(control):04X}"
                yield UNFIT_TEXT.at(node.span, message, help="remove it")
            if len(node.text) > LONGEST_TEXT:
                message = f"the text has {len(node.text):,} characters, more than {LONGEST_TEXT:,}"
                yield UNFIT_TEXT.at(node.span, message, help="say it in a sentence")
        case SequenceNode():
            for item in node.items:
                yield from _free_text(item)
        case MappingNode():
            for entry in node.entries:
                yield from _free_text(entry.key)
                yield from _free_text(entry.value)
