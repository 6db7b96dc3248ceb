"""WW1021: conditions on the spec itself (`spec_expression`), worked out on the options and weights they name.

Their tree is walked and never run. Numbers are equal within 1e-9: shares seldom sum to 1 to the last bit.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from typing import Any

from worldwright.spec.entropy.documents import Attribute
from worldwright.spec.entropy.python import parsed
from worldwright.spec.entropy.values import Untranslatable

_CLOSE = 1e-9
_LONGEST = 4000
_DEEPEST = 40
_FUNCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "sum": lambda args: math.fsum(args[0]),
    "len": lambda args: len(args[0]),
    "min": lambda args: min(args[0] if len(args) == 1 else args),
    "max": lambda args: max(args[0] if len(args) == 1 else args),
    "abs": lambda args: abs(args[0]),
    "round": lambda args: round(args[0], *args[1:]),
    "all": lambda args: all(args[0]),
    "any": lambda args: any(args[0]),
}
_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
}


def holds(text: str, attribute: Attribute) -> bool:
    """Whether a condition holds of the distribution of an attribute.

    Raises:
        Untranslatable: where it holds more than names, numbers, comparisons and functions.
    """
    if len(text) > _LONGEST:
        raise Untranslatable("it is too long")
    law = attribute.sampling.distribution
    names: dict[str, Any] = (
        {} if law is None else {k: v for k, v in law.model_dump().items() if v is not None}
    )
    try:
        return bool(_value(parsed(text.strip()), names, 0))
    except Untranslatable:
        raise
    except (SyntaxError, RecursionError, MemoryError):
        raise Untranslatable("it is not an expression") from None
    except (TypeError, ValueError, ArithmeticError, IndexError) as error:
        raise Untranslatable(f"Python would say: {error}") from None


def _value(node: ast.expr, names: Mapping[str, Any], depth: int) -> Any:
    if depth > _DEEPEST:
        raise Untranslatable("it is nested too deep")

    def part(child: ast.expr) -> Any:
        return _value(child, names, depth + 1)

    match node:
        case ast.Constant(value=bool() | int() | float() | str() as value):
            return value
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.Name(id=name):
            raise Untranslatable(f"there is no `{name}` in the distribution")
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [part(item) for item in items]
        case ast.Subscript(value=owner, slice=ast.Constant(value=int() as position)):
            return part(owner)[position]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -part(operand)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not part(operand)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _ARITHMETIC:
            return _ARITHMETIC[type(sign)](float(part(left)), float(part(right)))
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(part(item) for item in parts)
        case ast.BoolOp(values=parts):
            return any(part(item) for item in parts)
        case ast.Compare(left=left, ops=signs, comparators=others):
            values = [part(left), *(part(other) for other in others)]
            return all(map(_compared, values, signs, values[1:]))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if (
            name in _FUNCTIONS and arguments
        ):
            return _FUNCTIONS[name]([part(argument) for argument in arguments])
        case _:
            raise Untranslatable("it is written in a way that is not read")


def _compared(left: Any, sign: ast.cmpop, right: Any) -> bool:
    if isinstance(sign, (ast.In, ast.NotIn)):
        return (left in right) is isinstance(sign, ast.In)
    equal = left == right
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        equal = abs(left - right) <= _CLOSE
    match sign:
        case ast.Eq():
            return equal
        case ast.NotEq():
            return not equal
        case ast.Lt():
            return left < right and not equal
        case ast.Gt():
            return left > right and not equal
        case ast.LtE():
            return equal or left <= right
        case ast.GtE():
            return equal or left >= right
        case _:
            raise Untranslatable("it is written in a way that is not read")
