"""WW0303: the lower end of a range lies below its upper end."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import drawn
from worldwright.spec.expressions.reasoning import range_of

CODE = Code(
    "WW0303",
    "empty-range",
    Severity.ERROR,
    "Nothing lies between the two ends, so nothing can be drawn.",
    bad=drawn("float", "{uniform: {min: 80, max: 18}}"),
    good=drawn("float", "{uniform: {min: 18, max: 80}}"),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Ranges that are empty for every agent."""
    for attribute, law in context.laws():
        low = law.minimum or law.parameters.get("min")
        high = law.maximum or law.parameters.get("max")
        if low is None or high is None:
            continue
        if range_of(low, context.reach).low >= range_of(high, context.reach).high:
            message = f"the min of `{attribute.name}` is never below its max"
            related = ((low.span, "the min is given here"),)
            yield CODE.at(high.span, message, help="exchange them, or correct one", related=related)


RULE = Rule(CODE, check)
