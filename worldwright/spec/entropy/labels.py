"""Categorical and boolean draws: weights and probabilities with one winner among those that match."""

from __future__ import annotations

import math

from worldwright.spec.checks.weights_sum import TOLERANCE
from worldwright.spec.entropy import codes
from worldwright.spec.entropy.documents import Distribution
from worldwright.spec.entropy.drafts import Change, Draft
from worldwright.spec.entropy.precedence import ranked
from worldwright.spec.entropy.values import number
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.frozen import freeze
from worldwright.spec.population import Attribute, AttributeType, Modifier

_LOOSE = 0.02
"""What the sum of weights may be off by in those projects."""


def categorical(draft: Draft, law: Distribution, changes: list[Change], name: str) -> Attribute:
    """A categorical draw; what an override leaves out keeps its base weight."""
    options = law.options or []
    weights = law.weights or []
    path = ("sampling", "distribution")
    if not options or len(options) != len(weights):
        message = f"`{draft.name}` has {len(options)} options and {len(weights)} weights"
        raise draft.refuse(codes.UNUSABLE, message, *path)
    base: dict[str, float] = {}
    for option, weight in zip(options, weights, strict=True):
        base[option] = base.get(option, 0.0) + weight
    if len(base) < len(options):
        draft.say(codes.MEANING, f"`{draft.name}` lists an option twice; its weights are added", *path)
    effective: list[tuple[Change, dict[str, float]]] = []
    for change in changes:
        override = change.foreign.weight_overrides
        if not override:
            continue
        strange = [option for option in override if option not in base]
        if strange:
            message = f"an override of `{draft.name}` names {strange[0]!r}, which is not an option"
            draft.diagnostics.append(codes.IGNORED.at(change.span, message))
        left = [option for option in base if option not in override]
        if left:
            message = f"an override of `{draft.name}` leaves out {', '.join(map(repr, left[:3]))}"
            help = "give each option its weight"
            draft.diagnostics.append(codes.INCOMPLETE.at(change.span, message, help=help))
        own = {option: override.get(option, weight) for option, weight in base.items()}
        effective.append((change, own))
    _tell_ignored(draft, changes, "weight_overrides")
    tables = [_weights(draft, own, change) for change, own in effective]
    winners = [change for change, _ in effective]
    modifiers = tuple(
        Modifier(winners[i].when, winners[i].span, weights=tables[i]) for i in _order(draft, winners)
    )
    shares = _weights(draft, base, None)
    return draft.attribute(
        AttributeType.CATEGORICAL,
        name=name,
        law=draft.law("categorical", {}, weights=shares),
        modifiers=modifiers,
        options=tuple(base),
    )


def _order(draft: Draft, changes: list[Change]) -> list[int]:
    """Positions so that the last match wins."""
    if not draft.reading.ranked:
        return list(range(len(changes)))
    return ranked([change.text for change in changes])


def _weights(draft: Draft, weights: dict[str, float], change: Change | None) -> dict[str, Expression]:
    span = change.span if change else draft.span("sampling", "distribution")
    whose = f"an override of `{draft.name}`" if change else f"`{draft.name}`"
    total = math.fsum(weights.values())
    if min(weights.values()) < 0 or total <= 0:
        message = f"the weights of {whose} are negative or all zero"
        draft.diagnostics.append(codes.UNUSABLE.at(span, message))
        total = 1.0
    if abs(total - 1) > _LOOSE:
        message = f"the weights of {whose} sum to {total:.6g}, not 1"
        draft.diagnostics.append(
            codes.RESCALED.at(span, message, help="they are taken as shares of their sum")
        )
    if abs(total - 1) > TOLERANCE:
        weights = _rescaled(weights, total)
    return freeze({option: nodes.Number(weight + 0.0, span) for option, weight in weights.items()})


def _rescaled(weights: dict[str, float], total: float) -> dict[str, float]:
    shares = {option: round(weight / total, 6) for option, weight in weights.items()}
    largest = max(shares, key=lambda option: shares[option])
    others = math.fsum(share for option, share in shares.items() if option != largest)
    shares[largest] = round(1 - others, 6)
    return shares


def boolean(draft: Draft, law: Distribution, changes: list[Change], name: str) -> Attribute:
    """A boolean draw; a modifier replaces the probability, or multiplies it and adds to it."""
    span = draft.span("sampling", "distribution")
    if law.probability_true is None:
        raise draft.refuse(codes.UNUSABLE, f"`{draft.name}` has no probability", "sampling", "distribution")
    base = _share(draft, law.probability_true)
    effective = [change for change in changes if _acts(change)]
    _tell_ignored(draft, changes, "probability_override", "multiply", "add")
    modifiers: tuple[Modifier, ...] = ()
    p: Expression = nodes.Number(base, span)
    if draft.reading.ranked or all(c.foreign.probability_override is not None for c in effective):
        ordered = [effective[position] for position in _order(draft, effective)]
        modifiers = tuple(
            Modifier(change.when, change.span, probability=nodes.Number(_replaced(draft, base, change), span))
            for change in ordered
        )
    elif effective:
        p = _one_after_another(p, effective)
    return draft.attribute(
        AttributeType.BOOLEAN, name=name, law=draft.law("boolean", {"p": p}), modifiers=modifiers
    )


def _acts(change: Change) -> bool:
    foreign = change.foreign
    return (
        foreign.probability_override is not None
        or foreign.multiply not in (None, 1.0)
        or foreign.add not in (None, 0.0)
    )


def _replaced(draft: Draft, base: float, change: Change) -> float:
    foreign = change.foreign
    if foreign.probability_override is not None:
        return _share(draft, foreign.probability_override)
    factor = 1.0 if foreign.multiply is None else foreign.multiply
    return min(1.0, max(0.0, round(base * factor + (foreign.add or 0.0), 12)))


def _share(draft: Draft, p: float) -> float:
    if not 0 <= p <= 1:
        draft.say(codes.MEANING, f"the probability {p:g} of `{draft.name}` is taken as the nearest possible")
    return min(1.0, max(0.0, p)) + 0.0


def _one_after_another(p: Expression, changes: list[Change]) -> Expression:
    """Before February 2026 matching modifiers act in turn: some replace the probability, some change it."""
    certain = 1.0
    for change in changes:
        foreign, span = change.foreign, change.span
        if foreign.probability_override is not None:
            p = nodes.IfElse(change.when, number(foreign.probability_override, span), p, span)
            continue
        if foreign.multiply not in (None, 1.0):
            factor = nodes.IfElse(
                change.when, number(foreign.multiply or 0.0, span), number(certain, span), span
            )
            p = nodes.Arithmetic("*", p, factor, span)
        if foreign.add not in (None, 0.0):
            term = nodes.IfElse(change.when, number(foreign.add or 0.0, span), number(0.0, span), span)
            p = nodes.Arithmetic("+", p, term, span)
    span = changes[-1].span
    return nodes.Call("clip", (p, number(0.0, span), number(certain, span)), span)


def _tell_ignored(draft: Draft, changes: list[Change], *used: str) -> None:
    """Fields that do not fit the distribution: those projects pass over them."""
    fields = ("multiply", "add", "weight_overrides", "probability_override")
    neutral = {"multiply": (None, 1.0), "add": (None, 0.0)}
    for field in fields:
        if field in used:
            continue
        for change in changes:
            value = getattr(change.foreign, field)
            if value not in neutral.get(field, (None, {})):
                law = draft.foreign.sampling.distribution
                message = f"`{field}` does not act on the {law.type if law else ''} draw of `{draft.name}`"
                draft.diagnostics.append(codes.IGNORED.at(change.span, message))
                break
