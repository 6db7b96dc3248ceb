"""What can be told of a script before it runs: syntax, unknown names, memory that a snapshot would lose.

Takes the source and what it may refer to, gives diagnostics. Runs nothing and touches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from tree_sitter import Node

from worldwright.diagnostics import Diagnostic, Position, Span
from worldwright.world import codes
from worldwright.world.compiler import CompileError, compile_error
from worldwright.world.scopes import TooDeepError, Use, uses_of
from worldwright.world.syntax import PREFIX, facts_of, parse, text_of, walk
from worldwright.world.vocabulary import (
    GLOBALS,
    GLOBALS_54,
    LIBRARIES,
    LIBRARIES_54,
    NOT_BUILT,
    OUTSIDE,
    SELF,
    WORLD,
)

LONGEST = 1_000_000
_NEWER = {
    "//": "math.floor(a / b)",
    "&": "arithmetic",
    "|": "arithmetic",
    "~": "arithmetic",
    "<<": "* 2^n",
    ">>": "/ 2^n",
}
_CHANGERS = {"table.insert", "table.remove", "table.sort"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a script may refer to."""

    runtime: str
    """auto, luajit or lua54."""
    parameters: frozenset[str]
    entities: frozenset[str]
    """Names that entities and scripts can be called by."""


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


class _Check:
    def __init__(self, source: str, file: str, dialect: Dialect) -> None:
        self._source = source
        self._file = file
        self._dialect = dialect
        self._rows = source.encode("utf-8", "surrogateescape").split(b"\n")
        self._root = parse(source).root_node
        self.uses: list[Use] = []

    def found(self) -> list[Diagnostic]:
        """All rules, in their order; a script that cannot be read is judged no further."""
        broken = self.unreadable()
        if broken:
            return broken
        facts = facts_of(self._source)
        found: list[Diagnostic] = []
        if "update" not in facts.defines:
            message = "the script defines no function `update`"
            found.append(
                codes.NO_UPDATE.at(self._top(), message, help="add `function update(now, msgs) … end`")
            )
        if self._dialect.runtime != "lua54":
            found += self._newer_lua()
        found += self._unknown_fields()
        found += self._undefined()
        if "get_state" not in facts.defines:
            found += self._memory()
        found += self._constants()
        return found

    def unreadable(self) -> list[Diagnostic]:
        """What keeps the script from being read at all; fills `uses` where nothing does."""
        if len(self._source) > LONGEST:
            return [codes.SYNTAX.at(self._top(), f"the script is longer than {LONGEST} characters")]
        found = [*self._syntax(), *self._reserved()]
        if found:
            return found
        try:
            self.uses = uses_of(self._root)
        except TooDeepError:
            return [codes.SYNTAX.at(self._top(), "the script is nested too deeply")]
        return []

    def _top(self) -> Span:
        return Span(self._file, Position(1, 1), Position(1, max(2, len(self._rows[0]) + 1)))

    def _span(self, node: Node) -> Span:
        (row, column), (last, end) = node.start_point, node.end_point
        return Span(self._file, self._position(row, column), self._position(last, end))

    def _position(self, row: int, column: int) -> Position:
        return Position(row + 1, len(self._rows[row][:column].decode("utf-8", "replace")) + 1)

    def _syntax(self) -> Iterator[Diagnostic]:
        problem = compile_error(self._source)
        if problem is not None:
            yield codes.SYNTAX.at(self._near(problem), problem.message)
            return
        broken = next((node for node in walk(self._root) if node.is_error or node.is_missing), None)
        if broken is not None:
            message = "this cannot be followed; write it in a plainer way"
            yield codes.SYNTAX.at(self._span(broken), message)

    def _near(self, problem: CompileError) -> Span:
        """The token Lua stopped at, in the line it names."""
        line = min(problem.line, len(self._rows))
        row = self._rows[line - 1].decode("utf-8", "replace")
        column = row.rfind(problem.token) if problem.token else len(row)
        start = Position(line, max(column, 0) + 1)
        return Span(self._file, start, Position(line, start.column + max(len(problem.token or ""), 1)))

    def _reserved(self) -> Iterator[Diagnostic]:
        for node in walk(self._root):
            if node.type == "identifier" and (text_of(node).startswith(PREFIX) or text_of(node) == "_ENV"):
                yield codes.RESERVED.at(self._span(node), f"the name `{text_of(node)}` is reserved")

    def _newer_lua(self) -> Iterator[Diagnostic]:
        help = "or set `runtime: lua54` in the world"
        for node in walk(self._root):
            if node.type in ("binary_expression", "unary_expression"):
                operator = node.child_by_field_name("operator")
                if operator is not None and operator.type in _NEWER:
                    message = f"`{operator.type}` is Lua 5.3 and newer; this world runs on LuaJIT"
                    instead = f"write {_NEWER[operator.type]}, {help}"
                    yield codes.NEWER_LUA.at(self._span(operator), message, help=instead)
            elif node.type == "attribute":
                message = f"`{text_of(node)}` is Lua 5.4; this world runs on LuaJIT"
                yield codes.NEWER_LUA.at(self._span(node), message, help=f"leave it out, {help}")

    def _unknown_fields(self) -> Iterator[Diagnostic]:
        libraries = LIBRARIES_54 if self._dialect.runtime == "lua54" else LIBRARIES
        known = {**libraries, "self": SELF, "world": WORLD}
        for use in self.uses:
            if use.local is not None or use.name not in known:
                continue
            field = _field_of(use.node)
            if field is None:
                continue
            name = text_of(field)
            refused = NOT_BUILT.get(use.name, {}).get(name)
            if refused:
                yield codes.NOT_BUILT.at(self._span(field), f"`{use.name}.{name}`: {refused}")
            elif name not in known[use.name]:
                yield self._no_such(use.name, field, known[use.name])
            elif use.name == "world" and name == "param":
                yield from self._parameter(use.node)

    def _no_such(self, owner: str, field: Node, known: frozenset[str]) -> Diagnostic:
        name = text_of(field)
        near = get_close_matches(name, known, 1)
        help = f"did you mean `{owner}.{near[0]}`?" if near else f"there are {', '.join(sorted(known))}"
        if name in LIBRARIES_54.get(owner, ()):
            help = "it is there with `runtime: lua54`"
        return codes.UNKNOWN_API.at(self._span(field), f"there is no `{owner}.{name}`", help=help)

    def _parameter(self, world: Node) -> Iterator[Diagnostic]:
        field = _field_of(world.parent) if world.parent is not None else None
        if field is None or text_of(field) in self._dialect.parameters:
            return
        name = text_of(field)
        near = get_close_matches(name, self._dialect.parameters, 1)
        known = ", ".join(sorted(self._dialect.parameters)) or "none"
        help = f"did you mean `{near[0]}`?" if near else f"there are: {known}"
        yield codes.UNKNOWN_PARAMETER.at(self._span(field), f"the world has no parameter `{name}`", help=help)

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
            if name == "state":
                help = "begin the script with `state = {…}`"
            elif name in OUTSIDE:
                help = OUTSIDE[name]
            elif name in GLOBALS_54:
                help = "it is there with `runtime: lua54`"
            else:
                near = get_close_matches(name, [*known, *written, *_locals(self.uses)], 1)
                help = f"did you mean `{near[0]}`?" if near else None
            told.add(name)
            yield codes.UNDEFINED.at(self._span(use.node), f"nothing defines `{name}`", help=help)

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
            yield codes.MEMORY.at(self._span(use.node), message, help=help)

    def _changed_by_call(self, node: Node) -> bool:
        arguments = node.parent
        call = arguments.parent if arguments is not None and arguments.type == "arguments" else None
        if call is None or arguments is None or call.type != "function_call":
            return False
        name = call.child_by_field_name("name")
        first = arguments.named_children[0] if arguments.named_children else None
        return name is not None and text_of(name) in _CHANGERS and first == node

    def _constants(self) -> Iterator[Diagnostic]:
        """Entities named by constant texts."""
        places = {"world.entities": 0, "world.count": 0, "self.spawn_entity": 1}
        for node in walk(self._root):
            if node.type != "function_call":
                continue
            name, arguments = node.child_by_field_name("name"), node.child_by_field_name("arguments")
            if name is None or arguments is None or text_of(name) not in places:
                continue
            given = arguments.named_children
            place = places[text_of(name)]
            text = given[place] if len(given) > place else None
            content = (
                text.child_by_field_name("content") if text is not None and text.type == "string" else None
            )
            if text is None or content is None or text_of(content) in self._dialect.entities:
                continue
            known = ", ".join(sorted(self._dialect.entities))
            near = get_close_matches(text_of(content), self._dialect.entities, 1)
            help = f"did you mean {near[0]!r}?" if near else f"there are {known}"
            message = f"the world has no entity {text_of(content)!r}"
            yield codes.UNKNOWN_ENTITY.at(self._span(text), message, help=help)


def _field_of(node: Node | None) -> Node | None:
    """The NAME in `node.NAME` or `node:NAME`."""
    parent = node.parent if node is not None else None
    if parent is None or parent.child_by_field_name("table") != node:
        return None
    if parent.type not in ("dot_index_expression", "method_index_expression"):
        return None
    return parent.child_by_field_name("field") or parent.child_by_field_name("method")


def _locals(uses: list[Use]) -> set[str]:
    return {use.name for use in uses if use.local is not None}
