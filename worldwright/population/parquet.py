"""Tables of agents as Parquet files: atomic, in flat memory, the same bytes for the same content."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from worldwright.errors import UsageError

ROW_GROUP = 1 << 17
"""Rows in a row group; measured fastest for DuckDB among 2¹⁶, 2¹⁷ and 2²⁰."""
PART = 1 << 20
"""Rows in a part, where a table is written as several files."""

_LEVEL, _LEVEL_OF_SPLIT = 1, -1
_BATCH = 1 << 16
"""Values encoded at a time."""


def write_parquet(
    tables: Iterable[pa.Table], path: Path, *, schema: pa.Schema | None = None, unordered: bool = False
) -> int:
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
        unordered: Rows come in no order, as drawn agents do. Then the least and greatest values of a row
            group narrow no search, and are kept of whole numbers alone, such as the agents' own.

    Raises:
        UsageError: for no tables and no schema, or where the file cannot be written.
    """
    if not path.name:
        raise UsageError("a file without a name cannot be written", where=str(path), help="name the file")
    return _write(tables, _Files(iter([path]), path, None, unordered), schema, ROW_GROUP)


def write_parts(
    tables: Iterable[pa.Table],
    folder: Path,
    *,
    schema: pa.Schema | None = None,
    part: int = PART,
    unordered: bool = False,
) -> int:
    """Write tables as the parts of one table and return the number of rows.

    The parts are `part-00000.parquet`, `part-00001.parquet`, …, each of `part` rows but the last, and like
    the file that `write_parquet` writes of these rows; a table without rows has one.

    Args:
        tables: As for `write_parquet`.
        folder: Where; it is made. After an error some parts may be there.
        schema: As for `write_parquet`.
        part: Rows in a part; below 2¹⁷ or a multiple of it, since no row group lies in two parts.
        unordered: As for `write_parquet`.

    Raises:
        UsageError: for no tables and no schema, where a file cannot be written, or for such a part.
    """
    group = min(part, ROW_GROUP)
    if part < 1 or part % group:
        raise UsageError(f"a part has 1 to {ROW_GROUP} rows or a multiple of that, not {part}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(folder, error) from None
    paths = (folder / f"part-{n:05}.parquet" for n in count())
    return _write(tables, _Files(paths, folder, part, unordered), schema, group)


def _write(tables: Iterable[pa.Table], files: _Files, schema: pa.Schema | None, group: int) -> int:
    """Write groups on a thread of their own, one ahead of the work that makes them."""
    source = iter(tables)
    first = next(source, None)
    if first is None and schema is None:
        raise UsageError("there is no table to write, and no schema for an empty one", where=str(files.where))
    kept = schema if schema is not None else first.schema if first is not None else pa.schema([])
    files.schema, chained = kept, _chained(first, source)
    del first
    try:
        with ThreadPoolExecutor(1, thread_name_prefix="parquet") as thread:
            writing: Future[None] | None = None
            for ready in _regrouped(chained, kept, group):
                if writing is not None:
                    writing.result()
                if ready.num_rows < group:  # the last: nothing is computed meanwhile
                    writing = None
                    files.write(ready)
                else:
                    writing = thread.submit(files.write, ready)
            if writing is not None:
                writing.result()
        files.finish()
    except BaseException as error:
        files.abandon()
        if isinstance(error, OSError):
            raise _refused(files.where, error) from None
        raise
    return files.rows


def _refused(where: Path, error: OSError) -> UsageError:
    reason = os.strerror(error.errno) if error.errno else str(error)
    return UsageError(
        f"cannot be written: {reason}",
        where=str(where),
        help="name a file in a folder that can be written to and has room",
    )


class _Files:
    """Writes row groups into one file after another; a file appears under its name when complete."""

    def __init__(self, paths: Iterator[Path], where: Path, part: int | None, unordered: bool) -> None:
        self.rows = 0
        self.where = where
        self.schema = pa.schema([])
        self._paths = paths
        self._part = part
        self._unordered = unordered
        self._in_part = 0
        self._writer: pq.ParquetWriter | None = None
        self._path = self._staged = Path()

    def write(self, group: pa.Table) -> None:
        """Write a group, and end the file where it is full."""
        self._opened().write_table(group, row_group_size=ROW_GROUP)
        self.rows += group.num_rows
        self._in_part += group.num_rows
        if self._in_part == self._part:
            self._end()

    def finish(self) -> None:
        """End the last file; there is at least one."""
        if self._writer is not None or not self.rows:
            self._opened()
            self._end()

    def abandon(self) -> None:
        """Remove what is not complete."""
        with contextlib.suppress(OSError, pa.ArrowException):
            if self._writer is not None:
                self._writer.close()
        with contextlib.suppress(OSError):
            if self._staged.name:
                self._staged.unlink(missing_ok=True)

    def _opened(self) -> pq.ParquetWriter:
        if self._writer is None:
            self._path, self._in_part = next(self._paths), 0
            self._staged = self._path.with_name(f".{self._path.name}.{uuid.uuid4().hex[:12]}.tmp")
            kinds = {field.name: field.type for field in self.schema}
            split: Any = [name for name, kind in kinds.items() if pa.types.is_floating(kind)]
            levels: Any = {name: _LEVEL_OF_SPLIT if name in split else _LEVEL for name in kinds}
            whole: Any = [name for name, kind in kinds.items() if _is_whole(kind)]
            labels: Any = [name for name, kind in kinds.items() if pa.types.is_dictionary(kind)]
            statistics = whole if self._unordered else True
            self._writer = pq.ParquetWriter(
                self._staged,
                self.schema,
                compression="zstd",
                compression_level=levels,
                use_dictionary=whole + labels,
                use_byte_stream_split=split,
                write_statistics=statistics,
                write_batch_size=_BATCH,
            )
        return self._writer

    def _end(self) -> None:
        self._opened().close()
        self._writer = None
        with self._staged.open("rb+") as file:
            os.fsync(file.fileno())
        self._staged.replace(self._path)


def _is_whole(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_date(kind)


def _chained(first: pa.Table | None, rest: Iterator[pa.Table]) -> Iterator[pa.Table]:
    if first is not None:
        yield first
        del first
    yield from rest


def _regrouped(tables: Iterator[pa.Table], schema: pa.Schema, size: int) -> Iterator[pa.Table]:
    waiting: list[pa.Table] = []
    held = 0
    for table in tables:
        rest = table if table.schema.equals(schema) else table.select(schema.names).cast(schema)
        while held + rest.num_rows >= size:
            cut = size - held
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
