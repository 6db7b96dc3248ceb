"""Fractions where a function of Lua wants a whole number: cut off on LuaJIT, refused on Lua 5.4.

Takes a script, gives places. Touches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from worldwright.world.calls import Wrong
from worldwright.world.portability.kinds import arguments, function_name
from worldwright.world.portability.rule import Subject
from worldwright.world.portability.texts import formatted
from worldwright.world.syntax import text_of, walk

_WHOLE = {
    "string.sub": (1, 2),
    "string.rep": (1,),
    "string.byte": (1, 2),
    "string.char": (0, 1, 2, 3),
    "string.find": (2,),
    "string.match": (2,),
    "table.remove": (1,),
    "table.concat": (2, 3),
    "table.unpack": (1, 2),
    "unpack": (1, 2),
    "select": (0,),
    "tonumber": (1,),
}
"""Functions, and which of their values are whole numbers."""
_METHODS = ("sub", "rep", "byte", "find", "match")


def fractional_arguments(script: Subject) -> Iterator[Wrong]:
    """Values that may be fractions where positions, sizes and counts are wanted."""
    for node in walk(script.root):
        if node.type != "function_call":
            continue
        for part in _wanted(node):
            if script.kinds.maybe(part):
                message = f"`{text_of(part)}` may be a fraction, which LuaJIT cuts off and Lua 5.4 refuses"
                yield part, message, "write `math.floor(…)` around it"


def _wanted(call: Node) -> Iterator[Node]:
    given, name = arguments(call), function_name(call)
    places, shift = _WHOLE.get(name, ()), 0
    method = call.child_by_field_name("name")
    field = method.child_by_field_name("method") if method is not None else None
    if field is not None and text_of(field) in _METHODS:
        places, shift = _WHOLE[f"string.{text_of(field)}"], 1
    elif name == "table.insert" and len(given) == 3:
        places = (1,)
    yield from (given[i - shift] for i in places if i - shift < len(given))
    yield from (value for letter, value in formatted(call) if letter in "dioxXuc")
