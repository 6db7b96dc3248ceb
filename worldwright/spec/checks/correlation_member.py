"""WW0504: correlated attributes are drawn, and their values have an order."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import TWO
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.reasoning import constant
from worldwright.spec.population import Attribute, AttributeType

CODE = Code(
    "WW0504",
    "correlation-member",
    Severity.ERROR,
    "The correlation is one of ranks, of base draws; without a draw or without an order there is none.",
    bad=TWO + "correlations:\n  - [age, rank, .2]\n",
    good=TWO + "correlations:\n  - [age, height, .2]\n",
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Both members of every pair."""
    for pair in context.population.correlations:
        for name in (pair.first, pair.second):
            attribute = context.attributes[name]
            reason, help = _reason(attribute), None
            if reason is None:
                reason, help = _of_table(attribute)
            if reason:
                message = f"`{name}` cannot be correlated: {reason}"
                yield CODE.at(pair.span, message, help=help)


def _reason(attribute: Attribute) -> str | None:
    if attribute.type is AttributeType.TEXT:
        return "text has no order"
    if attribute.formula is not None:
        return "it is computed and not drawn"
    if attribute.type is AttributeType.CATEGORICAL and not attribute.ordered:
        return "its options have no order (`ordered: true` gives them one)"
    if attribute.column is not None:
        return "it is taken from a table, where it has its correlations already"
    if attribute.distribution is not None and attribute.distribution.family == "mixture":
        return "the draw of a mixture chooses a component first, so that its rank is not that of the value"
    return None


def _of_table(attribute: Attribute) -> tuple[str | None, str | None]:
    """Why labels or a truth cannot be correlated, by their probabilities before modifiers, and what to do."""
    law = attribute.distribution
    if law is None or attribute.type not in (AttributeType.BOOLEAN, AttributeType.CATEGORICAL):
        return None, None
    table = [*law.weights.values(), *(value for name, value in law.parameters.items() if name == "p")]
    if any(nodes.names(weight) for weight in table):
        reason = "its probabilities before modifiers differ between agents, so one correlation is not theirs"
        return reason, "give it constant probabilities, and put what they depend on into modifiers"
    shares = [value for weight in table if (value := constant(weight)) is not None]
    few = sum(share > 0 for share in shares) < 2 if law.weights else any(share in (0, 1) for share in shares)
    if table and len(shares) == len(table) and few:
        return "it has one value only before modifiers", None
    return None, None


RULE = Rule(CODE, check)
