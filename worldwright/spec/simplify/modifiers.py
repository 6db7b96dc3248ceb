"""Modifiers that can go, and conditions that always hold."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.canonical import text
from worldwright.spec.expressions.reasoning import Domains, narrowed
from worldwright.spec.population import Attribute, AttributeType, Modifier

_NUMBERS = (AttributeType.INT, AttributeType.FLOAT, AttributeType.DATE)


def dispensable(attribute: Attribute, domains: Domains) -> Iterator[tuple[int, str]]:
    """The positions of modifiers that change no agent, each with the reason.

    Only those whose removal leaves every step of the arithmetic as it is: odds that are scaled, even by 1,
    round a probability, and weights that are expressions are compared in another order.
    """
    last = _last_replacement(attribute, domains)
    for position, modifier in enumerate(attribute.modifiers):
        if not _is_removable(attribute, modifier):
            continue
        if narrowed(modifier.when, domains, True) is None:
            yield position, f"it never applies: {text(modifier.when)} cannot hold"
        elif _is_idle(attribute, modifier):
            yield position, "it changes nothing"
        elif position < last and _only_replaces(modifier):
            yield position, "another one after it always replaces what it sets"


def always(attribute: Attribute, domains: Domains) -> Iterator[int]:
    """The positions of modifiers whose condition every agent meets."""
    for position, modifier in enumerate(attribute.modifiers):
        if not isinstance(modifier.when, nodes.Boolean) and narrowed(modifier.when, domains, False) is None:
            yield position


def _is_removable(attribute: Attribute, modifier: Modifier) -> bool:
    if modifier.scale_odds is not None:
        return False
    tables = (*(modifier.weights or {}).values(), *(modifier.scale or {}).values())
    return attribute.type is not AttributeType.CATEGORICAL or all(isinstance(w, nodes.Number) for w in tables)


def _is_idle(attribute: Attribute, modifier: Modifier) -> bool:
    if attribute.type in _NUMBERS:
        return _is(modifier.multiply, 1) and _is(modifier.add, 0)
    return (
        modifier.weights is None
        and modifier.scale is not None
        and all(_is(w, 1) for w in modifier.scale.values())
    )


def _is(node: nodes.Expression | None, value: float) -> bool:
    return node is None or (isinstance(node, nodes.Number) and node.value == value)


def _only_replaces(modifier: Modifier) -> bool:
    return modifier.scale is None and (modifier.weights is not None or modifier.probability is not None)


def _last_replacement(attribute: Attribute, domains: Domains) -> int:
    found = -1
    for position, modifier in enumerate(attribute.modifiers):
        replaces = modifier.weights is not None or modifier.probability is not None
        if replaces and narrowed(modifier.when, domains, False) is None:
            found = position
    return found
