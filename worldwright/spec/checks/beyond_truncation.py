"""WW0406: modifiers stay within the bounds of the distribution, or a clip says what happens beyond."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import modified
from worldwright.spec.expressions.canonical import number
from worldwright.spec.expressions.nodes import Expression, Number
from worldwright.spec.expressions.reasoning import range_of
from worldwright.spec.population import Distribution
from worldwright.spec.reach import drawn
from worldwright.spec.reach import modified as after_modifiers

CODE = Code(
    "WW0406",
    "beyond-truncation",
    Severity.WARNING,
    "min and max act on the draw and not after modifiers, so that values can lie outside them.",
    bad=modified("float", "{uniform: {min: 0, max: 10}}", "when: age > 50, multiply: 1.5"),
    good=modified(
        "float", "{uniform: {min: 0, max: 10}}", "when: age > 50, multiply: 1.5", more="clip: {max: 10}"
    ),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Bounds of a distribution that modifiers can carry a value over, on a side without clip."""
    for attribute, law in context.whole_laws():
        if not attribute.modifiers or law.clamp:
            continue
        start = drawn(attribute, context.reach)
        reached = after_modifiers(attribute, start, context.reach)
        low, high = _ends(law, "min"), _ends(law, "max")
        sides: list[str] = []
        if low and attribute.clip[0] is None:
            least = min(range_of(end, context.reach).low for end in low)
            if reached.low < least - _slack(least):
                sides.append(f"{number(reached.low)}, below the min of {number(least)}")
        if high and attribute.clip[1] is None:
            most = max(range_of(end, context.reach).high for end in high)
            if reached.high > most + _slack(most):
                sides.append(f"{number(reached.high)}, above the max of {number(most)}")
        if sides:
            message = f"modifiers can take `{attribute.name}` to {' and '.join(sides)}"
            yield CODE.at(
                attribute.modifiers[0].span, message, help="add `clip:` with the bounds that are meant"
            )


def _ends(law: Distribution, side: str) -> list[Expression]:
    """The bounds of a distribution on one side: of a mixture those of its components, if all have one.

    A beta lies between 0 and 1 by itself.
    """
    if law.family == "mixture":
        ends = [_ends(component.law, side) for component in law.components]
        return [end for part in ends for end in part] if all(ends) else []
    end = (law.minimum if side == "min" else law.maximum) or law.parameters.get(side)
    if end is None and law.family == "beta":
        end = Number(0.0 if side == "min" else 1.0, law.span)
    return [] if end is None else [end]


def _slack(bound: float) -> float:
    """What rounding alone may add."""
    return 1e-9 * max(1.0, abs(bound))


RULE = Rule(CODE, check)
