"""Python's operators and functions on values that may depend on the agent."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

from worldwright.diagnostics import Span
from worldwright.spec.entropy.values import (
    ByOption,
    Either,
    Items,
    Known,
    Numeric,
    PythonError,
    Truth,
    Untranslatable,
    Value,
    any_of,
    as_number,
    as_truth,
    both,
    chosen,
    negated,
)
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression

_LONGEST = 10_000
_ARITHMETIC: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.FloorDiv: ("//", operator.floordiv),
    ast.Mod: ("%", operator.mod),
}
_COMPARISONS: dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], bool]]] = {
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
    ast.Is: ("==", operator.eq),
    ast.IsNot: ("!=", operator.ne),
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
}
_METHODS = frozenset({"lower", "upper", "title", "capitalize", "strip", "startswith", "endswith"})


def arithmetic(kind: type[ast.operator], left: Value, right: Value, span: Span) -> Value:
    """`left kind right`."""
    if kind is ast.Pow:
        return _power(left, right, span)
    if kind not in _ARITHMETIC:
        raise PythonError("there is no such operator on numbers")
    sign, apply = _ARITHMETIC[kind]
    folded = _elementwise(lambda a, b: _computed(apply, a, b), left, right)
    if folded is not None:
        return folded
    return Numeric(nodes.Arithmetic(sign, as_number(left, span), as_number(right, span), span))


def _computed(apply: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    for side in (left, right):
        if not isinstance(side, (bool, int, float)) and not (isinstance(side, str) and apply is operator.add):
            raise PythonError("it computes with something that is not a number")
    try:
        found = apply(left, right)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise PythonError(f"Python says: {error}") from None
    if isinstance(found, str):
        return found[:_LONGEST]
    return _finite(found)


def _finite(value: Any) -> Any:
    try:
        finite = math.isfinite(value)
    except OverflowError:
        finite = False
    if not finite:
        raise PythonError("the number is too large")
    return value


def _power(left: Value, right: Value, span: Span) -> Value:
    if not isinstance(right, Known) or not isinstance(right.value, (int, float)):
        raise Untranslatable("a power needs an exponent that is a plain number")
    if isinstance(left, Known) and isinstance(left.value, (int, float)) and abs(right.value) <= 64:
        try:
            return Known(_finite(float(left.value) ** float(right.value)))
        except (ArithmeticError, TypeError) as error:
            raise PythonError(f"Python says: {error}") from None
    base, exponent = as_number(left, span), float(right.value)
    if exponent == 0.5:
        return Numeric(nodes.Call("sqrt", (base,), span))
    if exponent not in (1.0, 2.0, 3.0, 4.0):
        raise Untranslatable(f"there is no power with exponent {exponent:g}")
    product = base
    for _ in range(int(exponent) - 1):
        product = nodes.Arithmetic("*", product, base, span)
    return Numeric(product)


def compare(kind: type[ast.cmpop], left: Value, right: Value, span: Span) -> Value:
    """`left kind right`, with `in` among the kinds."""
    if kind is ast.In:
        return contained(left, right, span)
    if kind is ast.NotIn:
        return Truth(negated(as_truth(contained(left, right, span), span), span))
    sign, apply = _COMPARISONS[kind]
    for value, other, swapped in ((left, right, False), (right, left, True)):
        if isinstance(value, Either):
            pairs = [
                (part, other) if not swapped else (other, part) for part in (value.then, value.otherwise)
            ]
            then, otherwise = (as_truth(compare(kind, a, b, span), span) for a, b in pairs)
            return Truth(chosen(value.condition, then, otherwise, span))
    folded = _elementwise(lambda a, b: _compared(apply, sign, a, b), left, right)
    if folded is not None:
        return folded
    if isinstance(left, ByOption) and isinstance(right, ByOption):
        return _two_attributes(sign, left, right, span)
    if _is_text(left) or _is_text(right):
        return _never_equal(sign)
    if isinstance(left, Truth) or isinstance(right, Truth):
        same = _truths(sign, left, right, span)
        if same is not None:
            return same
    return Truth(nodes.Compare(sign, as_number(left, span), as_number(right, span), span))


def _compared(apply: Callable[[Any, Any], bool], sign: str, left: Any, right: Any) -> bool:
    try:
        return bool(apply(left, right))
    except TypeError as error:
        raise PythonError(f"Python says: {error}") from None


def _is_text(value: Value) -> bool:
    """Whether it can equal no number and no truth."""
    match value:
        case Known(bool() | int() | float()):
            return False
        case Known() | Items():
            return True
        case ByOption(_, table):
            return all(isinstance(item, str) for item in table.values())
        case _:
            return False


def _never_equal(sign: str) -> Value:
    if sign in ("==", "!="):
        return Known(sign == "!=")
    raise PythonError(f"`{sign}` between text and a number")


def _truths(sign: str, left: Value, right: Value, span: Span) -> Value | None:
    """A truth compared with a truth, or with a number that stands for one."""
    if sign not in ("==", "!="):
        return None
    if isinstance(left, Truth) and isinstance(right, Truth):
        return Truth(nodes.Compare(sign, left.node, right.node, span))
    truth, other = (left, right) if isinstance(left, Truth) else (right, left)
    if not isinstance(truth, Truth) or not isinstance(other, Known):
        return None
    if other.value not in (0, 1):
        return Known(sign == "!=")
    return truth if bool(other.value) == (sign == "==") else Truth(negated(truth.node, span))


def _two_attributes(sign: str, left: ByOption, right: ByOption, span: Span) -> Value:
    if sign not in ("==", "!="):
        raise Untranslatable(f"`{sign}` between two categorical attributes")
    equal: Expression = nodes.Boolean(False, span)
    for value in dict.fromkeys(left.table.values()):
        if value in right.table.values():
            first = compare(ast.Eq, left, Known(value), span)
            second = compare(ast.Eq, right, Known(value), span)
            pair = both(as_truth(first, span), as_truth(second, span), span)
            equal = any_of(equal, pair, span)
    return Truth(equal if sign == "==" else negated(equal, span))


def contained(needle: Value, container: Value, span: Span) -> Value:
    """`needle in container`."""
    if isinstance(container, Known) and isinstance(container.value, (list, tuple, dict)):
        container = Items(tuple(Known(item) for item in container.value))
    if isinstance(needle, Either):
        then, otherwise = (
            as_truth(contained(part, container, span), span) for part in (needle.then, needle.otherwise)
        )
        return Truth(chosen(needle.condition, then, otherwise, span))
    if isinstance(container, Items):
        return _among(needle, container.items, span)
    folded = _elementwise(_substring, needle, container)
    if folded is None:
        raise PythonError("`in` looks into something that holds nothing")
    return folded


def _substring(needle: Any, text: Any) -> bool:
    if not isinstance(text, str) or not isinstance(needle, str):
        raise PythonError("`in` looks for text in text, or for anything in a list")
    return needle in text


def _among(needle: Value, items: tuple[Value, ...], span: Span) -> Value:
    known = [item.value for item in items if isinstance(item, Known)]
    if len(known) == len(items):
        match needle:
            case Known(value):
                return Known(value in known)
            case ByOption(name, table):
                return ByOption(name, {option: value in known for option, value in table.items()})
            case Numeric(node):
                numbers = dict.fromkeys(float(v) for v in known if isinstance(v, (bool, int, float)))
                if not numbers:
                    return Known(False)
                options = tuple(nodes.Number(value, span) for value in numbers)
                return Truth(nodes.In(node, options, False, span))
            case _:
                pass
    return _any([compare(ast.Eq, needle, item, span) for item in items], span)


def _any(values: list[Value], span: Span) -> Value:
    found: Expression = nodes.Boolean(False, span)
    for value in values:
        found = any_of(found, as_truth(value, span), span)
    return Known(found.value) if isinstance(found, nodes.Boolean) else Truth(found)


def call_method(value: Value, method: str, arguments: list[Value], span: Span) -> Value:
    """`value.method(arguments)`: methods of text that change nothing else, and `get` of a dictionary."""
    plain = [argument.value for argument in arguments if isinstance(argument, Known)]
    if method == "get" and isinstance(value, Known) and isinstance(value.value, dict):
        return _looked_up(value.value, arguments, plain)
    if method not in _METHODS or len(plain) != len(arguments):
        raise Untranslatable(f"the method `.{method}` has no counterpart")
    return _mapped(lambda text: _on_text(text, method, plain), value)


def _on_text(text: Any, method: str, arguments: list[Any]) -> Any:
    if not isinstance(text, str) or not all(isinstance(argument, str) for argument in arguments):
        raise PythonError(f"`.{method}` is a method of text")
    try:
        found: Any = getattr(text, method)(*arguments)
    except (TypeError, ValueError) as error:
        raise PythonError(f"Python says: {error}") from None
    return found[:_LONGEST] if isinstance(found, str) else found


def _looked_up(table: dict[Any, Any], arguments: list[Value], plain: list[Any]) -> Value:
    if not 1 <= len(arguments) <= 2 or (len(arguments) == 2 and not isinstance(arguments[1], Known)):
        raise Untranslatable("`.get` needs a key, and a plain value where there is none")
    fallback = plain[-1] if len(arguments) == 2 else None
    return _mapped(lambda key: table.get(key, fallback), arguments[0])


def subscript(value: Value, index: Value) -> Value:
    """`value[index]`."""
    if not isinstance(value, Known):
        raise Untranslatable("a part is taken of something that depends on the agent")

    def part(key: Any) -> Any:
        try:
            return value.value[key]
        except (LookupError, TypeError) as error:
            raise PythonError(f"there is no item {key!r}") from error

    return _mapped(part, index)


def _mapped(function: Callable[[Any], Any], value: Value) -> Value:
    match value:
        case Known(plain):
            return Known(function(plain))
        case ByOption(name, table):
            return ByOption(name, {option: function(item) for option, item in table.items()})
        case _:
            raise Untranslatable("this is known for options of one categorical attribute only")


def _elementwise(function: Callable[[Any, Any], Any], left: Value, right: Value) -> Value | None:
    """The result where both sides are known, or depend on the same categorical attribute alone."""
    match left, right:
        case Known(a), Known(b):
            return Known(function(a, b))
        case ByOption(name, table), Known(b):
            return ByOption(name, {option: function(a, b) for option, a in table.items()})
        case Known(a), ByOption(name, table):
            return ByOption(name, {option: function(a, b) for option, b in table.items()})
        case ByOption(name, first), ByOption(other, second) if name == other:
            return ByOption(name, {option: function(first[option], second[option]) for option in first})
        case _:
            return None
