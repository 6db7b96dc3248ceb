"""WW0323: a probability that is computed stays between 0 and 1."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import drawn
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.canonical import number, text
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.expressions.reasoning import Domains, narrowed, range_of
from worldwright.spec.population import Attribute

CODE = Code(
    "WW0323",
    "beyond-probability",
    Severity.WARNING,
    "The first agent for whom it is no probability stops the sampling.",
    bad=drawn("boolean", "{boolean: .02 * age}"),
    good=drawn("boolean", "{boolean: .01 * age}"),
)
_SLACK = 1e-9


def check(context: Context) -> Iterator[Diagnostic]:
    """Probabilities that read one attribute once, so that every value of their range occurs."""
    for attribute, law in context.whole_laws():
        value = law.parameters.get("p")
        if value is not None and not law.components:
            yield from _told(attribute, value, None, context)
        for modifier in attribute.modifiers:
            if modifier.probability is not None:
                yield from _told(attribute, modifier.probability, modifier.when, context)


def _told(
    attribute: Attribute, value: Expression, when: Expression | None, context: Context
) -> Iterator[Diagnostic]:
    parts = list(nodes.walk(value))
    if sum(isinstance(part, nodes.Name) for part in parts) != 1:
        return
    if any(isinstance(part, (nodes.IfElse, nodes.IsKnown)) for part in parts):
        return
    domains: Domains = context.reach
    for condition in (attribute.only_if, when):
        if condition is not None:
            own = narrowed(condition, domains, True)
            if own is None:
                return  # nobody is there
            domains = {**domains, **own}
    found = range_of(value, domains)
    if found.high < 0 or found.low > 1:
        return  # never one, which is an error
    if found.low < -_SLACK or found.high > 1 + _SLACK:
        ends = f"{number(float(f'{found.low:.4g}'))} to {number(float(f'{found.high:.4g}'))}"
        message = f"the probability {text(value)} of `{attribute.name}` goes from {ends}"
        yield CODE.at(value.span, message, help=f"bound it: clip({text(value)}, 0, 1)")


RULE = Rule(CODE, check)
