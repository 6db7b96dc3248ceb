"""What a generated document must be beyond valid: as asked, with real sources and harmless free text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from worldwright.architect.cleaning import is_control
from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.reader import read
from worldwright.spec.tree import MappingNode, Node, ScalarNode, SequenceNode, find, key_span

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
INVENTED_SOURCE = Code(
    "WW0832",
    "invented-source",
    Severity.ERROR,
    "A model may make up titles and addresses; only pages that its research really returned are sources.",
)
UNSOURCED = Code(
    "WW0833",
    "unsourced-figure",
    Severity.ERROR,
    "A reader must be able to tell figures that were looked up from figures that a model assumed.",
)
LEFT_OUT = Code(
    "WW0834",
    "planned-attribute-missing",
    Severity.ERROR,
    "An attribute that was planned for the brief and is then missing would be lost without a word.",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The document that was asked for.

    Args:
        kind: Its kind, such as `population`.
        name: Its name.
        extends: The population that a scenario extends.
        attributes: The attributes that were planned.
        sources: The sources that may be named.
        kept: Attributes and sections that a person wrote; nothing is demanded of them.
    """

    kind: str
    name: str
    extends: str | None = None
    attributes: Sequence[str] = ()
    sources: Sequence[str] = ()
    kept: Sequence[str] = field(default_factory=tuple[str, ...])


def vet(text: str, file: str, wanted: Wanted) -> list[Diagnostic]:
    """What keeps a generated document from being taken, whatever the language says about it.

    A text that YAML cannot read gives nothing here: the check of the language has told why.
    """
    node, _ = read(text, file)
    if not isinstance(node, MappingNode):
        return []
    found = [*_identity(node, wanted), *_free_text(node)]
    if wanted.kind in ("population", "scenario"):
        found += [*_left_out(node, wanted), *_invented(node, node, wanted), *_unsourced(node, wanted)]
    return found


def _identity(document: MappingNode, wanted: Wanted) -> Iterator[Diagnostic]:
    expected = {"worldwright": f"{wanted.kind}/1", "name": wanted.name, "extends": wanted.extends}
    for key, value in expected.items():
        found = document.get(key)
        if value is None or (isinstance(found, ScalarNode) and found.text == value):
            continue
        span = found.span if found else document.span
        yield NOT_AS_ASKED.at(span, f"the document must say {key}: {value}", help=f"write {key}: {value}")


def _left_out(document: MappingNode, wanted: Wanted) -> Iterator[Diagnostic]:
    attributes = document.get("attributes")
    if not isinstance(attributes, MappingNode):
        return
    for name in wanted.attributes:
        if attributes.get(name) is None and name not in wanted.kept:
            message = f"the planned attribute `{name}` is missing"
            yield LEFT_OUT.at(key_span(document, "attributes"), message, help=f"add `{name}`")


def _invented(node: Node, document: MappingNode, wanted: Wanted) -> Iterator[Diagnostic]:
    match node:
        case SequenceNode():
            for item in node.items:
                yield from _invented(item, document, wanted)
        case MappingNode():
            for key, value in node.entries:
                is_name = key.text == "source" and isinstance(value, ScalarNode)
                if is_name and value.text not in wanted.sources:  # pyright: ignore[reportAttributeAccessIssue]
                    known = ", ".join(wanted.sources)
                    yield INVENTED_SOURCE.at(
                        value.span,
                        f"{getattr(value, 'text', '')!r} is no source that the research returned",
                        help=f"name one of {known}, or write `assumption:` with the reason"
                        if known
                        else "nothing was looked up: write `assumption:` with the reason instead",
                    )
                yield from _invented(value, document, wanted)
        case ScalarNode():
            return


def _unsourced(document: MappingNode, wanted: Wanted) -> Iterator[Diagnostic]:
    attributes = document.get("attributes")
    if isinstance(attributes, MappingNode):
        for key, value in attributes.entries:
            drawn = isinstance(value, MappingNode) and value.get("distribution") is not None
            if drawn and key.text not in wanted.kept and not _says_where_from(value):
                yield _without(key.span, f"the figures of `{key.text}` have neither source nor assumption")
    expected = document.get("expect")
    if isinstance(expected, SequenceNode) and "expect" not in wanted.kept:
        for position, item in enumerate(expected.items):
            if isinstance(item, MappingNode) and not _says_where_from(item):
                span = item.span
                yield _without(span, f"expectation {position + 1} has neither source nor assumption")


def _says_where_from(node: Node) -> bool:
    if find(node, "source") is not None:
        return True
    assumed = find(node, "assumption")
    return isinstance(assumed, ScalarNode) and assumed.value not in (None, False, "")


def _without(span: object, message: str) -> Diagnostic:
    help = "add `assumption:` and say where the figures come from, or name a `source:`"
    return UNSOURCED.at(span, message, help=help)  # pyright: ignore[reportArgumentType]


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
