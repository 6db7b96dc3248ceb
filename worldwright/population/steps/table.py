"""Agents that are rows of a table: which row each is, and the values that are taken from it.

A row is drawn with replacement by one keyed uniform, or agent i is row i; all columns are read from the one
row, so that what hangs together in the file does so in the population.
"""

from __future__ import annotations

import numpy as np

from worldwright.errors import SamplingError
from worldwright.population.block import Block
from worldwright.population.laws.empirical import floats
from worldwright.population.values import Index
from worldwright.spec.packed import Packed
from worldwright.spec.population import Attribute, AttributeType, RowTable

ROW = "row of the table"
"""The name under which a block holds the number of each agent's row."""
STREAM = "rows"


class TableStep:
    """Gives each agent its row."""

    writes: tuple[str, ...] = (ROW,)

    def __init__(self, table: RowTable) -> None:
        self.table = table
        self.cumulative = None
        """Of weighted rows, the probability up to each row but the last."""
        if table.weights is not None:
            running = np.cumsum(floats(table.weights))
            self.cumulative = running[:-1] / running[-1]

    def run(self, block: Block) -> None:
        """Compute the rows of a block."""
        block.write(ROW, self._in_order(block) if self.table.in_order else self._drawn(block))

    def _in_order(self, block: Block) -> Index:
        agents = np.array(block.agents)
        if block.count and int(agents.max()) >= self.table.count:
            agent = int(agents[agents >= self.table.count].min())
            raise SamplingError(
                f"the table {self.table.file} has {self.table.count:,} rows, so there is no agent {agent}",
                where="table",
                why="`rows: in_order` makes agent i of row i; both are counted from 0",
                help="ask for fewer agents, or say `rows: draw` to draw rows as often as needed",
            )
        return agents

    def _drawn(self, block: Block) -> Index:
        uniform = block.keyed(block.key("table", STREAM))
        if self.cumulative is None:
            rows = np.floor(uniform * float(self.table.count)).astype(np.int64)
        else:
            rows = np.searchsorted(self.cumulative, uniform, side="right").astype(np.int64)
        return np.minimum(rows, self.table.count - 1)


class ColumnStep:
    """Takes an attribute from each agent's row."""

    def __init__(self, attribute: Attribute) -> None:
        column = attribute.column
        assert column is not None
        self.attribute = attribute
        self.writes = (attribute.name,)
        if not isinstance(column.values, Packed):  # of a text, whether there is one; it is written at the end
            self._values = np.array([text is not None for text in column.values])
            self._missing = ~self._values if attribute.only_if is not None else None
            return
        values = floats(column.values)
        missing = np.isnan(values)
        self._missing = missing if attribute.only_if is not None else None
        match attribute.type:
            case AttributeType.CATEGORICAL:
                self._values = np.where(missing, -1.0, values).astype(np.int32)
            case AttributeType.BOOLEAN:
                self._values = np.where(missing, 0.0, values) == 1.0
            case _:
                self._values = values

    def run(self, block: Block) -> None:
        """Look the attribute up for a block."""
        rows = block.value(ROW)
        null = None if self._missing is None else self._missing[rows]
        block.write(self.attribute.name, self._values[rows], null)
