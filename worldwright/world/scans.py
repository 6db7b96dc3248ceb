"""Lists of everybody that everybody goes through: work that grows with the square of a world.

Takes the uses of names in a script, gives places. Touches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from worldwright.world.calls import Wrong
from worldwright.world.scopes import Use
from worldwright.world.syntax import called, text_of, walk

_LISTS = ("entities", "list_entities")
_FUNCTIONS = ("function_declaration", "function_definition")
_INSTEAD = (
    "count with `world.count(…)` or `world.grid.count_neighbors(…)`; reach some with `self.neighbors()`,"
    " `world.grid.neighbors(…)` or `world.space.within(…)`; or let each send a message"
)


def scans(uses: list[Use]) -> Iterator[Wrong]:
    """Loops over `world.entities(…)` or `world.list_entities()` inside functions.

    A loop that one entity runs, or that runs in one tick (`self.id == …`, `now == …`), is left alone.
    """
    for use in uses:
        if use.local is not None or use.name != "world" or use.depth == 0:
            continue
        call = called(use.node, _LISTS)
        if call is not None and _is_scanned(call, uses) and not _is_rare(call):
            field = text_of(call).split("(")[0].split(".")[-1]
            message = f"all who run this go through `world.{field}`: the work is the square of their number"
            yield call, message, _INSTEAD


def _is_scanned(call: Node, uses: list[Use]) -> bool:
    above = call.parent
    if above is None:
        return False
    operator = above.child_by_field_name("operator") if above.type == "unary_expression" else None
    if _is_gone_through(call) or (operator is not None and operator.type == "#"):
        return True
    name = _bound_to(call)
    home = _function_of(call)
    return name is not None and any(
        use.name == name and _function_of(use.node) == home and _is_gone_through(use.node) for use in uses
    )


def _is_gone_through(value: Node) -> bool:
    """Whether a list is the subject of a loop: `ipairs(value)`, or `#value` as the end of a counting one."""
    above = value.parent
    if above is not None and above.type == "arguments" and above.parent is not None:
        function = above.parent.child_by_field_name("name")
        return function is not None and text_of(function) in ("ipairs", "pairs")
    if above is not None and above.type == "unary_expression":
        operator = above.child_by_field_name("operator")
        end = above.parent
        return (
            operator is not None
            and operator.type == "#"
            and end is not None
            and end.type == "for_numeric_clause"
        )
    return False


def _bound_to(call: Node) -> str | None:
    """The name in `local NAME = call` or `NAME = call`."""
    values = call.parent
    statement = values.parent if values is not None and values.type == "expression_list" else None
    if values is None or statement is None:
        return None
    place = values.named_children.index(call)
    for part in statement.named_children:
        names = part.children_by_field_name("name") if part.type == "variable_list" else []
        if len(names) > place and names[place].type == "identifier":
            return text_of(names[place])
    return None


def _function_of(node: Node) -> Node | None:
    above = node.parent
    while above is not None and above.type not in _FUNCTIONS:
        above = above.parent
    return above


def _is_rare(node: Node) -> bool:
    above = node.parent
    while above is not None and above.type not in _FUNCTIONS:
        condition = above.child_by_field_name("condition") if above.type == "if_statement" else None
        if condition is not None and any(_names_one(part) for part in walk(condition)):
            return True
        above = above.parent
    return False


def _names_one(node: Node) -> bool:
    operator = node.child_by_field_name("operator") if node.type == "binary_expression" else None
    if operator is None or operator.type != "==":
        return False
    sides = [text_of(side) for side in node.named_children]
    return any(side in ("now", "world.time", "self.id") for side in sides)
