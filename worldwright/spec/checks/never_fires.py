"""WW0402: the condition of a modifier can hold."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import modified
from worldwright.spec.expressions.canonical import text
from worldwright.spec.reach import outcomes

CODE = Code(
    "WW0402",
    "never-fires",
    Severity.WARNING,
    "A condition that no agent meets is probably written against another range or another unit.",
    bad=modified("boolean", "{boolean: .2}", "when: age > 90, probability: .5"),
    good=modified("boolean", "{boolean: .2}", "when: age > 60, probability: .5"),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Modifiers, and conditions of attributes, that no agent can meet."""
    for attribute in context.population.attributes:
        for modifier in attribute.modifiers:
            if True not in outcomes(modifier.when, context.reach):
                message = (
                    f"this modifier of `{attribute.name}` never applies: {text(modifier.when)} cannot hold"
                )
                yield CODE.at(modifier.when.span, message)
        unread = attribute.only_if is not None and attribute.only_if.span == attribute.span
        if unread:
            continue  # it stands for a condition that could not be read, which has been told
        if attribute.only_if is not None and True not in outcomes(attribute.only_if, context.reach):
            message = f"`{attribute.name}` never has a value: {text(attribute.only_if)} cannot hold"
            yield CODE.at(attribute.only_if.span, message)


RULE = Rule(CODE, check)
