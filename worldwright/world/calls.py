"""How a script calls what the engine gives it, and how it lets itself be called.

Takes the uses of names in a script, gives what is wrong with each call. Touches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from worldwright.world.aliases import field_of, meanings
from worldwright.world.scopes import Use
from worldwright.world.syntax import text_of
from worldwright.world.vocabulary import LIBRARY_SIGNATURES, PARTS, SIGNATURES, SOLID

Wrong = tuple[Node, str, str]
"""Where, what, and what to do."""

_UPDATE = "the engine calls `update(now, msgs)`: the time, and the list of messages"


def wrong_calls(root: Node, uses: list[Use], *, solid: bool = False) -> Iterator[Wrong]:
    """Calls with a colon or a wrong number of values, of ours and of Lua's; an `update` made otherwise."""
    libraries = {name.partition(".")[0] for name in LIBRARY_SIGNATURES}
    own = {use.name for use in uses if use.local is None and use.how == "write"}
    for path, node in meanings(root, uses, {"self", "world", *libraries} - own):
        yield from _call_of(path, node, solid)
    for node in root.children:
        name = node.child_by_field_name("name") if node.type == "function_declaration" else None
        if name is not None and text_of(name) == "update":
            yield from _update(node)


def _call_of(path: str, node: Node, solid: bool) -> Iterator[Wrong]:
    """A call of what `node` stands for, or of a function in it."""
    takes = SOLID.get(path) if solid else None
    takes = takes if takes is not None else SIGNATURES.get(path, LIBRARY_SIGNATURES.get(path))
    call = node.parent
    if takes is not None:
        if call is not None and call.type == "function_call" and call.child_by_field_name("name") == node:
            named = node.child_by_field_name("field") if node.type == "dot_index_expression" else node
            yield from _counted(call, named or node, path, takes)
        return
    inner, name = field_of(node)
    if inner is None or name is None:
        return
    full = f"{path}.{text_of(name)}"
    if inner.type == "method_index_expression":
        if full in SIGNATURES or full in LIBRARY_SIGNATURES:
            takes = SOLID.get(full, SIGNATURES.get(full)) if solid else SIGNATURES.get(full)
            message = f"`{path}:{text_of(name)}` hands `{path}` over as the first value"
            yield name, message, f"write a dot: `{full}({takes or LIBRARY_SIGNATURES.get(full, '')})`"
    elif full in SIGNATURES or full in LIBRARY_SIGNATURES or full.partition(".")[2] in PARTS:
        yield from _call_of(full, inner, solid)


def _counted(call: Node, name: Node, full: str, takes: str) -> Iterator[Wrong]:
    signature = f"{full}({takes})"
    wanted = [part for part in takes.split(", ") if part]
    least = sum(not part.endswith("?") for part in wanted)
    arguments = call.child_by_field_name("arguments")
    given = [child for child in arguments.named_children if child.type != "comment"] if arguments else []
    open_ended = bool(given) and given[-1].type in ("function_call", "vararg_expression")
    if len(given) < least and not open_ended:
        needed = [part for part in wanted if not part.endswith("?")]
        missing = ", ".join(f"`{part}`" for part in needed[len(given) :])
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
