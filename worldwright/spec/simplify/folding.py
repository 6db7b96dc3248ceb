"""Expressions made simpler, step by step, with the same value to the bit wherever there was one.

Only steps that are exact in floating point are taken: `exp`, `log`, `//` and `%` are left to the sampler,
whose own functions they are. The sign of a zero may change; the sampler stores no negative zeros.
"""

from __future__ import annotations

import math
from dataclasses import replace

from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.canonical import form
from worldwright.spec.expressions.nodes import Expression

_NEUTRAL_RIGHT = {"+": 0.0, "-": 0.0, "*": 1.0, "/": 1.0}
_NEUTRAL_LEFT = {"+": 0.0, "*": 1.0}


def simpler(node: Expression) -> Expression:
    """The expression with everything folded that can be."""
    match node:
        case nodes.Negate(operand):
            inner = simpler(operand)
            return (
                _number(-inner.value, node)
                if isinstance(inner, nodes.Number)
                else replace(node, operand=inner)
            )
        case nodes.Not(operand):
            return _negated(simpler(operand), node)
        case nodes.Arithmetic(_, left, right):
            return _arithmetic(replace(node, left=simpler(left), right=simpler(right)))
        case nodes.Compare(_, left, right):
            return _comparison(replace(node, left=simpler(left), right=simpler(right)))
        case nodes.And(left, right):
            return _joined(replace(node, left=simpler(left), right=simpler(right)), True)
        case nodes.Or(left, right):
            return _among(_joined(replace(node, left=simpler(left), right=simpler(right)), False))
        case nodes.IfElse(condition, then, otherwise):
            return _choice(simpler(condition), simpler(then), simpler(otherwise), node)
        case nodes.Call(_, arguments):
            return _call(replace(node, arguments=tuple(map(simpler, arguments))))
        case _:
            return node


def _number(value: float, node: Expression) -> Expression:
    return nodes.Number(value, node.span) if math.isfinite(value) else node


def _negated(inner: Expression, node: nodes.Not) -> Expression:
    match inner:
        case nodes.Boolean(value):
            return nodes.Boolean(not value, node.span)
        case nodes.Not(operand):
            return operand
        case nodes.In() | nodes.IsKnown():
            return replace(inner, negated=not inner.negated)
        case _:
            return replace(node, operand=inner)


def _arithmetic(node: nodes.Arithmetic) -> Expression:
    left, right = node.left, node.right
    match left, right:
        case nodes.Number(a), nodes.Number(b):
            match node.operator:
                case "+":
                    return _number(a + b, node)
                case "-":
                    return _number(a - b, node)
                case "*":
                    return _number(a * b, node)
                case "/" if b != 0:
                    return _number(a / b, node)
                case _:
                    return node
        case _, nodes.Number(b) if _NEUTRAL_RIGHT.get(node.operator) == b:
            return left
        case nodes.Number(a), _ if _NEUTRAL_LEFT.get(node.operator) == a:
            return right
        case _:
            return node


def _comparison(node: nodes.Compare) -> Expression:
    match node.left, node.right:
        case nodes.Number(a), nodes.Number(b):
            found = {"==": a == b, "!=": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}
            return nodes.Boolean(found[node.operator], node.span)
        case _, nodes.Boolean(value) if node.operator in ("==", "!="):
            same = value is (node.operator == "==")
            return node.left if same else _negated(node.left, nodes.Not(node.left, node.span))
        case _:
            return node


def _joined(node: nodes.And | nodes.Or, neutral: bool) -> Expression:
    for side, other in ((node.left, node.right), (node.right, node.left)):
        if isinstance(side, nodes.Boolean):
            return other if side.value is neutral else nodes.Boolean(not neutral, node.span)
    return node.left if form(node.left) == form(node.right) else node


def _among(node: Expression) -> Expression:
    """`x == 'a' or x == 'b'` as `x in ['a', 'b']`."""
    if not isinstance(node, nodes.Or):
        return node
    first, second = _options(node.left), _options(node.right)
    if first is None or second is None or form(first[0]) != form(second[0]):
        return node
    options = {repr(form(option)): option for option in (*first[1], *second[1])}
    return nodes.In(first[0], tuple(options.values()), False, node.span)


def _options(node: Expression) -> tuple[Expression, tuple[nodes.Literal, ...]] | None:
    match node:
        case nodes.Compare("==", nodes.Name() as name, nodes.Label() as label):
            return name, (label,)
        case nodes.In(nodes.Name() as name, options, False) if all(
            isinstance(o, nodes.Label) for o in options
        ):
            return name, options
        case _:
            return None


def _choice(condition: Expression, then: Expression, otherwise: Expression, node: Expression) -> Expression:
    if isinstance(condition, nodes.Boolean):
        return then if condition.value else otherwise
    if form(then) == form(otherwise):
        return then
    if isinstance(condition, nodes.Not):
        return _choice(condition.operand, otherwise, then, node)
    return nodes.IfElse(condition, then, otherwise, node.span)


def _call(node: nodes.Call) -> Expression:
    values = [part.value for part in node.arguments if isinstance(part, nodes.Number)]
    if len(values) < len(node.arguments):
        return node
    match node.function:
        case "min":
            return _number(min(values), node)
        case "max":
            return _number(max(values), node)
        case "abs":
            return _number(abs(values[0]), node)
        case "clip":
            return _number(min(max(values[0], values[1]), values[2]), node)
        case "sqrt" if values[0] >= 0:
            return _number(math.sqrt(values[0]), node)
        case "round" if abs(values[0]) < 2**52:
            return _number(float(round(values[0])), node)
        case "floor" if abs(values[0]) < 2**52:
            return _number(float(math.floor(values[0])), node)
        case "ceil" if abs(values[0]) < 2**52:
            return _number(float(math.ceil(values[0])), node)
        case _:
            return node
