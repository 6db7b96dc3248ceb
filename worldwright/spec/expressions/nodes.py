"""The tree of an expression: frozen nodes with spans; an invalid one cannot be built.

A node's `type` is what the checker derived, so trees that leave `types.check` are fully typed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from worldwright.diagnostics import Span


class ValueType(StrEnum):
    """The types of values; there is no implicit conversion between them."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    LABEL = "label"
    TEXT = "text"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    value: float
    span: Span


@dataclass(frozen=True, slots=True)
class Boolean:
    """`true` or `false`."""

    value: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Label:
    """A quoted label or text: `'chief'`."""

    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Date:
    """`date('2020-01-05')`, held as days since 1970-01-01."""

    days: int
    span: Span


@dataclass(frozen=True, slots=True)
class Name:
    """The value of another attribute (or, in a world, a parameter)."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Negate:
    """`- x`."""

    operand: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Not:
    """`not x`."""

    operand: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`left operator right` with one of `+ - * / // %`; all are those of real numbers (`//` floors)."""

    operator: str
    left: Expression
    right: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Compare:
    """`left operator right` with one of `== != < <= > >=`; a chain `a < b < c` is an `And` of two."""

    operator: str
    left: Expression
    right: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class And:
    """Both hold."""

    left: Expression
    right: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Or:
    """At least one holds."""

    left: Expression
    right: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class In:
    """`x in [a, b]` or `x not in [a, b]`; options are literals."""

    operand: Expression
    options: tuple[Number | Boolean | Label | Date, ...]
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True)
class IfElse:
    """`then if condition else otherwise`."""

    condition: Expression
    then: Expression
    otherwise: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class IsKnown:
    """`x is known`, or `x is not known`: whether an attribute with `only_if` has a value."""

    name: Name
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """One of `min max abs round floor ceil sqrt exp log clip`; `round` is half to even."""

    function: str
    arguments: tuple[Expression, ...]
    span: Span


Literal = Number | Boolean | Label | Date
Expression = (
    Number
    | Boolean
    | Label
    | Date
    | Name
    | Negate
    | Not
    | Arithmetic
    | Compare
    | And
    | Or
    | In
    | IfElse
    | IsKnown
    | Call
)


def children(node: Expression) -> tuple[Expression, ...]:
    """The direct parts of a node, in source order; literals in an `In` are not parts."""
    if isinstance(node, (Name, Number, Label)):
        return ()
    match node:
        case Negate() | Not() | In():
            return (node.operand,)
        case Arithmetic() | Compare() | And() | Or():
            return (node.left, node.right)
        case IfElse():
            return (node.condition, node.then, node.otherwise)
        case IsKnown():
            return (node.name,)
        case Call():
            return node.arguments
        case _:
            return ()


def walk(node: Expression) -> Iterator[Expression]:
    """The node and everything below it, parents first."""
    open_nodes = [node]
    while open_nodes:
        part = open_nodes.pop()
        yield part
        below = children(part)
        if below:
            open_nodes.extend(reversed(below))


def names(node: Expression) -> tuple[str, ...]:
    """The attributes an expression reads, without repetitions, in order of appearance."""
    if isinstance(node, Name):
        return (node.name,)
    if isinstance(node, (Number, Label)):
        return ()
    return tuple(dict.fromkeys(part.name for part in walk(node) if isinstance(part, Name)))
