"""WW0604: an expected figure is one that the population could have."""

from __future__ import annotations

import math
from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import BASE
from worldwright.spec.expressions.canonical import number
from worldwright.spec.expressions.intervals import ALL, Interval
from worldwright.spec.population import Expectation

CODE = Code(
    "WW0604",
    "impossible-expectation",
    Severity.ERROR,
    "What no draw can reach would fail every quality report.",
    bad=BASE + "expect:\n  - {mean: age, is: 95, within: 1, assumption: true}\n",
    good=BASE + "expect:\n  - {mean: age, is: 49, within: 1, assumption: true}\n",
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Expected figures that lie, with their tolerance, beyond what the statistic can be."""
    for expectation in context.population.expectations:
        possible = _possible(context, expectation)
        low, high = expectation.value - expectation.within, expectation.value + expectation.within
        if low > possible.high or high < possible.low:
            ends = f"{_end(possible.low)} to {_end(possible.high)}"
            subject = " and ".join(f"`{name}`" for name in expectation.of) or "the condition"
            message = f"the {expectation.statistic} of {subject} cannot be {number(expectation.value)}"
            yield CODE.at(expectation.span, message, help=f"it lies from {ends}")


def _possible(context: Context, expectation: Expectation) -> Interval:
    match expectation.statistic:
        case "share":
            return Interval(0.0, 1.0)
        case "correlation":
            return Interval(-1.0, 1.0)
        case "sd":
            own = context.reach.get(expectation.of[0])
            spread = (own.high - own.low) / 2 if isinstance(own, Interval) else math.inf
            return Interval(0.0, spread)
        case _:
            own = context.reach.get(expectation.of[0])
            return own if isinstance(own, Interval) else ALL


def _end(value: float) -> str:
    return ("-∞" if value < 0 else "∞") if math.isinf(value) else number(value)


RULE = Rule(CODE, check)
