"""From the Python those files hold to our expressions: parsed to a tree, walked, never run.

Takes the text of an expression, where it stands and the attributes it may read.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worldwright.diagnostics import Position, Span
from worldwright.spec.entropy import functions, operations
from worldwright.spec.entropy.python import parsed
from worldwright.spec.entropy.values import (
    ByOption,
    Either,
    Items,
    Known,
    Numeric,
    PythonError,
    Truth,
    Untranslatable,
    Value,
    any_of,
    as_number,
    as_truth,
    both,
    chosen,
    negated,
)
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.cursor import Places
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.population import AttributeType

MAX_LENGTH = 4000
MAX_DEPTH = 60
_WORDS = {"True": True, "False": False, "true": True, "false": False, "None": None}
_PARSE_ERRORS = (SyntaxError, ValueError, RecursionError, MemoryError)


@dataclass(frozen=True, slots=True)
class Readable:
    """What an expression sees of an attribute."""

    type: AttributeType
    name: str
    """The name it has here."""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """An expression as it stands in a file."""

    text: str
    span: Span
    places: Sequence[Position] | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition, and the labels in it that are none of the options they are compared with."""

    node: Expression
    strange: tuple[tuple[str, str], ...]
    """Pairs of an attribute and a label."""


def truth(text: Text, scope: Mapping[str, Readable]) -> Condition:
    """A condition.

    Raises:
        PythonError: where Python would fail on it.
        Untranslatable: where our language has no counterpart.
    """
    translator = _Translator(text, scope)
    node = as_truth(translator.value(), text.span)
    for divisor in translator.divisors:  # where it is 0 that project takes the condition for false
        node = both(nodes.Compare("!=", divisor, nodes.Number(0.0, text.span), text.span), node, text.span)
    return Condition(node, tuple(dict.fromkeys(translator.strange)))


def number(text: Text, scope: Mapping[str, Readable]) -> Expression:
    """A formula whose value is a number; raises as `truth` does."""
    return as_number(_Translator(text, scope).value(), text.span)


def value(text: Text, scope: Mapping[str, Readable]) -> Value:
    """Whatever an expression is worth; raises as `truth` does."""
    return _Translator(text, scope).value()


class _Translator:
    """One walk over one tree."""

    def __init__(self, text: Text, scope: Mapping[str, Readable]) -> None:
        self._text = text
        self._scope = scope
        self._places = Places(text.span, text.places)
        self._whole = frozenset(
            readable.name for readable in scope.values() if readable.type is AttributeType.INT
        )
        self._shift = len(text.text) - len(text.text.lstrip())
        self._lines = text.text.strip().split("\n")
        self._depth = 0
        self.divisors: list[Expression] = []
        self.strange: list[tuple[str, str]] = []

    def value(self) -> Value:
        """The whole expression."""
        text = self._text.text.strip()
        if len(text) > MAX_LENGTH:
            raise Untranslatable(f"it has {len(text)} characters; {MAX_LENGTH:,} are allowed")
        try:
            tree = parsed(text)
        except _PARSE_ERRORS:
            raise PythonError("it is not an expression") from None
        return self._value(tree)

    def _value(self, node: ast.expr) -> Value:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Untranslatable(f"it is nested more than {MAX_DEPTH} deep")
        try:
            return self._of(node, self._span(node))
        finally:
            self._depth -= 1

    def _of(self, node: ast.expr, span: Span) -> Value:
        match node:
            case ast.Constant(value=bool() | int() | float() | str() | None as constant):
                return _literal(constant)
            case ast.Name(id=name):
                return self._name(name, span)
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                values = [self._value(item) for item in items]
                plain = [item.value for item in values if isinstance(item, Known)]
                return Known(plain) if len(plain) == len(values) else Items(tuple(values))
            case ast.Dict(keys=keys, values=items):
                return self._dictionary(keys, items)
            case ast.UnaryOp(op=sign, operand=operand):
                return self._unary(sign, self._value(operand), span)
            case ast.BinOp(left=left, op=sign, right=right):
                return self._binary(type(sign), self._value(left), self._value(right), span)
            case ast.BoolOp(op=connective, values=parts):
                return self._connected(isinstance(connective, ast.And), parts, span)
            case ast.Compare(left=left, ops=signs, comparators=others):
                return self._chain(left, signs, others, span)
            case ast.IfExp(test=test, body=then, orelse=otherwise):
                return self._choice(test, then, otherwise, span)
            case ast.Call():
                return self._call(node, span)
            case ast.Subscript(value=whole, slice=index):
                return operations.subscript(self._value(whole), self._value(index))
            case _:
                raise Untranslatable(f"`{type(node).__name__}` has no counterpart")

    def _name(self, name: str, span: Span) -> Value:
        readable = self._scope.get(name)
        if readable is None:
            if name in _WORDS:
                return Known(_WORDS[name])
            raise PythonError(f"there is no attribute `{name}` at that point")
        match readable.type:
            case AttributeType.CATEGORICAL:
                return ByOption(readable.name, {option: option for option in readable.options})
            case AttributeType.BOOLEAN:
                return Truth(nodes.Name(readable.name, span))
            case _:
                return Numeric(nodes.Name(readable.name, span))

    def _dictionary(self, keys: list[ast.expr | None], items: list[ast.expr]) -> Value:
        table: dict[object, object] = {}
        for key, item in zip(keys, items, strict=True):
            if key is None:
                raise Untranslatable("a dictionary is unpacked")
            left, right = self._value(key), self._value(item)
            if not isinstance(left, Known) or not isinstance(right, Known):
                raise Untranslatable("a dictionary depends on the agent")
            try:
                table[left.value] = right.value
            except TypeError:
                raise PythonError("a list cannot be a key") from None
        return Known(table)

    def _unary(self, sign: ast.unaryop, operand: Value, span: Span) -> Value:
        if isinstance(sign, ast.Not):
            if isinstance(operand, Known):
                return Known(not operand.value)
            return Truth(negated(as_truth(operand, span), span))
        if isinstance(sign, ast.Invert):
            raise PythonError("there is no such operator on numbers")
        if isinstance(operand, (Known, ByOption)):
            factor = Known(-1 if isinstance(sign, ast.USub) else 1)
            return operations.arithmetic(ast.Mult, factor, operand, span)
        node = as_number(operand, span)
        return Numeric(nodes.Negate(node, span) if isinstance(sign, ast.USub) else node)

    def _binary(self, kind: type[ast.operator], left: Value, right: Value, span: Span) -> Value:
        found = operations.arithmetic(kind, left, right, span)
        if kind in (ast.Div, ast.FloorDiv, ast.Mod) and isinstance(found, Numeric):
            divisor = as_number(right, span)
            if not isinstance(right, Known):
                self.divisors.append(divisor)
            elif not right.value:
                raise PythonError("Python says: division by zero")
        return found

    def _connected(self, conjunction: bool, parts: list[ast.expr], span: Span) -> Value:
        """`and` or `or`; what is decided by a first part leaves the others unread, as in Python."""
        found: Expression = nodes.Boolean(conjunction, span)
        for part in parts:
            node = as_truth(self._value(part), span)
            found = (both if conjunction else any_of)(found, node, span)
            if isinstance(found, nodes.Boolean) and found.value is not conjunction:
                break
        return Known(found.value) if isinstance(found, nodes.Boolean) else Truth(found)

    def _chain(
        self, left: ast.expr, signs: Sequence[ast.cmpop], others: Sequence[ast.expr], span: Span
    ) -> Value:
        first = self._value(left)
        pairs: list[Value] = []
        for sign, other in zip(signs, others, strict=True):
            second = self._value(other)
            self._note_strange(first, second)
            pairs.append(operations.compare(type(sign), first, second, span))
            first = second
        if len(pairs) == 1:
            return pairs[0]
        found: Expression = nodes.Boolean(True, span)
        for pair in pairs:
            found = both(found, as_truth(pair, span), span)
        return Known(found.value) if isinstance(found, nodes.Boolean) else Truth(found)

    def _note_strange(self, left: Value, right: Value) -> None:
        for value, other in ((left, right), (right, left)):
            if isinstance(value, ByOption) and value.is_attribute and isinstance(other, Known):
                labels = other.value if isinstance(other.value, list) else [other.value]
                if isinstance(other.value, str) and value is right:
                    continue  # a part of a label is looked for
                self.strange += [
                    (value.name, label)
                    for label in labels
                    if isinstance(label, str) and label not in value.table
                ]

    def _choice(self, test: ast.expr, then: ast.expr, otherwise: ast.expr, span: Span) -> Value:
        condition = as_truth(self._value(test), span)
        if isinstance(condition, nodes.Boolean):
            return self._value(then if condition.value else otherwise)
        first, second = self._value(then), self._value(otherwise)
        if all(_is_truth(part) for part in (first, second)):
            return Truth(chosen(condition, as_truth(first, span), as_truth(second, span), span))
        if all(_is_number(part) for part in (first, second)):
            return Numeric(chosen(condition, as_number(first, span), as_number(second, span), span))
        return Either(condition, first, second)

    def _call(self, node: ast.Call, span: Span) -> Value:
        if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
            raise Untranslatable("arguments are given by name or unpacked")
        arguments = [self._value(argument) for argument in node.args]
        match node.func:
            case ast.Name(id=name):
                return functions.call(name, arguments, self._whole, span)
            case ast.Attribute(value=owner, attr=method):
                return operations.call_method(self._value(owner), method, arguments, span)
            case _:
                raise Untranslatable("something else than a function is called")

    def _span(self, node: ast.expr) -> Span:
        if node.end_lineno is None or node.end_col_offset is None:
            return self._text.span
        start = self._offset(node.lineno, node.col_offset)
        return self._places.span(start, max(self._offset(node.end_lineno, node.end_col_offset), start + 1))

    def _offset(self, line: int, column: int) -> int:
        before = sum(len(text) + 1 for text in self._lines[: line - 1]) if line > 1 else 0
        own = self._lines[line - 1] if line <= len(self._lines) else ""
        if not own.isascii():  # Python counts bytes
            column = len(own.encode()[:column].decode("utf-8", "ignore"))
        return self._shift + before + min(column, len(own))


def _literal(constant: object) -> Known:
    """A literal; numbers too large for our own are refused."""
    if isinstance(constant, (int, float)) and not isinstance(constant, bool):
        try:
            finite = abs(float(constant)) < float("inf")
        except OverflowError:
            finite = False
        if not finite:
            raise Untranslatable("a number is too large")
    return Known(constant)


def _is_truth(part: Value) -> bool:
    return isinstance(part, Truth) or (isinstance(part, Known) and isinstance(part.value, bool))


def _is_number(part: Value) -> bool:
    match part:
        case Numeric() | Truth() | Known(bool() | int() | float()):
            return True
        case ByOption(_, table):
            return all(isinstance(item, (bool, int, float)) for item in table.values())
        case _:
            return False
