"""Numbers and dates: a draw or a formula, then modifiers, rounding and clip, in this order."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from worldwright.population import arrays
from worldwright.population.block import Block
from worldwright.population.kernels import adjust
from worldwright.population.laws import Law, law_of
from worldwright.population.lowering import Scope
from worldwright.population.refusal import first_row, refuse
from worldwright.population.steps.signature import MOST, signatures, table
from worldwright.population.steps.step import Operand, Source, Test, demand_finite, impossible
from worldwright.population.storable import ends, unstorable
from worldwright.population.values import Floats
from worldwright.spec.population import Attribute, AttributeType


@dataclass(frozen=True, slots=True)
class _Change:
    test: Test
    multiply: Operand | None
    add: Operand | None


class NumericStep:
    """Computes an int, float or date attribute."""

    def __init__(self, attribute: Attribute, scope: Scope, source: Source | None) -> None:
        self.attribute = attribute
        self.writes = (attribute.name,)
        self.law: Law | None = None
        self._formula: Operand | None = None
        self.scope = scope
        self.source = source
        self.integer = attribute.type in (AttributeType.INT, AttributeType.DATE)
        if attribute.distribution is not None:
            self.law = law_of(attribute, attribute.distribution, scope)
            if self.law.constant:
                self.law.draw(np.empty(0), Block(0, 0))  # builds its table, or tells why it cannot
        elif attribute.formula is not None:
            self._formula = Operand(attribute.formula, scope)
        else:
            raise impossible(attribute, "it has neither a distribution nor a formula")
        self._changes = [
            _Change(
                Test(attribute, modifier.when, scope, "the condition of a modifier"),
                None if modifier.multiply is None else Operand(modifier.multiply, scope),
                None if modifier.add is None else Operand(modifier.add, scope),
            )
            for modifier in attribute.modifiers
        ]
        self.clip = self._bounds(attribute)
        self._ends = ends(attribute.type)
        self._tables = self._constant_changes()

    def run(self, block: Block) -> None:
        """Compute the attribute for a block."""
        values = self._modified(self._base(block), block)
        if self.law is not None and self.law.clamp and self._changes:
            values = self.law.clamped(values, block)
        low, high = self.clip
        out = block.room(self.attribute.name)
        if adjust.finish(values, self.integer, low, high, *self._ends, out):
            demand_finite(self.attribute, values, block, self.scope)
            self._demand_storable(out, block)
        block.write(self.attribute.name, out)

    def _base(self, block: Block) -> Floats:
        if self.law is not None and self.source is not None:
            return self.law.draw(self.source.uniform(block), block)
        assert self._formula is not None
        return arrays.rows(self._formula.lowered.run(block), block.count)

    def _modified(self, values: Floats, block: Block) -> Floats:
        if self._tables is not None:
            factors, summands = self._tables
            out = np.empty(block.count)
            which = signatures([change.test for change in self._changes], block)
            adjust.modify(values, which, factors, summands, out)
            return out
        factor, total = self.changes(block)
        if factor is not None:
            values = values * factor
        return values if total is None else values + total

    def changes(self, block: Block) -> tuple[Floats | None, Floats | None]:
        """What modifiers multiply each agent's value by, and what they then add; None for nothing."""
        factor: Floats | None = None
        total: Floats | None = None
        for change in self._changes:
            holds = change.test.holds(block)
            if change.multiply is not None:
                part = np.where(holds, change.multiply.lowered.run(block), 1.0)
                factor = part if factor is None else factor * part
            if change.add is not None:
                part = np.where(holds, change.add.lowered.run(block), 0.0)
                total = part if total is None else total + part
        return factor, total

    def _constant_changes(self) -> tuple[Floats, Floats] | None:
        """The factor and summand of each signature, where modifiers change by constants."""
        parts = [(c.multiply, c.add) for c in self._changes]
        operands = [operand for pair in parts for operand in pair if operand is not None]
        if not 0 < len(parts) <= MOST or any(operand.constant is None for operand in operands):
            return None

        def effect(matching: list[int]) -> tuple[float, float]:
            factor, total = 1.0, 0.0
            for multiply, add in (parts[k] for k in matching):
                factor *= 1.0 if multiply is None else float(multiply.constant or 0.0)
                total += 0.0 if add is None else float(add.constant or 0.0)
            return factor, total

        factors, summands = zip(*table(len(parts), effect), strict=True)
        return np.array(factors), np.array(summands)

    def _demand_storable(self, values: Floats, block: Block) -> None:
        least, most = self._ends
        row = first_row((values < least) | (values > most))
        if row >= 0:
            what, why, help = unstorable(self.attribute.type, float(values[row]))
            names = [name for name in self.attribute.reads if name in self.scope]
            reads = [self.scope[name] for name in names if name != self.attribute.name]
            raise refuse(self.attribute, block, row, what, reads=reads, why=why, help=help)

    def _bounds(self, attribute: Attribute) -> tuple[float, float]:
        low, high = attribute.clip
        low = -math.inf if low is None else float(low)
        high = math.inf if high is None else float(high)
        if self.integer:
            low = float(math.ceil(low)) if math.isfinite(low) else low
            high = float(math.floor(high)) if math.isfinite(high) else high
        if low > high:
            raise impossible(attribute, f"its clip from {attribute.clip[0]} to {attribute.clip[1]} is empty")
        return low, high
