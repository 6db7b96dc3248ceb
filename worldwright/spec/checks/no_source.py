"""WW0602: figures have a source, or say that they are assumed."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import BASE
from worldwright.spec.tree import find

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


def check(context: Context) -> Iterator[Diagnostic]:
    """Drawn attributes and expectations with neither."""
    for name, declared in context.declared.items():
        document = declared.document
        if document.distribution is not None and document.source is None and not document.assumption:
            yield CODE.at(declared.span, f"the figures of `{name}` have no source", help=_HELP)
    for layer in context.layers:
        for position, expectation in enumerate(layer.document.expect):
            if expectation.source is None and not expectation.assumption:
                node = find(layer.node, "expect", position)
                message = f"the expected {expectation.statistic} has no source"
                yield CODE.at(node.span if node else None, message, help=_HELP)


RULE = Rule(CODE, check)
