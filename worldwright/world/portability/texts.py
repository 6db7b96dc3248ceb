"""Fractions used as texts: 4 / 2 is `2` on LuaJIT and `2.0` on Lua 5.4.

Takes a script, gives places. Touches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from worldwright.world.calls import Wrong
from worldwright.world.portability.kinds import arguments, function_name, operator
from worldwright.world.portability.rule import Subject
from worldwright.world.syntax import text_of, walk

_READ_AS_TEXT = {
    "tostring": (0,),
    "table.concat": (0,),
    "string.gsub": (2,),
    "self.send_msg": (0,),
    "self.spawn_entity": (0,),
    "self.destroy": (0,),
    "world.exists": (0,),
    "world.link": (0, 1),
    "world.unlink": (0, 1),
}
"""Functions, and which of their values they read as text."""
_HELP = (
    "write `string.format('%d', …)` where it is whole, else a form such as `'%.2f'`; or `math.floor(…)` first"
)
_DIRECTIVE = re.compile(r"%[-+ #0-9.]*([a-zA-Z%])")


def fractions_as_texts(script: Subject) -> Iterator[Wrong]:
    """Numbers that may be floats where text is made of them."""
    for node in walk(script.root):
        for part in _texts(node):
            if script.kinds.maybe(part):
                shown = text_of(part).split("\n")[0]
                message = f"`{shown}` may be a fraction, and a whole one is text as `2` or as `2.0`"
                yield part, message, _HELP


def _texts(node: Node) -> Iterator[Node]:
    if node.type == "binary_expression" and operator(node) == "..":
        yield from node.named_children
    elif node.type == "function_call":
        given, name = arguments(node), function_name(node)
        yield from (given[i] for i in _READ_AS_TEXT.get(name, ()) if i < len(given))
        yield from (value for letter, value in formatted(node) if letter == "s")


def formatted(call: Node) -> Iterator[tuple[str, Node]]:
    """The directives of `string.format`, where its template is written out, each with its value."""
    given = arguments(call)
    if function_name(call) != "string.format" or not given or given[0].type != "string":
        return
    letters = [letter for letter in _DIRECTIVE.findall(text_of(given[0])) if letter != "%"]
    yield from zip(letters, given[1:], strict=False)
