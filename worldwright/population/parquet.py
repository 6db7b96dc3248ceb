"""Tables of agents as Parquet files: atomic, in flat memory, the same bytes for the same content."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from worldwright.errors import UsageError

ROW_GROUP = 1 << 17
"""Rows in a row group; measured fastest for DuckDB among 2¹⁶, 2¹⁷ and 2²⁰."""

_LEVEL, _LEVEL_OF_SPLIT = 1, -1
_BATCH = 1 << 16
"""Values encoded at a time."""


def write_parquet(tables: Iterable[pa.Table], path: Path, *, schema: pa.Schema | None = None) -> int:
    """Write tables one after another into one file and return the number of rows.

    Categories and integers are dictionary-encoded, nothing else is (dictionaries of floats cost four
    times the time and gain nothing). Compression is zstd at level 1; the bytes of floats are first split into
    streams (of all first bytes, all second ones, …), of which the fast level −1 then packs more than level 1
    does of whole floats, in less time to write and to read. Rows are regrouped, so the bytes depend on the
    content and not on how it was cut into tables. A group is written while the next is computed. The file
    appears under its name when complete.

    Args:
        tables: Tables of one schema; each is dropped before the next is asked for.
        path: The file; what was there is replaced.
        schema: Needed where there may be no tables at all.

    Raises:
        UsageError: for no tables and no schema, or where the file cannot be written.
    """
    if not path.name:
        raise UsageError("a file without a name cannot be written", where=str(path), help="name the file")
    source = iter(tables)
    first = next(source, None)
    if first is None and schema is None:
        raise UsageError("there is no table to write, and no schema for an empty one", where=str(path))
    kept = schema if schema is not None else first.schema if first is not None else pa.schema([])
    staged = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}.tmp")
    repeating: Any = [field.name for field in kept if _repeats(field.type)]
    split: Any = [field.name for field in kept if pa.types.is_floating(field.type)]
    levels: Any = {field.name: _LEVEL_OF_SPLIT if field.name in split else _LEVEL for field in kept}
    try:
        with pq.ParquetWriter(
            staged,
            kept,
            compression="zstd",
            compression_level=levels,
            use_dictionary=repeating,
            use_byte_stream_split=split,
            write_batch_size=_BATCH,
        ) as writer:
            rows = _write(writer, _regrouped(_chained(first, source), kept))
        with staged.open("rb+") as file:
            os.fsync(file.fileno())
        staged.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            staged.unlink(missing_ok=True)
        if isinstance(error, OSError):
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise UsageError(
                f"cannot be written: {reason}",
                where=str(path),
                help="name a file in a folder that can be written to and has room",
            ) from None
        raise
    return rows


def _write(writer: pq.ParquetWriter, groups: Iterator[pa.Table]) -> int:
    """Write groups on a thread of their own, one ahead of the work that makes them."""
    group = next(groups, None)
    rows = 0
    with ThreadPoolExecutor(1, thread_name_prefix="parquet") as thread:
        writing: Future[None] | None = None
        while group is not None:
            rows += group.num_rows
            if writing is not None:
                writing.result()
            if group.num_rows < ROW_GROUP:  # the last: nothing is computed meanwhile
                writer.write_table(group, row_group_size=ROW_GROUP)
                return rows
            writing = thread.submit(writer.write_table, group, row_group_size=ROW_GROUP)
            group = next(groups, None)
        if writing is not None:
            writing.result()
    return rows


def _repeats(kind: pa.DataType) -> bool:
    return pa.types.is_dictionary(kind) or pa.types.is_integer(kind) or pa.types.is_date(kind)


def _chained(first: pa.Table | None, rest: Iterator[pa.Table]) -> Iterator[pa.Table]:
    if first is not None:
        yield first
        del first
    yield from rest


def _regrouped(tables: Iterator[pa.Table], schema: pa.Schema) -> Iterator[pa.Table]:
    waiting: list[pa.Table] = []
    held = 0
    for table in tables:
        rest = table if table.schema.equals(schema) else table.select(schema.names).cast(schema)
        while held + rest.num_rows >= ROW_GROUP:
            cut = ROW_GROUP - held
            yield _joined([*waiting, rest.slice(0, cut)])
            rest = rest.slice(cut)
            waiting, held = [], 0
        if rest.num_rows:
            waiting.append(rest)
            held += rest.num_rows
    if held:
        yield _joined(waiting)


def _joined(tables: list[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables).combine_chunks()
