"""Derived attributes written out: what a constraint over them says about what is drawn."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from worldwright.diagnostics import Span
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.population import Attribute, AttributeType


def drawn_names(names: Iterable[str], attributes: Mapping[str, Attribute]) -> set[str]:
    """The drawn attributes among the names and among what the derived ones are computed from."""
    found: set[str] = set()
    open_names = list(names)
    seen: set[str] = set()
    while open_names:
        name = open_names.pop()
        attribute = attributes.get(name)
        if attribute is None or name in seen:
            continue
        seen.add(name)
        if attribute.distribution is not None:
            found.add(name)
        else:
            open_names += attribute.reads
    return found


def written_out(node: Expression, names: set[str], attributes: Mapping[str, Attribute]) -> Expression:
    """The expression with the given derived attributes replaced by what they are computed by."""
    match node:
        case nodes.Name(name, span) if name in names and attributes[name].formula is not None:
            return written_out(_value(attributes[name], span), names, attributes)
        case nodes.IsKnown(name, negated, span) if name.name in names and attributes[name.name].formula:
            condition = attributes[name.name].only_if or nodes.Boolean(True, span)
            condition = written_out(condition, names, attributes)
            return nodes.Not(condition, span) if negated else condition
        case nodes.Negate(operand) | nodes.Not(operand) | nodes.In(operand):
            return dataclasses.replace(node, operand=written_out(operand, names, attributes))
        case nodes.Arithmetic(_, left, right) | nodes.Compare(_, left, right):
            return dataclasses.replace(
                node, left=written_out(left, names, attributes), right=written_out(right, names, attributes)
            )
        case nodes.And(left, right) | nodes.Or(left, right):
            return dataclasses.replace(
                node, left=written_out(left, names, attributes), right=written_out(right, names, attributes)
            )
        case nodes.IfElse(condition, then, otherwise):
            return nodes.IfElse(
                written_out(condition, names, attributes),
                written_out(then, names, attributes),
                written_out(otherwise, names, attributes),
                node.span,
            )
        case nodes.Call(function, arguments, span):
            return nodes.Call(function, tuple(written_out(a, names, attributes) for a in arguments), span)
        case _:
            return node


def _value(attribute: Attribute, span: Span) -> Expression:
    """What a derived attribute is: its formula, rounded where it is an integer, then clipped."""
    assert attribute.formula is not None
    value = attribute.formula
    if attribute.type is AttributeType.INT:
        value = nodes.Call("round", (value,), span)
    least, greatest = attribute.clip
    if least is not None:
        value = nodes.Call("max", (value, nodes.Number(least, span)), span)
    if greatest is not None:
        value = nodes.Call("min", (value, nodes.Number(greatest, span)), span)
    return value
