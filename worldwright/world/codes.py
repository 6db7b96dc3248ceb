"""WW07xx: what can be wrong with a world document and its scripts.

Takes nothing, gives `Code`s; their examples are Lua for the codes of scripts, else YAML. Touches nothing.
"""

from __future__ import annotations

from worldwright.diagnostics import Code, Severity

_ERROR, _WARNING = Severity.ERROR, Severity.WARNING
_GOOD = "state = {n = 0}\nfunction update(now, msgs)\n  state.n = state.n + 1\nend\n"


def _inside(body: str) -> str:
    return f"state = {{n = 0}}\nfunction update(now, msgs)\n  {body}\nend\n"


def _document(rest: str, entities: str = "[{name: a, script: a.lua, count: 10}]") -> str:
    return f"worldwright: world/1\nname: example\nentities: {entities}\n{rest}"


SYNTAX = Code(
    "WW0701",
    "script-syntax",
    _ERROR,
    "A script that does not parse cannot run.",
    bad="function update(now, msgs)\n  if now > 3 the\n  end\nend\n",
    good=_GOOD,
)
SCRIPT_MISSING = Code(
    "WW0702",
    "script-missing",
    _ERROR,
    "An entity is its script.",
    bad=_document("", "[{name: a, script: b.lua, count: 10}]"),
    good=_document(""),
)
NO_UPDATE = Code(
    "WW0703",
    "no-update",
    _ERROR,
    "`update(now, msgs)` is what an entity does in a tick.",
    bad="state = {n = 0}\n",
    good=_GOOD,
)
UNKNOWN_API = Code(
    "WW0704",
    "unknown-api",
    _ERROR,
    "Calling a name that is not there stops the run.",
    bad=_inside("self.send_mesage('a_1', 'hello')"),
    good=_inside("self.send_msg('a_1', 'hello')"),
)
UNDEFINED = Code(
    "WW0705",
    "undefined-global",
    _ERROR,
    "Nothing sets this name, so it is nil when the script runs.",
    bad=_inside("state.n = cuonter"),
    good=_GOOD,
)
MEMORY = Code(
    "WW0706",
    "memory-outside-state",
    _ERROR,
    "`state` is a script's whole memory: what is kept elsewhere is lost in a snapshot.",
    bad="local n = 0\nfunction update(now, msgs)\n  n = n + 1\nend\n",
    good=_GOOD,
)
NEWER_LUA = Code(
    "WW0707",
    "newer-lua",
    _ERROR,
    "LuaJIT reads Lua 5.1 with some additions.",
    bad=_inside("state.n = now // 2"),
    good=_inside("state.n = math.floor(now / 2)"),
)
RESERVED = Code(
    "WW0708",
    "reserved-name",
    _ERROR,
    "The engine uses these names in the script itself.",
    bad=_inside("local __ww_b = {}"),
    good=_GOOD,
)
PARAMETER = Code(
    "WW0709",
    "parameter",
    _ERROR,
    "A parameter's default must be a value it may have.",
    bad=_document("parameters: {rate: {type: float, default: 2, max: 1}}\n"),
    good=_document("parameters: {rate: {type: float, default: .2, max: 1}}\n"),
)
UNKNOWN_PARAMETER = Code(
    "WW0710",
    "unknown-parameter",
    _ERROR,
    "Reading a parameter that is not declared stops the run.",
    bad=_inside("state.n = world.param.pace"),
    good=_GOOD,
)
UNKNOWN_ENTITY = Code(
    "WW0711",
    "unknown-entity",
    _ERROR,
    "Networks, metrics and spawned entities refer to declared ones.",
    bad=_document("metrics: {n: {mean: state.n, of: b}}\n"),
    good=_document("metrics: {n: {mean: state.n, of: a}}\n"),
)
DUPLICATE = Code(
    "WW0713",
    "duplicate-entity",
    _ERROR,
    "Names tell entities apart.",
    bad=_document("", "[{name: a, script: a.lua, count: 1}, {name: a, script: a.lua, count: 2}]"),
    good=_document("", "[{name: a, script: a.lua, count: 1}, {name: b, script: a.lua, count: 2}]"),
)
METRIC = Code(
    "WW0714",
    "metric",
    _ERROR,
    "A metric says what is aggregated, how, and over whom.",
    bad=_document("metrics: {n: {mean: n}}\n"),
    good=_document("metrics: {n: {mean: state.n}}\n"),
)
NETWORK = Code(
    "WW0715",
    "network",
    _ERROR,
    "The random graph must exist for its settings.",
    bad=_document("network: {of: a, watts_strogatz: {k: 12, p: .1}}\n"),
    good=_document("network: {of: a, watts_strogatz: {k: 4, p: .1}}\n"),
)
UNDECLARED = Code(
    "WW0716",
    "undeclared-part",
    _ERROR,
    "A world has a grid, a space, layers, resources and timers only where it declares them.",
    bad=_inside("world.grid.move(1, 2)"),
    good=_GOOD,
)
VIVARIUM = Code(
    "WW0717",
    "vivarium-file",
    _ERROR,
    "The file is read as Vivarium reads it.",
    bad="name: x\nscript_library: {}\n",
    good="name: x\nscript_library: {}\nentities: []\n",
)
VIVARIUM_LIBRARY = Code(
    "WW0718",
    "vivarium-library",
    _WARNING,
    "Scripts run without access to the machine; at home in Vivarium they have it.",
)
ARGUMENTS = Code(
    "WW0719",
    "arguments",
    _ERROR,
    "A function that is called otherwise than it is made stops the run, or does something else.",
    bad=_inside("self:send_msg('a_1', 'hello')"),
    good=_inside("self.send_msg('a_1', 'hello')"),
)

NEVER_BEGINS = Code(
    "WW0720",
    "never-begins",
    _WARNING,
    "In `order: event` only those run to whom a message or a timer is due.",
    bad=_document("order: event\n"),
    good=_document("order: random\n"),
)
MOMENTARY = Code(
    "WW0721",
    "momentary-value",
    _ERROR,
    "A restored entity runs its script again among those who live then, so the answer would be another.",
    bad="local n = world.count()\nstate = {n = 0}\nfunction update(now, msgs)\n  state.n = n\nend\n",
    good="state = {n = world.count()}\nfunction update(now, msgs)\n  state.n = state.n + 1\nend\n",
)
SCAN = Code(
    "WW0722",
    "scan",
    _WARNING,
    "Ten times as many entities then take a hundred times as long.",
    bad=_inside("for _, id in ipairs(world.list_entities()) do state.n = state.n + #id end"),
    good=_inside("for _, id in ipairs(self.neighbors()) do state.n = state.n + #id end"),
)
PUBLIC = Code(
    "WW0723",
    "public-field",
    _ERROR,
    "Others can read of an entity what is in its state.",
    bad=_document("", "[{name: a, script: a.lua, count: 10, public: [m]}]"),
    good=_document("", "[{name: a, script: a.lua, count: 10, public: [n]}]"),
)

WORLD_CODES = (
    SYNTAX, SCRIPT_MISSING, NO_UPDATE, UNKNOWN_API, UNDEFINED, MEMORY, NEWER_LUA, RESERVED, PARAMETER,
    UNKNOWN_PARAMETER, UNKNOWN_ENTITY, DUPLICATE, METRIC, NETWORK, UNDECLARED, VIVARIUM, VIVARIUM_LIBRARY,
    ARGUMENTS,
    NEVER_BEGINS, MOMENTARY, SCAN, PUBLIC,
)  # fmt: skip
"""Every code of worlds, by its number."""
