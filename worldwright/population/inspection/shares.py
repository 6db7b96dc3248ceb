"""The exact share of agents that meet a condition, where it follows from the spec alone.

That is where the condition reads, directly or through formulas, only independent attributes without modifiers
that no constraint redraws and no correlation ties to each other. Numbers may only be compared with constants:
the values between two of these are as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from worldwright.population.block import Block
from worldwright.population.inspection.declared import Declared
from worldwright.population.inspection.margins import margins_of
from worldwright.population.lowering import condition
from worldwright.population.steps.numeric import NumericStep
from worldwright.population.steps.raked import raked_steps
from worldwright.population.steps.step import Source
from worldwright.population.values import Floats, Values
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.expressions.reasoning import constant
from worldwright.spec.population import Attribute, AttributeType, Population
from worldwright.spec.resolve.substitute import written_out

MOST_CELLS = 100_000
"""Combinations of values that are looked at, one by one."""


def exact_share(when: Expression, population: Population, given: Expression | None = None) -> float | None:
    """The probability that a condition holds (where another holds); None where that cannot be computed."""
    whole = 1.0 if given is None else _share(given, population)
    both = when if given is None else nodes.And(given, when, when.span)
    share = _share(both, population)
    return None if share is None or not whole else share / whole


def _share(when: Expression, population: Population) -> float | None:
    if any(item.drop for item in population.constraints):
        return None
    attributes = {attribute.name: attribute for attribute in population.attributes}
    derived = {name for name, item in attributes.items() if item.formula is not None}
    when = written_out(when, derived, attributes)
    names = nodes.names(when)
    if not all(_stands_alone(attributes[name], population) for name in names):
        return None
    if any({item.first, item.second} <= set(names) for item in population.correlations):
        return None
    raked: dict[str, tuple[float, ...]] = {}
    if population.raked & set(names):
        for step in raked_steps(population, None):
            if len(set(step.writes) & set(names)) > 1:
                return None
            raked |= margins_of(step)
    cells: list[tuple[str, Values, Floats]] = []
    for name in names:
        if name in raked:
            codes = np.arange(len(raked[name]), dtype=np.int32)
            truth = attributes[name].type is AttributeType.BOOLEAN
            cells.append((name, codes == 1 if truth else codes, np.array(raked[name])))
            continue
        found = _cells(attributes[name], when)
        if found is None:
            return None
        cells.append((name, *found))
    sizes = [len(values) for _, values, _ in cells]
    if int(np.prod(sizes, dtype=float)) > MOST_CELLS:
        return None
    return _summed(when, attributes, cells, sizes)


def _summed(
    when: Expression,
    attributes: Mapping[str, Attribute],
    cells: list[tuple[str, Values, Floats]],
    sizes: list[int],
) -> float | None:
    """The weight of the combinations that meet the condition."""
    places = np.indices(sizes).reshape(len(sizes), -1) if sizes else np.zeros((0, 1), dtype=int)
    block = Block(0, places.shape[1])
    weights = np.ones(block.count)
    for place, (name, values, shares) in zip(places, cells, strict=True):
        block.write(name, values[place])
        weights *= shares[place]
    with np.errstate(all="ignore"):
        holds, unknown = condition(when, attributes).run(block)
    if unknown is not None and unknown.any():
        return None
    return float(weights[holds].sum())


def _stands_alone(attribute: Attribute, population: Population) -> bool:
    law = attribute.distribution
    if law is None or law.clamp or attribute.reads or attribute.modifiers or attribute.only_if is not None:
        return False
    if any(attribute.name in item.owners for item in population.constraints):
        return False
    # Correlated attributes that are tied through a third one are not independent either.
    tied = sum(attribute.name in (item.first, item.second) for item in population.correlations)
    return tied == 0 or len(population.correlations) == 1


def _cells(attribute: Attribute, when: Expression) -> tuple[Values, Floats] | None:
    """Values of an attribute that stand for all others, with their probabilities."""
    law = attribute.distribution
    assert law is not None
    match attribute.type:
        case AttributeType.CATEGORICAL:
            weights = [constant(law.weights.get(option)) or 0.0 for option in attribute.options]
            shares = np.array(weights) / max(sum(weights), 1e-300)
            return np.arange(len(weights), dtype=np.int32), shares
        case AttributeType.BOOLEAN:
            p = constant(law.parameters.get("p"))
            return None if p is None else (np.array([False, True]), np.array([1.0 - p, p]))
        case AttributeType.TEXT:
            return None
        case _:
            thresholds = list(_thresholds(when, attribute.name))
            if attribute.clip != (None, None) or None in thresholds:
                return None
            return _number_cells(attribute, sorted({t for t in thresholds if t is not None}))


def _number_cells(attribute: Attribute, thresholds: list[float]) -> tuple[Values, Floats] | None:
    """The thresholds, and a value below, between and above them."""
    step = NumericStep(attribute, {}, Source(attribute.name))
    assert step.law is not None
    whole = attribute.type is not AttributeType.FLOAT
    asked = np.array(thresholds)
    before, at = Declared(step, step.law, Block(0, len(asked))).interval(np.floor(asked) if whole else asked)
    if whole:
        before = np.where(asked == np.floor(asked), before, at)
    below = np.concatenate([[0.0], at])
    above = np.concatenate([before, [1.0]])
    between = above - below
    points = at - before
    middles = np.concatenate([[asked[0] - 1.0], (asked[1:] + asked[:-1]) / 2, [asked[-1] + 1.0]])
    return np.concatenate([middles, asked]), np.concatenate([between, points])


def _thresholds(node: Expression, name: str) -> Iterator[float | None]:
    """The constants that a number is compared with; None where anything else is done with it."""
    match node:
        case nodes.Name():
            if node.name == name:
                yield None
        case nodes.Compare(_, nodes.Name(own), other) | nodes.Compare(_, other, nodes.Name(own)) if (
            own == name
        ):
            yield _value(other)
        case nodes.In(nodes.Name(own), options) if own == name:
            yield from (_value(option) for option in options)
        case _:
            for part in nodes.children(node):
                yield from _thresholds(part, name)


def _value(node: Expression) -> float | None:
    return float(node.days) if isinstance(node, nodes.Date) else constant(node)
