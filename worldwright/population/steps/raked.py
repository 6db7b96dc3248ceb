"""Attributes with marginals: one keyed uniform picks a cell of their fitted joint table.

The stream is that of the first attribute by stream names, whose options are the coarsest division of the
table. With `counts: exact` the cells have whole numbers of a known number of agents, and a keyed permutation
gives each agent a place among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from worldwright.errors import SamplingError, UsageError
from worldwright.population.block import Block
from worldwright.population.kernels import select, shuffle
from worldwright.population.values import Floats, Index
from worldwright.spec.checks.marginals_unmet import advice, unmet
from worldwright.spec.population import Attribute, AttributeType, Population
from worldwright.spec.raking.fit import Fit, fit, starved
from worldwright.spec.raking.groups import declared_shares, groups_of
from worldwright.spec.raking.tables import Group, projection
from worldwright.spec.raking.whole import whole


@dataclass(frozen=True)
class Places:
    """Whole numbers of agents for the cells of a table, in a keyed order of all agents."""

    agents: int
    ends: Index
    """For each cell, the number of agents in it and the cells before."""
    off: int
    """How many agents the margins miss their whole targets by."""

    def of(self, agents: Index, key: int) -> Index:
        """The place of each agent, from 0."""
        out = np.empty(len(agents), dtype=np.int64)
        bits = shuffle.bits_of(self.agents)
        shuffle.places(np.uint64(key), np.uint64(self.agents), np.uint64(bits), agents, out)
        return out


class RakedStep:
    """Draws the attributes of one joint table."""

    def __init__(
        self, group: Group, attributes: Mapping[str, Attribute], agents: int | None, *, exact: bool
    ) -> None:
        self.group = group
        self.writes = group.members
        self.stream = attributes[group.members[0]].stream
        self.exact = exact
        self.truths = tuple(attributes[name].type is AttributeType.BOOLEAN for name in group.members)
        self.fit = _fit(group)
        running = np.cumsum(self.fit.cells)
        shares = running / running[-1]
        shares[np.flatnonzero(self.fit.cells > 0.0)[-1] :] = np.inf
        self.ends: Floats = shares
        """For each cell, the share of it and the cells before; infinite from the last possible one on."""
        self._guided = select.guided(shares[:-1])
        self._codes = [projection(group.shape, (axis,)).astype(np.int32) for axis in range(len(group.shape))]
        self.places: Places | None = None
        if exact and agents is not None:
            made = whole(group, self.fit.cells, agents)
            self.places = Places(agents, np.cumsum(made.counts), made.off)

    def run(self, block: Block) -> None:
        """Compute the attributes for a block."""
        cells = self.cells(block)
        for name, codes, truth in zip(self.writes, self._codes, self.truths, strict=True):
            found = codes[cells]
            block.write(name, found == 1 if truth else found)

    def cells(self, block: Block) -> Index:
        """The cell of each agent."""
        if self.places is not None:
            places = self.places.of(block.agents, block.key("places", self.stream))
            return np.searchsorted(self.places.ends, places, side="right")
        if self.exact:
            raise UsageError(
                "`counts: exact` gives whole numbers of a known number of agents, and none is known here",
                where=f"marginals of {', '.join(self.writes)}",
                help="plan the population for its number of agents: plan(population, seed, agents=…)",
            )
        uniform = block.uniform(self.stream)
        out = np.empty(block.count, dtype=np.int32)
        select.select_guided(uniform, *self._guided, out)
        return out.astype(np.int64)

    @property
    def shares(self) -> Floats:
        """The share of each cell among the agents: of those that are counted, or of those that are drawn."""
        if self.places is None:
            return self.fit.cells
        return np.diff(self.places.ends, prepend=0) / max(self.places.agents, 1)


def raked_steps(population: Population, agents: int | None) -> tuple[RakedStep, ...]:
    """A step for each joint table of a population.

    Raises:
        SamplingError: for attributes that cannot be raked, and margins that no table has.
    """
    attributes = {attribute.name: attribute for attribute in population.attributes}
    steps: list[RakedStep] = []
    for marginals in population.marginals:
        for name in marginals.names:
            _demand_plain(attributes[name])
        steps += [
            RakedStep(group, attributes, agents, exact=marginals.exact)
            for group in groups_of(marginals, attributes)
        ]
    return tuple(steps)


def demand_range(steps: Sequence[object], start: int, count: int) -> None:
    """Refuse agents beyond the number that whole counts were made for.

    Raises:
        UsageError: for an agent that does not exist.
    """
    for step in steps:
        places = step.places if isinstance(step, RakedStep) else None
        if places is not None and start + count > places.agents:
            raise UsageError(
                f"`counts: exact` is planned for {places.agents:,} agents, not for {start + count:,}",
                where=f"marginals of {', '.join(step.writes)}" if isinstance(step, RakedStep) else None,
                help="plan the population for more agents; all of them may then be others",
            )


def _fit(group: Group) -> Fit:
    empty = starved(group)
    if empty is not None:
        target, cell = empty
        labels = " and ".join(f"{n} {label!r}" for n, label in group.cell(cell, group.targets[target].axes))
        raise SamplingError(
            f"{labels} has a share, and every combination it could come from has weight 0",
            where=f"marginals of {', '.join(group.members)}",
            help="see the zeros of the seed table, of the declared distributions and of the other targets",
        )
    made = fit(group)
    if not made.converged:
        where = f"marginals of {', '.join(group.members)}"
        raise SamplingError(unmet(group, made), where=where, help=advice(group, made))
    return made


def _demand_plain(attribute: Attribute) -> None:
    changed = attribute.modifiers or attribute.reads or attribute.only_if is not None
    if changed or declared_shares(attribute) is None:
        raise SamplingError(
            f"{attribute.name} cannot have marginals",
            where=f"attribute {attribute.name}",
            why="only categories and booleans with constant shares and no modifiers can",
        )
