"""Top-level tables that functions change under another name: a local, a parameter, or the `self` of a method.

Takes the uses of names in a script, gives places. Touches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from worldwright.world.portability.kinds import arguments, function_name
from worldwright.world.scopes import Use
from worldwright.world.syntax import bindings, text_of, walk

_FUNCTIONS = ("function_declaration", "function_definition")


def changed_elsewhere(root: Node, uses: list[Use]) -> Iterator[tuple[Use, str]]:
    """Each use by which a top-level table is lent and then changed, with the name it is changed as."""
    top = {
        use.node.start_byte: use
        for use in uses
        if use.depth and use.local is not None and use.local.depth == 0 and use.how == "read"
    }
    written = [use for use in uses if use.how == "field" and use.local is not None and use.local.depth]
    changers = dict(_changers(root, written))
    for node in walk(root):
        for target, value in bindings(node):
            lent = top.get(value.start_byte) if value.type == "identifier" else None
            home = _function_of(node)
            if lent is not None and target.type == "identifier":
                name = text_of(target)
                if any(use.name == name and _function_of(use.node) == home for use in written):
                    yield lent, name
        if node.type != "function_call":
            continue
        name, given = function_name(node), arguments(node)
        if ":" in name:
            lent = top.get(node.start_byte)
            if lent is not None and name in changers:
                yield lent, "self"
        for place, parameter in changers.get(name, {}).items():
            lent = top.get(given[place].start_byte) if place < len(given) else None
            if lent is not None and given[place].type == "identifier":
                yield lent, parameter


def _changers(root: Node, written: list[Use]) -> Iterator[tuple[str, dict[int, str]]]:
    """Functions that write into what they are given: by name, the places and names of those parameters."""
    for node in walk(root):
        name = node.child_by_field_name("name") if node.type == "function_declaration" else None
        parameters = node.child_by_field_name("parameters")
        if name is None or parameters is None:
            continue
        changed = {use.name for use in written if _function_of(use.node) == node}
        places = {
            i: text_of(one)
            for i, one in enumerate(parameters.children_by_field_name("name"))
            if text_of(one) in changed
        }
        if places or (name.type == "method_index_expression" and "self" in changed):
            yield text_of(name).replace(" ", ""), places


def _function_of(node: Node) -> Node | None:
    above = node.parent
    while above is not None and above.type not in _FUNCTIONS:
        above = above.parent
    return above
