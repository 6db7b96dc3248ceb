"""The names that exist inside scripts; what the checks know and the sandbox provides.

Takes and touches nothing. A test compares it with the sandbox itself.
"""

from __future__ import annotations

from worldwright.world.api_fields import LAYER_API, RESOURCE_API
from worldwright.world.api_grid import GRID_API
from worldwright.world.api_self import SELF_API
from worldwright.world.api_space import SPACE_API
from worldwright.world.api_world import WORLD_API


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


API = (*SELF_API, *WORLD_API, *GRID_API, *SPACE_API, *LAYER_API, *RESOURCE_API)
"""Everything in `self` and `world`: the source of the checks, the reference page and the help for models."""
SIGNATURES = {entry.name: entry.takes for entry in API if entry.takes is not None}
"""The functions with what they take; `?` marks what may be left out."""
SOLID = {entry.name: entry.solid for entry in API if entry.solid is not None}
"""What some take instead in three dimensions."""
PARTS = {"grid": GRID_API, "space": SPACE_API, "layer": LAYER_API, "resource": RESOURCE_API}
"""What a world has only where it declares it: `world.grid` and so on."""
WHERE_DECLARED = {
    "grid": "`grid: {size: [20, 20]}`",
    "space": "`space: {size: [100, 100]}`",
    "layer": "`layers: {grass: {initial: 1}}` and a grid",
    "resource": "`resources: {food: {initial: 100}}`",
}
"""How each is declared."""
SELF = frozenset(entry.field for entry in SELF_API)
WORLD = frozenset(entry.field for entry in WORLD_API) | frozenset(PARTS)
TABLES = {
    "self": SELF,
    "world": WORLD,
    **{f"world.{part}": frozenset(entry.field for entry in rows) for part, rows in PARTS.items()},
}
"""The names in each table of the API."""
_STRING = _words("byte char find format gmatch gsub len lower match rep reverse sub upper")
_TABLE = _words("concat insert move pack remove sort unpack")
_MATH = _words(
    "abs acos asin atan atan2 ceil cos deg exp floor fmod huge log log10 max min modf pi pow rad random"
    " randomseed sin sqrt tan"
)
LIBRARIES = {"string": _STRING, "table": _TABLE, "math": _MATH}
"""On both runtimes."""
LIBRARIES_54 = {
    "string": _STRING | {"pack", "unpack", "packsize"},
    "table": _TABLE,
    "math": _MATH | {"type", "tointeger", "ult", "maxinteger", "mininteger"},
    "utf8": frozenset(("char", "charpattern", "codepoint", "codes", "len", "offset")),
}
"""On Lua 5.4."""
GLOBALS = _words(
    "_VERSION assert error getmetatable ipairs math next pairs pcall print rawequal rawget rawset select self"
    " setmetatable string table tonumber tostring type unpack world xpcall"
)
GLOBALS_54 = GLOBALS | {"rawlen", "utf8"}
LIBRARY_SIGNATURES = {
    **dict.fromkeys(("string.len", "string.lower", "string.upper", "string.reverse"), "text"),
    "string.byte": "text, first?, last?",
    "string.sub": "text, first, last?",
    "string.rep": "text, times, separator?",
    "string.find": "text, pattern, from?, plain?",
    "string.match": "text, pattern, from?",
    "string.gmatch": "text, pattern, from?",
    "string.gsub": "text, pattern, replacement, most?",
    "table.insert": "list, position?, value",
    "table.remove": "list, position?",
    "table.concat": "list, separator?, first?, last?",
    "table.sort": "list, less?",
    **{
        f"math.{name}": "x"
        for name in _words("abs acos asin ceil cos deg exp floor log10 modf rad sin sqrt tan")
    },
    "math.atan": "y, x?",
    "math.atan2": "y, x",
    "math.fmod": "x, y",
    "math.log": "x, base?",
    "math.pow": "x, y",
    "math.random": "a?, b?",
    "ipairs": "list",
    "pairs": "table",
    "tonumber": "value, base?",
    "tostring": "value",
    "type": "value",
}
"""What functions of Lua take, where it is a certain number of values."""
OUTSIDE = {
    "os": "scripts have no access to the machine or its clock; `now` is the time",
    "io": "scripts have no access to files",
    "require": "a script is one file",
    "dofile": "a script is one file",
    "loadfile": "a script is one file",
    "load": "scripts cannot make code from text",
    "loadstring": "scripts cannot make code from text",
    "package": "a script is one file",
    "debug": "scripts cannot look into the runtime",
    "ffi": "scripts cannot call the machine",
    "jit": "scripts cannot steer the compiler",
    "bit": "use arithmetic, or `runtime: lua54` with & | ~ << >>",
    "coroutine": "a coroutine would not survive a snapshot; keep what it remembers in `state`",
    "collectgarbage": "memory is the engine's concern",
    "_G": "name the globals themselves",
    "getfenv": "name the globals themselves",
    "setfenv": "name the globals themselves",
}
FOREIGN = {
    "null": "the absence of a value is `nil`",
    "None": "the absence of a value is `nil`",
    "undefined": "the absence of a value is `nil`",
    "True": "write `true`",
    "False": "write `false`",
    "len": "the length of a list or text is `#x`",
    "this": "the entity itself is `self`",
    "json": "states and messages are plain tables; nothing needs to be encoded",
    "math.round": "write `math.floor(x + .5)`",
    "math.clamp": "write `math.max(low, math.min(high, x))`",
    "table.getn": "the length of a list is `#t`",
    "table.length": "the length of a list is `#t`",
    "table.size": "the length of a list is `#t`",
    "table.contains": "look through it with `for _, x in ipairs(t) do … end`",
    "string.split": "use `for part in string.gmatch(text, '[^,]+') do … end`",
    "string.trim": "use `string.match(text, '^%s*(.-)%s*$')`",
    "string.length": "the length of a text is `#text`",
    "world.get_entity": "declare `public: [NAME]` and write `world.read(id, NAME)`, or ask by a message",
    "world.get_state": "declare `public: [NAME]` and write `world.read(id, NAME)`, or ask by a message",
    "world.now": "write `world.time`, or use the `now` of `update(now, msgs)`",
    "self.move": "write `world.grid.move(x, y)` or `world.space.move(x, y)`",
    "self.take": "write `world.resource.take(name, amount)`",
    "self.position": "write `world.grid.position()` or `world.space.position()`",
    "self.x": "write `local x, y = world.grid.position()`, or `world.space.position()`",
    "self.y": "write `local x, y = world.grid.position()`, or `world.space.position()`",
    "self.pos": "write `local x, y = world.grid.position()`, or `world.space.position()`",
    "self.kind": "the name of its kind is `self.name`",
    "self.type": "the name of its kind is `self.name`",
    "self.state": "`state` is a name of its own: write `state`, not `self.state`",
}
"""What other languages and libraries call it, and what to write here."""
FOREIGN_SYNTAX = {
    "!": "unequal is `~=`, and negation is `not x`",
    "+=": "write `x = x + 1`",
    "-=": "write `x = x - 1`",
    "++": "write `x = x + 1`",
    "&&": "write `and`",
    "||": "write `or`",
    "continue": "there is no `continue`: write `goto next`, and `::next::` before the loop's `end`",
    "else if": "write `elseif`, or close both with `end`",
    "*=": "write `x = x * 2`",
    "//=": "write `x = math.floor(x / 2)`",
    "/=": "write `x = x / 2`",
    "..=": "write `x = x .. text`",
    "//": "a comment begins with `--`",
    "?": "choose with `condition and this or that`",
    "{": "blocks are `then … end` and `do … end`",
}
"""Marks of other languages in a line that does not parse, and what to write here."""
