"""Uniform and beta draws: modifiers may carry them over their bounds, but for a beta draw without any."""

from __future__ import annotations

from dataclasses import dataclass

from worldwright.spec.entropy import codes
from worldwright.spec.entropy.bounds import Bounds, Ends, beyond, ends_of, modified
from worldwright.spec.entropy.documents import Distribution
from worldwright.spec.entropy.drafts import Draft
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.expressions.reasoning import constant
from worldwright.spec.population import Attribute, AttributeType, Modifier


def uniform(
    draft: Draft,
    law: Distribution,
    modifiers: tuple[Modifier, ...],
    name: str,
    kind: AttributeType,
    hard: Bounds,
) -> Attribute:
    """A uniform draw; a whole number is a rounded one, so that the ends are half as frequent."""
    if law.min is None or law.max is None:
        raise draft.refuse(
            codes.UNUSABLE, f"`{draft.name}` needs a min and a max", "sampling", "distribution"
        )
    span = draft.span("sampling", "distribution")
    ends_of(draft, law)  # tells of bounds in the wrong order
    parameters = {
        "min": nodes.Number(min(law.min, law.max) + 0.0, span),
        "max": nodes.Number(max(law.min, law.max) + 0.0, span),
    }
    made = draft.law("uniform", parameters, clamp=kind is AttributeType.INT)
    clip = hard if modifiers else beyond(hard, (parameters["min"], parameters["max"]), False)
    return draft.attribute(kind, name=name, law=made, modifiers=modifiers, clip=clip)


@dataclass(frozen=True, slots=True)
class _Scale:
    """From 0 … 1 to low … low + width."""

    low: Expression
    width: Expression

    @property
    def is_unit(self) -> bool:
        return constant(self.low) == 0 and constant(self.width) == 1


def beta(
    draft: Draft,
    law: Distribution,
    modifiers: tuple[Modifier, ...],
    name: str,
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
    low, high = ends_of(draft, law)
    if low is None or high is None:
        return [_unscaled_beta(draft, parameters, (low, high), modifiers, name, hard)]
    scale = _Scale(low, _difference(high, low))
    if scale.is_unit:
        made = draft.law("beta", parameters)
        clip = hard if modifiers else beyond(hard, (low, high), False)
        return [draft.attribute(AttributeType.FLOAT, name=name, law=made, modifiers=modifiers, clip=clip)]
    spread = Modifier(
        nodes.Boolean(True, span), span, multiply=scale.width, add=None if constant(low) == 0 else low
    )
    if not modifiers or constant(low) == 0:
        made = draft.law("beta", parameters)
        clip = hard if modifiers else beyond(hard, (low, high), False)
        return [
            draft.attribute(
                AttributeType.FLOAT, name=name, law=made, modifiers=(spread, *modifiers), clip=clip
            )
        ]
    part = f"{name}_draw"
    draft.say(codes.MEANING, f"the draw of `{draft.name}` is a column of its own, `{part}`")
    drawn = draft.attribute(
        AttributeType.FLOAT, name=part, law=draft.law("beta", parameters), modifiers=(spread,)
    )
    value = modified(nodes.Name(part, span), modifiers, span)
    return [drawn, draft.attribute(AttributeType.FLOAT, name=name, formula=value, clip=hard)]


def _unscaled_beta(
    draft: Draft,
    parameters: dict[str, Expression],
    ends: Ends,
    modifiers: tuple[Modifier, ...],
    name: str,
    hard: Bounds,
) -> Attribute:
    """On 0 … 1; modifiers cannot leave that where there are no bounds, and one bound alone clamps."""
    span = draft.span("sampling", "distribution")
    if ends == (None, None) and modifiers:
        ends = (nodes.Number(0.0, span), nodes.Number(1.0, span))
    elif modifiers:
        draft.say(
            codes.MEANING,
            f"the one bound of `{draft.name}` holds after its modifiers too",
            "sampling",
            "distribution",
        )
    clamp = ends != (None, None)
    made = draft.law("beta", parameters, ends=ends, clamp=clamp)
    natural: Ends = (nodes.Number(0.0, span), nodes.Number(1.0, span))
    clip = beyond(hard, ends if modifiers else natural, False)
    return draft.attribute(AttributeType.FLOAT, name=name, law=made, modifiers=modifiers, clip=clip)


def _difference(high: Expression, low: Expression) -> Expression:
    first, second = constant(high), constant(low)
    if first is not None and second is not None:
        return nodes.Number(first - second, high.span)
    return high if second == 0 else nodes.Arithmetic("-", high, low, high.span)
