"""WW0303: the lower end of a range lies below its upper end."""

from __future__ import annotations

import math
from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import drawn
from worldwright.spec.expressions.canonical import number
from worldwright.spec.expressions.reasoning import constant, range_of
from worldwright.spec.population import AttributeType
from worldwright.spec.reach import support

CODE = Code(
    "WW0303",
    "empty-range",
    Severity.ERROR,
    "Nothing lies between the two ends, so nothing can be drawn.",
    bad=drawn("float", "{uniform: {min: 80, max: 18}}"),
    good=drawn("float", "{uniform: {min: 18, max: 80}}"),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Ranges that are empty for every agent, by themselves or within what the family can give."""
    yield from _check_ends(context)
    yield from _check_support(context)
    yield from _check_whole(context)


def _check_ends(context: Context) -> Iterator[Diagnostic]:
    for attribute, law in context.laws():
        low = law.minimum or law.parameters.get("min")
        high = law.maximum or law.parameters.get("max")
        if low is None or high is None:
            continue
        least, greatest = range_of(low, context.reach).low, range_of(high, context.reach).high
        if least > greatest or (least == greatest and attribute.type is AttributeType.FLOAT):
            message = f"the min of `{attribute.name}` is never below its max"
            related = ((low.span, "the min is given here"),)
            yield CODE.at(high.span, message, help="exchange them, or correct one", related=related)


def _check_support(context: Context) -> Iterator[Diagnostic]:
    for attribute, law in context.laws():
        possible = support(law, context.reach)
        if law.maximum is not None and range_of(law.maximum, context.reach).high < possible.low:
            message = f"`{attribute.name}` is never below {number(possible.low)}, and its max is"
            yield CODE.at(law.maximum.span, message)
        if law.minimum is not None and range_of(law.minimum, context.reach).low > possible.high:
            message = f"`{attribute.name}` is never above {number(possible.high)}, and its min is"
            yield CODE.at(law.minimum.span, message)


def _check_whole(context: Context) -> Iterator[Diagnostic]:
    for attribute, law in context.laws():
        low = constant(law.minimum or law.parameters.get("min"))
        high = constant(law.maximum or law.parameters.get("max"))
        if attribute.type is not AttributeType.INT or low is None or high is None or low >= high:
            continue
        if math.ceil(low) > math.floor(high):
            message = f"no whole number lies between {number(low)} and {number(high)}"
            yield CODE.at(law.span, message)


RULE = Rule(CODE, check)
