"""WW0304: the mode of a triangular distribution lies in its range."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import drawn
from worldwright.spec.expressions.reasoning import range_of

CODE = Code(
    "WW0304",
    "mode-outside",
    Severity.ERROR,
    "The mode is the likeliest value, so it lies between min and max.",
    bad=drawn("float", "{triangular: {min: 0, mode: 12, max: 10}}"),
    good=drawn("float", "{triangular: {min: 0, mode: 2, max: 10}}"),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Modes that are outside for every agent."""
    for attribute, law in context.laws():
        mode, low, high = (law.parameters.get(name) for name in ("mode", "min", "max"))
        if law.family != "triangular" or mode is None:
            continue
        exchanged = (
            low is not None
            and high is not None
            and range_of(low, context.reach).low > range_of(high, context.reach).high
        )
        if exchanged:  # the range is the mistake
            continue
        own = range_of(mode, context.reach)
        below = low is not None and own.high < range_of(low, context.reach).low
        above = high is not None and own.low > range_of(high, context.reach).high
        if below or above:
            side = "below the min" if below else "above the max"
            yield CODE.at(mode.span, f"the mode of `{attribute.name}` lies {side}")


RULE = Rule(CODE, check)
