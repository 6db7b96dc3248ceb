"""Columns across the border: population tables into a world, final states out of it.

Takes Arrow tables and raw buffers; sizes that come from a worker are checked. Touches nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from worldwright.errors import UsageError

if TYPE_CHECKING:
    import numpy.typing as npt

_MISSING, _FLOAT, _INTEGER, _FALSE, _TRUE, _TEXT, _JSON = range(7)
_EXACT = 2**53

# pyarrow makes its compute functions when it is imported, so no tool sees them.
pc: Any = pyarrow.compute

Put = Callable[[bytes], int]


def population_columns(table: pa.Table, wanted: frozenset[str] | None, put: Put) -> list[dict[str, Any]]:
    """The columns a script may read, described for the kernel, with their content put aside as buffers."""
    names = [name for name in table.column_names if wanted is None or name in wanted]
    return [_column(name, table.column(name).combine_chunks(), put) for name in names]


def _column(name: str, column: Any, put: Put) -> dict[str, Any]:
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks else pa.array([], type=column.type)
    described: dict[str, Any] = {"name": name}
    if column.null_count:
        valid = pc.is_valid(column).cast(pa.uint8()).to_numpy(zero_copy_only=False)
        described["valid"] = put(valid.astype("u1").tobytes())
    kind = column.type
    if pa.types.is_boolean(kind):
        values = column.fill_null(False).cast(pa.uint8()).to_numpy(zero_copy_only=False)
        return described | {"kind": "boolean", "data": put(values.astype("u1").tobytes())}
    if pa.types.is_integer(kind):
        values = column.fill_null(0).to_numpy(zero_copy_only=False)
        if len(values) and (values.max() > _EXACT or values.min() < -_EXACT):
            raise UsageError(f"the column {name!r} holds whole numbers beyond 2**53, which Lua cannot keep")
        return described | {"kind": "integer", "data": put(values.astype("<f8").tobytes())}
    if pa.types.is_floating(kind):
        values = column.fill_null(0.0).to_numpy(zero_copy_only=False)
        return described | {"kind": "number", "data": put(values.astype("<f8").tobytes())}
    if pa.types.is_date(kind):
        column = column.cast(pa.string())
        kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        column = column.dictionary_encode()
        kind = column.type
    if pa.types.is_dictionary(kind):
        texts = [str(text) for text in column.dictionary.to_pylist()]
        values = column.indices.fill_null(0).to_numpy(zero_copy_only=False)
        return described | {"kind": "text", "data": put(values.astype("<i4").tobytes()), "texts": texts}
    raise UsageError(f"the population column {name!r} has the type {kind}, which worlds cannot read")


def segment_codes(table: pa.Table, by: Sequence[str], metric: str) -> tuple[npt.NDArray[np.int32], list[str]]:
    """For each row the number of its segment (from 0; -1 where a value is missing), and the segments' labels.

    Segments are the combinations of values that occur, in the order of the columns' own values.
    """
    columns: list[tuple[npt.NDArray[np.int32], list[str]]] = []
    for name in by:
        if name not in table.column_names:
            known = ", ".join(table.column_names)
            raise UsageError(
                f"the metric {metric!r} is by {name!r}, and the population has no such column",
                help=f"it has: {known}",
            )
        columns.append(_values_of(name, table.column(name)))
    codes = np.zeros(table.num_rows, dtype=np.int64)
    missing = np.zeros(table.num_rows, dtype=bool)
    for values, labels in columns:
        codes = codes * max(len(labels), 1) + values
        missing |= values < 0
    codes[missing] = -1
    present = [int(code) for code in np.unique(codes) if code >= 0]
    texts: list[str] = []
    for code in present:
        parts: list[str] = []
        rest = code
        for _, labels in reversed(columns):
            rest, at = divmod(rest, max(len(labels), 1))
            parts.append(labels[at])
        texts.append(",".join(reversed(parts)))
    numbers = np.searchsorted(np.array(present, dtype=np.int64), codes)
    return np.where(missing, -1, numbers).astype(np.int32), texts


def _values_of(name: str, column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int32], list[str]]:
    whole: Any = column.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0) if whole.num_chunks else pa.array([], type=whole.type)
    if pa.types.is_floating(whole.type):
        raise UsageError(f"a metric cannot be by {name!r}: it is not a category or whole number")
    if not pa.types.is_dictionary(whole.type):
        ordered = pc.sort_indices(whole.unique().drop_null())
        values = whole.unique().drop_null().take(ordered)
        codes = pc.index_in(whole, values)
    else:
        values, codes = whole.dictionary, whole.indices
    labels = [f"{name}={_label(value)}" for value in values.to_pylist()]
    return codes.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32), labels


def _label(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def agents_table(states: list[Any], buffers: list[bytes], kinds: list[str]) -> pa.Table:
    """The entities at the recorded ticks: who they are, and one column for each key of their states.

    Numbers are int64 where all are whole, else float64; true and false are bool; text is string; tables, and
    columns of several kinds, are JSON text. A key named as one of the first columns gets `state_` before it.
    """
    ticks: list[Any] = []
    ids: list[Any] = []
    names: list[Any] = []
    rows: list[Any] = []
    pieces: dict[str, list[_Piece]] = {}
    total = 0
    for state in states:
        n = int(state["n"])
        ticks.append(np.full(n, int(state["tick"]), dtype=np.int64))
        ids.append(texts_of(buffers[state["ids"][0]], buffers[state["ids"][1]], n))
        numbers = np.frombuffer(buffers[state["kinds"]], dtype="<i4")
        if len(numbers) != n:
            raise ValueError("as many kinds as entities are expected")
        names.append(decoded_texts(numbers, kinds))
        agent = np.frombuffer(buffers[state["rows"]], dtype="<i4").astype(np.int64)
        rows.append(pa.array(agent, mask=agent < 0))
        for name, parts in zip(state["names"] or [], state["columns"] or [], strict=True):
            pieces.setdefault(str(name), []).append(_Piece(total, n, [buffers[part] for part in parts]))
        total += n
    fixed = {
        "tick": pa.array(np.concatenate(ticks) if ticks else np.empty(0, dtype=np.int64)),
        "entity_id": _joined(ids, pa.string()),
        "script": _joined(names, pa.string()),
        "agent": _joined(rows, pa.int64()),
    }
    columns: dict[str, Any] = dict(fixed)
    for name in sorted(pieces):
        column = name
        while column in fixed or (column != name and column in pieces):
            column = f"state_{column}"
        columns[column] = _state_column(pieces[name], total)
    return pa.table(columns)


class _Piece:
    """One column of one recorded tick: a tag for each entity, and the numbers and texts in it."""

    def __init__(self, start: int, n: int, parts: list[bytes]) -> None:
        tags, numbers, lengths, texts = parts
        self.start, self.n = start, n
        self.tags = np.frombuffer(tags, dtype=np.uint8)
        self.numbers = np.frombuffer(numbers, dtype="<f8") if numbers else np.zeros(n)
        self.worded = np.flatnonzero((self.tags == _TEXT) | (self.tags == _JSON))
        self.texts = texts_of(lengths, texts, len(self.worded)).to_pylist()
        if len(self.tags) != n or len(self.numbers) != n:
            raise ValueError("a column of another length than announced")


def _state_column(pieces: list[_Piece], total: int) -> Any:
    tags = np.zeros(total, dtype=np.uint8)
    numbers = np.zeros(total)
    texts: dict[int, str] = {}
    for piece in pieces:
        tags[piece.start : piece.start + piece.n] = piece.tags
        numbers[piece.start : piece.start + piece.n] = piece.numbers
        texts.update(zip((piece.worded + piece.start).tolist(), piece.texts, strict=True))
    present = {int(tag) for tag in np.unique(tags)} - {_MISSING}
    missing = tags == _MISSING
    if present <= {_FLOAT, _INTEGER}:
        numbers[missing] = 0
        if bool(np.all(np.isfinite(numbers))) and bool(
            np.all((numbers == np.floor(numbers)) & (np.abs(numbers) <= _EXACT))
        ):
            return pa.array(numbers.astype(np.int64), mask=missing)
        return pa.array(numbers, mask=missing)
    if present <= {_FALSE, _TRUE}:
        return pa.array(tags == _TRUE, mask=missing)
    plain = present <= {_TEXT}
    return pa.array(
        [
            None if missing[i] else _as_text(int(tags[i]), numbers[i], texts.get(i), plain)
            for i in range(total)
        ],
        type=pa.string(),
    )


def _as_text(tag: int, number: float, text: str | None, plain: bool) -> str | None:
    match tag:
        case 5:
            return text if plain else json.dumps(text, ensure_ascii=False)
        case 6:
            return text
        case 3 | 4:
            return "true" if tag == _TRUE else "false"
        case _:
            return (
                json.dumps(int(number))
                if number == np.floor(number) and abs(number) <= _EXACT
                else repr(float(number))
            )


def decoded_texts(codes: npt.NDArray[Any], texts: list[str]) -> Any:
    """Texts by their numbers; a number outside is an error."""
    if len(codes) and (codes.min() < 0 or codes.max() >= len(texts)):
        raise ValueError("a number that stands for no text")
    return pa.DictionaryArray.from_arrays(
        pa.array(codes, type=pa.int32()), pa.array(texts, type=pa.string())
    ).cast(pa.string())


def concatenated(tables: list[pa.Table]) -> pa.Table:
    """One table of several with the same columns."""
    return pa.concat_tables(tables).combine_chunks()


def texts_of(lengths: bytes, content: bytes, n: int) -> Any:
    """An array of n texts from their lengths and their content; other lengths are an error."""
    sizes = np.frombuffer(lengths, dtype="<i4").astype(np.int64)
    if len(sizes) != n or (n and sizes.min() < 0) or int(sizes.sum()) != len(content):
        raise ValueError("texts of other lengths than announced")
    ends = np.concatenate([[0], np.cumsum(sizes)])
    if len(content) < 2**31:
        offsets = pa.py_buffer(ends.astype("<i4").tobytes())
        array = pa.StringArray.from_buffers(n, offsets, pa.py_buffer(content))
        try:
            array.validate(full=True)
        except pa.ArrowInvalid:
            pass  # a script has put bytes together that are no text
        else:
            return array
    pieces = (content[start:end] for start, end in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True))
    return pa.array([piece.decode("utf-8", "replace") for piece in pieces], type=pa.string())


def _joined(arrays: list[Any], kind: pa.DataType) -> Any:
    return pa.concat_arrays(arrays) if arrays else pa.array([], type=kind)
