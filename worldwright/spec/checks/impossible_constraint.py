"""WW0513: a constraint can hold."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.examples import TWO
from worldwright.spec.expressions.canonical import text
from worldwright.spec.expressions.reasoning import narrowed

CODE = Code(
    "WW0513",
    "impossible-constraint",
    Severity.ERROR,
    "A constraint that nobody can meet leaves no population.",
    bad=TWO + "constraints:\n  - age > 100\n",
    good=TWO + "constraints:\n  - age > 20\n",
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Constraints that no agent can meet."""
    for constraint in context.population.constraints:
        if narrowed(constraint.condition, context.reach, True) is None:
            message = f"no agent can meet the constraint {text(constraint.condition)}"
            yield CODE.at(constraint.span, message)


RULE = Rule(CODE, check)
