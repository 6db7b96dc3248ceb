"""WW0306: a binomial distribution counts successes among a whole number of trials."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import drawn
from worldwright.spec.expressions.canonical import number
from worldwright.spec.expressions.reasoning import constant, range_of

CODE = Code(
    "WW0306",
    "trials",
    Severity.ERROR,
    "Trials are counted.",
    bad=drawn("int", "{binomial: {n: 2.5, p: .5}}"),
    good=drawn("int", "{binomial: {n: 3, p: .5}}"),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Numbers of trials that are negative or not whole."""
    for attribute, law in context.laws():
        value = law.parameters.get("n")
        if law.family != "binomial" or value is None:
            continue
        known = constant(value)
        if known is not None and (known < 0 or known != int(known)):
            yield CODE.at(value.span, f"`{attribute.name}` counts successes among {number(known)} trials")
        elif range_of(value, context.reach).high < 0:
            yield CODE.at(value.span, f"the number of trials of `{attribute.name}` is never 0 or more")


RULE = Rule(CODE, check)
