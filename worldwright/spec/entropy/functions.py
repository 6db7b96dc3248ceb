"""The functions those projects let an expression call, such as abs, min, max, round, int, str and len."""

from __future__ import annotations

import math
from typing import Any

from worldwright.diagnostics import Span
from worldwright.spec.entropy.values import (
    ByOption,
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
    number,
)
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression


def call(name: str, arguments: list[Value], whole: frozenset[str], span: Span) -> Value:
    """`name(arguments)`; `whole` names the attributes that are whole numbers."""
    if all(isinstance(argument, Known) for argument in arguments):
        return Known(_plain(name, [argument.value for argument in arguments if isinstance(argument, Known)]))
    if len(arguments) == 1 and isinstance(arguments[0], ByOption):
        only = arguments[0]
        return ByOption(only.name, {option: _plain(name, [item]) for option, item in only.table.items()})
    match name, arguments:
        case (("min" | "max" | "sum" | "all" | "any" | "len"), [Items(items)]):
            return _of_list(name, list(items), span)
        case (("min" | "max"), [_, _, *_]):
            return _of_list(name, arguments, span)
        case (("abs" | "float"), [value]):
            node = as_number(value, span)
            return Numeric(nodes.Call("abs", (node,), span) if name == "abs" else node)
        case "bool", [value]:
            return Truth(as_truth(value, span))
        case "round", [value]:
            node = as_number(value, span)
            return Numeric(node if is_whole(node, whole) else nodes.Call("round", (node,), span))
        case "round", [value, Known(int() as digits)] if abs(digits) <= 15:
            scale = number(10.0**digits, span)
            scaled = nodes.Arithmetic("*", as_number(value, span), scale, span)
            return Numeric(nodes.Arithmetic("/", nodes.Call("round", (scaled,), span), scale, span))
        case "int", [value]:
            return Numeric(_towards_zero(as_number(value, span), whole, span))
        case _:
            raise Untranslatable(f"`{name}` of {len(arguments)} arguments has no counterpart")


def _towards_zero(node: Expression, whole: frozenset[str], span: Span) -> Expression:
    if is_whole(node, whole):
        return node
    test = nodes.Compare(">=", node, nodes.Number(0.0, span), span)
    return nodes.IfElse(test, nodes.Call("floor", (node,), span), nodes.Call("ceil", (node,), span), span)


def _of_list(name: str, items: list[Value], span: Span) -> Value:
    if name == "len":
        return Known(len(items))
    if name in ("all", "any"):
        found: Expression = nodes.Boolean(name == "all", span)
        for item in items:
            found = (both if name == "all" else any_of)(found, as_truth(item, span), span)
        return Truth(found)
    parts = [as_number(item, span) for item in items]
    if name == "sum":
        total = parts[0]
        for part in parts[1:]:
            total = nodes.Arithmetic("+", total, part, span)
        return Numeric(total)
    return Numeric(parts[0] if len(parts) == 1 else nodes.Call(name, tuple(parts), span))


def _plain(name: str, values: list[Any]) -> Any:
    """A function of plain values, as Python has it."""
    functions: dict[str, Any] = {
        "abs": abs,
        "min": min,
        "max": max,
        "round": round,
        "int": int,
        "float": float,
        "str": str,
        "len": len,
        "sum": sum,
        "all": all,
        "any": any,
        "bool": bool,
    }
    if name not in functions:
        raise PythonError(f"there is no function `{name}`")
    try:
        found = functions[name](*values)
        if isinstance(found, (int, float)) and not math.isfinite(found):
            raise PythonError("the number is too large")
    except (ArithmeticError, TypeError, ValueError) as error:
        raise PythonError(f"Python says: {error}") from None
    return found


def is_whole(node: Expression, whole: frozenset[str]) -> bool:
    """Whether a number is a whole one whatever the agent; `whole` names the attributes that are."""
    match node:
        case nodes.Number(value):
            return value == math.floor(value)
        case nodes.Name(name):
            return name in whole
        case nodes.Negate(operand):
            return is_whole(operand, whole)
        case nodes.Arithmetic("+" | "-" | "*" | "%", left, right):
            return is_whole(left, whole) and is_whole(right, whole)
        case nodes.Arithmetic("//"):
            return True
        case nodes.Call("round" | "floor" | "ceil"):
            return True
        case nodes.Call("min" | "max" | "abs", arguments):
            return all(is_whole(argument, whole) for argument in arguments)
        case nodes.IfElse(_, then, otherwise):
            return is_whole(then, whole) and is_whole(otherwise, whole)
        case _:
            return False
