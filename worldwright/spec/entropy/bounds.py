"""The bounds of a number: those of its distribution, which clamp, and hard ones, which act last."""

from __future__ import annotations

from worldwright.diagnostics import Span
from worldwright.spec.entropy import codes
from worldwright.spec.entropy.documents import Distribution
from worldwright.spec.entropy.drafts import Draft
from worldwright.spec.entropy.values import number
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.expressions.reasoning import constant
from worldwright.spec.population import Modifier

Bounds = tuple[float | None, float | None]
"""The least and the greatest value, where there is one."""
Ends = tuple[Expression | None, Expression | None]
"""The same as expressions."""


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


def parameter(draft: Draft, law: Distribution, key: str) -> Expression | None:
    """A formula counts before a number."""
    path = ("sampling", "distribution")
    if getattr(law, f"{key}_formula") is not None:
        return draft.number(*path, f"{key}_formula")
    value: float | None = getattr(law, key)
    return None if value is None else nodes.Number(value + 0.0, draft.span(*path, key))


def ends_of(draft: Draft, law: Distribution) -> Ends:
    """The bounds of a distribution."""
    low, high = parameter(draft, law, "min"), parameter(draft, law, "max")
    least, most = constant(low), constant(high)
    if least is not None and most is not None and least >= most:
        message = f"the min {least:g} of `{draft.name}` is not below its max {most:g}"
        draft.say(codes.MEANING, message, "sampling", "distribution", "min")
    return low, high


def merged(ends: Ends, hard: Bounds, whole: bool) -> Bounds | None:
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


def beyond(hard: Bounds, ends: Ends, whole: bool) -> Bounds:
    """The hard bounds that clamping leaves something to do."""
    low, high = (None if end is None else constant(end) for end in ends)
    if whole:
        low, high = (None if value is None else float(round(value)) for value in (low, high))
    least = None if hard[0] is not None and low is not None and hard[0] <= low else hard[0]
    most = None if hard[1] is not None and high is not None and hard[1] >= high else hard[1]
    return least, most


def within(value: Expression, ends: Ends) -> Expression:
    """A value put on the ends it lies beyond; the greatest holds where it is below the least."""
    low, high = ends
    if low is not None:
        value = nodes.Call("max", (value, low), value.span)
    return value if high is None else nodes.Call("min", (value, high), value.span)


def modified(value: Expression, modifiers: tuple[Modifier, ...], span: Span) -> Expression:
    """What modifiers make of a value, as one expression."""
    for modifier in modifiers:
        if modifier.multiply is not None:
            factor = nodes.IfElse(modifier.when, modifier.multiply, nodes.Number(1.0, span), span)
            value = nodes.Arithmetic("*", value, factor, span)
    for modifier in modifiers:
        if modifier.add is not None:
            added = number(constant(modifier.add) or 0.0, span)
            term = nodes.IfElse(modifier.when, added, nodes.Number(0.0, span), span)
            value = nodes.Arithmetic("+", value, term, span)
    return value
