"""WW0311: weights, scales and odds are not negative."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import drawn
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.expressions.reasoning import range_of

CODE = Code(
    "WW0311",
    "negative-weight",
    Severity.ERROR,
    "There is no probability below 0.",
    bad=drawn("categorical", "{categorical: {a: -.3, b: 1.3}}"),
    good=drawn("categorical", "{categorical: {a: .3, b: .7}}"),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Weights, and factors on weights and odds, that are below 0 for every agent."""
    for attribute in context.population.attributes:
        law = attribute.distribution
        laws = [] if law is None else [part.law for part in law.components] or [law]
        found: list[tuple[str, Expression]] = [
            (f"weight of {o!r}", w) for law in laws for o, w in law.weights.items()
        ]
        for modifier in attribute.modifiers:
            found += [(f"weight of {o!r}", w) for o, w in (modifier.weights or {}).items()]
            found += [(f"scale of {o!r}", w) for o, w in (modifier.scale or {}).items()]
            if modifier.scale_odds is not None:
                found.append(("scale of the odds", modifier.scale_odds))
        for what, value in found:
            if range_of(value, context.reach).high < 0:
                yield CODE.at(value.span, f"the {what} in `{attribute.name}` is negative")


RULE = Rule(CODE, check)
