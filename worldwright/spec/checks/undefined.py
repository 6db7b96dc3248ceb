"""WW0307: arithmetic has a result."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import BASE
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.canonical import text
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.expressions.reasoning import range_of
from worldwright.spec.population import Attribute

CODE = Code(
    "WW0307",
    "undefined-arithmetic",
    Severity.ERROR,
    "A division by zero, a logarithm or a root without a value stops the sampling at the first agent.",
    bad=BASE + "  x: {type: float, formula: log(10 - age)}\n",
    good=BASE + "  x: {type: float, formula: log(age - 10)}\n",
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Divisors that are always 0, and arguments of log and sqrt that never have a value."""
    for attribute in context.population.attributes:
        for expression in _expressions(attribute):
            if isinstance(expression, nodes.Number):
                continue
            for node in _certain(expression):
                problem = _problem(node, context)
                if problem:
                    yield CODE.at(node.span, f"{text(node)} has no value: {problem}")


def _certain(node: Expression) -> Iterator[Expression]:
    """The parts of an expression that are computed for every agent, whatever a condition in it says."""
    yield node
    match node:
        case nodes.IfElse(condition):
            yield from _certain(condition)
        case nodes.And(left) | nodes.Or(left):
            yield from _certain(left)
        case _:
            for part in nodes.children(node):
                yield from _certain(part)


def _problem(node: Expression, context: Context) -> str | None:
    match node:
        case nodes.Arithmetic("/" | "//" | "%", _, right):
            divisor = range_of(right, context.reach)
            return f"{text(right)} is always 0" if divisor.low == divisor.high == 0 else None
        case nodes.Call("log", (argument,)) if range_of(argument, context.reach).high <= 0:
            return f"{text(argument)} is never above 0"
        case nodes.Call("sqrt", (argument,)) if range_of(argument, context.reach).high < 0:
            return f"{text(argument)} is always below 0"
        case _:
            return None


def _expressions(attribute: Attribute) -> Iterator[Expression]:
    law = attribute.distribution
    if law is not None:
        yield from law.expressions()
    for modifier in attribute.modifiers:
        parts = (modifier.when, modifier.multiply, modifier.add, modifier.probability, modifier.scale_odds)
        yield from (part for part in parts if part is not None)
        yield from (modifier.weights or {}).values()
        yield from (modifier.scale or {}).values()
    yield from (part for part in (attribute.formula, attribute.only_if) if part is not None)


RULE = Rule(CODE, check)
