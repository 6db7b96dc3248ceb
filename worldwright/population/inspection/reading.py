"""A table of agents as a block, so that conditions of the spec can be asked of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from worldwright.errors import UsageError
from worldwright.population.block import Block
from worldwright.spec.population import Attribute, AttributeType, Population

pc: Any = pyarrow.compute  # its functions are made at import, so no checker knows them


def block_of(population: Population, table: pa.Table) -> Block:
    """The rows of a table as a block.

    Raises:
        UsageError: for a column that is missing, is null without `only_if`, or holds unknown labels.
    """
    missing = [name for name in population.columns if name not in table.column_names]
    if missing:
        raise UsageError(
            f"the table has no column {missing[0]}", help=f"it has {', '.join(table.column_names)}"
        )
    block = Block(0, table.num_rows)
    for attribute in population.attributes:
        column: Any = table.column(attribute.name)
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        null = np.asarray(column.is_null().to_numpy(zero_copy_only=False), dtype=np.bool_)
        if attribute.only_if is None and null.any():
            raise UsageError(
                f"{attribute.name} is missing in row {int(np.argmax(null))} of the table",
                why="only attributes with `only_if` can be missing",
            )
        if attribute.type is AttributeType.TEXT:  # nothing reads a text but whether there is one
            if attribute.only_if is not None:
                block.write(attribute.name, ~null, null)
            continue
        values = column_values(attribute, column)
        block.write(attribute.name, values, None if attribute.only_if is None else null)
    return block


def column_values(attribute: Attribute, column: Any) -> Any:
    """An Arrow column as a block holds it.

    Raises:
        UsageError: for a label that is no option.
    """
    match attribute.type:
        case AttributeType.BOOLEAN:
            return column.fill_null(False).to_numpy(zero_copy_only=False).astype(np.bool_)
        case AttributeType.CATEGORICAL:
            options = pa.array(attribute.options, pa.string())
            labels = column.cast(pa.string())
            codes = pc.index_in(labels, value_set=options)
            found = codes.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
            strange = (found < 0) & ~labels.is_null().to_numpy(zero_copy_only=False)
            if strange.any():
                label = labels[int(np.argmax(strange))].as_py()
                raise UsageError(
                    f"{label!r} in the table is no option of {attribute.name}",
                    help=f"its options are {', '.join(attribute.options)}",
                )
            return found
        case AttributeType.DATE:
            days = column.cast(pa.int32()).cast(pa.float64())
            return np.array(days.to_numpy(zero_copy_only=False), dtype=np.float64)
        case _:
            return np.array(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
