"""Booleans: a probability, replaced and then scaled in odds by modifiers; or a formula.

True is the upper end of the draw, so that a positive correlation with a number is positive.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from worldwright.population import arrays
from worldwright.population.block import Block
from worldwright.population.lowering import Number, Scope
from worldwright.population.refusal import first_row, number_text, refuse
from worldwright.population.steps.step import Operand, Source, Test, impossible
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

    def run(self, block: Block) -> None:
        """Compute the attribute for a block."""
        false = 1.0 - self.probability(block)
        block.write(self.attribute.name, np.asarray(self.source.uniform(block) >= false))

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
            share = (share * odds) / (1.0 - share + share * odds)
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
