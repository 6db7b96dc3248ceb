"""Which expressions of a script may be floats, as Lua 5.4 tells them from whole numbers.

Takes a syntax tree and the parameters that are floats, gives answers about its nodes. Touches nothing.

Names are followed through assignments, fields, calls and loops by what they are called, wherever they stand.
The columns of a population and what arrives from other scripts are taken for whole.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from worldwright.world.syntax import bindings, text_of, walk

_FLOATS = {
    *("math.acos", "math.asin", "math.atan", "math.atan2", "math.cos", "math.deg", "math.exp", "math.fmod"),
    *("math.log", "math.log10", "math.pow", "math.rad", "math.sin", "math.sqrt", "math.tan"),
    "world.layer.get",
    "world.layer.sum",
    "world.space.position",
    "world.space.distance",
}
_DRAWS = ("self.random", "world.random", "math.random")
_SELECTING = ("math.max", "math.min", "math.abs")
_DIGITS = re.compile(r"""['"][^'".]*%d[^'".]*['"]""")


def arguments(call: Node) -> list[Node]:
    """What a call hands over."""
    given = call.child_by_field_name("arguments")
    return [child for child in given.named_children if child.type != "comment"] if given else []


def function_name(call: Node) -> str:
    """The function of a call, as it is written."""
    name = call.child_by_field_name("name")
    return text_of(name).replace(" ", "") if name is not None else ""


def operator(node: Node) -> str:
    """The operator of an operation; empty for anything else."""
    found = node.child_by_field_name("operator")
    return found.type if found is not None else ""


def bare(node: Node) -> Node:
    """An expression without the parentheses around it."""
    while node.type == "parenthesized_expression" and node.named_children:
        node = node.named_children[0]
    return node


class Kinds:
    """What is known of the numbers of a script.

    Args:
        root: Its tree.
        floats: The parameters whose values may have fractions.
    """

    def __init__(self, root: Node, floats: frozenset[str]) -> None:
        self._parameters = floats
        self._names: set[str] = set()
        self._nodes = list(walk(root))
        self._functions = {
            text_of(name): node
            for node in self._nodes
            if node.type == "function_declaration" and (name := node.child_by_field_name("name")) is not None
        }
        size = -1
        while size != len(self._names):
            size = len(self._names)
            for node in self._nodes:
                self._learn(node)

    def maybe(self, node: Node) -> bool:
        """Whether a value may be a float."""
        node = bare(node)
        match node.type:
            case "number":
                return is_float(node)
            case "binary_expression":
                return self._operation(node)
            case "unary_expression":  # of nothing, LuaJIT makes -0
                return operator(node) == "-" and bare(node.named_children[-1]).type != "number"
            case "function_call":
                return self._call(node)
            case "identifier":
                return text_of(node) in self._names
            case "dot_index_expression":
                if text_of(node).startswith("world.param."):
                    return text_of(node).removeprefix("world.param.") in self._parameters
                field = node.child_by_field_name("field")
                return field is not None and text_of(field) in self._names
            case "bracket_index_expression":
                table = node.child_by_field_name("table")
                return table is not None and self.maybe(table)
            case "table_constructor":
                return any(
                    field.child_by_field_name("name") is None
                    and (value := field.child_by_field_name("value")) is not None
                    and self.maybe(value)
                    for field in node.named_children
                    if field.type == "field"
                )
            case _:
                return False

    def surely(self, node: Node) -> bool:
        """Whether a value is certainly a float."""
        node = bare(node)
        if node.type == "number":
            return is_float(node)
        if node.type == "binary_expression":
            if operator(node) in ("/", "^"):
                return True
            return operator(node) in ("+", "-", "*", "%") and any(self.surely(n) for n in node.named_children)
        if node.type == "function_call":
            name = function_name(node)
            return name in _FLOATS - {"math.fmod"} or (name in _DRAWS and not arguments(node))
        return False

    def _operation(self, node: Node) -> bool:
        sides = node.named_children
        match operator(node):
            case "/" | "^":
                return True
            case "+" | "-" | "%" | "//" | "or":
                return any(self.maybe(side) for side in sides)
            case "*":  # 0 * -1 is -0 on LuaJIT
                return any(self.maybe(side) or operator(bare(side)) == "-" for side in sides if side)
            case "and":
                return self.maybe(sides[-1])
            case _:
                return False

    def _call(self, call: Node) -> bool:
        name, given = function_name(call), arguments(call)
        if name in _FLOATS or name in self._names:
            return True
        if name in _DRAWS:
            return not given
        if name == "math.abs" and given and operator(bare(given[0])) == "-" and len(given[0].children) == 2:
            return self.maybe(given[0].named_children[-1])
        if name in _SELECTING:
            return any(self.maybe(one) for one in given)
        if name in ("math.ceil", "math.floor"):  # -0 again
            return any(operator(part) == "-" for one in given[:1] for part in walk(one))
        return name == "tonumber" and bool(given) and not _DIGITS.search(text_of(given[0]))

    def _learn(self, node: Node) -> None:
        for target, value in bindings(node):
            if self.maybe(value):
                self._name(target)
        match node.type:
            case "field":
                name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
                if name is not None and value is not None and self.maybe(value):
                    self._name(name)
            case "for_numeric_clause":
                start, step = node.child_by_field_name("start"), node.child_by_field_name("step")
                name = node.child_by_field_name("name")
                if name is not None and any(part is not None and self.maybe(part) for part in (start, step)):
                    self._name(name)
            case "for_generic_clause":
                self._looped(node)
            case "return_statement":
                self._returned(node)
            case "function_call":
                self._handed_over(node)
            case _:
                pass

    def _looped(self, clause: Node) -> None:
        lists = {part.type: part for part in clause.named_children}
        names = lists["variable_list"].named_children if "variable_list" in lists else []
        call = lists["expression_list"].named_children[0] if "expression_list" in lists else None
        if call is None or call.type != "function_call" or function_name(call) not in ("ipairs", "pairs"):
            return
        if len(names) > 1 and any(self.maybe(one) for one in arguments(call)[:1]):
            self._name(names[1])

    def _returned(self, node: Node) -> None:
        above = node.parent
        while above is not None and above.type not in ("function_declaration", "function_definition"):
            above = above.parent
        name = above.child_by_field_name("name") if above is not None else None
        values = [value for part in node.named_children for value in part.named_children]
        if name is not None and any(self.maybe(value) for value in values):
            self._names.add(text_of(name))

    def _handed_over(self, call: Node) -> None:
        name, given = function_name(call), arguments(call)
        if name == "table.insert" and len(given) > 1 and self.maybe(given[-1]):
            self._name(given[0])
        function = self._functions.get(name)
        parameters = function.child_by_field_name("parameters") if function is not None else None
        if parameters is not None:
            for target, value in zip(parameters.children_by_field_name("name"), given, strict=False):
                if self.maybe(value):
                    self._name(target)

    def _name(self, target: Node) -> None:
        """Remember that what is called so may hold a float; of `t[i]` that is t."""
        while target.type == "bracket_index_expression":
            table = target.child_by_field_name("table")
            if table is None:
                return
            target = table
        if target.type == "dot_index_expression":
            target = target.child_by_field_name("field") or target
        if target.type == "identifier":
            self._names.add(text_of(target))


def is_float(number: Node) -> bool:
    """Whether a number is written as a float."""
    text = text_of(number).lower()
    return "." in text or "p" in text or ("e" in text and not text.startswith("0x"))


def whole(node: Node) -> int | None:
    """The value of a number that is written as a whole one."""
    node = bare(node)
    if node.type != "number" or is_float(node):
        return None
    try:
        return int(text_of(node), 16 if text_of(node).lower().startswith("0x") else 10)
    except ValueError:
        return None
