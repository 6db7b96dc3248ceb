"""What can be told of a script before it runs: syntax, unknown names, memory that a snapshot would lose.

Takes the source and what it may refer to, gives diagnostics. Runs nothing and touches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from tree_sitter import Node

from worldwright.diagnostics import Diagnostic, Span
from worldwright.world import codes
from worldwright.world.aliases import field_of, meanings
from worldwright.world.borrowed import changed_elsewhere
from worldwright.world.calls import wrong_calls
from worldwright.world.momentary import momentary_values
from worldwright.world.portability import unportable
from worldwright.world.scans import scans
from worldwright.world.scopes import Use
from worldwright.world.script_text import ScriptText
from worldwright.world.syntax import facts_of, text_of, walk
from worldwright.world.vocabulary import (
    FOREIGN,
    GLOBALS,
    GLOBALS_54,
    LIBRARIES,
    LIBRARIES_54,
    OUTSIDE,
    PARTS,
    SELF,
    TABLES,
    WHERE_DECLARED,
    WORLD,
)

_NEWER = {
    "//": "math.floor(a / b)",
    "&": "`a % 2^n` for the lowest n bits",
    "|": "sums of powers of two",
    "~": "`-1 - a` for all bits turned round",
    "<<": "a * 2^n",
    ">>": "math.floor(a / 2^n)",
}
_CHANGERS = {"table.insert", "table.remove", "table.sort", "rawset", "setmetatable"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a script may refer to."""

    runtime: str
    """auto, luajit or lua54."""
    parameters: frozenset[str]
    entities: frozenset[str]
    """Names that entities and scripts can be called by."""
    parts: frozenset[str] = frozenset()
    """Which of `world.grid`, `space`, `layer` and `resource` the world declares."""
    layers: frozenset[str] = frozenset()
    resources: frozenset[str] = frozenset()
    order: str = "simultaneous"
    solid: bool = False
    """Whether its space, or else its grid, has three dimensions."""
    alone: bool = False
    """Whether a single entity runs the script."""
    public: frozenset[str] = frozenset()
    """Fields of states that others may read."""
    floats: frozenset[str] = frozenset()
    """Parameters that are floats."""
    portable: bool = False
    """Whether it is to do the same on LuaJIT and Lua 5.4."""


def check_script(source: str, file: str, dialect: Dialect) -> list[Diagnostic]:
    """Everything found in a script of a native world.

    Args:
        source: The Lua text.
        file: Its name in diagnostics.
        dialect: Runtime, parameters and entities of its world.
    """
    return _Check(source, file, dialect).found()


def check_vivarium_script(name: str, source: str, span: Span) -> list[Diagnostic]:
    """What is found in a script of a Vivarium file, all at the place of the script."""
    check = _Check(source, name, Dialect("lua54", frozenset(), frozenset()))
    broken = check.unreadable()
    if broken:
        first = broken[0]
        line = first.span.start.line if first.span else 1
        return [codes.SYNTAX.at(span, f"script {name!r}, line {line}: {first.message}")]
    defined = facts_of(source).defines
    found = [
        codes.NO_UPDATE.at(span, f"the script {name!r} defines no function `{function}`")
        for function in ("update", "get_state", "set_state")
        if function not in defined
    ]
    names = {use.name for use in check.uses if use.local is None and use.how == "read"}
    written = {use.name for use in check.uses if use.local is None and use.how == "write"}
    for outside in sorted((names & set(OUTSIDE)) - written):
        message = f"the script {name!r} uses `{outside}`, which is not there"
        found.append(codes.VIVARIUM_LIBRARY.at(span, message, help=OUTSIDE[outside]))
    return found


class _Check(ScriptText):
    def __init__(self, source: str, file: str, dialect: Dialect) -> None:
        super().__init__(source, file)
        self._dialect = dialect

    def found(self) -> list[Diagnostic]:
        """All rules, in their order; a script that cannot be read is judged no further."""
        broken = self.unreadable()
        if broken:
            return broken
        facts = facts_of(self.source)
        found: list[Diagnostic] = []
        if "update" not in facts.defines:
            found.append(self._no_update())
        if self._dialect.runtime != "lua54":
            found += self._newer_lua()
        found += self._unknown_fields()
        found += self._undefined()
        if not {"get_state", "set_state"} <= facts.defines:  # one alone keeps nothing
            found += self._memory()
            found += self._lent()
            for node, message, help in momentary_values(self.root, self.uses):
                found.append(codes.MOMENTARY.at(self.span(node), message, help=help))
        if not self._dialect.alone:
            for node, message, help in scans(self.uses):
                found.append(codes.SCAN.at(self.span(node), message, help=help))
        found += self._constants()
        for node, message, help in wrong_calls(self.root, self.uses, solid=self._dialect.solid):
            found.append(codes.ARGUMENTS.at(self.span(node), message, help=help))
        return found + (self._unportable() if self._dialect.portable else [])

    def _unportable(self) -> list[Diagnostic]:
        floats, runtime = self._dialect.floats, self._dialect.runtime
        return [
            code.at(self.span(node), message, help=help)
            for code, (node, message, help) in unportable(
                self.root, self.uses, floats=floats, runtime=runtime
            )
        ]

    def _no_update(self) -> Diagnostic:
        for node in self.root.children:
            name = node.child_by_field_name("name") if node.type == "function_declaration" else None
            if name is not None and text_of(name) == "update":
                message = "`update` is local, so the engine does not see it"
                return codes.NO_UPDATE.at(self.span(name), message, help="leave out `local`")
        message = "the script defines no function `update`"
        return codes.NO_UPDATE.at(self.top(), message, help="add `function update(now, msgs) … end`")

    def _newer_lua(self) -> Iterator[Diagnostic]:
        help = "or set `runtime: lua54` in the world"
        for node in walk(self.root):
            if node.type in ("binary_expression", "unary_expression"):
                operator = node.child_by_field_name("operator")
                if operator is not None and operator.type in _NEWER:
                    message = f"`{operator.type}` is Lua 5.3 and newer; this world runs on LuaJIT"
                    instead = f"write {_NEWER[operator.type]}, {help}"
                    yield codes.NEWER_LUA.at(self.span(operator), message, help=instead)
            elif node.type == "attribute":
                message = f"`{text_of(node)}` is Lua 5.4; this world runs on LuaJIT"
                yield codes.NEWER_LUA.at(self.span(node), message, help=f"leave it out, {help}")

    def _unknown_fields(self) -> Iterator[Diagnostic]:
        libraries = LIBRARIES_54 if self._dialect.runtime == "lua54" else LIBRARIES
        known = {**libraries, **TABLES}
        for path, node in meanings(self.root, self.uses, known):
            yield from self._fields(path, node, known)

    def _fields(self, path: str, node: Node, known: Mapping[str, frozenset[str]]) -> Iterator[Diagnostic]:
        """What is looked up in what a name stands for: `world`, `world.grid`, `string`."""
        inner, field = field_of(node)
        if inner is None or field is None:
            return
        name = text_of(field)
        if path == "world.param":
            yield from self._parameter(field)
        elif path in known and name not in known[path]:
            if path.count(".") == 0 or path.partition(".")[2] in self._dialect.parts:
                yield self._no_such(path, field, known[path])
        elif path == "world" and name in PARTS and name not in self._dialect.parts:
            message = f"the world declares no {name}"
            help = f"add {WHERE_DECLARED[name]} to the world"
            yield codes.UNDECLARED.at(self.span(field), message, help=help)
        elif path == "world" and name == "read" and not self._dialect.public:
            message = "`world.read` reads public fields, and no entity of the world has any"
            help = "add `public: [NAME]` to the entity: fields of its `state` that others may read"
            yield codes.UNDECLARED.at(self.span(field), message, help=help)
        elif path == "world":
            yield from self._fields(f"world.{name}", inner, known)
        elif path == "self":
            yield from self._own(name, field)

    def _own(self, name: str, field: Node) -> Iterator[Diagnostic]:
        """What of `self` needs something declared."""
        if name == "wake" and self._dialect.order != "event":
            message = f"`self.wake` belongs to `order: event`; this world's order is {self._dialect.order}"
            help = "everybody runs in every tick; or set `order: event`"
            yield codes.UNDECLARED.at(self.span(field), message, help=help)
        elif name == "broadcast_msg" and not self._dialect.parts & {"grid", "space"}:
            message = (
                "`self.broadcast_msg` reaches who is near, and the world declares neither a space nor a grid"
            )
            help = f"add {WHERE_DECLARED['space']} to the world, or use `self.neighbors()`"
            yield codes.UNDECLARED.at(self.span(field), message, help=help)

    def _no_such(self, owner: str, field: Node, known: frozenset[str]) -> Diagnostic:
        name = text_of(field)
        near = get_close_matches(name, known, 1)
        help = f"there are {', '.join(sorted(known))}"
        if f"{owner}.{name}" in FOREIGN:
            help = FOREIGN[f"{owner}.{name}"]
        elif near:
            help = f"did you mean `{owner}.{near[0]}`?"
        elif owner == "self":
            help = f"what an entity remembers is `state.{name}`; in `self` {help.removeprefix('there ')}"
        if name in LIBRARIES_54.get(owner, ()):
            help = "it is there with `runtime: lua54`"
        return codes.UNKNOWN_API.at(self.span(field), f"there is no `{owner}.{name}`", help=help)

    def _parameter(self, field: Node) -> Iterator[Diagnostic]:
        name = text_of(field)
        if name in self._dialect.parameters:
            return
        near = get_close_matches(name, self._dialect.parameters, 1)
        known = ", ".join(sorted(self._dialect.parameters)) or "none"
        help = f"did you mean `{near[0]}`?" if near else f"there are: {known}"
        yield codes.UNKNOWN_PARAMETER.at(self.span(field), f"the world has no parameter `{name}`", help=help)

    def _undefined(self) -> Iterator[Diagnostic]:
        known = GLOBALS_54 if self._dialect.runtime == "lua54" else GLOBALS
        written = {use.name for use in self.uses if use.local is None and use.how == "write"}
        told: set[str] = set()
        for use in self.uses:
            name = use.name
            if (
                use.local is not None
                or use.how == "write"
                or name in written
                or name in known
                or name in told
            ):
                continue
            told.add(name)
            help = self._meant(name, known, written)
            yield codes.UNDEFINED.at(self.span(use.node), f"nothing defines `{name}`", help=help)

    def _meant(self, name: str, known: frozenset[str], written: set[str]) -> str | None:
        """What somebody who wrote an undefined name probably wants."""
        if name == "state":
            return "begin the script with `state = {…}`"
        if name in OUTSIDE or name in FOREIGN:
            return OUTSIDE.get(name) or FOREIGN[name]
        if name in GLOBALS_54:
            return "it is there with `runtime: lua54`"
        if name in self._dialect.parameters:
            return f"the parameter is `world.param.{name}`"
        for owner, fields in (("self", SELF), ("world", WORLD)):
            if name in fields:
                return f"write `{owner}.{name}`"
        near = get_close_matches(name, [*known, *written, *_locals(self.uses)], 1)
        return f"did you mean `{near[0]}`?" if near else None

    def _memory(self) -> Iterator[Diagnostic]:
        help = "keep it in `state`, or define get_state and set_state"
        told: set[str] = set()
        for use in self.uses:
            top = use.local is not None and use.local.depth == 0
            if use.depth == 0 or use.name in told or not (top or (use.local is None and use.name != "state")):
                continue
            if use.how == "read" and not self._changed_by_call(use.node):
                continue
            if use.local is None and use.how != "write" and use.name in GLOBALS_54:
                continue
            told.add(use.name)
            kind = "the top-level local" if top else "the global"
            verb = "is assigned" if use.how == "write" else "is changed"
            message = f"{kind} `{use.name}` {verb} in a function and would be lost in a snapshot"
            hidden = top and use.name == "state"
            yield codes.MEMORY.at(
                self.span(use.node),
                message,
                help="leave out `local`: the engine keeps `state`" if hidden else help,
            )

    def _lent(self) -> Iterator[Diagnostic]:
        for use, name in changed_elsewhere(self.root, self.uses):
            message = (
                f"the top-level local `{use.name}` is changed as `{name}` and would be lost in a snapshot"
            )
            help = "keep it in `state`, or define get_state and set_state"
            yield codes.MEMORY.at(self.span(use.node), message, help=help)

    def _changed_by_call(self, node: Node) -> bool:
        arguments = node.parent
        call = arguments.parent if arguments is not None and arguments.type == "arguments" else None
        if call is None or arguments is None or call.type != "function_call":
            return False
        name = call.child_by_field_name("name")
        first = arguments.named_children[0] if arguments.named_children else None
        return name is not None and text_of(name) in _CHANGERS and first == node

    def _constants(self) -> Iterator[Diagnostic]:
        """Entities, layers and resources named by constant texts."""
        entities, layers, resources = self._dialect.entities, self._dialect.layers, self._dialect.resources
        places = {
            "world.entities": (0, "entity", entities),
            "world.count": (0, "entity", entities),
            "world.grid.count": (0, "entity", entities),
            "world.grid.count_neighbors": (0, "entity", entities),
            "world.grid.near": (0, "entity", entities),
            "world.grid.neighbors": (0, "entity", entities),
            "world.grid.occupant": (0, "entity", entities),
            "world.space.near": (1, "entity", entities),
            "world.space.within": (1, "entity", entities),
            "world.space.count_within": (1, "entity", entities),
            "world.space.nearest": (0, "entity", entities),
            "self.spawn_entity": (1, "entity", entities),
            "world.read": (1, "public field", self._dialect.public),
            "world.grid.count_where": (0, "public field", self._dialect.public),
        }
        places |= {f"world.layer.{entry.field}": (0, "layer", layers) for entry in PARTS["layer"]}
        places |= {f"world.resource.{entry.field}": (0, "resource", resources) for entry in PARTS["resource"]}
        for node in walk(self.root):
            if node.type != "function_call":
                continue
            name, arguments = node.child_by_field_name("name"), node.child_by_field_name("arguments")
            if name is None or arguments is None or text_of(name) not in places:
                continue
            given = arguments.named_children
            place, what, known_names = places[text_of(name)]
            text = given[place] if len(given) > place else None
            content = (
                text.child_by_field_name("content") if text is not None and text.type == "string" else None
            )
            if text is None or content is None or text_of(content) in known_names:
                continue
            if not known_names and what != "entity":
                continue  # the world declares none, which is told where they are used
            known = ", ".join(sorted(known_names))
            near = get_close_matches(text_of(content), known_names, 1)
            help = f"did you mean {near[0]!r}?" if near else f"there are {known}"
            message = f"the world has no {what} {text_of(content)!r}"
            yield codes.UNKNOWN_ENTITY.at(self.span(text), message, help=help)


def _locals(uses: list[Use]) -> set[str]:
    return {use.name for use in uses if use.local is not None}
