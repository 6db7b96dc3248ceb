"""Expressions for one agent: a plain walk over the tree, with None for what is unknown.

Numbers are floats (NaN where unknown), dates their days, labels texts. `and`, `or` and `not` follow Kleene.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from worldwright.population import arrays
from worldwright.population.explanation import scalars
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.population import Attribute, AttributeType

State = float | bool | str | None
"""A value while it is computed: a number (days of a date), a truth, a label; None where it is null."""
Values = Mapping[str, State]
Scope = Mapping[str, Attribute]


def number(node: Expression, values: Values, scope: Scope) -> float:
    """The value of an expression that is a number or a date; NaN where it is unknown."""
    match node:
        case nodes.Number():
            return float(node.value)
        case nodes.Date():
            return float(node.days)
        case nodes.Name():
            value = values[node.name]
            return math.nan if value is None else float(value)
        case nodes.Negate():
            return -number(node.operand, values, scope)
        case nodes.Arithmetic():
            return _arithmetic(
                node.operator, number(node.left, values, scope), number(node.right, values, scope)
            )
        case nodes.Call():
            return _called(node.function, [number(part, values, scope) for part in node.arguments])
        case nodes.IfElse():
            test = truth(node.condition, values, scope)
            return math.nan if test is None else number(node.then if test else node.otherwise, values, scope)
        case _:
            raise TypeError(f"no number: {node}")


def truth(node: Expression, values: Values, scope: Scope) -> bool | None:
    """The value of a condition; None where it is undecided."""
    match node:
        case nodes.Boolean():
            return node.value
        case nodes.Name():
            value = values[node.name]
            return None if value is None else bool(value)
        case nodes.Not():
            value = truth(node.operand, values, scope)
            return None if value is None else not value
        case nodes.And() | nodes.Or():
            decisive = isinstance(node, nodes.Or)
            both = truth(node.left, values, scope), truth(node.right, values, scope)
            return decisive if decisive in both else None if None in both else not decisive
        case nodes.Compare():
            return _compared(node, values, scope)
        case nodes.In():
            return _among(node, values, scope)
        case nodes.IsKnown():
            return (values[node.name.name] is not None) != node.negated
        case nodes.IfElse():
            test = truth(node.condition, values, scope)
            return None if test is None else truth(node.then if test else node.otherwise, values, scope)
        case _:
            raise TypeError(f"no condition: {node}")


def label(node: Expression, values: Values, scope: Scope) -> str | None:
    """The value of an expression that is a label; None where it is unknown."""
    match node:
        case nodes.Label():
            return node.value
        case nodes.Name():
            value = values[node.name]
            return None if value is None else str(value)
        case nodes.IfElse():
            test = truth(node.condition, values, scope)
            return None if test is None else label(node.then if test else node.otherwise, values, scope)
        case _:
            raise TypeError(f"no label: {node}")


def is_label(node: Expression, scope: Scope) -> bool:
    """Whether an expression's value is a label."""
    match node:
        case nodes.Label():
            return True
        case nodes.Name():
            return scope[node.name].type is AttributeType.CATEGORICAL
        case nodes.IfElse():
            return is_label(node.then, scope) and is_label(node.otherwise, scope)
        case _:
            return False


def is_truth(node: Expression, scope: Scope) -> bool:
    """Whether an expression's value is true or false."""
    match node:
        case nodes.Name():
            return scope[node.name].type is AttributeType.BOOLEAN
        case nodes.IfElse():
            return is_truth(node.then, scope)
        case nodes.Boolean() | nodes.Not() | nodes.And() | nodes.Or():
            return True
        case nodes.Compare() | nodes.In() | nodes.IsKnown():
            return True
        case _:
            return False


def _sound(node: Expression, scope: Scope) -> bool:
    """Whether a number is known wherever its parts are; then an infinite one is greater than any other."""
    if not nodes.names(node):
        return math.isfinite(number(node, {}, scope))
    match node:
        case nodes.Name():
            return scope[node.name].only_if is None
        case nodes.IfElse():
            return False
        case nodes.Call() if node.function in ("sqrt", "log"):
            return False
        case nodes.Arithmetic() if node.operator not in ("+", "-", "*"):
            if nodes.names(node.right) or number(node.right, {}, scope) == 0.0:
                return False
        case _:
            pass
    return all(_sound(part, scope) for part in nodes.children(node))


def _compared(node: nodes.Compare, values: Values, scope: Scope) -> bool | None:
    if is_label(node.left, scope) and is_label(node.right, scope):
        a, b = label(node.left, values, scope), label(node.right, values, scope)
        if a is None or b is None:
            return None
        if node.operator in ("==", "!="):
            return (a == b) == (node.operator == "==")
        options = _options(node.right if isinstance(node.left, nodes.Label) else node.left, scope)
        return _ordered(node.operator, _place(a, options), _place(b, options))
    if is_truth(node.left, scope):
        first, second = truth(node.left, values, scope), truth(node.right, values, scope)
        if first is None or second is None:
            return None
        return (first == second) == (node.operator == "==")
    x, y = number(node.left, values, scope), number(node.right, values, scope)
    if not (math.isfinite(x) and math.isfinite(y)) and not (
        _sound(node.left, scope) and _sound(node.right, scope)
    ):
        return None
    return _ordered(node.operator, x, y)


def _ordered(operator: str, a: float, b: float) -> bool:
    match operator:
        case "==":
            return a == b
        case "!=":
            return a != b
        case "<":
            return a < b
        case "<=":
            return a <= b
        case ">":
            return a > b
        case _:
            return a >= b


def _options(node: Expression, scope: Scope) -> tuple[str, ...]:
    match node:
        case nodes.Name():
            return scope[node.name].options
        case nodes.Label():
            return (node.value,)
        case nodes.IfElse():
            then, otherwise = _options(node.then, scope), _options(node.otherwise, scope)
            if set(then) <= set(otherwise):
                return otherwise
            return then if set(otherwise) <= set(then) else tuple(dict.fromkeys((*then, *otherwise)))
        case _:
            raise TypeError(f"no label: {node}")


def _place(label: str, options: tuple[str, ...]) -> int:
    return options.index(label) if label in options else -2


def _among(node: nodes.In, values: Values, scope: Scope) -> bool | None:
    if is_label(node.operand, scope):
        found = label(node.operand, values, scope)
        named = [option.value for option in node.options if isinstance(option, nodes.Label)]
        return None if found is None else (found in named) != node.negated
    if is_truth(node.operand, scope):
        decided = truth(node.operand, values, scope)
        truths = [option.value for option in node.options if isinstance(option, nodes.Boolean)]
        return None if decided is None else (decided in truths) != node.negated
    value = number(node.operand, values, scope)
    if not math.isfinite(value) and not _sound(node.operand, scope):
        return None
    numbers = [float(option.days) for option in node.options if isinstance(option, nodes.Date)]
    numbers += [float(option.value) for option in node.options if isinstance(option, nodes.Number)]
    return (value in numbers) != node.negated


def _arithmetic(operator: str, a: float, b: float) -> float:
    match operator:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
        case _ if b == 0.0:
            return math.nan
        case "/":
            return a / b
        case "//":
            return a // b
        case _:
            return a % b


def _called(function: str, given: list[float]) -> float:
    x = given[0]
    match function:
        case "min" | "max":
            for other in given[1:]:
                x = _lesser(x, other) if function == "min" else _greater(x, other)
            return x
        case "clip":
            return _lesser(_greater(x, given[1]), given[2])
        case "abs":
            return abs(x)
        case "round":
            return scalars.rounded(x)
        case "floor":
            return scalars.floor(x)
        case "ceil":
            return scalars.ceil(x)
        case "sqrt":
            return scalars.root(x)
        case "exp":
            return float(arrays.exp(x))
        case _:
            return math.nan if x == 0.0 else float(arrays.log(x))


def _lesser(a: float, b: float) -> float:
    return b if b < a or b != b else a


def _greater(a: float, b: float) -> float:
    return b if b > a or b != b else a
