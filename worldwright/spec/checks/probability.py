"""WW0305: probabilities lie between 0 and 1."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Applicability, Code, Diagnostic, Edit, Fix, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import drawn
from worldwright.spec.expressions.canonical import number
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.expressions.reasoning import constant, range_of

CODE = Code(
    "WW0305",
    "probability",
    Severity.ERROR,
    "A probability is a share of 1.",
    bad=drawn("boolean", "{boolean: 18}"),
    good=drawn("boolean", "{boolean: .18}"),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Probabilities that are never between 0 and 1."""
    for attribute, law in context.laws():
        value = law.parameters.get("p")
        if value is not None and not law.components:
            yield from _check(context, attribute.name, value)
    for attribute in context.population.attributes:
        for modifier in attribute.modifiers:
            if modifier.probability is not None:
                yield from _check(context, attribute.name, modifier.probability)


def _check(context: Context, name: str, value: Expression) -> Iterator[Diagnostic]:
    own = range_of(value, context.reach)
    if own.high >= 0 and own.low <= 1:
        return
    known = constant(value)
    if known is None:
        yield CODE.at(value.span, f"the probability of `{name}` is never between 0 and 1")
        return
    fix = None
    if 1 < known <= 100:
        share = number(round(known / 100, 12))
        fix = Fix(f"write {share}", (Edit(value.span, share),), Applicability.SUGGESTED)
    help = f"for {number(known)} percent write {number(round(known / 100, 12))}" if fix else None
    message = f"the probability of `{name}` is {number(known)}, which is not between 0 and 1"
    yield CODE.at(value.span, message, help=help, fix=fix)


RULE = Rule(CODE, check)
