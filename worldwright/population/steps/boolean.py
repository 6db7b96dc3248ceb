"""Booleans: a probability, replaced and then scaled in odds by modifiers; or a formula.

True is the upper end of the draw, so that a positive correlation with a number is positive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from worldwright.population import arrays
from worldwright.population.block import Block
from worldwright.population.kernels import adjust
from worldwright.population.lowering import Number, Scope
from worldwright.population.refusal import first_row, number_text, refuse
from worldwright.population.steps.signature import MOST, signatures, table
from worldwright.population.steps.step import Operand, Source, Test, impossible
from worldwright.population.values import Floats, Mask
from worldwright.spec.population import Attribute


@dataclass(frozen=True, slots=True)
class _Change:
    test: Test
    probability: Operand | None
    odds: Operand | None


class BooleanStep:
    """Draws a boolean attribute."""

    def __init__(self, attribute: Attribute, scope: Scope, source: Source) -> None:
        if attribute.distribution is None or attribute.distribution.family != "boolean":
            raise impossible(attribute, "a boolean needs a boolean distribution or a formula")
        self.attribute = attribute
        self.writes = (attribute.name,)
        self._scope = scope
        self.source = source
        self.base = Operand(attribute.distribution.parameters["p"], scope)
        self._changes = [
            _Change(
                Test(attribute, modifier.when, scope, "the condition of a modifier"),
                None if modifier.probability is None else Operand(modifier.probability, scope),
                None if modifier.scale_odds is None else Operand(modifier.scale_odds, scope),
            )
            for modifier in attribute.modifiers
        ]
        operands = [self.base, *(change.probability for change in self._changes)]
        for operand in operands:
            if operand is not None and operand.constant is not None and not 0.0 <= operand.constant <= 1.0:
                raise impossible(
                    attribute, f"the probability {number_text(operand.constant)} is not between 0 and 1"
                )

        self._thresholds = self._constant_thresholds()

    def run(self, block: Block) -> None:
        """Compute the attribute for a block."""
        uniform = self.source.uniform(block)
        if self._thresholds is None:
            holds: Mask = np.asarray(uniform >= 1.0 - self.probability(block))
        elif not self._changes:
            holds = uniform >= self._thresholds[0]
        else:
            holds = np.empty(block.count, dtype=np.bool_)
            which = signatures([change.test for change in self._changes], block)
            adjust.reaches(uniform, which, self._thresholds, holds)
        block.write(self.attribute.name, holds)

    def _constant_thresholds(self) -> Floats | None:
        """Of each signature, the probability of false, where all are constants and possible."""
        parts = [(c.probability, c.odds) for c in self._changes]
        operands = [operand for pair in parts for operand in pair if operand is not None]
        if len(parts) > MOST or any(operand.constant is None for operand in [self.base, *operands]):
            return None

        def effect(matching: list[int]) -> float:
            share, odds = float(self.base.constant or 0.0), 1.0
            for probability, scale in (parts[k] for k in matching):
                share = share if probability is None else float(probability.constant or 0.0)
                odds *= 1.0 if scale is None else float(scale.constant or 0.0)
            if any(scale is not None for _, scale in parts):
                share = _at_odds(share, odds)
            return 1.0 - share

        found = np.array(table(len(parts), effect))
        # what is impossible is found agent by agent, and named
        return found if ((found >= 0.0) & (found <= 1.0)).all() else None

    def probability(self, block: Block) -> Number:
        """The probability of true for each agent, after modifiers."""
        share: Number = self.base.lowered.run(block)
        odds: Number | None = None
        for change in self._changes:
            holds = change.test.holds(block)
            if change.probability is not None:
                share = np.where(holds, change.probability.lowered.run(block), share)
            if change.odds is not None:
                part = np.where(holds, change.odds.lowered.run(block), 1.0)
                odds = part if odds is None else odds * part
        if odds is not None:
            share = _at_odds(share, odds)
        wrong = ~((np.asarray(share) >= 0.0) & (np.asarray(share) <= 1.0))
        row = first_row(np.broadcast_to(wrong, (block.count,)))
        if row >= 0:
            found = float(arrays.rows(share, block.count)[row])
            raise refuse(
                self.attribute,
                block,
                row,
                f"its probability is {number_text(found)}, not a number from 0 to 1",
                reads=[self._scope[name] for name in self.attribute.reads if name in self._scope],
            )
        return share


def _at_odds(share: Number, odds: Number) -> Any:
    """The probability whose odds are those of a share, times a factor."""
    return np.divide(share * odds, 1.0 - share + share * odds)
