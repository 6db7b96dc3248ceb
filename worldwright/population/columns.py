"""Blocks as Arrow columns: the types of a table of agents, and the buffers blocks are written into."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from worldwright.population.block import Block
from worldwright.population.kernels import adjust
from worldwright.population.texts import TextColumn
from worldwright.population.values import Floats, Mask, Values
from worldwright.spec.population import Attribute, AttributeType, Population


def arrow_type(attribute: Attribute) -> pa.DataType:
    """The Arrow type of an attribute's column."""
    match attribute.type:
        case AttributeType.INT:
            return pa.int64()
        case AttributeType.FLOAT:
            return pa.float64()
        case AttributeType.BOOLEAN:
            return pa.bool_()
        case AttributeType.DATE:
            return pa.date32()
        case AttributeType.TEXT:
            return pa.string()
        case AttributeType.CATEGORICAL:
            return pa.dictionary(pa.from_numpy_dtype(_code_type(attribute)), pa.string(), attribute.ordered)


def schema_of(population: Population) -> pa.Schema:
    """The schema of a population's tables; a column is nullable where its attribute has `only_if`."""
    attributes = [population.attribute(name) for name in population.columns]
    return pa.schema([pa.field(a.name, arrow_type(a), nullable=a.only_if is not None) for a in attributes])


class Columns:
    """The columns of a table that is filled block by block; at most `count` agents in all."""

    def __init__(self, population: Population, count: int) -> None:
        self._schema = schema_of(population)
        scope = {attribute.name: attribute for attribute in population.attributes}
        self._buffered: dict[str, _Column] = {}
        self._columns: list[TextColumn | _Column] = []
        for attribute in (population.attribute(name) for name in population.columns):
            if attribute.type is AttributeType.TEXT:
                column: TextColumn | _Column = TextColumn(attribute, scope)
            else:
                column = self._buffered[attribute.name] = _Column(attribute, count)
            self._columns.append(column)

    def rooms(self, count: int) -> dict[str, Floats]:
        """Where the next block may compute its numbers, so that they need not be copied."""
        rooms = {name: column.room(count) for name, column in self._buffered.items()}
        return {name: room for name, room in rooms.items() if room is not None}

    def add(self, block: Block) -> None:
        """Append a block."""
        for column in self._columns:
            column.add(block)

    def finish(self) -> pa.Table:
        """The table."""
        return pa.table([column.finish() for column in self._columns], schema=self._schema)


class _Column:
    """A buffer for one column."""

    def __init__(self, attribute: Attribute, count: int) -> None:
        self._attribute = attribute
        kind = np.dtype(_buffer_type(attribute))
        # from Arrow's pool, which keeps what tables before this one have used
        self._buffer: Any = pa.allocate_buffer(count * kind.itemsize)
        self._values: Values = np.frombuffer(self._buffer, dtype=kind)
        self._null: Mask | None = None if attribute.only_if is None else np.empty(count, dtype=np.bool_)
        self._filled = 0

    def room(self, count: int) -> Floats | None:
        """The next places, where the stored values are the computed ones."""
        if self._null is not None or self._attribute.type is not AttributeType.FLOAT:
            return None
        return self._values[self._filled : self._filled + count]

    def add(self, block: Block) -> None:
        name = self._attribute.name
        here = self._values[self._filled : self._filled + block.count]
        values = block.value(name)
        if self._null is not None:
            null = block.null(name)
            self._null[self._filled : self._filled + block.count] = null
            values = np.where(null, values.dtype.type(0), values)
        if self._attribute.type is AttributeType.INT:
            adjust.whole(np.ascontiguousarray(values), here)
        elif values.ctypes.data != here.ctypes.data:
            here[:] = values
        self._filled += block.count

    def finish(self) -> Any:
        """The Arrow array."""
        null = None if self._null is None else self._null[: self._filled]
        known = None if null is None else pa.py_buffer(np.packbits(~null, bitorder="little"))
        kind = arrow_type(self._attribute)
        if self._attribute.type is AttributeType.BOOLEAN:
            bits = pa.py_buffer(np.packbits(self._values[: self._filled], bitorder="little"))
            return pa.Array.from_buffers(kind, self._filled, [known, bits])
        if self._attribute.type is not AttributeType.CATEGORICAL:
            return pa.Array.from_buffers(kind, self._filled, [known, self._buffer])
        codes = pa.Array.from_buffers(kind.index_type, self._filled, [known, self._buffer])
        options = pa.array(self._attribute.options, pa.string())
        return pa.DictionaryArray.from_arrays(codes, options, ordered=self._attribute.ordered, safe=False)


def _code_type(attribute: Attribute) -> Any:
    size = len(attribute.options)
    return np.dtype(np.int8 if size <= 2**7 else np.int16 if size <= 2**15 else np.int32)


def _buffer_type(attribute: Attribute) -> Any:
    match attribute.type:
        case AttributeType.INT:
            return np.int64
        case AttributeType.FLOAT:
            return np.float64
        case AttributeType.BOOLEAN:
            return np.bool_
        case AttributeType.DATE:
            return np.int32
        case _:
            return _code_type(attribute)
