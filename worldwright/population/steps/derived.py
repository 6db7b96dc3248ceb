"""Attributes by formula alone: booleans, labels and texts (numbers share their step with drawn ones)."""

from __future__ import annotations

import numpy as np

from worldwright.population.block import Block
from worldwright.population.lowering import Scope, labels
from worldwright.population.refusal import first_row, refuse
from worldwright.population.steps.step import Test, impossible
from worldwright.spec.expressions import nodes
from worldwright.spec.population import Attribute


class TruthStep:
    """A boolean attribute by formula."""

    def __init__(self, attribute: Attribute, scope: Scope) -> None:
        if attribute.formula is None or attribute.modifiers:
            raise impossible(attribute, "a boolean by formula has a formula and no modifiers")
        self.writes = (attribute.name,)
        self._name = attribute.name
        self._formula = Test(attribute, attribute.formula, scope, "its formula")

    def run(self, block: Block) -> None:
        """Compute the attribute for a block."""
        block.write(self._name, np.array(self._formula.holds(block)))


class KnownStep:
    """Whether there is a text, which `is known` asks; it is written when the block is complete."""

    def __init__(self, attribute: Attribute, scope: Scope) -> None:
        assert attribute.only_if is not None
        self.attribute = attribute
        self.writes = (attribute.name,)
        self._only = Test(attribute, attribute.only_if, scope, "its only_if")

    def run(self, block: Block) -> None:
        """Decide it for a block."""
        holds = np.array(self._only.holds(block))
        block.write(self.attribute.name, holds, ~holds)


class LabelStep:
    """A categorical attribute by formula."""

    def __init__(self, attribute: Attribute, scope: Scope) -> None:
        if attribute.formula is None or attribute.modifiers:
            raise impossible(attribute, "a categorical by formula has a formula and no modifiers")
        self.attribute = attribute
        self.writes = (attribute.name,)
        self._scope = scope
        self._reads = nodes.names(attribute.formula)
        self._formula = labels(attribute.formula, scope, attribute.options)

    def run(self, block: Block) -> None:
        """Compute the attribute for a block."""
        codes = np.array(self._formula.run(block), dtype=np.int32)
        row = first_row(codes < 0)
        if row >= 0:
            reads = [self._scope[name] for name in self._reads]
            raise refuse(self.attribute, block, row, "its formula gives none of its options", reads=reads)
        block.write(self.attribute.name, codes)
