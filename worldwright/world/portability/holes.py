"""Lists with holes: their length, and what unpacks or sorts them, is another on each runtime.

Takes a script, gives places. Touches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from worldwright.world.calls import Wrong
from worldwright.world.portability.kinds import arguments, bare, function_name, operator
from worldwright.world.portability.rule import Subject
from worldwright.world.syntax import bindings, text_of, walk

_BY_LENGTH = (
    "unpack", "table.unpack", "table.insert", "table.remove", "table.sort", "table.concat",
)  # fmt: skip
_HELP = "fill it with `false`, take items out with `table.remove`, or keep the length beside it"


def holes(script: Subject) -> Iterator[Wrong]:
    """`nil` within a list, `#{...}`, and `t[i] = nil` where the length of t is asked."""
    measured = _measured(script.root)
    for node in walk(script.root):
        if node.type == "table_constructor":
            yield from _constructor(node)
        for target, value in bindings(node):
            if value.type != "nil" or target.type != "bracket_index_expression":
                continue
            table, key = target.child_by_field_name("table"), target.child_by_field_name("field")
            if table is None or key is None or key.type == "string" or text_of(table) not in measured:
                continue
            if text_of(key).replace(" ", "") != f"#{text_of(table)}":
                message = f"this may leave a hole in `{text_of(table)}`, whose length is then anybody's guess"
                yield target, message, _HELP


def _constructor(node: Node) -> Iterator[Wrong]:
    items = [field for field in node.named_children if field.type == "field"]
    values = [
        field.child_by_field_name("value") for field in items if field.child_by_field_name("name") is None
    ]
    for place, value in enumerate(values):
        if value is not None and value.type == "nil" and place < len(values) - 1:
            yield value, "a `nil` within a list is a hole, and its length is 1 here and 3 there", _HELP
    first = values[0] if len(values) == 1 else None
    above = node.parent
    while above is not None and above.type == "parenthesized_expression":
        above = above.parent
    if (
        first is not None
        and first.type == "vararg_expression"
        and above is not None
        and operator(above) == "#"
    ):
        message = "`#{...}` counts to a `nil` on one runtime and past it on the other"
        yield node, message, "write `select('#', ...)`"


def _measured(root: Node) -> set[str]:
    """Tables whose length is asked, by `#` or by a function that goes by it."""
    found: set[str] = set()
    for node in walk(root):
        if node.type == "unary_expression" and operator(node) == "#":
            found.add(text_of(bare(node.named_children[-1])))
        elif node.type == "function_call" and function_name(node) in _BY_LENGTH:
            found |= {text_of(one) for one in arguments(node)[:1]}
    return found
