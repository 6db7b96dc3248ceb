"""WW07xx: what can be wrong with a world document and its scripts.

Takes nothing, gives `Code`s. Touches nothing.
"""

from __future__ import annotations

from worldwright.diagnostics import Code, Severity

_ERROR, _WARNING = Severity.ERROR, Severity.WARNING

SYNTAX = Code("WW0701", "script-syntax", _ERROR, "A script that does not parse cannot run.")
SCRIPT_MISSING = Code("WW0702", "script-missing", _ERROR, "An entity is its script.")
NO_UPDATE = Code("WW0703", "no-update", _ERROR, "`update(now, msgs)` is what an entity does in a tick.")
UNKNOWN_API = Code("WW0704", "unknown-api", _ERROR, "Calling a name that is not there stops the run.")
UNDEFINED = Code(
    "WW0705", "undefined-global", _ERROR, "Nothing sets this name, so it is nil when the script runs."
)
MEMORY = Code(
    "WW0706",
    "memory-outside-state",
    _ERROR,
    "`state` is a script's whole memory: what is kept elsewhere is lost in a snapshot.",
)
NEWER_LUA = Code("WW0707", "newer-lua", _ERROR, "LuaJIT reads Lua 5.1 with some additions.")
RESERVED = Code("WW0708", "reserved-name", _ERROR, "The engine uses these names in the script itself.")
PARAMETER = Code("WW0709", "parameter", _ERROR, "A parameter's default must be a value it may have.")
UNKNOWN_PARAMETER = Code(
    "WW0710", "unknown-parameter", _ERROR, "Reading a parameter that is not declared stops the run."
)
UNKNOWN_ENTITY = Code(
    "WW0711", "unknown-entity", _ERROR, "Networks, metrics and spawned entities refer to declared ones."
)
ENTITY_SIZE = Code("WW0712", "entity-size", _ERROR, "A kind of entities is a population or has a count.")
DUPLICATE = Code("WW0713", "duplicate-entity", _ERROR, "Names tell entities apart.")
METRIC = Code("WW0714", "metric", _ERROR, "A metric says what is aggregated, how, and over whom.")
NETWORK = Code("WW0715", "network", _ERROR, "The random graph must exist for its settings.")
NOT_BUILT = Code("WW0716", "not-built", _ERROR, "This version does not have it yet and does not pretend to.")
VIVARIUM = Code("WW0717", "vivarium-file", _ERROR, "The file is read as Vivarium reads it.")
VIVARIUM_LIBRARY = Code(
    "WW0718",
    "vivarium-library",
    _WARNING,
    "Scripts run without access to the machine; at home in Vivarium they have it.",
)

ALL = (
    SYNTAX, SCRIPT_MISSING, NO_UPDATE, UNKNOWN_API, UNDEFINED, MEMORY, NEWER_LUA, RESERVED, PARAMETER,
    UNKNOWN_PARAMETER, UNKNOWN_ENTITY, ENTITY_SIZE, DUPLICATE, METRIC, NETWORK, NOT_BUILT, VIVARIUM,
    VIVARIUM_LIBRARY,
)  # fmt: skip
