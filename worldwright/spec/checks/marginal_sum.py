"""WW0524: shares of a margin sum to 1, and totals and weights to more than 0."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.raked import CLOSE, tables_of
from worldwright.spec.codes.marginals import raked
from worldwright.spec.expressions.canonical import number
from worldwright.spec.population import Margin

CODE = Code(
    "WW0524",
    "marginal-sum",
    Severity.ERROR,
    "Shares are of the whole; a sum other than 1 means that one of them is mistyped or missing.",
    bad=raked("{of: rank, shares: {chief: .4, senior: .5}, assumption: true}"),
    good=raked("{of: rank, totals: {chief: 4, senior: 6}, assumption: true}"),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Every table of every layer."""
    for marginals in context.population.marginals:
        for table in tables_of(marginals):
            found = problem(table)
            if found is not None:
                yield CODE.at(table.span, *found[:1], help=found[1])


def problem(table: Margin) -> tuple[str, str] | None:
    """What is wrong with the sum of a table, and what to do."""
    names = " and ".join(f"`{name}`" for name in table.of)
    if table.total <= 0:
        return f"the table of {names} is 0 everywhere", "give it the numbers that are known"
    if table.is_shares and abs(table.total - 1) > CLOSE:
        shown = number(round(table.total, 9))
        help = "one share may be mistyped; write counts as `totals:`, which may sum to anything"
        return f"the shares of {names} sum to {shown}, not 1", help
    return None


RULE = Rule(CODE, check)
