"""Which population columns a script names: `self.agent.NAME`, or `me.NAME` after `local me = self.agent`.

Takes the source of a Lua script, gives names with their places. What is passed on or computed is left out, so
that every column found is sure to be read. Runs nothing and touches nothing.
"""

from __future__ import annotations

from collections import defaultdict

from tree_sitter import Node

from worldwright.world.syntax import parse, text_of, walk

_FUNCTIONS = ("function_declaration", "function_definition")


def columns_read(source: str) -> dict[str, Node]:
    """The columns that a script names, each with the first place."""
    root = parse(source).root_node
    aliases = _aliases(root)
    found: dict[str, Node] = {}
    for node in walk(root):
        if node.type != "dot_index_expression" or _is_target(node):
            continue
        table, field = node.child_by_field_name("table"), node.child_by_field_name("field")
        if table is not None and field is not None and (_is_agent(table) or _means_agent(table, aliases)):
            found.setdefault(text_of(field), field)
    return found


def _is_agent(node: Node) -> bool:
    return node.type == "dot_index_expression" and text_of(node).replace(" ", "") == "self.agent"


def _is_target(node: Node) -> bool:
    return node.parent is not None and node.parent.type == "variable_list"


def _function_of(node: Node) -> int:
    """The function that a node is in, by its place; −1 for the top level."""
    above = node.parent
    while above is not None and above.type not in _FUNCTIONS:
        above = above.parent
    return above.start_byte if above is not None else -1


def _aliases(root: Node) -> dict[int, dict[str, bool]]:
    """By function: the names it binds, and whether each is bound to `self.agent` and to nothing else."""
    bound: dict[int, dict[str, bool]] = defaultdict(dict)

    def bind(where: int, name: Node, agent: bool) -> None:
        text = text_of(name)
        bound[where][text] = agent and bound[where].get(text, True)

    for node in walk(root):
        if node.type in _FUNCTIONS:
            parameters = node.child_by_field_name("parameters")
            for name in parameters.children_by_field_name("name") if parameters is not None else []:
                bind(node.start_byte, name, agent=False)
        elif node.type == "variable_list" and node.parent is not None:
            values = next(
                (part for part in node.parent.named_children if part.type == "expression_list"), None
            )
            given = values.named_children if values is not None else []
            declared = node.parent.parent is not None and node.parent.parent.type == "variable_declaration"
            for position, name in enumerate(node.children_by_field_name("name")):
                if name.type == "identifier":
                    value = given[position] if position < len(given) else None
                    bind(_function_of(node), name, declared and value is not None and _is_agent(value))
    return bound


def _means_agent(table: Node, bound: dict[int, dict[str, bool]]) -> bool:
    """Whether a name stands for `self.agent` here: bound to it in the nearest function that binds it."""
    if table.type != "identifier":
        return False
    name, node = text_of(table), table
    while True:
        where = _function_of(node)
        if name in bound.get(where, {}):
            return bound[where][name]
        above = node.parent
        while above is not None and above.type not in _FUNCTIONS:
            above = above.parent
        if above is None:
            return False
        node = above
