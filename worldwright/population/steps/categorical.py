"""Categories: weights, replaced (the last match wins) and then scaled by modifiers.

Where all weights are constants, each combination of matching modifiers has its own row of cumulative
shares, and an agent's draw is read from the row of its combination. Otherwise each agent has its own weights.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from worldwright.population import arrays
from worldwright.population.block import Block
from worldwright.population.kernels import adjust, select
from worldwright.population.lowering import Scope
from worldwright.population.refusal import first_row, number_text, refuse
from worldwright.population.steps.signature import MOST, signatures, table
from worldwright.population.steps.step import Operand, Source, Test, impossible
from worldwright.population.values import Codes, Floats
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.population import Attribute

_MOST_ROWS = 4096


@dataclass(frozen=True, slots=True)
class _Change:
    test: Test
    weights: dict[int, Operand] | None
    scale: dict[int, Operand] | None


class CategoricalStep:
    """Draws a categorical attribute."""

    def __init__(self, attribute: Attribute, scope: Scope, source: Source) -> None:
        if attribute.distribution is None or attribute.distribution.family != "categorical":
            raise impossible(attribute, "a categorical needs a categorical distribution or a formula")
        self.attribute = attribute
        self.writes = (attribute.name,)
        self._scope = scope
        self.source = source
        self._base = self._operands(attribute.distribution.weights)
        self._changes = [
            _Change(
                Test(attribute, modifier.when, scope, "the condition of a modifier"),
                None if modifier.weights is None else self._operands(modifier.weights),
                None if modifier.scale is None else self._operands(modifier.scale),
            )
            for modifier in attribute.modifiers
        ]
        self._replacing = [change for change in self._changes if change.weights is not None]
        self._scaling = [change for change in self._changes if change.scale is not None]
        self._table = self._cumulative_table()
        self._cumulative = None if self._table is None else np.ascontiguousarray(self._table[:, :-1])
        self._reachable = None if self._table is None else ~np.isnan(self._table[:, -1])
        self._all_reachable = self._reachable is None or bool(self._reachable.all())
        self._rows = self._rows_of_signatures()
        if self._cumulative is not None:
            self._guided = select.guided(self._cumulative[0])
        if self._table is not None and not self._changes:
            self._demand_weights(self._row(0))

    @property
    def base_weights(self) -> list[float] | None:
        """The weights before modifiers, where they are constants."""
        return self._constants(self._base)

    def run(self, block: Block) -> None:
        """Compute the attribute for a block."""
        uniform = self.source.uniform(block)
        out = np.empty(block.count, dtype=np.int32)
        if self._table is None:
            row = select.select_by_weights(uniform, self._weights(block), out)
            if row >= 0:
                raise self._refuse(block, row, self._weights(block)[row].tolist())
        elif not self._changes:
            select.select_guided(uniform, *self._guided, out)
        elif self._rows is not None and self._all_reachable:
            assert self._cumulative is not None
            which = signatures([change.test for change in self._changes], block)
            adjust.select_by_signature(uniform, which, self._rows, self._cumulative, out)
        else:
            assert self._cumulative is not None and self._reachable is not None
            group = self._group(block)
            select.select_by_group(uniform, group, self._cumulative, out)
            row = first_row(~self._reachable[group])
            if row >= 0:
                raise self._refuse(block, row, self._row(int(group[row])))
        block.write(self.attribute.name, out)

    def shares(self, block: Block) -> Floats:
        """The probability of each option for each agent, after modifiers."""
        weights = self._weights(block)
        return weights / weights.sum(axis=1)[:, None]

    # ---- constant weights

    def _group(self, block: Block) -> Codes:
        """Which row of the table each agent reads: the last replacement, then a bit for each scaling."""
        group = np.zeros(block.count, dtype=np.int32)
        for number, change in enumerate(self._replacing, start=1):
            group[change.test.holds(block)] = number
        for change in self._scaling:
            group = group * np.int32(2) + change.test.holds(block)
        return group

    def _rows_of_signatures(self) -> Codes | None:
        """The row of the table that each signature reads."""
        if self._table is None or len(self._changes) > MOST:
            return None

        def row(matching: list[int]) -> int:
            found = [self._changes[k] for k in matching]
            group = max((self._replacing.index(c) + 1 for c in found if c.weights is not None), default=0)
            for change in self._scaling:
                group = 2 * group + any(change is other for other in found)
            return group

        return np.array(table(len(self._changes), row), dtype=np.int32)

    def _row(self, group: int) -> list[float]:
        """The weights of one combination of modifiers."""
        bits, scaled = group, list[_Change]()
        for change in reversed(self._scaling):
            if bits & 1:
                scaled.append(change)
            bits >>= 1
        chosen = self._base if bits == 0 else self._replacing[bits - 1].weights
        assert chosen is not None
        weights = [0.0] * len(self.attribute.options)
        for code, operand in chosen.items():
            weights[code] = float(operand.constant or 0.0)
        for change in reversed(scaled):
            for code, operand in (change.scale or {}).items():
                weights[code] *= float(operand.constant or 0.0)
        return weights

    def _cumulative_table(self) -> Floats | None:
        """A row of cumulative shares for each combination; the last column is NaN where none is possible."""
        rows = (len(self._replacing) + 1) << len(self._scaling)
        parts = [self._base, *(c.weights for c in self._replacing), *(c.scale for c in self._scaling)]
        if rows > _MOST_ROWS or any(self._constants(part or {}) is None for part in parts):
            return None
        for part in parts:
            for code, operand in (part or {}).items():
                if not 0.0 <= float(operand.constant or 0.0) < math.inf:
                    option = self.attribute.options[code]
                    raise impossible(
                        self.attribute,
                        f"the weight {number_text(operand.constant or 0.0)} of {option} is negative",
                    )
        table = np.empty((rows, len(self.attribute.options)))
        for group in range(rows):
            table[group] = cumulative(self._row(group))
        return table

    # ---- weights of each agent's own

    def _weights(self, block: Block) -> Floats:
        weights = self._matrix(self._base, 0.0, block)
        for change in self._replacing:
            holds = change.test.holds(block)
            assert change.weights is not None
            weights = np.where(holds[:, None], self._matrix(change.weights, 0.0, block), weights)
        for change in self._scaling:
            holds = change.test.holds(block)
            for code, operand in (change.scale or {}).items():
                weights[:, code] *= np.where(holds, operand.lowered.run(block), 1.0)
        return np.ascontiguousarray(weights)

    def _matrix(self, operands: Mapping[int, Operand], fill: float, block: Block) -> Floats:
        matrix = np.full((block.count, len(self.attribute.options)), fill)
        for code, operand in operands.items():
            matrix[:, code] = arrays.rows(operand.lowered.run(block), block.count)
        return matrix

    # ---- small parts

    def _operands(self, weights: Mapping[str, Expression]) -> dict[int, Operand]:
        options = self.attribute.options
        unknown = [label for label in weights if label not in options]
        if unknown:
            raise impossible(self.attribute, f"{unknown[0]} is none of its options {', '.join(options)}")
        return {options.index(label): Operand(weight, self._scope) for label, weight in weights.items()}

    def _constants(self, operands: Mapping[int, Operand]) -> list[float] | None:
        if any(operand.constant is None for operand in operands.values()):
            return None
        return [
            float(operands[code].constant or 0.0) if code in operands else 0.0
            for code in range(len(self.attribute.options))
        ]

    def _demand_weights(self, weights: list[float]) -> None:
        if not any(weight > 0.0 for weight in weights):
            raise impossible(self.attribute, f"its weights are all zero: {self._shown(weights)}")

    def _refuse(self, block: Block, row: int, weights: list[float]) -> Exception:
        return refuse(
            self.attribute,
            block,
            row,
            f"no option can be drawn from the weights {self._shown(weights)}",
            reads=[self._scope[name] for name in self.attribute.reads if name in self._scope],
            why="weights must be finite, not negative, and at least one above zero",
        )

    def _shown(self, weights: list[float]) -> str:
        pairs = zip(self.attribute.options, weights, strict=True)
        return "{" + ", ".join(f"{label}: {number_text(weight)}" for label, weight in pairs) + "}"


def cumulative(weights: list[float]) -> list[float]:
    """Cumulative shares, infinite from the last possible option on; all NaN where no option is possible.

    Sums run from left to right in double precision, so the shares do not depend on how NumPy sums.
    """
    possible = [code for code, weight in enumerate(weights) if weight > 0.0]
    total = 0.0
    for weight in weights:
        total += weight
    if not possible or not math.isfinite(total):
        return [math.nan] * len(weights)
    shares, running = list[float](), 0.0
    for code, weight in enumerate(weights):
        running += weight
        shares.append(running / total if code < possible[-1] else math.inf)
    return shares
