"""WW0602: figures have a source, or say that they are assumed."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity, Span
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import BASE
from worldwright.spec.resolve.layers import Layer
from worldwright.spec.tree import find, key_span

CODE = Code(
    "WW0602",
    "no-source",
    Severity.WARNING,
    "A reader must be able to tell figures that were looked up from figures that were made up.",
    bad=BASE + "  x:\n    type: float\n    distribution: {normal: {mean: 3, sd: 1}}\n",
    good=BASE
    + "  x:\n    type: float\n    assumption: a guess\n    distribution: {normal: {mean: 3, sd: 1}}\n",
)
_HELP = 'name a `source:`, or write `assumption: true` or `assumption: "why"`'
_FEW = 2
"""Up to here each is told by itself, even where a document names no source at all."""


def check(context: Context) -> Iterator[Diagnostic]:
    """Drawn attributes, tables and expectations with neither; one finding where a whole document has none."""
    for layer in context.layers:
        raked = _raked(layer)  # their figures are those of the tables
        attributes = [
            (declared.span, f"the figures of `{name}` have no source")
            for name, declared in context.declared.items()
            if declared.origin is layer.origin
            and name not in raked
            and declared.document.distribution is not None
            and declared.document.source is None
            and not declared.document.assumption
        ]
        expected = list(_expected(layer))
        found = [*attributes, *_tables(layer), *expected]
        if len(found) > _FEW and _names_none(context, layer, len(found)):
            message = f"none of the {len(found)} figures of this document has a source"
            yield CODE.at(key_span(layer.node, "attributes"), message, help=f"for each, {_HELP}")
            continue
        for span, message in found:
            yield CODE.at(span, message, help=_HELP)


def _raked(layer: Layer) -> set[str]:
    marginals = layer.document.marginals
    return set() if marginals is None else {name for target in marginals.targets for name in target.of}


def _tables(layer: Layer) -> Iterator[tuple[Span | None, str]]:
    marginals = layer.document.marginals
    for position, target in enumerate(marginals.targets if marginals is not None else ()):
        if target.source is None and not target.assumption:
            node = find(layer.node, "marginals", "targets", position)
            names = " and ".join(f"`{name}`" for name in target.of)
            yield node.span if node else None, f"the table of {names} has no source"


def _expected(layer: Layer) -> Iterator[tuple[Span | None, str]]:
    for position, expectation in enumerate(layer.document.expect):
        if expectation.source is None and not expectation.assumption:
            node = find(layer.node, "expect", position)
            yield node.span if node else None, f"the expected {expectation.statistic} has no source"


def _names_none(context: Context, layer: Layer, missing: int) -> bool:
    """Whether every figure of a document is without a source, and none is listed."""
    raked = _raked(layer)
    drawn = sum(
        declared.origin is layer.origin and declared.document.distribution is not None and name not in raked
        for name, declared in context.declared.items()
    )
    tables = 0 if layer.document.marginals is None else len(layer.document.marginals.targets)
    return not layer.document.sources and missing == drawn + tables + len(layer.document.expect)


RULE = Rule(CODE, check)
