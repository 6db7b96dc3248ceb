"""Which variable every name in a script means: a local, where it was declared, or a global.

Takes a syntax tree, gives the uses of names in the order of the text. Touches nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node

from worldwright.world.syntax import text_of

DEEPEST = 200


class TooDeepError(Exception):
    """The script is nested more deeply than anybody writes by hand."""


@dataclass(frozen=True, slots=True)
class Local:
    """A declared local variable."""

    name: str
    depth: int
    """How many functions it is declared inside of; 0 is the top level."""
    top: bool = False
    """Whether it is declared at the top level outside of any block."""
    place: int = -1
    """Where its name begins in the text; -1 for the `self` of a method."""


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a name."""

    name: str
    node: Node
    how: str
    """read, write, or field: a field of what it holds is written."""
    local: Local | None
    """None is a global."""
    depth: int
    """How many functions the use is inside of."""


def uses_of(root: Node) -> list[Use]:
    """All uses of variables in a script.

    Raises:
        TooDeepError: for a tree that is nested too deeply.
    """
    resolver = _Resolver()
    resolver.block(root, 0)
    return resolver.uses


class _Resolver:
    def __init__(self) -> None:
        self.uses: list[Use] = []
        self._scopes: list[dict[str, Local]] = [{}]
        self._depth = 0

    def block(self, node: Node, level: int) -> None:
        """The statements of a block, in a scope of their own."""
        self._scopes.append({})
        for child in node.named_children:
            self._visit(child, level + 1)
        self._scopes.pop()

    def _visit(self, node: Node, level: int) -> None:
        if level > DEEPEST:
            raise TooDeepError
        match node.type:
            case "identifier":
                self._use(node, "read")
            case "block":
                self.block(node, level)
            case "variable_declaration":
                self._declaration(node, level)
            case "assignment_statement":
                self._assignment(node, level)
            case "function_declaration":
                self._named_function(node, level)
            case "function_definition":
                self._function(node, level, method=False)
            case "for_statement":
                self._loop(node, level)
            case "repeat_statement":
                self._repeat(node, level)
            case "dot_index_expression" | "method_index_expression":
                self._visit_field(node, "table", level)
            case "field":
                self._table_field(node, level)
            case "goto_statement" | "label_statement" | "attribute" | "comment" | "string":
                pass
            case _:
                for child in node.named_children:
                    self._visit(child, level + 1)

    def _visit_field(self, node: Node, field: str, level: int) -> None:
        child = node.child_by_field_name(field)
        if child is not None:
            self._visit(child, level + 1)

    def _table_field(self, node: Node, level: int) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is not None and (name.type != "identifier" or node.children[0].type == "["):
            self._visit(name, level + 1)
        if value is not None:
            self._visit(value, level + 1)

    def _declaration(self, node: Node, level: int) -> None:
        names: list[Node] = []
        for child in node.named_children:
            if child.type == "assignment_statement":
                for part in child.named_children:
                    if part.type == "variable_list":
                        names += part.children_by_field_name("name")
                    else:
                        self._visit(part, level + 1)
            elif child.type == "variable_list":
                names += child.children_by_field_name("name")
        for name in names:
            self._declare(name)

    def _assignment(self, node: Node, level: int) -> None:
        for part in node.named_children:
            if part.type != "variable_list":
                self._visit(part, level + 1)
        for part in node.named_children:
            if part.type == "variable_list":
                for target in part.children_by_field_name("name"):
                    self._target(target, level)

    def _target(self, target: Node, level: int) -> None:
        if target.type == "identifier":
            self._use(target, "write")
            return
        self._visit(target, level + 1)
        base: Node | None = target
        while base is not None and base.type in ("dot_index_expression", "bracket_index_expression"):
            base = base.child_by_field_name("table")
        if base is not None and base.type == "identifier":
            self._use(base, "field")

    def _named_function(self, node: Node, level: int) -> None:
        name = node.child_by_field_name("name")
        method = False
        if name is not None:
            if node.children[0].type == "local":
                self._declare(name)
            elif name.type == "identifier":
                self._use(name, "write")
            else:
                method = name.type == "method_index_expression"
                table = name.child_by_field_name("table")
                if table is not None:
                    self._visit(table, level + 1)
                    self._base_written(table)
        self._function(node, level, method=method)

    def _base_written(self, table: Node) -> None:
        base: Node | None = table
        while base is not None and base.type == "dot_index_expression":
            base = base.child_by_field_name("table")
        if base is not None and base.type == "identifier":
            self._use(base, "field")

    def _function(self, node: Node, level: int, *, method: bool) -> None:
        self._depth += 1
        self._scopes.append({"self": Local("self", self._depth)} if method else {})
        parameters = node.child_by_field_name("parameters")
        for name in parameters.children_by_field_name("name") if parameters is not None else []:
            if name.type == "identifier":
                self._declare(name)
        self._visit_field(node, "body", level)
        self._scopes.pop()
        self._depth -= 1

    def _loop(self, node: Node, level: int) -> None:
        clause = node.child_by_field_name("clause")
        names: list[Node] = []
        for child in clause.named_children if clause is not None else []:
            if child.type == "variable_list":
                names += child.children_by_field_name("name")
            elif clause is not None and child == clause.child_by_field_name("name"):
                names.append(child)
            else:
                self._visit(child, level + 1)
        self._scopes.append({})
        for name in names:
            self._declare(name)
        self._visit_field(node, "body", level)
        self._scopes.pop()

    def _repeat(self, node: Node, level: int) -> None:
        """The condition sees the locals of the body."""
        self._scopes.append({})
        body, condition = node.child_by_field_name("body"), node.child_by_field_name("condition")
        for child in body.named_children if body is not None else []:
            self._visit(child, level + 2)
        if condition is not None:
            self._visit(condition, level + 1)
        self._scopes.pop()

    def _declare(self, name: Node) -> None:
        text = text_of(name)
        self._scopes[-1][text] = Local(text, self._depth, len(self._scopes) == 2, name.start_byte)

    def _use(self, node: Node, how: str) -> None:
        name = text_of(node)
        local = next((scope[name] for scope in reversed(self._scopes) if name in scope), None)
        self.uses.append(Use(name, node, how, local, self._depth))
