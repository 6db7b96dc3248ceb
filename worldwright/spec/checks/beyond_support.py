"""WW0321: bounds lie where the distribution has values."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import drawn
from worldwright.spec.expressions.canonical import number
from worldwright.spec.expressions.reasoning import constant

CODE = Code(
    "WW0321",
    "beyond-support",
    Severity.WARNING,
    "min and max cut a distribution and do not stretch it; a bound beyond its values does nothing.",
    bad=drawn("float", "{beta: {alpha: 2, beta: 5, max: 100}}"),
    good=drawn("float", "{beta: {alpha: 2, beta: 5, max: .9}}"),
)
_LOWEST = {"beta": 0.0, "lognormal": 0.0, "gamma": 0.0, "exponential": 0.0, "poisson": 0.0, "binomial": 0.0}


def check(context: Context) -> Iterator[Diagnostic]:
    """Constant bounds below the least or above the greatest value of the family."""
    for attribute, law in context.laws():
        if law.family not in _LOWEST:
            continue
        least = _LOWEST[law.family]
        greatest = 1.0 if law.family == "beta" else constant(law.parameters.get("n"))
        low, high = constant(law.minimum), constant(law.maximum)
        if law.minimum is not None and low is not None and low < least:
            message = (
                f"`{attribute.name}` is never below {number(least)}, so its min of {number(low)} does nothing"
            )
            yield CODE.at(law.minimum.span, message)
        if law.maximum is not None and high is not None and greatest is not None and high > greatest:
            top = number(greatest)
            message = f"`{attribute.name}` is never above {top}, so its max of {number(high)} does nothing"
            help = (
                "for a stretched beta, draw it and multiply it in a formula" if law.family == "beta" else None
            )
            yield CODE.at(law.maximum.span, message, help=help)


RULE = Rule(CODE, check)
