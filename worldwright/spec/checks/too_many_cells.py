"""WW0526: a joint table is of a size that can be fitted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from worldwright.diagnostics import Code, Diagnostic, Severity
from worldwright.spec.checks import marginal_member
from worldwright.spec.checks.context import Context, Rule
from worldwright.spec.codes.marginals import RAKED, raked

MOST_CELLS = 100_000
"""Cells of one joint table."""
_NAMES = tuple(f"has_{letter}" for letter in "abcdefghijklmnopq")
_WIDE = "".join(
    f"  {name}: {{type: boolean, assumption: true, distribution: {{boolean: .5}}}}\n" for name in _NAMES
)


def _chain(without: str = "") -> str:
    """A document in which each of many attributes hangs together with the next."""
    table = "{true: {true: 3, false: 2}, false: {true: 2, false: 3}}"
    pairs = [pair for pair in pairwise(_NAMES) if pair[0] != without]
    targets = [f"{{of: [{a}, {b}], totals: {table}, assumption: true}}" for a, b in pairs]
    return raked(*targets).replace(RAKED, RAKED + _WIDE)


CODE = Code(
    "WW0526",
    "too-many-cells",
    Severity.ERROR,
    "The joint table has a cell for each combination of options, and each of them must be fitted.",
    bad=_chain(),
    good=_chain(without=_NAMES[8]),
)


def check(context: Context) -> Iterator[Diagnostic]:
    """Every group of attributes that hangs together."""
    for marginals in context.population.marginals:
        members = [context.attributes[name] for name in marginals.names]
        if not all(marginal_member.is_plain(attribute, context.population) for attribute in members):
            continue
        from worldwright.spec.plan import members_of
        from worldwright.spec.raking.groups import cells_of

        for group in members_of(marginals, context.attributes):
            cells = cells_of(group, context.attributes)
            if cells > MOST_CELLS:
                names = ", ".join(f"`{name}`" for name in group)
                message = (
                    f"the joint table of {names} has {cells:,} cells, and at most {MOST_CELLS:,} are fitted"
                )
                help = "leave out the table that ties them together, or take options together"
                yield CODE.at(marginals.span, message, help=help)


RULE = Rule(CODE, check)
