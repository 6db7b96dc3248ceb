"""A population before its agents exist: each attribute's distribution, and what each modifier makes of it.

Distributions are those the spec declares, averaged over agents of a small keyed sample, as parameters and
modifiers read what the agents are; where an attribute is computed, the sample itself is counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from worldwright.population.block import Block
from worldwright.population.inspection.declared import Declared
from worldwright.population.inspection.margins import margins_of
from worldwright.population.inspection.shares import exact_share
from worldwright.population.lowering import Scope
from worldwright.population.planning import plan
from worldwright.population.steps.boolean import BooleanStep
from worldwright.population.steps.categorical import CategoricalStep
from worldwright.population.steps.numeric import NumericStep
from worldwright.population.steps.raked import RakedStep
from worldwright.population.steps.step import Source, Test
from worldwright.population.values import Floats, Index
from worldwright.spec.expressions.canonical import text
from worldwright.spec.population import Attribute, AttributeType, Modifier, Population

AGENTS = 20_000
"""Agents of the keyed sample."""
_AVERAGED = 250
"""Agents whose own laws are averaged for one curve."""
_LEAST = 5
"""Agents a modifier must reach for its curve to be drawn."""
_BINS = 100
_TAIL = 0.995


@dataclass(frozen=True, slots=True)
class Reach:
    """The share of agents a modifier reaches, among those who have the attribute."""

    share: float
    exact: bool
    """Whether it was computed; otherwise it was counted in the sample."""
    error: float
    """Half the width of its 95 % interval; 0 where it is exact."""


@dataclass(frozen=True, slots=True)
class Branch:
    """What one modifier reaches, and the distribution there; None where it reaches too few to tell."""

    position: int
    label: str
    reach: Reach
    shares: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class AttributePreview:
    """One attribute.

    `shares` are the probabilities of the options, or of the bins between `edges` (for whole numbers and dates
    these lie half a step beside them); for a boolean there is one, that of true. What lies beyond the bins is
    missing from their sum.
    """

    attribute: Attribute
    edges: tuple[float, ...]
    options: tuple[str, ...]
    shares: tuple[float, ...]
    branches: tuple[Branch, ...]
    counted: bool
    """Whether the sample was counted, since there is no declared distribution."""
    known: float
    """The share of agents that have the attribute."""


def preview(population: Population, seed: int = 0, agents: int = AGENTS) -> tuple[AttributePreview, ...]:
    """Every attribute but texts, in the order of columns.

    Raises:
        SamplingError: for a population no agent can be drawn from.
    """
    most = population.most_agents
    agents = agents if most is None else min(agents, most)
    made = plan(population, seed, agents)
    block = made.block(0, agents)
    raked: dict[str, tuple[float, ...]] = {}
    for step in made.steps:
        raked |= margins_of(step) if isinstance(step, RakedStep) else {}
    scope = {attribute.name: attribute for attribute in population.attributes}
    return tuple(
        _preview(scope[name], population, scope, block, raked.get(name))
        for name in population.columns
        if scope[name].type is not AttributeType.TEXT
    )


def _preview(
    attribute: Attribute,
    population: Population,
    scope: Scope,
    whole: Block,
    raked: tuple[float, ...] | None,
) -> AttributePreview:
    if raked is not None:
        shares = raked[1:] if attribute.type is AttributeType.BOOLEAN else raked
        return AttributePreview(attribute, (), attribute.options, shares, (), False, 1.0)
    block, known = whole, 1.0
    if attribute.only_if is not None:
        index = np.flatnonzero(~whole.null(attribute.name))
        block, known = whole.take(index), len(index) / max(whole.count, 1)
    drawing = Drawing(attribute, scope, block)
    everybody = np.arange(block.count)
    branches: list[Branch] = []
    for position, modifier in enumerate(attribute.modifiers, 1):
        test = Test(attribute, modifier.when, scope, "the condition of a modifier")
        holds = np.flatnonzero(test.holds(block)) if block.count else everybody
        reach = _reach(attribute, modifier, population, len(holds), block.count)
        shares = drawing.shares(holds) if len(holds) >= _LEAST else None
        branches.append(Branch(position, text(modifier.when), reach, shares))
    return AttributePreview(
        attribute,
        tuple(drawing.edges.tolist()),
        attribute.options,
        drawing.shares(everybody) if block.count else (),
        tuple(branches),
        drawing.counted,
        known,
    )


def _reach(
    attribute: Attribute, modifier: Modifier, population: Population, found: int, agents: int
) -> Reach:
    exact = exact_share(modifier.when, population, attribute.only_if)
    if exact is not None:
        return Reach(exact, True, 0.0)
    share = found / max(agents, 1)
    return Reach(share, False, 1.96 * math.sqrt(share * (1 - share) / max(agents, 1)))


class Drawing:
    """Distributions of one attribute among some agents of a block, in at most so many bins."""

    def __init__(self, attribute: Attribute, scope: Scope, block: Block, bins: int = _BINS) -> None:
        self._attribute = attribute
        self._block = block
        self._values = block.value(attribute.name)
        self._step = None if attribute.distribution is None else _step(attribute, scope)
        self.edges = np.empty(0)
        self._whole = attribute.type in (AttributeType.INT, AttributeType.DATE)
        if attribute.type in (AttributeType.INT, AttributeType.FLOAT, AttributeType.DATE) and block.count:
            self.edges = _edges(np.asarray(self._values, dtype=float), self._whole, bins)
        self.counted = self._step is None

    def shares(self, index: Index) -> tuple[float, ...]:
        """The probabilities of options, or of the bins between the edges."""
        if self.counted:
            return self.achieved(index)
        few = index[np.linspace(0, len(index) - 1, min(len(index), _AVERAGED)).astype(int)]
        match self._step:
            case CategoricalStep():
                return tuple(self._step.shares(self._block.take(few)).mean(axis=0).tolist())
            case BooleanStep():
                part = self._block.take(few)
                return (float(np.mean(np.broadcast_to(self._step.probability(part), (part.count,)))),)
            case _:
                return tuple(np.diff(self._law(few)).tolist())

    def _law(self, index: Index) -> Floats:
        """The declared distribution function at the edges, averaged over some agents."""
        assert isinstance(self._step, NumericStep) and self._step.law is not None
        asked = np.floor(self.edges) if self._whole else self.edges
        tiled = self._block.take(np.repeat(index, len(asked)))
        _, at = Declared(self._step, self._step.law, tiled).interval(np.tile(asked, len(index)))
        return at.reshape(len(index), len(asked)).mean(axis=0)

    def achieved(self, index: Index) -> tuple[float, ...]:
        """The shares of the agents themselves, as `shares`."""
        return tuple(self._count(index))

    def _count(self, index: Index) -> Iterator[float]:
        values = self._values[index]
        total = max(len(index), 1)
        if len(self.edges):
            yield from (np.histogram(values, self.edges)[0] / total).tolist()
        elif self._attribute.type is AttributeType.BOOLEAN:
            yield float(values.sum() / total)
        else:
            yield from (np.bincount(values, minlength=len(self._attribute.options)) / total).tolist()


def _step(attribute: Attribute, scope: Scope) -> NumericStep | CategoricalStep | BooleanStep:
    source = Source(attribute.stream)
    match attribute.type:
        case AttributeType.CATEGORICAL:
            return CategoricalStep(attribute, scope, source)
        case AttributeType.BOOLEAN:
            return BooleanStep(attribute, scope, source)
        case _:
            return NumericStep(attribute, scope, source)


def _edges(values: Floats, whole: bool, bins: int) -> Floats:
    """Bins over what the sample reaches; a long tail is left out, as a picture would be all tail."""
    low, high = float(values.min()), float(values.max())
    tail, head = float(np.quantile(values, _TAIL)), float(np.quantile(values, 1 - _TAIL))
    if tail - low < 0.6 * (high - low):
        high = math.ceil(tail) if whole else tail
    if high - head < 0.6 * (high - low):
        low = math.floor(head) if whole else head
    if not whole:
        room = (high - low) / bins if high > low else 0.5
        return np.linspace(low - room, high + room, bins + 3, dtype=np.float64)
    step = max(1, math.ceil((high - low + 1) / bins))
    count = math.ceil((high - low + 1) / step)
    edges = low - 0.5 + step * np.arange(count + 1, dtype=np.float64)
    edges[-1] = high + 0.5  # the last bin has only the values that are left
    return edges
