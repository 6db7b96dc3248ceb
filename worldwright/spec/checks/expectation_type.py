"""WW0603: an expected statistic is one that its attribute has."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import BASE
from worldwright.spec.population import Attribute, AttributeType

CODE = Code(
    "WW0603",
    "expectation-type",
    Severity.ERROR,
    "Means and deviations are those of numbers, correlations those of values with an order.",
    bad=BASE + "expect:\n  - {mean: rank, is: 1, within: .1, assumption: true}\n",
    good=BASE + "expect:\n  - {share: rank == 'chief', is: .4, within: .1, assumption: true}\n",
)
_NUMBERS = (AttributeType.INT, AttributeType.FLOAT)


def check(context: Context) -> Iterator[Diagnostic]:
    """Every expectation about attributes."""
    for expectation in context.population.expectations:
        for name in expectation.of:
            attribute = context.attributes[name]
            if _has(attribute, expectation.statistic):
                continue
            message = f"`{name}` is {attribute.type}, which has no {expectation.statistic}"
            help = None
            if attribute.type is AttributeType.BOOLEAN:
                help = f"write share: {name}"
            elif attribute.type is AttributeType.CATEGORICAL and attribute.options:
                help = f"write share: {name} == '{attribute.options[0]}'"
            yield CODE.at(expectation.span, message, help=help)


def _has(attribute: Attribute, statistic: str) -> bool:
    if attribute.type in _NUMBERS:
        return True
    if statistic != "correlation":
        return False
    return attribute.type in (AttributeType.BOOLEAN, AttributeType.DATE) or attribute.ordered


RULE = Rule(CODE, check)
