"""Mixtures: of numbers as they are; of labels and booleans as the one table or probability they amount to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce

from worldwright.diagnostics import Span
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.frozen import freeze
from worldwright.spec.population import AttributeType, Component, Distribution


def mixture(
    components: Sequence[Component], kind: AttributeType, options: tuple[str, ...], span: Span
) -> Distribution:
    """The mixture of an attribute of some type.

    A component whose family does not fit the type is left as it is; the checks tell.
    """
    parts = tuple(components)
    families = {part.law.family for part in parts}
    if kind is AttributeType.CATEGORICAL and families == {"categorical"}:
        return Distribution(
            "categorical", freeze({}), span, freeze(_weights(parts, options)), components=parts
        )
    if kind is AttributeType.BOOLEAN and families == {"boolean"} and all(p.law.parameters for p in parts):
        chances = [part.law.parameters["p"] for part in parts]
        p = _averaged([part.share for part in parts], chances, span)
        return Distribution("boolean", freeze({"p": p}), span, components=parts)
    return Distribution("mixture", freeze({}), span, freeze({}), components=parts)


def _weights(parts: Sequence[Component], options: tuple[str, ...]) -> dict[str, Expression]:
    """The average of tables, each divided by its own sum first."""
    found: dict[str, Expression] = {}
    usable = [part for part in parts if part.law.weights]
    for option in options:
        shares, values = list[Expression](), list[Expression]()
        for part in usable:
            table = part.law.weights
            span = part.law.span
            weight = table.get(option, nodes.Number(0.0, span))
            shares.append(part.share)
            values.append(_divided(weight, _sum(list(table.values()), span), span))
        if shares:
            found[option] = _averaged(shares, values, usable[0].law.span)
    return found


def _averaged(shares: Sequence[Expression], values: Sequence[Expression], span: Span) -> Expression:
    total = _sum(list(shares), span)
    return _divided(
        _sum([_times(share, value, span) for share, value in zip(shares, values, strict=True)], span),
        total,
        span,
    )


def _sum(parts: list[Expression], span: Span) -> Expression:
    if all(isinstance(part, nodes.Number) for part in parts):
        return nodes.Number(math.fsum(p.value for p in parts if isinstance(p, nodes.Number)), span)
    return reduce(lambda left, right: nodes.Arithmetic("+", left, right, span), parts)


def _times(left: Expression, right: Expression, span: Span) -> Expression:
    if isinstance(left, nodes.Number) and isinstance(right, nodes.Number):
        return nodes.Number(left.value * right.value, span)
    return nodes.Arithmetic("*", left, right, span)


def _divided(left: Expression, right: Expression, span: Span) -> Expression:
    if isinstance(right, nodes.Number) and right.value == 1.0:
        return left
    if isinstance(left, nodes.Number) and isinstance(right, nodes.Number) and right.value != 0.0:
        return nodes.Number(left.value / right.value, span)
    return nodes.Arithmetic("/", left, right, span)
