"""WW0314: every option can be drawn."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import drawn, modified
from worldwright.spec.expressions.reasoning import constant

CODE = Code(
    "WW0314",
    "unreachable-option",
    Severity.WARNING,
    "An option that no agent can have is probably left over, or its weight is mistyped.",
    bad=drawn("categorical", "{categorical: {a: 0, b: 1}}"),
    good=modified("categorical", "{categorical: {a: 0, b: 1}}", "when: age > 50, weights: {a: .5, b: .5}"),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Options whose weight is 0 in the distribution and in every modifier that can fire."""
    for attribute, law in context.whole_laws():
        possible = context.reach.get(attribute.name)
        if not law.weights or not isinstance(possible, frozenset):
            continue
        for option, weight in law.weights.items():
            if option not in possible and constant(weight) == 0:
                yield CODE.at(weight.span, f"no agent can have {option!r} as `{attribute.name}`")


RULE = Rule(CODE, check)
