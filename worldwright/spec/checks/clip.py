"""WW0310: `clip` bounds numbers, and its lower bound is below its upper."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import drawn
from worldwright.spec.population import AttributeType

CODE = Code(
    "WW0310",
    "clip",
    Severity.ERROR,
    "Clipping moves a number to the nearest bound.",
    bad=drawn("float", "{normal: {mean: 3, sd: 1}}", "clip: {min: 5, max: 0}"),
    good=drawn("float", "{normal: {mean: 3, sd: 1}}", "clip: {min: 0, max: 5}"),
)
_NUMBERS = (AttributeType.INT, AttributeType.FLOAT)


def check(context: Context) -> Iterator[Diagnostic]:
    """Every `clip`."""
    for attribute in context.population.attributes:
        low, high = attribute.clip
        if context.declared[attribute.name].document.clip is None:
            continue
        span = context.span(attribute.name, "clip")
        if attribute.type not in _NUMBERS:
            yield CODE.at(span, f"`{attribute.name}` is {attribute.type}, and only numbers can be clipped")
        elif low is None and high is None:
            yield CODE.at(span, f"the clip of `{attribute.name}` has neither min nor max")
        elif low is not None and high is not None and low >= high:
            yield CODE.at(span, f"the clip of `{attribute.name}` has a min that is not below its max")


RULE = Rule(CODE, check)
