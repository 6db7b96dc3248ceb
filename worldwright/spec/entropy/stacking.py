"""WW1020: modifiers that carry a usual value far over a bound, where that project puts it on the bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worldwright.diagnostics import Diagnostic
from worldwright.spec.entropy import codes
from worldwright.spec.entropy.documents import Attribute, Distribution
from worldwright.spec.expressions.nodes import And
from worldwright.spec.expressions.reasoning import Domains, constant, narrowed
from worldwright.spec.population import Attribute as Resolved
from worldwright.spec.population import Modifier
from worldwright.spec.tree import Node, find

_OVER, _UNDER = 1.5, 0.5
"""Their validator's limits: so many times the greatest value, and of the least."""
_MOST_ADDED = 0.5
"""And what may be added to a beta draw, which lies between 0 and 1."""
_MOST = 12
"""Modifiers of one attribute that are looked at, those first that move a value most."""


def stacked(
    attributes: Sequence[Attribute], places: Sequence[Node], lowered: Mapping[str, Resolved], domains: Domains
) -> list[Diagnostic]:
    """Attributes whose middle leaves the bounds by far where all modifiers hold that can hold together."""
    found: list[Diagnostic] = []
    for attribute, place in zip(attributes, places, strict=True):
        law, own = attribute.sampling.distribution, lowered.get(attribute.name)
        if law is None or own is None or not own.modifiers or attribute.sampling.strategy != "conditional":
            continue
        if law.type == "beta" and (law.min, law.max) in ((None, None), (0.0, 1.0)):
            for position, modifier in enumerate(attribute.sampling.modifiers):
                if abs(modifier.add or 0.0) > _MOST_ADDED:
                    node = find(place, "sampling", "modifiers", position, "add") or place
                    message = f"a modifier adds {modifier.add:g} to `{attribute.name}`, which lies in 0 … 1"
                    found.append(codes.BEYOND.at(node.span, message))
        middle = _middle(law)
        if middle is None:
            continue
        for high, limit, node in _limits(attribute, place):
            value, count = _worst(own.modifiers, middle, high, domains)
            beyond = value > _OVER * limit if high else value < _UNDER * limit
            if limit > 0 and count > 1 and beyond:
                message = (
                    f"{count} modifiers of `{attribute.name}` together make {middle:g} into {value:.4g}, "
                    f"and the {'greatest' if high else 'least'} value is {limit:g}"
                )
                found.append(codes.BEYOND.at(node.span, message))
    return found


def _limits(attribute: Attribute, place: Node) -> list[tuple[bool, float, Node]]:
    return [
        (constraint.type in ("hard_max", "max"), constraint.value, find(place, "constraints", i) or place)
        for i, constraint in enumerate(attribute.constraints)
        if constraint.value is not None and constraint.type in ("hard_min", "hard_max", "min", "max")
    ]


def _middle(law: Distribution) -> float | None:
    if law.type in ("normal", "lognormal"):
        return law.mean if law.mean_formula is None else None
    if law.type == "uniform" and law.min is not None and law.max is not None:
        return (law.min + law.max) / 2
    return None


def _worst(modifiers: Sequence[Modifier], middle: float, high: bool, domains: Domains) -> tuple[float, int]:
    """The value that modifiers which can hold together make of the middle, and how many those are."""

    def moved(chosen: Sequence[Modifier]) -> float:
        value = middle
        for modifier in chosen:
            factor = constant(modifier.multiply)
            value *= 1.0 if factor is None else factor
        return value + sum(constant(modifier.add) or 0.0 for modifier in chosen)

    sign = 1.0 if high else -1.0
    first = sorted(modifiers, key=lambda modifier: -sign * moved([modifier]))[:_MOST]
    chosen: list[Modifier] = []
    together = None
    for modifier in first:
        if sign * moved([*chosen, modifier]) <= sign * moved(chosen):
            continue
        when = modifier.when if together is None else And(together, modifier.when, modifier.when.span)
        if narrowed(when, domains, True) is not None:
            chosen.append(modifier)
            together = when
    return moved(chosen), len(chosen)
