"""Other names for what the engine gives a script: `local w = world`, `local send = self.send_msg`.

Takes the tree and the uses of names in a script, gives the uses by what they mean. Touches nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tree_sitter import Node

from worldwright.world.scopes import Local, Use
from worldwright.world.syntax import bindings, text_of, walk

_INDEXED = ("dot_index_expression", "method_index_expression", "bracket_index_expression")


def field_of(node: Node | None) -> tuple[Node | None, Node | None]:
    """The expression `node.NAME`, `node:NAME` or `node["NAME"]`, and its NAME."""
    parent = node.parent if node is not None else None
    if parent is None or parent.type not in _INDEXED or parent.child_by_field_name("table") != node:
        return None, None
    name = parent.child_by_field_name("field") or parent.child_by_field_name("method")
    if parent.type == "bracket_index_expression":
        name = name.child_by_field_name("content") if name is not None and name.type == "string" else None
    return (parent, name) if name is not None else (None, None)


def meanings(root: Node, uses: list[Use], wanted: Iterable[str]) -> Iterator[tuple[str, Node]]:
    """Every use of a wanted global, or of a local that is nothing but another name for one or a part of it.

    Args:
        root: The tree of the script.
        uses: Its uses of names.
        wanted: Names of globals.

    Yields:
        What is meant, such as `world`, `world.grid` or `self.send_msg`, and the node of the name.
    """
    globals_ = set(wanted)
    at = {use.node.start_byte: use for use in uses}
    written = {use.local for use in uses if use.local is not None and use.how == "write"}
    declared = _declared(root)
    paths: dict[Local, str] = {}
    for use in uses:
        if use.how == "field":
            continue  # it is read, too
        if use.local is None:
            if use.name in globals_:
                yield use.name, use.node
            continue
        if use.local in written:
            continue
        if use.local not in paths:
            paths[use.local] = _path(declared.get(use.local.place), at, globals_, paths)
        if path := paths[use.local]:
            yield path, use.node


def _declared(root: Node) -> dict[int, Node]:
    """The values that locals are declared with, by the place of the local's name."""
    return {
        target.start_byte: value
        for node in walk(root)
        if node.type == "variable_declaration"
        for inner in node.named_children
        for target, value in bindings(inner)
    }


def _path(value: Node | None, at: dict[int, Use], wanted: set[str], known: dict[Local, str]) -> str:
    """`world.grid` for a value that is that, of a wanted global or a known local; else nothing."""
    base, names = value, list[str]()
    while base is not None and base.type == "dot_index_expression":
        field = base.child_by_field_name("field")
        names.append(text_of(field) if field is not None else "")
        base = base.child_by_field_name("table")
    if base is None or base.type != "identifier":
        return ""
    use = at.get(base.start_byte)
    if use is None:
        return ""
    meant = known.get(use.local, "") if use.local is not None else use.name if use.name in wanted else ""
    return ".".join([meant, *reversed(names)]) if meant else ""
