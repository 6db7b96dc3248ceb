"""WW0527: every margin that is not 0 has cells to fill it."""

from __future__ import annotations

from collections.abc import Iterator

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.raked import named, place_of, sound_groups
from worldwright.spec.codes.marginals import RANK, SEX, raked
from worldwright.spec.expressions.canonical import number

_SEED = """  seed:
    of: [sex, rank]
    assumption: true
    table:
      female: {chief: 0, senior: 9}
      male: {chief: %s, senior: 5}
"""

CODE = Code(
    "WW0527",
    "empty-cells",
    Severity.ERROR,
    "Raking multiplies, so that what has weight 0 stays empty; a margin needs cells that are not.",
    bad=raked(RANK, SEX, more=_SEED % 0),
    good=raked(RANK, SEX, more=_SEED % 4),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """The first target of each joint table that nothing can fill."""
    for marginals, group in sound_groups(context):
        from worldwright.spec.raking.fit import starved

        found = starved(group)
        if found is None:
            continue
        target, cell = found
        labels = " and ".join(f"{n} {label!r}" for n, label in group.cell(cell, group.targets[target].axes))
        share = number(float(f"{group.targets[target].shares[cell]:.6g}"))
        table = marginals.targets[group.sources[target]]
        seed = named(marginals.seed) if marginals.seed else "the declared distributions"
        message = f"{labels} has share {share}, and every combination it could come from has weight 0"
        help = (
            f"see the zeros of the prior ({seed}) and of the other targets, or give {named(table)} a 0 here"
        )
        yield CODE.at(place_of(marginals, group, target, cell, context), message, help=help)


RULE = Rule(CODE, check)
