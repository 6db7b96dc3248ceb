"""What a script learns of the world while it is loaded and keeps outside `state`, where a snapshot loses it.

Takes the uses of names in a script, gives places. Touches nothing.

A restored entity runs its script again at the tick of its birth with the draws it had then, but among those
who live now. So `world.time`, draws, parameters, its own row and place come back the same; whom it counts or
finds does not.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from worldwright.world.calls import Wrong
from worldwright.world.scopes import Use
from worldwright.world.syntax import called, text_of
from worldwright.world.vocabulary import PARTS

_OF_THE_WORLD = ("count", "entities", "list_entities", "exists", "read")
_PLACES = ("world.grid.position()", "world.space.position()")
_FUNCTIONS = ("function_declaration", "function_definition")


def momentary_values(root: Node, uses: list[Use]) -> Iterator[Wrong]:
    """Top-level variables that hold what the world was like at birth, and that functions read."""
    asked = [(use, question) for use in uses if (question := _question(use)) is not None]
    asking = {name for use, _ in asked if use.depth and (name := _top_function(use.node)) is not None}
    sources = [(use.node, text) for use, text in asked if use.depth == 0]
    sources += [
        (use.node, use.name) for use in uses if use.depth == 0 and use.name in asking and _is_called(use.node)
    ]
    read = {use.name for use in uses if use.depth and use.how != "write" and _is_top(use)}
    told: set[str] = set()
    known: set[str] = set()
    pending = list(sources)
    while pending:
        node, question = pending.pop(0)
        for name in sorted(_assigned(root, node) - known - {"state"}):
            known.add(name)
            pending += [
                (use.node, question)
                for use in uses
                if use.name == name and use.depth == 0 and use.how != "write" and _is_top(use)
            ]
            if name in read and name not in told:
                told.add(name)
                yield (
                    node,
                    f"`{name}` keeps what `{question}` said at birth, and a snapshot does not",
                    f"ask where it is needed, in `update`, or keep it in `state`: `state = {{{name} = …}}`",
                )


def _question(use: Use) -> str | None:
    """The function of the API that is called here and whose answer changes with the world."""
    if use.local is not None:
        return None
    if use.name == "self":
        return "self.neighbors" if called(use.node, ("neighbors",)) else None
    if use.name != "world":
        return None
    call = called(use.node, _OF_THE_WORLD)
    if call is None and use.node.parent is not None:
        part = use.node.parent.child_by_field_name("field")
        if part is None or text_of(part) not in PARTS:
            return None
        call = called(use.node.parent, tuple(entry.field for entry in PARTS[text_of(part)]))
    name = call.child_by_field_name("name") if call is not None else None
    if call is None or name is None or text_of(call) in _PLACES:
        return None
    return text_of(name)


def _is_top(use: Use) -> bool:
    return use.local is None or use.local.depth == 0


def _is_called(node: Node) -> bool:
    above = node.parent
    return above is not None and above.type == "function_call" and above.child_by_field_name("name") == node


def _top_function(node: Node) -> str | None:
    """The name of the top-level function that a node is in."""
    found: Node | None = None
    above = node.parent
    while above is not None:
        if above.type in _FUNCTIONS:
            found = above
        above = above.parent
    name = found.child_by_field_name("name") if found is not None else None
    return text_of(name) if name is not None and name.type == "identifier" else None


def _assigned(root: Node, node: Node) -> set[str]:
    """The variables whose values depend on what is said here, by assignment or by a condition."""
    above, below = node.parent, node
    while above is not None and above != root:
        if above.type in ("assignment_statement", "variable_declaration"):
            return set(_targets(above))
        if above.type in ("if_statement", "while_statement", "elseif_statement", "for_statement"):
            decides = below.type not in ("block", "else_statement", "elseif_statement")
            return {name for part in _statements(above) for name in _targets(part)} if decides else set()
        above, below = above.parent, above
    return set()


def _statements(node: Node) -> Iterator[Node]:
    for child in node.named_children:
        if child.type in ("assignment_statement", "variable_declaration"):
            yield child
        elif child.type not in _FUNCTIONS:
            yield from _statements(child)


def _targets(statement: Node) -> Iterator[str]:
    for child in statement.named_children:
        if child.type == "assignment_statement":
            yield from _targets(child)
        elif child.type == "variable_list":
            for target in child.children_by_field_name("name"):
                base: Node | None = target
                while base is not None and base.type in ("dot_index_expression", "bracket_index_expression"):
                    base = base.child_by_field_name("table")
                if base is not None and base.type == "identifier":
                    yield text_of(base)
