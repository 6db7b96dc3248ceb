"""Reading what may be null: which attributes are known where.

Takes a tree, the conditions of the attributes it reads and what holds already; gives the unguarded reads.
`x is known and x > 3` guards its right side, and so does any condition that implies the `only_if` of x.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.canonical import form
from worldwright.spec.expressions.nodes import Expression, IsKnown, Name, Not, Number

Facts = frozenset[str]
"""Conditions that hold, in canonical form."""

NOTHING: Facts = frozenset()
Conditions = Mapping[str, Expression]
"""The `only_if` of every attribute that has one."""


def unguarded(node: Expression, conditions: Conditions, facts: Facts = NOTHING) -> list[Name]:
    """The names in an expression that may be null where they are read."""
    found: list[Name] = []
    _visit(node, conditions, facts, found)
    return found


def is_known(name: str, conditions: Conditions, facts: Facts) -> bool:
    """Whether an attribute surely has a value where `facts` hold."""
    condition = conditions.get(name)
    if condition is None or _known(name) in facts:
        return True
    return _holds(condition, facts)


def holding(node: Expression | None, conditions: Conditions) -> Facts:
    """What holds where a condition is true."""
    return NOTHING if node is None else frozenset(_when(node, True, conditions))


def _visit(node: Expression, conditions: Conditions, facts: Facts, found: list[Name]) -> None:
    match node:
        case Name(name):
            if not is_known(name, conditions, facts):
                found.append(node)
        case IsKnown():
            return
        case nodes.And(left, right):
            _visit(left, conditions, facts, found)
            _visit(right, conditions, facts | _when(left, True, conditions), found)
        case nodes.Or(left, right):
            _visit(left, conditions, facts, found)
            _visit(right, conditions, facts | _when(left, False, conditions), found)
        case nodes.IfElse(condition, then, otherwise):
            _visit(condition, conditions, facts, found)
            _visit(then, conditions, facts | _when(condition, True, conditions), found)
            _visit(otherwise, conditions, facts | _when(condition, False, conditions), found)
        case _:
            for part in nodes.children(node):
                _visit(part, conditions, facts, found)


def _when(node: Expression, value: bool, conditions: Conditions) -> set[str]:
    """What holds where an expression has the given truth value."""
    match node:
        case Not(operand):
            return _when(operand, not value, conditions)
        case nodes.And(left, right) if value:
            return _when(left, True, conditions) | _when(right, True, conditions)
        case nodes.Or(left, right) if not value:
            return _when(left, False, conditions) | _when(right, False, conditions)
        case IsKnown(name, negated) if value is not negated:
            condition = conditions.get(name.name)
            others = {other: own for other, own in conditions.items() if other != name.name}
            implied = _when(condition, True, others) if condition is not None else set[str]()
            return implied | {_known(name.name)}
        case nodes.Compare("==" | "!=", left, right):
            same = (node.operator == "==") is value
            return {_key(nodes.Compare("==" if same else "!=", left, right, node.span))}
        case _:
            return {_key(node)} if value else {_key(Not(node, node.span))}


def _holds(node: Expression, facts: Facts) -> bool:
    match node:
        case nodes.And(left, right):
            return _holds(left, facts) and _holds(right, facts)
        case nodes.Or(left, right):
            return _holds(left, facts) or _holds(right, facts) or _key(node) in facts
        case nodes.IsKnown(name, False):
            return _known(name.name) in facts
        case nodes.Boolean(value):
            return value
        case Number():
            return False
        case Not(nodes.Compare("==", left, right)):
            return _holds(nodes.Compare("!=", left, right, node.span), facts)
        case Not(nodes.Compare("!=", left, right)):
            return _holds(nodes.Compare("==", left, right, node.span), facts)
        case nodes.Compare("!=", Name(), nodes.Label()):
            return _key(node) in facts or _is_another(node, facts)
        case _:
            return _key(node) in facts


def _is_another(node: nodes.Compare, facts: Facts) -> bool:
    """Whether what is unlike a label is known to be another one."""
    start = json.dumps(["==", form(node.left)])[:-1]
    same = _key(nodes.Compare("==", node.left, node.right, node.span))
    return any(fact.startswith(start) and '["label"' in fact and fact != same for fact in facts)


def _known(name: str) -> str:
    return f"{name} is known"


def _key(node: Expression) -> str:
    return json.dumps(form(node))
