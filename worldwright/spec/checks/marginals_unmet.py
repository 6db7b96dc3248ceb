"""WW0528: there is a table that has all the margins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.checks.raked import place_of, sound_groups
from worldwright.spec.codes.marginals import RANK, raked

if TYPE_CHECKING:
    from worldwright.spec.raking.fit import Fit
    from worldwright.spec.raking.tables import Group

_SEX = "{of: sex, shares: {female: %s, male: %s}, assumption: true}"
_SEED = """  seed:
    of: [sex, rank]
    assumption: true
    table:
      female: {chief: 5, senior: 0}
      male: {chief: 4, senior: 5}
"""

CODE = Code(
    "WW0528",
    "marginals-unmet",
    Severity.ERROR,
    "Margins that agree two by two can still be impossible together, or with the zeros of the prior.",
    bad=raked(RANK, _SEX % (".5", ".5"), more=_SEED),
    good=raked(RANK, _SEX % (".5", ".5"), more=_SEED.replace("senior: 0", "senior: 3")),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Joint tables whose fit does not come to an end."""
    for marginals, group in sound_groups(context):
        from worldwright.spec.raking.fit import fit, starved

        if starved(group) is not None:
            continue
        made = fit(group)
        if made.converged:
            continue
        span = place_of(marginals, group, made.target, made.cell, context)
        yield CODE.at(span, unmet(group, made), help=advice(group, made))


def unmet(group: Group, made: Fit) -> str:
    """What is left between a fit and its targets."""
    names = ", ".join(f"`{name}`" for name in group.members)
    axes = group.targets[made.target].axes
    labels = " and ".join(f"{name} {label!r}" for name, label in group.cell(made.cell, axes))
    wanted = float(group.targets[made.target].shares[made.cell])
    return (
        f"no table of {names} was found with these margins: after {made.rounds:,} rounds {labels} "
        f"still misses its share {wanted:.6g} by {made.gap:.2g}"
    )


def advice(group: Group, made: Fit) -> str:
    """What to do about a fit that does not come to an end."""
    if made.vanishing:
        labels = " with ".join(f"{name} {label!r}" for name, label in group.cell(made.vanishing[0]))
        return f"the margins leave no room for {labels}: correct them, or give it 0 in the seed table"
    return "correct the margins, or fill the zeros of the seed table that stand in their way"


RULE = Rule(CODE, check)
