"""Remainders by zero and by infinity, and divisions by a zero that may have a sign.

Takes a script, gives places. Touches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from worldwright.world.calls import Wrong
from worldwright.world.portability.kinds import arguments, bare, function_name, operator, whole
from worldwright.world.portability.rule import Subject
from worldwright.world.syntax import bindings, text_of, walk

_GUARDS = ("if_statement", "elseif_statement", "while_statement")


def zero_divisors(script: Subject) -> Iterator[Wrong]:
    """Divisors of `%` and `math.fmod` that may be zero or infinite; divisors of `/` that may be -0."""
    constants = _constants(script.root)
    for node in walk(script.root):
        pair = _remainder(node)
        if pair is not None:
            yield from _judged(*pair, script, constants)
        elif node.type == "binary_expression" and operator(node) == "/":
            divisor = bare(node.named_children[-1])
            if _may_be_signed(divisor):
                message = f"where `{text_of(divisor)}` is zero, LuaJIT divides by -0 and Lua 5.4 by 0"
                yield divisor, message, "leave the case out with `if`, or turn the sign of the result"


def _remainder(node: Node) -> tuple[Node, Node] | None:
    if node.type == "binary_expression" and operator(node) in ("%", "//"):
        return node.named_children[0], node.named_children[-1]
    given = arguments(node) if node.type == "function_call" and function_name(node) == "math.fmod" else []
    return (given[0], given[1]) if len(given) == 2 else None


def _judged(dividend: Node, divisor: Node, script: Subject, constants: set[str]) -> Iterator[Wrong]:
    shown = text_of(bare(divisor))
    if shown == "math.huge":
        yield (
            divisor,
            "a remainder by `math.huge` is nan on LuaJIT, and the number itself on Lua 5.4",
            "leave it out",
        )
        return
    sure = any(script.kinds.surely(side) for side in (dividend, divisor))
    if sure or whole(divisor) or shown in constants or _is_guarded(divisor, shown) or _is_positive(divisor):
        return
    message = f"where `{shown}` is zero, the remainder is nan on LuaJIT and an error on Lua 5.4"
    yield divisor, message, f"ask `if {shown} ~= 0` before, or write `math.max(1, {shown})`"


def _is_positive(divisor: Node) -> bool:
    divisor = bare(divisor)
    return (
        divisor.type == "function_call"
        and function_name(divisor) == "math.max"
        and any((whole(one) or 0) > 0 for one in arguments(divisor))
    )


def _constants(root: Node) -> set[str]:
    """Names that are only ever set to whole numbers other than zero."""
    good: set[str] = set()
    bad: set[str] = set()
    for node in walk(root):
        for target, value in bindings(node):
            (good if whole(value) else bad).add(text_of(target))
    return good - bad


def _is_guarded(node: Node, shown: str) -> bool:
    """Whether a condition around it, or beside it under `and`, mentions the divisor."""
    above = node.parent
    while above is not None:
        condition = above.child_by_field_name("condition") if above.type in _GUARDS else None
        beside = above.named_children[0] if operator(above) in ("and", "or") else None
        if any(part is not None and shown in text_of(part) for part in (condition, beside)):
            return True
        above = above.parent
    return False


def _may_be_signed(divisor: Node) -> bool:
    if operator(divisor) == "-" and divisor.type == "unary_expression":
        return bare(divisor.named_children[-1]).type != "number"
    return operator(divisor) == "*" and any(
        bare(side).type == "unary_expression" and operator(bare(side)) == "-"
        for side in divisor.named_children
    )
