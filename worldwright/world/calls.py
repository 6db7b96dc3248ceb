"""How a script calls what the engine gives it, and how it lets itself be called.

Takes the uses of names in a script, gives what is wrong with each call. Touches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from worldwright.world.scopes import Use
from worldwright.world.syntax import text_of
from worldwright.world.vocabulary import PARTS, SIGNATURES, SOLID

Wrong = tuple[Node, str, str]
"""Where, what, and what to do."""

_UPDATE = "the engine calls `update(now, msgs)`: the time, and the list of messages"


def wrong_calls(root: Node, uses: list[Use], *, solid: bool = False) -> Iterator[Wrong]:
    """Calls of `self` and `world` with a colon or a wrong number of values; an `update` made otherwise."""
    for use in uses:
        if use.local is None and use.name in ("self", "world"):
            yield from _call_of(use, solid)
    for node in root.children:
        name = node.child_by_field_name("name") if node.type == "function_declaration" else None
        if name is not None and text_of(name) == "update":
            yield from _update(node)


def _call_of(use: Use, solid: bool) -> Iterator[Wrong]:
    owner, node = use.name, use.node
    field, name = _field(node)
    if name is not None and use.name == "world" and text_of(name) in PARTS and field is not None:
        owner, node = f"world.{text_of(name)}", field
        field, name = _field(node)
    full = f"{owner}.{text_of(name)}" if name is not None else ""
    if field is None or name is None or full not in SIGNATURES:
        return
    call = field.parent
    takes = SOLID.get(full, SIGNATURES[full]) if solid else SIGNATURES[full]
    called = call is not None and call.type == "function_call" and call.child_by_field_name("name") == field
    signature = f"{full}({takes})"
    if field.type == "method_index_expression":
        message = f"`{owner}:{text_of(name)}` hands `{owner}` over as the first value"
        yield name, message, f"write a dot: `{signature}`"
    elif called and call is not None:
        yield from _counted(call, name, full, takes)


def _field(node: Node) -> tuple[Node | None, Node | None]:
    """The expression `node.NAME` or `node:NAME`, and its NAME."""
    field = node.parent
    if field is None or field.child_by_field_name("table") != node:
        return None, None
    return field, field.child_by_field_name("field") or field.child_by_field_name("method")


def _counted(call: Node, name: Node, full: str, takes: str) -> Iterator[Wrong]:
    signature = f"{full}({takes})"
    wanted = [part for part in takes.split(", ") if part]
    least = sum(not part.endswith("?") for part in wanted)
    arguments = call.child_by_field_name("arguments")
    given = [child for child in arguments.named_children if child.type != "comment"] if arguments else []
    open_ended = bool(given) and given[-1].type in ("function_call", "vararg_expression")
    if len(given) < least and not open_ended:
        missing = ", ".join(f"`{part}`" for part in wanted[len(given) : least])
        yield name, f"`{full}` is called without {missing}", f"it is `{signature}`; `?` may be left out"
    elif len(given) > len(wanted):
        takes = f"{len(wanted) or 'no'} value{'s' * (len(wanted) != 1)}"
        message = f"`{full}` takes {takes}, and {len(given)} are given"
        yield given[len(wanted)], message, f"it is `{signature}`"


def _update(node: Node) -> Iterator[Wrong]:
    parameters = node.child_by_field_name("parameters")
    names = parameters.children_by_field_name("name") if parameters is not None else []
    for name in names[:2]:
        if text_of(name) in ("self", "world", "state"):
            yield name, f"this `{text_of(name)}` hides the engine's own", f"leave it out: {_UPDATE}"
            return
    if len(names) > 2:
        yield (
            names[2],
            f"`update` is called with two values, and this is number 3: `{text_of(names[2])}`",
            _UPDATE,
        )
