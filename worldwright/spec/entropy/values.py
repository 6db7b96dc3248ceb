"""What a part of a Python expression is worth, as far as it can be told without an agent.

A value is known outright, is a number or a truth of ours, depends on one categorical attribute alone (a table
by option, which is how methods of text, look-ups and substrings are lowered), or is one of two values.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from worldwright.diagnostics import Span
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression


class PythonError(Exception):
    """What Python would refuse when it comes to it; that project passes over such conditions."""


class Untranslatable(Exception):  # noqa: N818 - reads as what it says
    """What Python can do and our language cannot."""


@dataclass(frozen=True, slots=True)
class Known:
    """A Python value: None, a truth, a number, text, or a list, tuple or dictionary of such."""

    value: Any


@dataclass(frozen=True, slots=True)
class Numeric:
    """A number that depends on the agent."""

    node: Expression


@dataclass(frozen=True, slots=True)
class Truth:
    """A truth that depends on the agent."""

    node: Expression


@dataclass(frozen=True, slots=True)
class ByOption:
    """A value for each option of one categorical attribute."""

    name: str
    table: dict[str, Any]

    @property
    def is_attribute(self) -> bool:
        """Whether it is the attribute itself."""
        return all(option == value for option, value in self.table.items())


@dataclass(frozen=True, slots=True)
class Items:
    """A list of which some items depend on the agent."""

    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of two values of which at least one is text."""

    condition: Expression
    then: Value
    otherwise: Value


Value = Known | Numeric | Truth | ByOption | Items | Either


def number(value: float, span: Span) -> Expression:
    """A number within an expression."""
    return nodes.Number(float(value) + 0.0, span)


def as_number(value: Value, span: Span) -> Expression:
    """A value where Python computes with it.

    Raises:
        PythonError: for text and for nothing.
    """
    match value:
        case Known(bool() | int() | float()):
            return number(float(value.value), span)
        case Numeric(node):
            return node
        case Truth(node):
            return nodes.IfElse(node, nodes.Number(1.0, span), nodes.Number(0.0, span), span)
        case ByOption(name, table):
            cases = {option: as_number(Known(item), span) for option, item in table.items()}
            return _by_cases(name, cases, span)
        case Either(condition, then, otherwise):
            return nodes.IfElse(condition, as_number(then, span), as_number(otherwise, span), span)
        case _:
            raise PythonError("it computes with something that is not a number")


def as_truth(value: Value, span: Span) -> Expression:
    """A value where Python asks whether it holds: not nothing, not 0, not empty."""
    match value:
        case Known():
            return nodes.Boolean(bool(value.value), span)
        case Truth(node):
            return node
        case Numeric(node):
            return nodes.Compare("!=", node, nodes.Number(0.0, span), span)
        case ByOption(name, table):
            return among(name, [option for option, item in table.items() if item], table, span)
        case Items(items):
            return nodes.Boolean(bool(items), span)
        case Either(condition, then, otherwise):
            return chosen(condition, as_truth(then, span), as_truth(otherwise, span), span)


def among(name: str, wanted: list[str], table: dict[str, Any], span: Span) -> Expression:
    """That a categorical attribute is one of some options, in the shortest words."""
    attribute = nodes.Name(name, span)
    if not wanted or len(wanted) == len(table):
        return nodes.Boolean(bool(wanted), span)
    if len(wanted) == 1:
        return nodes.Compare("==", attribute, nodes.Label(wanted[0], span), span)
    others = [option for option in table if option not in wanted]
    if len(others) == 1:
        return nodes.Compare("!=", attribute, nodes.Label(others[0], span), span)
    return nodes.In(attribute, tuple(nodes.Label(option, span) for option in wanted), False, span)


def chosen(condition: Expression, then: Expression, otherwise: Expression, span: Span) -> Expression:
    """`then if condition else otherwise`, where that is not one of them already."""
    if isinstance(condition, nodes.Boolean):
        return then if condition.value else otherwise
    return nodes.IfElse(condition, then, otherwise, span)


def both(left: Expression, right: Expression, span: Span) -> Expression:
    """`left and right`."""
    if isinstance(left, nodes.Boolean):
        return right if left.value else left
    if isinstance(right, nodes.Boolean):
        return left if right.value else right
    return nodes.And(left, right, span)


def any_of(left: Expression, right: Expression, span: Span) -> Expression:
    """`left or right`."""
    if isinstance(left, nodes.Boolean):
        return left if left.value else right
    if isinstance(right, nodes.Boolean):
        return right if right.value else left
    return nodes.Or(left, right, span)


def negated(node: Expression, span: Span) -> Expression:
    """`not node`."""
    match node:
        case nodes.Boolean(value):
            return nodes.Boolean(not value, span)
        case nodes.Not(operand):
            return operand
        case nodes.In(operand, options, negated):
            return nodes.In(operand, options, not negated, span)
        case nodes.Compare("==" | "!=", left, right):
            return nodes.Compare("!=" if node.operator == "==" else "==", left, right, span)
        case _:
            return nodes.Not(node, span)


def _by_cases(name: str, cases: dict[str, Expression], span: Span) -> Expression:
    """A number by option; the commonest one stands last, for all that are not named."""
    shapes = {option: repr(_bare(node)) for option, node in cases.items()}
    if not shapes:
        raise PythonError("it depends on an attribute without options")
    ranked = [shape for shape, _ in Counter(shapes.values()).most_common()]
    example = {shapes[option]: node for option, node in cases.items()}
    found = example[ranked[0]]
    for shape in ranked[1:]:
        wanted = [option for option in cases if shapes[option] == shape]
        found = nodes.IfElse(among(name, wanted, cases, span), example[shape], found, span)
    return found


def _bare(node: Expression) -> object:
    from worldwright.spec.expressions.canonical import form

    return form(node)
