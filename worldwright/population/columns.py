"""Blocks as Arrow columns: the types of a table of agents, and the buffers blocks are written into."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from worldwright.population.block import Block
from worldwright.population.texts import TextColumn
from worldwright.population.values import Mask, Values
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


def table_of(population: Population, blocks: Iterable[Block], count: int) -> pa.Table:
    """One table from consecutive blocks that hold at most `count` agents in all."""
    attributes = [population.attribute(name) for name in population.columns]
    scope = {attribute.name: attribute for attribute in population.attributes}
    columns = [
        TextColumn(attribute, scope) if attribute.type is AttributeType.TEXT else _Column(attribute, count)
        for attribute in attributes
    ]
    for block in blocks:
        for column in columns:
            column.add(block)
    return pa.table([column.finish() for column in columns], schema=schema_of(population))


class _Column:
    """A buffer for one column, filled block by block."""

    def __init__(self, attribute: Attribute, count: int) -> None:
        self._attribute = attribute
        self._values: Values = np.empty(count, dtype=_buffer_type(attribute))
        self._null: Mask | None = None if attribute.only_if is None else np.empty(count, dtype=np.bool_)
        self._filled = 0

    def add(self, block: Block) -> None:
        name = self._attribute.name
        here = slice(self._filled, self._filled + block.count)
        values = block.value(name)
        if self._null is not None:
            null = block.null(name)
            self._null[here] = null
            if values.dtype == np.float64 and self._values.dtype != np.float64:
                values = np.where(null, 0.0, values)
        self._values[here] = values
        self._filled += block.count

    def finish(self) -> Any:
        """The Arrow array."""
        values = self._values[: self._filled]
        null = None if self._null is None else self._null[: self._filled]
        kind = arrow_type(self._attribute)
        if not pa.types.is_dictionary(kind):
            return _array(kind, values, null)
        options = pa.array(self._attribute.options, pa.string())
        codes = _array(kind.index_type, values, null)
        return pa.DictionaryArray.from_arrays(codes, options, ordered=self._attribute.ordered, safe=False)


def _array(kind: pa.DataType, values: Values, null: Mask | None) -> Any:
    """An Arrow array around a buffer: `pa.array` would copy, and load pandas to look at its argument."""
    if null is not None:
        values = np.where(null, values.dtype.type(0), values)
    known = None if null is None else pa.py_buffer(np.packbits(~null, bitorder="little"))
    held = (
        np.packbits(values, bitorder="little") if values.dtype == np.bool_ else np.ascontiguousarray(values)
    )
    return pa.Array.from_buffers(kind, len(values), [known, pa.py_buffer(held)])


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
