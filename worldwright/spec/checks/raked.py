"""What the rules on marginals share: the tables that can be judged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from worldwright.diagnostics import Span
from worldwright.spec.checks.context import Context
from worldwright.spec.population import Margin, Marginals

if TYPE_CHECKING:
    from worldwright.spec.raking.tables import Group

CLOSE = 1e-6
"""Differences in shares of the whole that count as rounding: those of shares written with six digits."""


def tables_of(marginals: Marginals) -> tuple[Margin, ...]:
    """Every table: the targets, and the prior where there is one."""
    return (*marginals.targets, *([marginals.seed] if marginals.seed else []))


def named(table: Margin) -> str:
    """The attributes of a table, for a sentence."""
    return " and ".join(f"`{name}`" for name in table.of)


def sound_groups(context: Context) -> Iterator[tuple[Marginals, Group]]:
    """The joint tables that can be fitted, as far as sums and members go; the others have been told of."""
    from worldwright.spec.checks import contradictory_marginals, marginal_member, marginal_sum, too_many_cells

    for marginals in context.population.marginals:
        members = [context.attributes[name] for name in marginals.names]
        if not all(marginal_member.is_plain(attribute, context.population) for attribute in members):
            continue
        if any(marginal_sum.problem(table) for table in tables_of(marginals)):
            continue
        if any(True for _ in contradictory_marginals.contradictions(marginals, context.attributes)):
            continue
        from worldwright.spec.plan import members_of
        from worldwright.spec.raking.groups import cells_of, declared_shares, groups_of

        if any(declared_shares(attribute) is None for attribute in members):
            continue
        tables = members_of(marginals, context.attributes)
        if max(cells_of(table, context.attributes) for table in tables) > too_many_cells.MOST_CELLS:
            continue
        for group in groups_of(marginals, context.attributes):
            yield marginals, group


def place_of(marginals: Marginals, group: Group, target: int, cell: int, context: Context) -> Span:
    """Where in the document the value of a target's cell stands."""
    table = marginals.targets[group.sources[target]]
    axes = group.targets[target].axes
    codes = dict(group.cell(cell, axes))
    from worldwright.spec.resolve.marginals import options_of

    position = 0
    for name in table.of:
        options = options_of(context.attributes[name])
        position = position * len(options) + options.index(codes[name])
    return table.places[position]
