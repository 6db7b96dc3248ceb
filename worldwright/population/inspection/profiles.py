"""What a page about quality draws: declared and achieved shares of every attribute, branch by branch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from worldwright.population.inspection.branches import branches_of
from worldwright.population.inspection.margins import margins_of
from worldwright.population.inspection.preview import Drawing
from worldwright.population.inspection.quality import TESTED, moved_attributes
from worldwright.population.inspection.reading import block_of
from worldwright.population.planning import plan
from worldwright.population.steps.raked import RakedStep
from worldwright.population.steps.step import Test
from worldwright.spec.expressions.canonical import text
from worldwright.spec.population import AttributeType, Population

_BINS = 36


@dataclass(frozen=True, slots=True)
class Profile:
    """One branch of an attribute.

    The shares are those of the options, or of the bins between `edges`; for a boolean there is one, that of
    true.
    """

    attribute: str
    branch: str
    n: int
    options: tuple[str, ...]
    edges: tuple[float, ...]
    declared: tuple[float, ...] | None
    """None where the spec declares no law, such as for a formula."""
    achieved: tuple[float, ...]
    unit: str | None
    dates: bool
    """Whether the edges are days since 1970-01-01."""
    moved: bool
    """Whether constraints draw it again, so that agents differ from the declared law by intent."""
    conditions: tuple[str, ...]
    """The conditions of the attribute's modifiers, in their order."""


def profiles(population: Population, table: pa.Table) -> tuple[Profile, ...]:
    """Every attribute but texts, in the order of columns, with each of its branches.

    Args:
        population: What was declared.
        table: Agents; as many of the first are looked at as the tests look at.
    """
    block = block_of(population, table.slice(0, TESTED))
    scope = {attribute.name: attribute for attribute in population.attributes}
    moved = moved_attributes(population)
    raked: dict[str, tuple[float, ...]] = {}
    for step in plan(population, 0, table.num_rows).steps:
        raked |= margins_of(step) if isinstance(step, RakedStep) else {}
    found: list[Profile] = []
    with np.errstate(all="ignore"):
        for name in population.columns:
            attribute = scope[name]
            if attribute.type is AttributeType.TEXT:
                continue
            part = block
            if attribute.only_if is not None:
                part = block.take(np.flatnonzero(~block.null(name)))
            if not part.count:
                continue
            drawing = Drawing(attribute, scope, part, _BINS)
            tests = [Test(attribute, item.when, scope, "a modifier") for item in attribute.modifiers]
            branches = list(branches_of(tests, part)) or [("", np.arange(part.count))]
            for branch, index in branches:
                declared = None if drawing.counted else drawing.shares(index)
                if name in raked:
                    shares = raked[name]
                    declared = shares[1:] if attribute.type is AttributeType.BOOLEAN else shares
                found.append(
                    Profile(
                        attribute=name,
                        branch=branch,
                        n=len(index),
                        options=attribute.options,
                        edges=tuple(drawing.edges.tolist()),
                        declared=declared,
                        achieved=drawing.achieved(index),
                        unit=attribute.unit,
                        dates=attribute.type is AttributeType.DATE,
                        moved=name in moved,
                        conditions=tuple(text(item.when) for item in attribute.modifiers),
                    )
                )
    return tuple(found)
