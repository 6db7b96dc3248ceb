"""WW0502: correlations lie between -1 and 1, ends excluded."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import TWO
from worldwright.spec.expressions.canonical import number

CODE = Code(
    "WW0502",
    "correlation-range",
    Severity.ERROR,
    "A rank correlation is never beyond -1 and 1, and at them one attribute is a function of the other.",
    bad=TWO + "correlations:\n  - [age, height, 1.2]\n",
    good=TWO + "correlations:\n  - [age, height, .2]\n",
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Every declared correlation."""
    for pair in context.population.correlations:
        if not -1 < pair.value < 1:
            message = f"the correlation of `{pair.first}` and `{pair.second}` is {number(pair.value)}"
            help = "it lies between -1 and 1; for a function of the other use a formula"
            yield CODE.at(pair.span, message, help=help)


RULE = Rule(CODE, check)
