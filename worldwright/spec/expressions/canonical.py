"""Expressions as plain data and as text: for digests, comparison and messages.

Takes trees; spans and spelling do not enter.
"""

from __future__ import annotations

import datetime
import math
from typing import Any

from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression

_EPOCH = datetime.date(1970, 1, 1)


def form(node: Expression) -> list[Any]:
    """The tree as nested lists; equal for trees that mean the same by the same steps."""
    match node:
        case nodes.Number(value):
            return ["number", value + 0.0]
        case nodes.Boolean(value):
            return ["boolean", value]
        case nodes.Label(value):
            return ["label", value]
        case nodes.Date(days):
            return ["date", days]
        case nodes.Name(name):
            return ["name", name]
        case nodes.Negate(operand):
            return ["negate", form(operand)]
        case nodes.Not(operand):
            return ["not", form(operand)]
        case nodes.And(left, right):
            return ["and", form(left), form(right)]
        case nodes.Or(left, right):
            return ["or", form(left), form(right)]
        case nodes.Arithmetic(operator, left, right) | nodes.Compare(operator, left, right):
            return [operator, form(left), form(right)]
        case nodes.In(operand, options, negated):
            return ["not in" if negated else "in", form(operand), [form(option) for option in options]]
        case nodes.IfElse(condition, then, otherwise):
            return ["if", form(condition), form(then), form(otherwise)]
        case nodes.IsKnown(name, negated):
            return ["is not known" if negated else "is known", name.name]
        case nodes.Call(function, arguments):
            return [function, *(form(argument) for argument in arguments)]


_LEVELS = {"+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6}
_SIGN = 7
_ATOM = 8


def text(node: Expression) -> str:
    """The expression in its usual spelling, with as few brackets as it needs."""
    return _write(node)[0]


def number(value: float) -> str:
    """A number as a person would write it: `47`, `0.34`, `1e+30`."""
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


def _write(node: Expression) -> tuple[str, int]:
    match node:
        case nodes.Number(value):
            return number(value), _SIGN if value < 0 else _ATOM
        case nodes.Boolean(value):
            return ("true" if value else "false"), _ATOM
        case nodes.Label(value):
            return "'" + value.replace("'", "''") + "'", _ATOM
        case nodes.Date(days):
            return f"date('{_EPOCH + datetime.timedelta(days=days)}')", _ATOM
        case nodes.Name(name):
            return name, _ATOM
        case nodes.Negate(operand):
            return f"-{_at(operand, _SIGN)}", _SIGN
        case nodes.Not(operand):
            return f"not {_at(operand, 3)}", 3
        case nodes.And(left, right):
            return f"{_at(left, 2)} and {_at(right, 3)}", 2
        case nodes.Or(left, right):
            return f"{_at(left, 1)} or {_at(right, 2)}", 1
        case nodes.Arithmetic(operator, left, right):
            level = _LEVELS[operator]
            return f"{_at(left, level)} {operator} {_at(right, level + 1)}", level
        case nodes.Compare(operator, left, right):
            return f"{_at(left, 5)} {operator} {_at(right, 5)}", 4
        case nodes.In(operand, options, negated):
            listed = ", ".join(text(option) for option in options)
            return f"{_at(operand, 5)} {'not in' if negated else 'in'} [{listed}]", 4
        case nodes.IfElse(condition, then, otherwise):
            return f"{_at(then, 1)} if {_at(condition, 1)} else {_at(otherwise, 0)}", 0
        case nodes.IsKnown(name, negated):
            return f"{name.name} is {'not ' if negated else ''}known", 4
        case nodes.Call(function, arguments):
            return f"{function}({', '.join(text(argument) for argument in arguments)})", _ATOM


def _at(node: Expression, level: int) -> str:
    written, own = _write(node)
    return f"({written})" if own < level else written
