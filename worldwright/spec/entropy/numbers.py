"""Numeric draws: clamped to their bounds, modified, clamped again, rounded, and bounded at last."""

from __future__ import annotations

import math
from dataclasses import dataclass

from worldwright.spec.entropy import codes
from worldwright.spec.entropy.documents import Distribution
from worldwright.spec.entropy.drafts import Change, Draft
from worldwright.spec.entropy.values import number
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.expressions.reasoning import constant, range_of
from worldwright.spec.population import Attribute, AttributeType, Modifier

Bounds = tuple[float | None, float | None]
Ends = tuple[Expression | None, Expression | None]
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
            return [_uniform(draft, law, modifiers, name, kind, hard)]
        case "beta":
            return _beta(draft, law, modifiers, name, kind, hard)
        case _:
            pass
    mean = _parameter(draft, law, "mean")
    if mean is None:
        raise draft.refuse(codes.UNUSABLE, f"`{draft.name}` has no mean", "sampling", "distribution")
    spread = _parameter(draft, law, "std")
    ends = _ends(draft, law)
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
        spread = nodes.Number(-fixed, mean.span)
    if constant(spread) is None and range_of(spread, draft.reach).low <= 0:
        spread = nodes.Call("max", (spread, nodes.Number(_LEAST, spread.span)), spread.span)
    if lognormal and constant(mean) is None and range_of(mean, draft.reach).low <= 0:
        positive = nodes.Compare(">", mean, nodes.Number(0.0, mean.span), mean.span)
        none = Modifier(nodes.Not(positive, mean.span), mean.span, multiply=nodes.Number(0.0, mean.span))
        mean = nodes.IfElse(positive, mean, nodes.Number(1.0, mean.span), mean.span)
        modifiers = (none, *modifiers)
    parameters = {"mean": mean, "sd": spread}
    merged = _merged(ends, hard, whole) if not modifiers else None
    if merged is not None:
        return [draft.attribute(kind, name=name, law=draft.law(law.type, parameters), clip=merged)]
    clamp = whole or any(end is not None for end in ends)
    made = draft.law(law.type, parameters, ends=ends, clamp=clamp)
    clip = _beyond(hard, ends, whole)
    return [draft.attribute(kind, name=name, law=made, modifiers=modifiers, clip=clip)]


def hard_bounds(draft: Draft) -> Bounds:
    """The bounds that act last, from `hard_min` and `hard_max` with the legacy `min` and `max`."""
    low: float | None = None
    high: float | None = None
    for constraint in draft.foreign.constraints:
        value = constraint.value
        if value is None:
            continue
        if constraint.type in ("hard_min", "min"):
            low = value if low is None else max(low, value)
            if high is not None and low > high:
                high = low
        elif constraint.type in ("hard_max", "max"):
            high = value if high is None else min(high, value)
            if low is not None and low > high:
                low = high
    return low, high


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


def _parameter(draft: Draft, law: Distribution, key: str) -> Expression | None:
    """A formula counts before a number."""
    path = ("sampling", "distribution")
    if getattr(law, f"{key}_formula") is not None:
        return draft.number(*path, f"{key}_formula")
    value: float | None = getattr(law, key)
    return None if value is None else nodes.Number(value + 0.0, draft.span(*path, key))


def _ends(draft: Draft, law: Distribution) -> Ends:
    return _parameter(draft, law, "min"), _parameter(draft, law, "max")


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


def _merged(ends: Ends, hard: Bounds, whole: bool) -> Bounds | None:
    """One pair of bounds that act last, where that says the same as clamping first."""
    fixed = [None if end is None else constant(end) for end in ends]
    if any(end is not None and value is None for end, value in zip(ends, fixed, strict=True)):
        return None
    low, high = (float(round(value)) if whole and value is not None else value for value in fixed)
    lows = [value for value in (low, hard[0]) if value is not None]
    highs = [value for value in (high, hard[1]) if value is not None]
    both_ends = (max(lows) if lows else None, min(highs) if highs else None)
    if both_ends[0] is not None and both_ends[1] is not None and both_ends[0] > both_ends[1]:
        return None
    return both_ends


def _beyond(hard: Bounds, ends: Ends, whole: bool) -> Bounds:
    """The hard bounds that clamping leaves something to do."""
    low, high = (None if end is None else constant(end) for end in ends)
    if whole:
        low, high = (None if value is None else float(round(value)) for value in (low, high))
    least = None if hard[0] is not None and low is not None and hard[0] <= low else hard[0]
    most = None if hard[1] is not None and high is not None and hard[1] >= high else hard[1]
    return least, most


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
    value = _within(value, ends)
    for modifier in modifiers:
        if modifier.multiply is not None:
            factor = nodes.IfElse(modifier.when, modifier.multiply, nodes.Number(1.0, span), span)
            value = nodes.Arithmetic("*", value, factor, span)
    for modifier in modifiers:
        if modifier.add is not None:
            added = number(constant(modifier.add) or 0.0, span)
            term = nodes.IfElse(modifier.when, added, nodes.Number(0.0, span), span)
            value = nodes.Arithmetic("+", value, term, span)
    return draft.attribute(kind, name=name, formula=_within(value, ends), clip=hard)


def _within(value: Expression, ends: Ends) -> Expression:
    low, high = ends
    if low is not None:
        value = nodes.Call("max", (value, low), value.span)
    return value if high is None else nodes.Call("min", (value, high), value.span)


def _uniform(
    draft: Draft,
    law: Distribution,
    modifiers: tuple[Modifier, ...],
    name: str,
    kind: AttributeType,
    hard: Bounds,
) -> Attribute:
    if law.min is None or law.max is None:
        raise draft.refuse(
            codes.UNUSABLE, f"`{draft.name}` needs a min and a max", "sampling", "distribution"
        )
    span = draft.span("sampling", "distribution")
    parameters = {
        "min": nodes.Number(min(law.min, law.max) + 0.0, span),
        "max": nodes.Number(max(law.min, law.max) + 0.0, span),
    }
    made = draft.law("uniform", parameters, clamp=kind is AttributeType.INT)
    clip = hard if modifiers else _beyond(hard, (parameters["min"], parameters["max"]), False)
    return draft.attribute(kind, name=name, law=made, modifiers=modifiers, clip=clip)


@dataclass(frozen=True, slots=True)
class _Scale:
    """From 0 … 1 to low … low + width."""

    low: Expression
    width: Expression

    @property
    def is_unit(self) -> bool:
        return constant(self.low) == 0 and constant(self.width) == 1


def _beta(
    draft: Draft,
    law: Distribution,
    modifiers: tuple[Modifier, ...],
    name: str,
    kind: AttributeType,
    hard: Bounds,
) -> list[Attribute]:
    """A beta draw, spread over min … max where both are given."""
    span = draft.span("sampling", "distribution")
    if law.alpha is None or law.beta is None or law.alpha <= 0 or law.beta <= 0:
        message = f"`{draft.name}` needs a positive alpha and beta"
        raise draft.refuse(codes.UNUSABLE, message, "sampling", "distribution")
    parameters: dict[str, Expression] = {
        "alpha": nodes.Number(law.alpha, span),
        "beta": nodes.Number(law.beta, span),
    }
    low, high = _ends(draft, law)
    whole = kind is AttributeType.INT
    if low is None or high is None:
        return [_unscaled_beta(draft, parameters, (low, high), modifiers, name, kind, hard)]
    scale = _Scale(low, _difference(high, low))
    if scale.is_unit:
        made = draft.law("beta", parameters, clamp=whole)
        clip = hard if modifiers else _beyond(hard, (low, high), whole)
        return [draft.attribute(kind, name=name, law=made, modifiers=modifiers, clip=clip)]
    spread = Modifier(
        nodes.Boolean(True, span), span, multiply=scale.width, add=None if constant(low) == 0 else low
    )
    if not modifiers or constant(low) == 0:
        made = draft.law("beta", parameters, clamp=whole)
        clip = hard if modifiers else _beyond(hard, (low, high), whole)
        return [draft.attribute(kind, name=name, law=made, modifiers=(spread, *modifiers), clip=clip)]
    part = f"{name}_draw"
    draft.say(codes.MEANING, f"the draw of `{draft.name}` is a column of its own, `{part}`")
    drawn = draft.attribute(
        AttributeType.FLOAT, name=part, law=draft.law("beta", parameters), modifiers=(spread,)
    )
    value: Expression = nodes.Name(part, span)
    for modifier in modifiers:
        if modifier.multiply is not None:
            factor = nodes.IfElse(modifier.when, modifier.multiply, nodes.Number(1.0, span), span)
            value = nodes.Arithmetic("*", value, factor, span)
    for modifier in modifiers:
        if modifier.add is not None:
            added = number(constant(modifier.add) or 0.0, span)
            term = nodes.IfElse(modifier.when, added, nodes.Number(0.0, span), span)
            value = nodes.Arithmetic("+", value, term, span)
    return [drawn, draft.attribute(kind, name=name, formula=value, clip=hard)]


def _unscaled_beta(
    draft: Draft,
    parameters: dict[str, Expression],
    ends: Ends,
    modifiers: tuple[Modifier, ...],
    name: str,
    kind: AttributeType,
    hard: Bounds,
) -> Attribute:
    """On 0 … 1; modifiers cannot leave that where there are no bounds, and one bound alone clamps."""
    span = draft.span("sampling", "distribution")
    whole = kind is AttributeType.INT
    if ends == (None, None) and modifiers:
        ends = (nodes.Number(0.0, span), nodes.Number(1.0, span))
    elif modifiers:
        draft.say(
            codes.MEANING,
            f"the one bound of `{draft.name}` holds after its modifiers too",
            "sampling",
            "distribution",
        )
    clamp = ends != (None, None) or whole
    made = draft.law("beta", parameters, ends=ends, clamp=clamp)
    natural: Ends = (nodes.Number(0.0, span), nodes.Number(1.0, span))
    clip = _beyond(hard, ends if modifiers else natural, whole)
    return draft.attribute(kind, name=name, law=made, modifiers=modifiers, clip=clip)


def _difference(high: Expression, low: Expression) -> Expression:
    first, second = constant(high), constant(low)
    if first is not None and second is not None:
        return nodes.Number(first - second, high.span)
    return high if second == 0 else nodes.Arithmetic("-", high, low, high.span)
