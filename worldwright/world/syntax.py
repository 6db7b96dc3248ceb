"""Scripts as trees: parsing, and the rewriting that adds the step budget and our own powers.

Takes the source of a Lua script, gives facts about it and the text that runs. Touches nothing.

The rewriting follows the tree's spans and adds no line breaks, so line numbers stay those of the author.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import tree_sitter_lua
from tree_sitter import Language, Node, Parser, Tree

PREFIX = "__ww"
"""Names that begin so are ours; a script that uses one is refused."""

_CHARGE = b" __ww_b[1]=__ww_b[1]-1 if __ww_b[1]<0 then __ww_over() end "


@lru_cache(maxsize=1)
def _language() -> Language:
    return Language(tree_sitter_lua.language())


def parse(source: str) -> Tree:
    """The syntax tree of a script; errors are nodes in it."""
    return Parser(_language()).parse(source.encode("utf-8", "surrogateescape"))


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it, in the order of the text."""
    pending = [node]
    while pending:
        here = pending.pop()
        yield here
        pending.extend(reversed(here.children))


def text_of(node: Node) -> str:
    """The source of a node."""
    return (node.text or b"").decode("utf-8", "replace")


def bindings(node: Node) -> Iterator[tuple[Node, Node]]:
    """The targets of an assignment or declaration, each with its value."""
    if node.type != "assignment_statement":
        return
    lists = {part.type: part for part in node.named_children}
    if {"variable_list", "expression_list"} <= set(lists):
        targets = lists["variable_list"].children_by_field_name("name")
        yield from zip(targets, lists["expression_list"].named_children, strict=False)


def called(table: Node, names: tuple[str, ...]) -> Node | None:
    """The call in `table.NAME(…)`, where NAME is one of these."""
    field = table.parent
    if field is None or field.type != "dot_index_expression" or field.child_by_field_name("table") != table:
        return None
    name, call = field.child_by_field_name("field"), field.parent
    if name is None or text_of(name) not in names or call is None or call.type != "function_call":
        return None
    return call if call.child_by_field_name("name") == field else None


@lru_cache(maxsize=64)
def instrument(source: str) -> str:
    """The script with a charge in every loop, function and goto, and with `a ^ b` as a call of ours."""
    content = source.encode("utf-8", "surrogateescape")
    return edited(content, charges(parse(source).root_node)).decode("utf-8", "surrogateescape")


class Edit(NamedTuple):
    """A piece of text in place of what stands between two offsets, or at one."""

    start: int
    order: int
    """Among those that start together: the outer opening and the inner closing come first."""
    end: int
    piece: bytes


def charges(root: Node) -> list[Edit]:
    """What `instrument` writes into a script."""
    edits: list[Edit] = []
    last = root.end_byte + 1  # a charge goes behind whatever closes at the same place
    for node in walk(root):
        match node.type:
            case "while_statement" | "for_statement":
                edits += [
                    Edit(child.end_byte, last, child.end_byte, _CHARGE)
                    for child in node.children
                    if child.type == "do"
                ][:1]
            case "repeat_statement":
                begins = node.children[0].end_byte
                edits.append(Edit(begins, last, begins, _CHARGE))
            case "function_declaration" | "function_definition":
                parameters = node.child_by_field_name("parameters")
                if parameters is not None:
                    edits.append(Edit(parameters.end_byte, last, parameters.end_byte, _CHARGE))
            case "goto_statement":
                edits.append(Edit(node.start_byte, last, node.start_byte, _CHARGE))
            case "binary_expression":
                operator = node.child_by_field_name("operator")
                if operator is not None and operator.type == "^":
                    size = node.end_byte - node.start_byte
                    edits.append(Edit(node.start_byte, -size, node.start_byte, b" __ww_pow("))
                    edits.append(Edit(operator.start_byte, 0, operator.end_byte, b","))
                    edits.append(Edit(node.end_byte, size, node.end_byte, b")"))
            case _:
                pass
    return edits


def edited(content: bytes, edits: list[Edit]) -> bytes:
    """The text with all edits made."""
    parts: list[bytes] = []
    position = 0
    for start, _, end, piece in sorted(edits):
        parts += [content[position:start], piece]
        position = max(position, end)
    parts.append(content[position:])
    return b"".join(parts)


def without_comments(source: str) -> str:
    """The script without comments, blank lines and blanks at the ends of lines."""
    content = source.encode("utf-8", "surrogateescape")
    kept: list[bytes] = []
    position = 0
    for node in walk(parse(source).root_node):
        if node.type == "comment" and node.start_byte >= position:
            kept.append(content[position : node.start_byte])
            position = node.end_byte
    kept.append(content[position:])
    text = b" ".join(kept).decode("utf-8", "replace")
    return "\n".join(line for row in text.split("\n") if (line := row.rstrip()))


@dataclass(frozen=True, slots=True)
class ScriptFacts:
    """What the runtime wants to know of a script before it runs."""

    names: frozenset[str]
    """Every identifier in it."""
    fields: frozenset[str]
    """Every name it may look up in a table: `.NAME` and constant texts."""
    agent_fields: frozenset[str] | None
    """The population columns it reads; None where it may read any."""
    keeps_inbox: bool
    """Whether the list of messages may outlive the update, or be written to."""
    keeps_messages: bool
    """Whether a message (not its content) may outlive the update, or be written to."""
    keeps_lists: bool
    """Whether a list of `world.entities` or `world.list_entities` may outlive an update or be written to."""
    computes_names: bool
    """Whether it writes fields under names it computes: `x[name] = …` for a variable x."""
    defines: frozenset[str]
    """Global functions it defines at the top level."""


@lru_cache(maxsize=64)
def facts_of(source: str) -> ScriptFacts:
    """What a script mentions, defines and keeps."""
    root = parse(source).root_node
    names: set[str] = set()
    fields: set[str] = set()
    direct: set[str] = set()
    escapes = dynamic = False
    for node in walk(root):
        if node.type == "identifier":
            names.add(text_of(node))
        elif node.type == "string_content":
            fields.add(text_of(node))
        elif node.type in ("dot_index_expression", "method_index_expression"):
            field = node.child_by_field_name("field") or node.child_by_field_name("method")
            if field is not None:
                fields.add(text_of(field))
            if _is_agent(node):
                column = _column_read(node)
                escapes = escapes or column is None
                direct |= {column} if column else set()
        elif node.type == "bracket_index_expression":
            field = node.child_by_field_name("field")
            dynamic = dynamic or field is None or field.type not in ("string", "number")
            table = node.child_by_field_name("table")
            escapes = escapes or (table is not None and text_of(table) == "self")
    agent_fields = frozenset(direct)
    if escapes or _self_is_handed_on(root):
        agent_fields = None if dynamic else frozenset(fields)
    keeps_inbox = _keeps_inbox(root)
    return ScriptFacts(
        frozenset(names),
        frozenset(fields),
        agent_fields,
        keeps_inbox,
        keeps_inbox or _keeps_messages(root),
        _keeps_lists(root),
        _computes_names(root),
        frozenset(_defines(root)),
    )


def _computes_names(root: Node) -> bool:
    for node in walk(root):
        if node.type == "bracket_index_expression" and node.parent and node.parent.type == "variable_list":
            table, field = node.child_by_field_name("table"), node.child_by_field_name("field")
            computed = field is not None and field.type not in ("string", "number")
            if computed and table is not None and table.type == "identifier":
                return True
    return False


def _is_agent(node: Node) -> bool:
    table, field = node.child_by_field_name("table"), node.child_by_field_name("field")
    return table is not None and field is not None and text_of(table) == "self" and text_of(field) == "agent"


def _column_read(agent: Node) -> str | None:
    """The column in `self.agent.NAME` or `self.agent["NAME"]`; None where `self.agent` goes elsewhere."""
    parent = agent.parent
    if parent is None or parent.child_by_field_name("table") != agent:
        return None
    field = parent.child_by_field_name("field")
    if field is None:
        return None
    if parent.type == "dot_index_expression":
        return text_of(field)
    if parent.type == "bracket_index_expression" and field.type == "string":
        content = field.child_by_field_name("content")
        return text_of(content) if content is not None else None
    return None


def _self_is_handed_on(root: Node) -> bool:
    for node in walk(root):
        if node.type == "identifier" and text_of(node) == "self":
            parent = node.parent
            if parent is None or parent.child_by_field_name("table") != node:
                return True
    return False


def _defines(root: Node) -> Iterator[str]:
    for node in root.children:
        if node.type == "function_declaration" and node.children[0].type != "local":
            name = node.child_by_field_name("name")
            if name is not None and name.type == "identifier":
                yield text_of(name)
        elif node.type == "assignment_statement":
            left = node.children[0]
            yield from (
                text_of(name) for name in left.children_by_field_name("name") if name.type == "identifier"
            )


def _keeps_inbox(root: Node) -> bool:
    """Whether `update` uses its second parameter for anything but `#msgs`, `ipairs(msgs)` and `msgs[i]`."""
    definitions = [
        node
        for node in walk(root)
        if node.type == "function_declaration"
        and (name := node.child_by_field_name("name")) is not None
        and text_of(name) == "update"
    ]
    assigned = any(
        node.type == "variable_list" and any(text_of(name) == "update" for name in node.named_children)
        for node in walk(root)
    )
    if len(definitions) != 1 or assigned or _redefines_ipairs(root):
        return True
    update = definitions[0]
    parameters = update.child_by_field_name("parameters")
    body = update.child_by_field_name("body")
    if parameters is None:
        return True
    if any(child.type == "vararg_expression" for child in parameters.children):
        return True
    named = parameters.children_by_field_name("name")
    if len(named) < 2 or body is None:
        return False
    inbox = text_of(named[1])
    return any(
        node.type == "identifier" and text_of(node) == inbox and not _only_reads(node) for node in walk(body)
    )


def _keeps_messages(root: Node) -> bool:
    """Whether `update` does more with a message than to read a field of it by name.

    Messages are what `msgs[i]` gives, `for _, m in ipairs(msgs)` and `local m = msgs[i]`.
    """
    update = next(node for node in walk(root) if _is_update(node))
    parameters, body = update.child_by_field_name("parameters"), update.child_by_field_name("body")
    named = parameters.children_by_field_name("name") if parameters is not None else []
    if len(named) < 2 or body is None:
        return False
    if any(node.type in ("function_definition", "function_declaration") for node in walk(body)):
        return True
    inbox = text_of(named[1])
    messages: set[str] = set()
    for node in walk(body):
        if node.type != "identifier" or text_of(node) != inbox or node.parent is None:
            continue
        parent = node.parent
        if parent.type == "arguments":
            name = _looped_over(parent)
            if name is None:
                return True
            messages.add(name)
        elif parent.type == "bracket_index_expression" and not _reads_field(parent):
            name = _declared_as(parent)
            if name is None:
                return True
            messages.add(name)
    return any(
        node.type == "identifier" and text_of(node) in messages and not _harmless(node) for node in walk(body)
    )


def _keeps_lists(root: Node) -> bool:
    """Whether the script does more with a list of ids than `#list`, `list[i]` and `for … in ipairs(list)`."""
    lists: set[str] = set()
    for node in walk(root):
        if node.type == "identifier" and text_of(node) == "world":
            above = node.parent
            if (
                above is None
                or above.type != "dot_index_expression"
                or above.child_by_field_name("table") != node
            ):
                return True
            field, call = above.child_by_field_name("field"), above.parent
            if field is None or text_of(field) not in ("entities", "list_entities"):
                continue
            if call is None or call.type != "function_call" or call.child_by_field_name("name") != above:
                return True
            name = _declared_as(call)
            if name is not None:
                lists.add(name)
            elif not _reads_list(call):
                return True
    return _redefines_ipairs(root) or any(
        node.type == "identifier" and text_of(node) in lists and not (_reads_list(node) or _is_named(node))
        for node in walk(root)
    )


def _reads_list(node: Node) -> bool:
    parent = node.parent
    if parent is not None and parent.type == "arguments":
        return _only_reads(node) and _looped_over(parent) is not None
    return _only_reads(node)


def _is_named(node: Node) -> bool:
    """Whether an identifier is only declared by `local`."""
    listed = node.parent
    above = listed.parent if listed is not None and listed.type == "variable_list" else None
    return above is not None and above.parent is not None and above.parent.type == "variable_declaration"


def _is_update(node: Node) -> bool:
    name = node.child_by_field_name("name") if node.type == "function_declaration" else None
    return name is not None and text_of(name) == "update"


def _looped_over(arguments: Node) -> str | None:
    """The second variable of a `for` that has nothing but this call of ipairs behind its `in`."""
    call = arguments.parent
    listed = call.parent if call is not None else None
    clause = listed.parent if listed is not None else None
    if (
        listed is None
        or clause is None
        or listed.type != "expression_list"
        or len(listed.named_children) != 1
    ):
        return None
    if clause.type != "for_generic_clause":
        return None
    variables = clause.named_children[0].named_children
    return text_of(variables[1]) if len(variables) == 2 else None


def _declared_as(value: Node) -> str | None:
    """The variable of `local m = VALUE`."""
    listed = value.parent
    assignment = listed.parent if listed is not None else None
    declaration = assignment.parent if assignment is not None else None
    if listed is None or assignment is None or declaration is None:
        return None
    if listed.type != "expression_list" or declaration.type != "variable_declaration":
        return None
    variables = assignment.named_children[0].named_children
    return text_of(variables[0]) if len(variables) == len(listed.named_children) == 1 else None


def _reads_field(node: Node) -> bool:
    """Whether a node is the table of a `.NAME` that is read."""
    parent = node.parent
    if parent is None or parent.type != "dot_index_expression" or parent.child_by_field_name("table") != node:
        return False
    return parent.parent is None or parent.parent.type != "variable_list"


def _harmless(node: Node) -> bool:
    """Whether an identifier reads a field, is declared, or is the name of a field."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "variable_list":
        above = parent.parent
        declared = (
            above is not None and above.parent is not None and above.parent.type == "variable_declaration"
        )
        return declared or (above is not None and above.type == "for_generic_clause")
    if parent.type == "dot_index_expression" and parent.child_by_field_name("field") == node:
        return True
    if parent.type == "field":
        return parent.child_by_field_name("name") == node and parent.child_by_field_name("value") != node
    return _reads_field(node)


def _redefines_ipairs(root: Node) -> bool:
    return any(
        node.type == "identifier"
        and text_of(node) == "ipairs"
        and (node.parent is None or node.parent.type != "function_call")
        for node in walk(root)
    )


def _only_reads(node: Node) -> bool:
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "unary_expression":
        operator = parent.child_by_field_name("operator")
        return operator is not None and operator.type == "#"
    if parent.type == "dot_index_expression":
        return parent.child_by_field_name("field") == node  # a field that happens to have the name
    if parent.type == "field":
        return parent.child_by_field_name("name") == node and parent.child_by_field_name("value") != node
    if parent.type == "bracket_index_expression":
        above = parent.parent
        written = above is not None and above.type == "variable_list"
        return parent.child_by_field_name("table") == node and not written
    if parent.type == "arguments" and parent.parent is not None:
        called = parent.parent.child_by_field_name("name")
        return called is not None and text_of(called) == "ipairs" and parent.parent.type == "function_call"
    return False
