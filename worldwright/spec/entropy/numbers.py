"""Numeric draws: clamped to their bounds, modified, clamped again, rounded, and bounded at last."""

from __future__ import annotations

import math

from worldwright.spec.entropy import codes
from worldwright.spec.entropy.bounds import Bounds, Ends, beyond, ends_of, merged, modified, parameter, within
from worldwright.spec.entropy.documents import Distribution
from worldwright.spec.entropy.drafts import Change, Draft
from worldwright.spec.entropy.shapes import beta, uniform
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.expressions.reasoning import constant, range_of
from worldwright.spec.population import Attribute, AttributeType, Modifier

_LEAST = 1e-9
"""What a spread that a formula makes zero or negative is taken as."""


def numeric(
    draft: Draft, law: Distribution, changes: list[Change], name: str, kind: AttributeType, hard: Bounds
) -> list[Attribute]:
    """The draw under a name, and before it what it is computed from where that is an attribute of its own."""
    modifiers = _modifiers(draft, changes)
    whole = kind is AttributeType.INT
    match law.type:
        case "uniform":
            return [uniform(draft, law, modifiers, name, kind, hard)]
        case "beta":
            return beta(draft, law, modifiers, name, hard)
        case _:
            pass
    mean = parameter(draft, law, "mean")
    if mean is None:
        raise draft.refuse(codes.UNUSABLE, f"`{draft.name}` has no mean", "sampling", "distribution")
    spread = parameter(draft, law, "std")
    ends = ends_of(draft, law)
    fixed = constant(spread) if spread is not None else None
    centre = constant(mean)
    lognormal = law.type == "lognormal"
    if lognormal and draft.reading.log_space and fixed is not None and fixed <= 0:
        centre_of_e = nodes.Call("exp", (mean,), mean.span)
        return [_without_spread(draft, centre_of_e, ends, modifiers, name, kind, hard)]
    if lognormal and draft.reading.log_space:
        mean, spread = _from_logarithms(mean, spread)
    elif lognormal and centre is not None and centre <= 0:
        return [_without_spread(draft, 0.0, ends, modifiers, name, kind, hard)]
    elif spread is not None and fixed is not None and (fixed <= 0 if lognormal else fixed == 0):
        return [_without_spread(draft, mean, ends, modifiers, name, kind, hard)]
    if spread is None:
        half = nodes.Number(0.5, mean.span)
        spread = nodes.Number(1.0, mean.span)
        if lognormal:
            spread = _scaled(mean, half)
    if fixed is not None and fixed < 0:
        draft.say(codes.MEANING, f"the std {fixed:g} of `{draft.name}` is taken as positive", "sampling")
        spread = nodes.Number(-fixed, mean.span)
    if constant(spread) is None and range_of(spread, draft.reach).low <= 0:
        spread = nodes.Call("max", (spread, nodes.Number(_LEAST, spread.span)), spread.span)
    if lognormal and constant(mean) is None and range_of(mean, draft.reach).low <= 0:
        positive = nodes.Compare(">", mean, nodes.Number(0.0, mean.span), mean.span)
        none = Modifier(nodes.Not(positive, mean.span), mean.span, multiply=nodes.Number(0.0, mean.span))
        mean = nodes.IfElse(positive, mean, nodes.Number(1.0, mean.span), mean.span)
        modifiers = (none, *modifiers)
    parameters = {"mean": mean, "sd": spread}
    pair = merged(ends, hard, whole) if not modifiers else None
    if pair is not None:
        return [draft.attribute(kind, name=name, law=draft.law(law.type, parameters), clip=pair)]
    clamp = whole or any(end is not None for end in ends)
    made = draft.law(law.type, parameters, ends=ends, clamp=clamp)
    clip = beyond(hard, ends, whole)
    return [draft.attribute(kind, name=name, law=made, modifiers=modifiers, clip=clip)]


def _modifiers(draft: Draft, changes: list[Change]) -> tuple[Modifier, ...]:
    """Multiplications and additions of all that match; what changes nothing is left out."""
    found: list[Modifier] = []
    idle = 0
    for change in changes:
        foreign, span = change.foreign, change.span
        multiply = None if foreign.multiply in (None, 1.0) else foreign.multiply
        add = None if foreign.add in (None, 0.0) else foreign.add
        if foreign.weight_overrides or foreign.probability_override is not None:
            message = f"weights and probabilities do not act on the numbers of `{draft.name}`"
            draft.diagnostics.append(codes.IGNORED.at(span, message))
        if multiply is None and add is None:
            idle += 1
            continue
        found.append(
            Modifier(
                change.when,
                span,
                multiply=None if multiply is None else nodes.Number(multiply, span),
                add=None if add is None else nodes.Number(add, span),
            )
        )
    if idle:
        changed = (
            f"{idle} modifiers of `{draft.name}` change"
            if idle > 1
            else f"a modifier of `{draft.name}` changes"
        )
        draft.say(codes.NO_EFFECT, f"{changed} nothing", "sampling", "modifiers")
    return tuple(found)


def _scaled(node: Expression, factor: Expression) -> Expression:
    value, by = constant(node), constant(factor)
    if value is not None and by is not None:
        return nodes.Number(value * by, node.span)
    return nodes.Arithmetic("*", node, factor, node.span)


def _from_logarithms(mean: Expression, spread: Expression | None) -> tuple[Expression, Expression]:
    """Mean and sd of e^X for a normal X: exp(μ + σ²/2) and that times sqrt(exp(σ²) − 1)."""
    span = mean.span
    sigma = spread if spread is not None else nodes.Number(1.0, span)
    mu, s = constant(mean), constant(sigma)
    if mu is not None and s is not None:
        real = math.exp(mu + s * s / 2)
        return nodes.Number(real, span), nodes.Number(real * math.sqrt(math.expm1(s * s)), span)
    square = nodes.Arithmetic("*", sigma, sigma, span)
    half = nodes.Arithmetic("/", square, nodes.Number(2.0, span), span)
    real = nodes.Call("exp", (nodes.Arithmetic("+", mean, half, span),), span)
    excess = nodes.Arithmetic("-", nodes.Call("exp", (square,), span), nodes.Number(1.0, span), span)
    return real, nodes.Arithmetic("*", real, nodes.Call("sqrt", (excess,), span), span)


def _without_spread(
    draft: Draft,
    centre: Expression | float,
    ends: Ends,
    modifiers: tuple[Modifier, ...],
    name: str,
    kind: AttributeType,
    hard: Bounds,
) -> Attribute:
    """A distribution of one point: a formula that does what draws go through."""
    span = draft.span("sampling", "distribution")
    value: Expression = nodes.Number(float(centre), span) if isinstance(centre, (int, float)) else centre
    draft.say(codes.MEANING, f"`{draft.name}` has no spread and is computed", "sampling", "distribution")
    value = within(value, ends)
    value = modified(value, modifiers, span)
    return draft.attribute(kind, name=name, formula=within(value, ends), clip=hard)
