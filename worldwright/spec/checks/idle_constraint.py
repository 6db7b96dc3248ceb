"""WW0514: a constraint excludes something."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import TWO
from worldwright.spec.expressions.canonical import text
from worldwright.spec.expressions.reasoning import narrowed

CODE = Code(
    "WW0514",
    "idle-constraint",
    Severity.WARNING,
    "A constraint that every agent meets by itself is probably mistyped, or can go.",
    bad=TWO + "constraints:\n  - age > 10\n",
    good=TWO + "constraints:\n  - age > 20\n",
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Constraints that cannot fail."""
    for constraint in context.population.constraints:
        if narrowed(constraint.condition, context.reach, False) is None:
            message = f"every agent meets the constraint {text(constraint.condition)}"
            yield CODE.at(constraint.span, message)


RULE = Rule(CODE, check)
