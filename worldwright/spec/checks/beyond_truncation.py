"""WW0406: modifiers stay within the truncation, or a clip says what happens beyond."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import modified
from worldwright.spec.expressions.canonical import number
from worldwright.spec.expressions.reasoning import range_of
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
    for attribute, law in context.laws():
        if not attribute.modifiers or law.clamp:
            continue
        start = drawn(attribute, context.reach)
        reached = after_modifiers(attribute, start, context.reach)
        low = law.minimum or law.parameters.get("min")
        high = law.maximum or law.parameters.get("max")
        sides: list[str] = []
        if low is not None and attribute.clip[0] is None:
            least = range_of(low, context.reach).low
            if reached.low < least - _slack(least):
                sides.append(f"{number(reached.low)}, below the min of {number(least)}")
        if high is not None and attribute.clip[1] is None:
            most = range_of(high, context.reach).high
            if reached.high > most + _slack(most):
                sides.append(f"{number(reached.high)}, above the max of {number(most)}")
        if sides:
            message = f"modifiers can take `{attribute.name}` to {' and '.join(sides)}"
            yield CODE.at(
                attribute.modifiers[0].span, message, help="add `clip:` with the bounds that are meant"
            )


def _slack(bound: float) -> float:
    """What rounding alone may add."""
    return 1e-9 * max(1.0, abs(bound))


RULE = Rule(CODE, check)
