"""WW0226: labels of a file are ordered by somebody, and not by the alphabet."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.population import Attribute, AttributeType

CODE = Code(
    "WW0226",
    "alphabetical-order",
    Severity.WARNING,
    "A file does not say which label is less, and `high` comes before `low` in the alphabet.",
)
_LISTED = 12


def check(context: Context) -> Iterator[Diagnostic]:
    """Ordered labels that come from a file, without a list of them in the document."""
    for attribute in context.population.attributes:
        document = context.declared[attribute.name].document
        if attribute.type is not AttributeType.CATEGORICAL or not attribute.ordered or document.options:
            continue
        if len(attribute.options) < 2 or not _is_from_file(context, attribute):
            continue
        shown = ", ".join(attribute.options[:_LISTED]) + (", …" if len(attribute.options) > _LISTED else "")
        message = f"the labels of `{attribute.name}` are ordered by the alphabet: {shown}"
        help = f"list them from least to greatest: `options: [{shown}]`"
        yield CODE.at(context.span(attribute.name, "ordered"), message, help=help)


def _is_from_file(context: Context, attribute: Attribute) -> bool:
    document = context.declared[attribute.name].document
    if document.column is not None:
        return True
    parts = [] if document.distribution is None else document.distribution.mixture or [document.distribution]
    return any(part.empirical is not None and part.empirical.file is not None for part in parts)


RULE = Rule(CODE, check)
