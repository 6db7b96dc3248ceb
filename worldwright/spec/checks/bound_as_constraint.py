"""WW0515: a bound on one attribute is written as its bound."""

from __future__ import annotations

import math
from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import TWO
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.canonical import number, text
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.expressions.reasoning import constant
from worldwright.spec.population import AttributeType, Constraint

_WEIGHT = (
    TWO
    + """  weight:
    type: float
    assumption: true
    distribution:
      normal:
        mean: height - 100
        sd: 9
"""
)
CODE = Code(
    "WW0515",
    "bound-as-constraint",
    Severity.NOTE,
    "A bound cuts the distribution once; a constraint draws again and again, and fails where it is far off.",
    bad=_WEIGHT + "constraints:\n  - weight <= height\n",
    good=_WEIGHT + "        max: height\n",
)
_TRUNCATED = frozenset({"normal", "lognormal", "beta", "gamma", "exponential"})
_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def check(context: Context) -> Iterator[Diagnostic]:
    """Constraints that compare what they redraw with something else, where that side has no bound yet."""
    for constraint in context.population.constraints:
        condition = constraint.condition
        if not isinstance(condition, nodes.Compare) or condition.operator not in _MIRROR:
            continue
        for side, other, operator in (
            (condition.left, condition.right, condition.operator),
            (condition.right, condition.left, _MIRROR[condition.operator]),
        ):
            if isinstance(side, nodes.Name) and side.name not in nodes.names(other):
                yield from _unbounded(context, constraint, side.name, operator, other)


def _unbounded(
    context: Context, constraint: Constraint, name: str, operator: str, other: Expression
) -> Iterator[Diagnostic]:
    attribute = context.attributes.get(name)
    law = attribute.distribution if attribute is not None else None
    if attribute is None or law is None or constraint.owners != (name,) or law.family not in _TRUNCATED:
        return
    if attribute.modifiers or attribute.clip != (None, None):
        return  # a bound acts before these, and the constraint after them
    key, end = ("max", law.maximum) if operator in ("<", "<=") else ("min", law.minimum)
    if end is None:
        message = f"`{name}` is drawn again until {text(constraint.condition)} holds"
        end = text(other)
        if attribute.type is AttributeType.INT and operator in "<>":
            end = _next_whole(other, operator)
        yield CODE.at(constraint.span, message, help=f"write it as a bound: `{key}: {end}`")


def _next_whole(other: Expression, operator: str) -> str:
    """The last whole number below, or the first above, since a bound is among what is drawn."""
    value = constant(other)
    if value is not None:
        return number(math.ceil(value) - 1 if operator == "<" else math.floor(value) + 1)
    return f"ceil({text(other)}) - 1" if operator == "<" else f"floor({text(other)}) + 1"


RULE = Rule(CODE, check)
