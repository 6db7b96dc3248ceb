"""WW0530: no constraint redraws what marginals decide."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.codes.marginals import RANK, SEX, raked

_RULE = "constraints:\n  - {require: \"age > 30 or rank == 'senior'\", redraw: [%s]}\n"

CODE = Code(
    "WW0530",
    "raked-owner",
    Severity.ERROR,
    "Whom a constraint draws again has other margins afterwards than the marginals say.",
    bad=raked(RANK, SEX, more=_RULE % "rank"),
    good=raked(RANK, SEX, more=_RULE % "age"),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """The owners of every constraint."""
    raked_names = context.population.raked
    for constraint in context.population.constraints:
        for name in constraint.owners:
            if name in raked_names:
                message = f"the constraint would redraw `{name}`, which has marginals"
                help = (
                    "name another attribute with `redraw:`, or exclude combinations by a 0 in the seed table"
                )
                yield CODE.at(constraint.span, message, help=help)
                break


RULE = Rule(CODE, check)
