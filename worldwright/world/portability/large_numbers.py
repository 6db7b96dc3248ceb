"""Whole numbers beyond 2^53: exact in 64 bits on Lua 5.4, where they wrap; rounded on LuaJIT.

Takes a script, gives places. Touches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from worldwright.world.calls import Wrong
from worldwright.world.portability.kinds import bare, operator, whole
from worldwright.world.portability.rule import Subject
from worldwright.world.syntax import bindings, text_of, walk

_EXACT = 2**53
_LONGEST_TEXT = 10**14
_LARGE_FACTOR = 2**20
_DRAW = "draw with `self.random`, keep products below 2^53 with `%`, or begin with a float such as 1.0"


def large_numbers(script: Subject) -> Iterator[Wrong]:
    """Large literals, products with a large factor, and variables multiplied by themselves."""
    for node in walk(script.root):
        if node.type == "number":
            yield from _literal(node)
        elif node.type == "binary_expression" and operator(node) == "*":
            yield from _product(node, script)
        for target, value in bindings(node):
            grows = _grown(text_of(target), value, script)
            if grows is not None:
                message = f"`{text_of(target)}` grows by multiplication; past 2^53 it is rounded, or wraps"
                yield grows, message, _DRAW


def _literal(node: Node) -> Iterator[Wrong]:
    value = whole(node)
    if value is not None and value > _EXACT:
        yield node, f"`{text_of(node)}` is beyond 2^53, where LuaJIT has no exact whole numbers", _DRAW
    elif value is not None and value >= _LONGEST_TEXT:
        message = f"`{text_of(node)}` as text has all its digits on Lua 5.4 only; LuaJIT gives 14"
        yield node, message, "keep it out of texts; or write it in larger units"


def _product(node: Node, script: Subject) -> Iterator[Wrong]:
    sides = node.named_children
    values = [whole(side) for side in sides]
    if any(script.kinds.surely(side) for side in sides) or all(value is not None for value in values):
        if None in values or len(values) < 2 or (values[0] or 0) * (values[1] or 0) <= _EXACT:
            return
    elif max(value or 0 for value in values) < _LARGE_FACTOR:
        return
    yield (
        node,
        f"`{text_of(node)}` may be beyond 2^53: rounded on LuaJIT, 64 bits that wrap on Lua 5.4",
        _DRAW,
    )


def _grown(name: str, value: Node, script: Subject) -> Node | None:
    """The product in `x = x * …`, alone or as part of a sum, where it stays whole."""
    value = bare(value)
    if value.type != "binary_expression" or script.kinds.maybe(value):
        return None
    sides = value.named_children
    if operator(value) == "*":
        return value if any(text_of(bare(side)) == name for side in sides) else None
    if operator(value) in ("+", "-"):
        return next((found for side in sides if (found := _grown(name, side, script)) is not None), None)
    return None
