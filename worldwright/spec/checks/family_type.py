"""WW0301: the family of a distribution must give values of the attribute's type."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import drawn
from worldwright.spec.population import AttributeType

_TABLES = frozenset({"empirical", "mixture"})
FAMILIES: dict[AttributeType, frozenset[str]] = {
    AttributeType.INT: frozenset(
        {"normal", "lognormal", "uniform", "gamma", "exponential", "triangular", "poisson", "binomial"}
        | _TABLES
    ),
    AttributeType.FLOAT: frozenset(
        {"normal", "lognormal", "uniform", "beta", "gamma", "exponential", "triangular"} | _TABLES
    ),
    AttributeType.CATEGORICAL: frozenset({"categorical", "mixture"}),
    AttributeType.BOOLEAN: frozenset({"boolean", "mixture"}),
    AttributeType.DATE: frozenset({"uniform", "triangular"}) | _TABLES,
    AttributeType.TEXT: frozenset(),
}
"""The families an attribute of each type may have."""

CODE = Code(
    "WW0301",
    "family-type",
    Severity.ERROR,
    "A distribution gives values of one sort only.",
    bad=drawn("float", "{poisson: {mean: 3}}"),
    good=drawn("int", "{poisson: {mean: 3}}"),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Every family against the type beside it."""
    for attribute, law in context.laws():
        allowed = FAMILIES[attribute.type]
        if law.family in allowed:
            continue
        message = f"a {law.family} distribution gives no {attribute.type} values"
        fitting = [kind for kind, families in FAMILIES.items() if law.family in families]
        help = f"say type: {' or '.join(fitting)}"
        if allowed:
            help += f", or take one of {', '.join(sorted(allowed))}"
        yield CODE.at(law.span, message, help=help)


RULE = Rule(CODE, check)
