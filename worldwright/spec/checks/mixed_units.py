"""WW0901: what is added or compared has one unit."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import BASE
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.population import Attribute

_PARTS = """  height:
    type: float
    unit: cm
    assumption: true
    distribution: {normal: {mean: 170, sd: 8}}
  sitting:
    type: float
    unit: %s
    assumption: true
    distribution: {normal: {mean: 90, sd: 4}}
  legs: {type: float, formula: height - sitting}
"""

CODE = Code(
    "WW0901",
    "mixed-units",
    Severity.WARNING,
    "Sums and comparisons of different units are numbers without meaning.",
    bad=BASE + _PARTS % "inch",
    good=BASE + _PARTS % "cm",
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Sums, differences and comparisons whose two sides both have a unit, and not the same."""
    units = {item.name: item.unit for item in context.population.attributes if item.unit is not None}
    if len(set(units.values())) < 2:
        return
    for attribute in context.population.attributes:
        for expression in _expressions(attribute):
            yield from _check(expression, units)
    for constraint in context.population.constraints:
        yield from _check(constraint.condition, units)


def _expressions(attribute: Attribute) -> Iterator[Expression]:
    law = attribute.distribution
    if law is not None:
        yield from law.expressions()
    for modifier in attribute.modifiers:
        yield modifier.when
        yield from (part for part in (modifier.multiply, modifier.add) if part is not None)
    yield from (part for part in (attribute.formula, attribute.only_if) if part is not None)


def _check(expression: Expression, units: dict[str, str]) -> Iterator[Diagnostic]:
    for node in nodes.walk(expression):
        match node:
            case nodes.Arithmetic(operator, left, right) if operator in "+-":
                what = "added" if operator == "+" else "subtracted"
            case nodes.Compare(_, left, right):
                what = "compared"
            case _:
                continue
        first, second = _unit(left, units), _unit(right, units)
        if first is not None and second is not None and first != second:
            yield CODE.at(node.span, f"{first} and {second} are {what}", help="convert one of them first")


def _unit(node: Expression, units: dict[str, str]) -> str | None:
    """The unit of an expression, where it is surely known; plain numbers have any."""
    match node:
        case nodes.Name(name):
            return units.get(name)
        case nodes.Negate(operand):
            return _unit(operand, units)
        case nodes.Arithmetic(operator, left, right) if operator in "+-":
            return _unit(left, units) or _unit(right, units)
        case nodes.IfElse(_, then, otherwise):
            return _unit(then, units) or _unit(otherwise, units)
        case nodes.Call(function, arguments) if function in (
            "min",
            "max",
            "abs",
            "round",
            "floor",
            "ceil",
            "clip",
        ):
            return next((unit for part in arguments if (unit := _unit(part, units)) is not None), None)
        case _:
            return None


RULE = Rule(CODE, check)
