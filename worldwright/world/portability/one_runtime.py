"""What only one of the two runtimes has, or has otherwise.

Takes a script, gives places. Touches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from worldwright.world.calls import Wrong
from worldwright.world.portability.rule import Subject
from worldwright.world.portability.texts import formatted
from worldwright.world.syntax import text_of, walk
from worldwright.world.vocabulary import GLOBALS, GLOBALS_54, LIBRARIES, LIBRARIES_54

_OPERATORS = ("//", "&", "|", "~", "<<", ">>")
_EVENTS = {
    "__len": "LuaJIT does not ask `__len` of tables",
    "__lt": "without `__le`, LuaJIT makes `<=` of `__lt` and Lua 5.4 refuses it",
    "__idiv": "LuaJIT has no `__idiv`",
    "__band": "LuaJIT has no `__band`",
    "__bor": "LuaJIT has no `__bor`",
    "__bxor": "LuaJIT has no `__bxor`",
    "__bnot": "LuaJIT has no `__bnot`",
    "__shl": "LuaJIT has no `__shl`",
    "__shr": "LuaJIT has no `__shr`",
}


def one_runtime(script: Subject) -> Iterator[Wrong]:
    """Operators and names of Lua 5.4, `_VERSION`, `%q`, and metamethods that LuaJIT does not ask."""
    events = {text_of(node) for node in walk(script.root) if node.type == "identifier"}
    for node in walk(script.root):
        if script.runtime == "lua54":  # elsewhere they are errors already
            yield from _newer(node)
        if node.type == "identifier" and text_of(node) in _EVENTS:
            if text_of(node) != "__lt" or "__le" not in events:
                yield node, _EVENTS[text_of(node)], "write a function with a name of its own"
        elif node.type == "function_call":
            for letter, value in formatted(node):
                if letter == "q" and value.type != "string":
                    yield value, "`%q` writes numbers in quotes on LuaJIT only", "write `%s` or `%d`"
    for use in script.uses:
        if use.local is None and use.name == "_VERSION":
            yield use.node, "`_VERSION` is another on each runtime", "leave it out"
        elif use.local is None and script.runtime == "lua54":
            yield from _names(use.name, use.node)


def _newer(node: Node) -> Iterator[Wrong]:
    operator = node.child_by_field_name("operator")
    if operator is not None and operator.type in _OPERATORS:
        yield operator, f"`{operator.type}` is not there on LuaJIT", "write arithmetic and `math.floor`"
    elif node.type == "attribute":
        yield node, f"`{text_of(node)}` is not there on LuaJIT", "leave it out"


def _names(name: str, node: Node) -> Iterator[Wrong]:
    if name in GLOBALS_54 - GLOBALS:
        yield node, f"`{name}` is not there on LuaJIT", "do without it"
        return
    above = node.parent
    field = above.child_by_field_name("field") if above is not None else None
    if name in LIBRARIES and field is not None and text_of(field) in LIBRARIES_54[name] - LIBRARIES[name]:
        yield field, f"`{name}.{text_of(field)}` is not there on LuaJIT", "do without it"
