"""The plan of a population: what is computed in which order, under which keys.

A plan is data (a resolved population and a seed) and travels to other processes; the steps it stands for are
lowered once in each process, when they are first needed, and are those of every other seed as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

import numpy as np

from worldwright.errors import UsageError
from worldwright.population.block import Block
from worldwright.population.keys import Keys
from worldwright.population.steps.order import steps_of
from worldwright.population.steps.step import Step
from worldwright.population.values import Floats
from worldwright.spec.population import Population
from worldwright.streams import MAX_SEED

_KEPT = 3 << 20
"""Numbers."""


@dataclass(frozen=True)
class Plan:
    """A population and a seed, ready to be sampled."""

    population: Population
    seed: int
    agents: int | None = None
    """How many agents there are, where that decides who they are: with `counts: exact`."""

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The operations in order: those of the population, under any seed."""
        _keep_freed_memory()
        return _lowered(_Lowering(self.population, self.agents))

    @cached_property
    def keys(self) -> Keys:
        """The keys of its streams under the seed."""
        return Keys(self.seed)

    def block(self, start: int, count: int, rooms: Mapping[str, Floats] | None = None) -> Block:
        """The values of agents start … start + count − 1: the one function that every backend calls.

        Numbers are computed in `rooms`, by attribute, where these are given and no agent is left out.
        """
        block = Block(start, count, self.keys, rooms)
        with np.errstate(all="ignore"):  # what is not finite is found, and named, where it would be stored
            for step in self.steps:
                step.run(block)
        return block

    def __reduce__(self) -> tuple[Any, ...]:
        return Plan, (self.population, self.seed, self.agents)


@dataclass(frozen=True, slots=True, eq=False)
class _Lowering:
    """What steps depend on. Equal ones are equal to the place in their files, which errors name."""

    population: Population
    agents: int | None

    def __hash__(self) -> int:
        return hash((self.population.digest, self.agents))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Lowering) or self.agents != other.agents:
            return False
        return self.population is other.population or self.population == other.population


@lru_cache(maxsize=4)
def _lowered(what: _Lowering) -> tuple[Step, ...]:
    return steps_of(what.population, what.agents)


@cache
def _keep_freed_memory() -> None:
    """Free one large array: from then on, glibc keeps freed ones up to its size (mallopt, M_MMAP_THRESHOLD).

    Until then it returns each array of 128 KB to the system and takes the next from there, page by page.
    """
    np.empty(_KEPT)


def plan(population: Population, seed: int, agents: int | None = None) -> Plan:
    """Plan the sampling of a population.

    Args:
        population: A resolved population.
        seed: A whole number from 0 to 2⁶³ − 1.
        agents: How many there will be. It changes nobody, except where marginals say `counts: exact`;
            these cannot be sampled without it.

    Raises:
        UsageError: for a seed outside its range, or a negative number of agents.
        SamplingError: for a population no agent can be drawn from.
    """
    if not 0 <= seed <= MAX_SEED:
        raise UsageError(f"a seed is a whole number from 0 to {MAX_SEED}, not {seed}")
    if agents is not None and agents < 0:
        raise UsageError(f"there is no number of agents like {agents}")
    exact = any(marginals.exact for marginals in population.marginals)
    made = Plan(population, seed, agents if exact else None)
    _ = made.steps
    return made
