"""One instance of a script for all its entities: what runs once, and what each entity runs and remembers.

Takes the source of a script, gives its shared form or None. Touches nothing.

A script runs once for each entity, which makes its functions anew each time. Most scripts need only part of
that: their functions and constants are the same for all. The shared form runs those once; what else stands at
the top level becomes a function that each entity runs at its birth, and the variables that differ between
entities are carried: stored by entity and put in place before one runs. A script cannot tell the difference.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tree_sitter import Node

from worldwright.world.scopes import Local, TooDeepError, Use, uses_of
from worldwright.world.syntax import Edit, charges, edited, parse, text_of, walk

MOST_CARRIED = 24
"""Variables; a function of Lua can reach 60 outer ones, and needs two for each of these."""

_CONSTANTS = ("number", "string", "true", "false", "nil", "function_definition")
_SAME = re.compile(r"(math|string|table)\.\w+|self\.(random|send_msg|spawn_entity|destroy)")
"""Fields that are the same for every entity of every world."""
_OPERATIONS = ("binary_expression", "unary_expression", "parenthesized_expression")


@dataclass(frozen=True, slots=True)
class SharedForm:
    """A script for one instance of it.

    The source calls `__ww_once(f)` for what each entity runs. At its end it calls
    `__ww_swap(load, store, keep, clear)` with functions of an entity's slot that put its variables in place,
    store those that an update may change, store all, and make all nil. It reads the arrays of the variables
    as `__ww_1`, `__ww_2` and so on.
    """

    source: str
    carried: int
    """How many variables differ between entities; the first is `state`."""
    globals: tuple[str, ...]
    """Those of them that are global."""


@lru_cache(maxsize=64)
def shared_form(source: str) -> SharedForm | None:
    """The script's shared form; None where it is safer to run the script for each entity."""
    root = parse(source).root_node
    try:
        uses = uses_of(root)
    except TooDeepError:
        return None
    if root.has_error or any(node.type in ("return_statement", "label_statement") for node in root.children):
        return None
    return _Script(source, root, uses).shared()


class _Script:
    def __init__(self, source: str, root: Node, uses: list[Use]) -> None:
        self._source, self._uses = source, uses
        self._root = root
        self._statements = [n for n in root.named_children if n.type not in ("comment", "empty_statement")]
        self._writes = Counter(use.name for use in uses if use.how == "write" and use.local is None)
        self._declared = [name for node in self._statements for name in _declares(node)]
        self._rewritten = {use.name for use in uses if use.how == "write" and _at_top(use.local)}
        self._constants: set[str] = set()

    def shared(self) -> SharedForm | None:
        own = [node for node in self._statements if not self._runs_once(node)]
        if self._ambiguous() or not all(map(self._can_be_moved, own)) or self._reaches_ahead(own):
            return None
        carried = self._carried()
        if len(carried) > MOST_CARRIED:
            return None
        content = self._source.encode("utf-8", "surrogateescape")
        edits = charges(self._root)
        for run in _runs(self._statements, own):
            edits += _wrapped(run, len(content) + 2)
        tail = self._tail(carried).encode("utf-8", "surrogateescape")
        edits.append(Edit(len(content), len(content) + 3, len(content), tail))
        source = edited(content, edits).decode("utf-8", "surrogateescape")
        names = tuple(name for name in carried if name not in self._declared)
        return SharedForm(source, len(carried), names)

    def _runs_once(self, node: Node) -> bool:
        """Whether a statement does the same for every entity, so that once is enough."""
        names = [text_of(name) for name in _targets(node)]
        if node.type == "function_declaration":
            once = bool(names) and self._stands(names[0])
        elif node.type == "variable_declaration" and not _values(node):
            return not _has_attribute(node)
        elif node.type in ("variable_declaration", "assignment_statement") and names:
            once = all(map(self._stands, names)) and all(map(self._is_constant, _values(node)))
        else:
            return False
        if once:
            self._constants |= set(names)
        return once

    def _stands(self, name: str) -> bool:
        """Whether a variable of the top level is given its value in one place."""
        if name in self._declared:
            return name not in self._rewritten
        return name != "state" and self._writes[name] == 1

    def _is_constant(self, node: Node) -> bool:
        if node.type in _CONSTANTS:
            return True
        if node.type == "identifier":
            return text_of(node) in self._constants
        if node.type == "dot_index_expression":
            changed = set(self._declared) | set(self._writes)
            return bool(_SAME.fullmatch(text_of(node))) and not changed & {
                "math",
                "string",
                "table",
                "self",
                "world",
            }
        return node.type in _OPERATIONS and all(map(self._is_constant, node.named_children))

    def _ambiguous(self) -> bool:
        """Whether one name means two variables at the top level."""
        names = set(self._declared)
        if len(names) != len(self._declared) or "state" in names:
            return True
        return any(use.local is None and use.name in names for use in self._uses)

    def _can_be_moved(self, node: Node) -> bool:
        """Whether a statement means the same inside a function that stands in its place."""
        if node.type == "function_declaration" and node.children[0].type == "local":
            return False
        if node.type == "variable_declaration":
            return not _has_attribute(node)
        return True

    def _reaches_ahead(self, own: list[Node]) -> bool:
        """Whether what entities run may name a global set further down: nil at the first birth alone."""
        set_at = {
            text_of(name): name.start_byte
            for node in self._statements
            if node not in own
            for name in _targets(node)
            if text_of(name) not in self._declared
        }
        bodies = {text_of(name): node for node in self._statements for name in _targets(node)}
        for node in own:
            seen: set[str] = set()
            pending = [node]
            while pending:
                for name in _names_in(pending.pop()):
                    if set_at.get(name, -1) > node.start_byte:
                        return True
                    if name in bodies and name not in seen:
                        seen.add(name)
                        pending.append(bodies[name])
        return False

    def _carried(self) -> list[str]:
        """The variables that differ between entities."""
        reached = {use.name for use in self._uses if use.depth > 0 and _at_top(use.local)}
        own_globals = [name for name in self._writes if name != "state" and name not in self._constants]
        own_locals = [name for name in self._declared if name in reached and name not in self._constants]
        return ["state", *own_globals, *own_locals]

    def _tail(self, carried: list[str]) -> str:
        """The call that hands out how to put the variables in place and away."""
        numbers = {name: number for number, name in enumerate(carried, start=1)}
        changed = {use.name for use in self._uses if use.how == "write" and use.depth > 0}
        cleared = carried + [name for name in self._declared if name not in self._constants | numbers.keys()]

        def loading(name: str) -> str:
            value = f"do local __ww_v = __ww_{numbers[name]}[__ww_s] if __ww_v == __ww_nil then {name} = nil "
            return value + f"else {name} = __ww_v end end"

        def storing(name: str) -> str:
            place = f"__ww_{numbers[name]}[__ww_s]"
            return f"if {name} == nil then {place} = __ww_nil else {place} = {name} end"

        changing = [storing(name) for name in carried if name in changed]
        parts = [
            f"function(__ww_s) {' '.join(map(loading, carried))} end",
            f"function(__ww_s) {' '.join(changing)} end" if changing else "nil",
            f"function(__ww_s) {' '.join(map(storing, carried))} end",
            f"function() {', '.join(cleared)} = nil end",
        ]
        return "\n__ww_swap(" + ", ".join(parts) + ")"


def _at_top(local: Local | None) -> bool:
    return local is not None and local.top


def _targets(node: Node) -> list[Node]:
    """The variables that a statement of the top level declares or sets."""
    if node.type == "function_declaration":
        name = node.child_by_field_name("name")
        return [name] if name is not None and name.type == "identifier" else []
    holder = node
    if node.type == "variable_declaration" and node.named_children:
        holder = node.named_children[0]
    lists = [holder] if holder.type == "variable_list" else holder.named_children
    if node.type not in ("variable_declaration", "assignment_statement"):
        return []
    names = [
        name for part in lists if part.type == "variable_list" for name in part.children_by_field_name("name")
    ]
    return names if all(name.type == "identifier" for name in names) else []


def _values(node: Node) -> list[Node]:
    """What an assignment or declaration assigns."""
    holder = node.named_children[0] if node.type == "variable_declaration" and node.named_children else node
    return [
        value
        for part in holder.named_children
        if part.type == "expression_list"
        for value in part.named_children
    ]


def _declares(node: Node) -> list[str]:
    local = node.type == "variable_declaration" or (
        node.type == "function_declaration" and node.children[0].type == "local"
    )
    return [text_of(name) for name in _targets(node)] if local else []


def _names_in(node: Node) -> Iterator[str]:
    return (text_of(part) for part in walk(node) if part.type == "identifier")


def _runs(statements: list[Node], own: list[Node]) -> list[list[Node]]:
    """Statements that each entity runs, those that follow one another together."""
    runs: list[list[Node]] = [[]]
    for node in statements:
        if node in own:
            runs[-1].append(node)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _wrapped(run: list[Node], size: int) -> list[Edit]:
    """Edits that make a function of the statements, with the locals they declare in front of it."""
    opening = b""
    edits: list[Edit] = []
    for node in run:
        if node.type == "variable_declaration":
            names = _targets(node)
            opening += b" local " + b", ".join(name.text or b"" for name in names)
            edits.append(Edit(node.start_byte, 0, names[0].start_byte, b""))
    first, last = run[0].start_byte, run[-1].end_byte
    edits.append(Edit(first, -size, first, opening + b" do __ww_once(function() "))
    edits.append(Edit(last, size, last, b" end) end "))
    return edits


def _has_attribute(node: Node) -> bool:
    return any(part.type == "attribute" for part in walk(node))
