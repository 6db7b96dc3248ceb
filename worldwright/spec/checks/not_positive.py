"""WW0302: spreads, shapes, scales and rates are more than 0."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import drawn
from worldwright.spec.expressions.canonical import number
from worldwright.spec.expressions.reasoning import range_of

POSITIVE: dict[str, tuple[str, ...]] = {
    "normal": ("sd",),
    "lognormal": ("mean", "sd"),
    "beta": ("alpha", "beta"),
    "gamma": ("shape", "scale"),
    "exponential": ("mean",),
    "poisson": ("mean",),
}
"""The parameters of each family that must be more than 0."""

CODE = Code(
    "WW0302",
    "not-positive",
    Severity.ERROR,
    "The distribution is not defined there.",
    bad=drawn("float", "{normal: {mean: 3, sd: 0}}"),
    good=drawn("float", "{normal: {mean: 3, sd: 1}}"),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Parameters that can never be more than 0."""
    for attribute, law in context.laws():
        for name in POSITIVE.get(law.family, ()):
            value = law.parameters.get(name)
            if value is None:
                continue
            most = range_of(value, context.reach).high
            if most > 0:
                continue
            message = (
                f"the {name} of `{attribute.name}` is never more than {number(most)}; it must be positive"
            )
            help = "for a value without spread write a formula" if name == "sd" else None
            yield CODE.at(value.span, message, help=help)


RULE = Rule(CODE, check)
