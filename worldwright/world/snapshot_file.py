"""Snapshots as Arrow files: one row, whose columns are lists of different lengths.

Takes and gives `Snapshot`s and bytes; reads and writes the paths it is given, whole or not at all.

The file carries the SHA-256 of all its bytes (with zeros in the digest's own place), so that damage anywhere
is found before anything is read. Readable by any Arrow library; `head` is JSON, the other columns are the
arrays of `snapshot.ARRAYS` and the population's columns as `population/NAME/COLUMN`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from worldwright.errors import UsageError
from worldwright.world.program import WorldProgram
from worldwright.world.snapshot import ARRAYS, Snapshot, check

MAJOR = 1
_MARK = b"worldwright-sha256:"
_NOTHING = b"0" * 64
_DIGEST = re.compile(_MARK + rb"([0-9a-f]{64})")
_SEARCHED = 1 << 16
_MAGIC = b"ARROW1"
_KINDS: dict[str, pa.DataType] = {"<i4": pa.int32(), "<f8": pa.float64(), "u1": pa.uint8()}


def is_snapshot(path: Path) -> bool:
    """Whether a file begins as an Arrow file; what is in it, only reading tells."""
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def to_bytes(snapshot: Snapshot) -> bytes:
    """The file as bytes; equal snapshots have equal bytes."""
    head = {
        "program": snapshot.program.to_json(),
        "seed": snapshot.seed,
        "replicate": snapshot.replicate,
        "parameters": dict(snapshot.parameters),
        "runtime": snapshot.runtime,
        "algorithm": snapshot.algorithm,
        "tick": snapshot.tick,
        "sizes": dict(snapshot.sizes),
        "populations": list(snapshot.populations),
    }
    columns: dict[str, Any] = {
        "head": pa.array([json.dumps(head, ensure_ascii=False)], type=pa.large_string())
    }
    for name, (kind, _) in ARRAYS.items():
        content = snapshot.arrays[name]
        count = len(content) // np.dtype(kind).itemsize
        columns[name] = _listed(pa.Array.from_buffers(_KINDS[kind], count, [None, pa.py_buffer(content)]))
    for population, table in snapshot.populations.items():
        for column in table.column_names:
            columns[f"population/{population}/{column}"] = _listed(_whole(table.column(column)))
    batch = pa.record_batch(list(columns.values()), names=list(columns))
    schema = batch.schema.with_metadata(
        {"worldwright": f"snapshot/{MAJOR}", "digest": (_MARK + _NOTHING).decode()}
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, schema) as writer:
        writer.write_batch(batch.replace_schema_metadata(schema.metadata))
    content = sink.getvalue().to_pybytes()
    found = hashlib.sha256(content).hexdigest().encode()
    return content.replace(_MARK + _NOTHING, _MARK + found)


def write_snapshot(snapshot: Snapshot, path: Path) -> None:
    """Write a snapshot; a reader sees the old file or the new one, never a part.

    Raises:
        UsageError: where the place cannot be written to.
    """
    write_whole(path, to_bytes(snapshot))


def write_whole(path: Path, content: bytes) -> None:
    """Put a file in its place at once.

    Raises:
        UsageError: where the place cannot be written to.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=str(path)) from None
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


def read_snapshot(path: Path) -> Snapshot:
    """A snapshot from its file.

    Raises:
        UsageError: where there is none, it is damaged or changed, or a newer version wrote it.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path)) from None
    return from_bytes(content, str(path))


def from_bytes(content: bytes, where: str) -> Snapshot:
    """A snapshot from the bytes of its file; as `read_snapshot`."""
    mark = _DIGEST.search(content[:_SEARCHED])
    if content[: len(_MAGIC)] != _MAGIC or mark is None:
        raise UsageError(
            "this is no snapshot of a world, or its beginning is damaged",
            where=where,
            help="make one with `worldwright world run … --save-snapshot FILE`",
        )
    blank = content.replace(mark.group(0), _MARK + _NOTHING)
    if hashlib.sha256(blank).hexdigest().encode() != mark.group(1):
        raise UsageError(
            "the snapshot is damaged: its bytes are not those that were written",
            where=where,
            why="it was cut short, changed on the disk, or edited",
            help="make it again; `worldwright world convert` makes a YAML that can be edited",
        )
    try:
        return _read(content, where)
    except (pa.ArrowException, ValueError, KeyError, TypeError, IndexError, AttributeError) as problem:
        raise UsageError(f"the snapshot does not fit itself: {problem}", where=where) from None


def _read(content: bytes, where: str) -> Snapshot:
    batch = pa.ipc.open_file(pa.BufferReader(content)).get_batch(0)
    version = (batch.schema.metadata or {}).get(b"worldwright", b"").decode()
    kind, _, major = version.partition("/")
    if kind == "snapshot" and major.isdigit() and int(major) > MAJOR:
        raise UsageError(
            f"this is a `{version}`, and this version of Worldwright reads up to `snapshot/{MAJOR}`",
            where=where,
            help="use a newer Worldwright",
        )
    if version != f"snapshot/{MAJOR}":
        raise ValueError(f"a `snapshot/{MAJOR}` is expected, not `{version}`")
    batch.validate(full=True)
    head = json.loads(batch.column("head")[0].as_py())
    snapshot = Snapshot(
        program=WorldProgram.from_json(head["program"]),
        seed=int(head["seed"]),
        replicate=int(head["replicate"]),
        parameters=head["parameters"],
        populations=_populations(batch, head["populations"]),
        runtime=str(head["runtime"]),
        tick=int(head["tick"]),
        sizes=head["sizes"],
        arrays={name: _content(batch, name, kind) for name, (kind, _) in ARRAYS.items()},
        algorithm=int(head["algorithm"]),
    )
    check(snapshot)
    return snapshot


def _content(batch: pa.RecordBatch, name: str, kind: str) -> bytes:
    values: Any = batch.column(name).flatten()
    if values.type != _KINDS[kind] or values.null_count:
        raise ValueError(f"{name} holds {values.type}")
    return values.to_numpy().astype(kind, copy=False).tobytes()


def _populations(batch: pa.RecordBatch, names: list[str]) -> dict[str, pa.Table]:
    tables: dict[str, pa.Table] = {}
    for population in names:
        prefix = f"population/{population}/"
        fields = [field.name for field in batch.schema if field.name.startswith(prefix)]
        columns: Mapping[str, Any] = {
            name.removeprefix(prefix): batch.column(name).flatten() for name in fields
        }
        tables[population] = pa.table(dict(columns))
    return tables


def _listed(values: Any) -> Any:
    """An array as the one value of a list column."""
    return pa.LargeListArray.from_arrays(pa.array([0, len(values)], type=pa.int64()), values)


def _whole(column: Any) -> Any:
    whole = column.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        return whole.chunk(0) if whole.num_chunks else pa.array([], type=whole.type)
    return whole
