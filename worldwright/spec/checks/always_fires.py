"""WW0403: the condition of a modifier can fail."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import modified
from worldwright.spec.expressions.canonical import text
from worldwright.spec.expressions.nodes import Boolean
from worldwright.spec.reach import outcomes

CODE = Code(
    "WW0403",
    "always-fires",
    Severity.WARNING,
    "A change that applies to everybody belongs into the distribution.",
    bad=modified("boolean", "{boolean: .2}", "when: age > 10, probability: .5"),
    good=modified("boolean", "{boolean: .2}", "when: age > 60, probability: .5"),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Modifiers whose condition every agent meets; `when: true` says so openly."""
    for attribute in context.population.attributes:
        for modifier in attribute.modifiers:
            if isinstance(modifier.when, Boolean):
                continue
            if False not in outcomes(modifier.when, context.reach):
                message = (
                    f"this modifier of `{attribute.name}` applies always: {text(modifier.when)} cannot fail"
                )
                help = "put it into the distribution, or write `when: true`"
                yield CODE.at(modifier.when.span, message, help=help)


RULE = Rule(CODE, check)
