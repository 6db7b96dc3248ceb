"""How one agent's attributes with marginals come about: the cell of the joint table that its draw falls in.

The fitted table is the plan's, as the factors of correlated scores are; where the draw falls is found here
again, one cell after the other.
"""

from __future__ import annotations

from collections.abc import Sequence

from worldwright.errors import UsageError
from worldwright.population.explanation.record import Cell, Draw, Share
from worldwright.population.explanation.scalars import place, uniform
from worldwright.population.kernels.shuffle import bits_of
from worldwright.population.keys import Keys
from worldwright.population.steps.raked import RakedStep


def cell_of(step: RakedStep, agent: int, keys: Keys) -> tuple[float, int, Cell]:
    """The agent's uniform (its place among all, in the middle of it, where these are counted) and its cell.

    Raises:
        UsageError: where there is no such agent.
    """
    shares: list[float] = step.fit.cells.tolist()
    group = step.group
    if step.places is None:
        if step.exact:
            raise UsageError(
                "`counts: exact` gives whole numbers of a known number of agents, and none is known here",
                help="plan the population for its number of agents: plan(population, seed, agents=…)",
            )
        at = uniform(keys.of("attribute", step.stream), agent, 0)
        whole = 0.0
        for share in shares:
            whole += share
        number, running = 0, 0.0
        for cell, share in enumerate(shares):
            if share > 0.0:
                number = cell
                running += share
                if at < running / whole:
                    break
        below = sum(shares[:number])
        labels = tuple(label for _, label in group.cell(number))
        return at, number, Cell(group.members, labels, shares[number], below, None, None, None, None)
    places = step.places
    if agent >= places.agents:
        raise UsageError(f"there are {places.agents:,} agents, numbered from 0, and no number {agent}")
    own = place(keys.of("places", step.stream), places.agents, bits_of(places.agents), agent)
    ends: list[int] = places.ends.tolist()
    number = next(cell for cell, end in enumerate(ends) if own < end)
    first = ends[number - 1] if number else 0
    count = ends[number] - first
    labels = tuple(label for _, label in group.cell(number))
    found = Cell(
        group.members, labels, shares[number], first / places.agents, own, first, count, places.agents
    )
    return (own + 0.5) / places.agents, number, found


def draws_of(step: RakedStep, at: float, number: int) -> list[Draw]:
    """A draw for each member: the shares of its options given the members before it, and where it falls."""
    shares: list[float] = step.shares.tolist()
    group = step.group
    codes = _codes(number, group.shape)
    draws: list[Draw] = []
    start, size = 0, len(shares)
    for axis, code in enumerate(codes):
        step_size = size // group.shape[axis]
        weights = [
            sum(shares[start + k * step_size : start + (k + 1) * step_size]) for k in range(group.shape[axis])
        ]
        below, whole = sum(shares[:start]), sum(weights)
        inner = min(max((at - below) / whole if whole > 0.0 else 0.5, 0.0), 1.0)
        options = tuple(
            Share(label, weight, weight / whole if whole > 0.0 else 0.0)
            for label, weight in zip(group.labels[axis], weights, strict=True)
        )
        value: bool | str = group.labels[axis][code]
        if step.truths[axis]:
            value = code == 1
        draws.append(
            Draw(
                step.stream, 0, at, None, inner, "raked", (), None, None, False, (None, None), options, value
            )
        )
        start, size = start + code * step_size, step_size
    return draws


def _codes(number: int, shape: Sequence[int]) -> list[int]:
    found: list[int] = []
    for size in reversed(shape):
        number, code = divmod(number, size)
        found.append(code)
    return found[::-1]
