"""The names that exist inside scripts; what the checks know and the sandbox provides.

Takes and touches nothing. A test compares it with the sandbox itself.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SELF = frozenset(
    ("id", "agent", "send_msg", "broadcast_msg", "destroy", "spawn_entity", "random", "neighbors")
)
WORLD = frozenset(
    (
        "list_entities",
        "record_metric",
        "random",
        "count",
        "entities",
        "exists",
        "param",
        "link",
        "unlink",
        "time",
    )
)
NOT_BUILT = {
    "self": {
        "broadcast_msg": "it needs a space, and this version has none yet; use `self.neighbors()`",
        "wake": "the order `event` is not built yet",
        "move": "grids and space are not built yet",
        "take": "resources are not built yet",
    },
    "world": {
        "grid": "grids are not built yet",
        "space": "continuous space is not built yet",
        "layer": "layers are not built yet",
        "resource": "resources are not built yet",
    },
}
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
