"""CSV and Parquet files that a document names: bytes in, columns of one type out, or what is wrong with them.

Takes a function that gives a file's bytes; opens nothing itself. pyarrow is loaded when a file is read.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from worldwright.spec.suggestions import listed, nearest

Reader = Callable[[str, str], bytes]
"""The content of a file: takes the document's own name and the path as it is written there.

Raises `DataFileError` for what cannot or must not be read.
"""

MOST_BYTES = 64 << 20
"""The size of the largest file that is read."""
MOST_ROWS = 1_000_000
"""Rows of the longest file that is read."""
MOST_OPTIONS = 10_000
"""Different labels of a column."""
MOST_CHARACTERS = 1000
"""Of one label or text."""
_LARGEST_WHOLE = 2.0**53
_TRUTHS = {
    "true": 1.0,
    "True": 1.0,
    "TRUE": 1.0,
    "1": 1.0,
    "false": 0.0,
    "False": 0.0,
    "FALSE": 0.0,
    "0": 0.0,
}


class DataFileError(Exception):
    """What is wrong with a file, for a diagnostic at the place that names it."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class DataColumnError(DataFileError):
    """A column that is not there, or twice."""


class DataValueError(DataFileError):
    """A column whose values are not what is wanted of them."""


def refuse_all(document: str, path: str) -> bytes:
    """A reader where there are no files, such as of a document that came as text."""
    raise DataFileError(f"{path!r} cannot be read from here", "a document by itself has no files beside it")


class DataFiles:
    """Reads each file once."""

    def __init__(self, read: Reader) -> None:
        self._read = read
        self._opened: dict[tuple[str, str], DataFile] = {}

    def open(self, document: str, path: str) -> DataFile:
        """The file that a document names.

        Raises:
            DataFileError: where it cannot be read, is too large, or is neither CSV nor Parquet.
        """
        key = (document, path)
        if key not in self._opened:
            ending = path.rsplit(".", 1)[-1].lower()
            if ending not in ("csv", "parquet"):
                raise DataFileError(
                    f"{path!r} is neither CSV nor Parquet", "its name ends in .csv or .parquet"
                )
            content = self._read(document, path)
            if len(content) > MOST_BYTES:
                raise too_large(path, len(content))
            self._opened[key] = _csv(path, content) if ending == "csv" else _parquet(path, content)
        return self._opened[key]


def too_large(path: str, size: int) -> DataFileError:
    """The refusal of a file for its size."""
    message = f"{path!r} has {size / (1 << 20):.0f} MiB, and at most {MOST_BYTES >> 20} MiB are read"
    return DataFileError(message, "keep the columns that are used, or a sample of the rows")


@dataclass(frozen=True)
class DataFile:
    """A table: of texts alone where it came as CSV, typed where it came as Parquet."""

    path: str
    columns: tuple[str, ...]
    rows: int
    from_csv: bool
    read: Callable[[str], Any]
    """Gives the Arrow array of a column that there is."""

    def numbers(self, column: str, *, whole: bool = False) -> list[float | None]:
        """A column of finite numbers, None where it is empty.

        Raises:
            DataColumnError, DataValueError: where there are no such.
        """
        import pyarrow as pa

        values = self._column(column)
        kind = values.type
        wanted = "a whole number" if whole else "a number"
        typed = (
            pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
        ) or pa.types.is_null(kind)
        if not self.from_csv and not typed:
            raise DataValueError(f"column {column!r} of {self.path!r} holds {_of(kind)} and no numbers")
        found: list[float | None] = self._cast(column, values, pa.float64(), wanted).to_pylist()
        for row, number in enumerate(found, 1):
            if number is None:
                continue
            if not abs(number) < float("inf"):
                raise self._wrong(column, row, f"{number} is not a finite number")
            if whole and (number != int(number) or abs(number) > _LARGEST_WHOLE):
                raise self._wrong(column, row, f"{number:.12g} is not a whole number within 2^53")
        return found

    def dates(self, column: str) -> list[float | None]:
        """A column of dates as days since 1970-01-01, None where it is empty."""
        import pyarrow as pa

        values = self._column(column)
        kind = values.type
        if not self.from_csv and not (pa.types.is_temporal(kind) or pa.types.is_null(kind)):
            raise DataValueError(f"column {column!r} of {self.path!r} holds {_of(kind)} and no dates")
        days = self._cast(column, values, pa.date32(), "a date such as 2020-01-05").cast(pa.int32())
        return [None if day is None else float(day) for day in days.to_pylist()]

    def truths(self, column: str) -> list[float | None]:
        """A column of true and false as 1 and 0, None where it is empty."""
        import pyarrow as pa

        values = self._column(column)
        if pa.types.is_boolean(values.type) or pa.types.is_null(values.type):
            return [None if truth is None else float(truth) for truth in values.to_pylist()]
        if not self.from_csv:
            raise DataValueError(
                f"column {column!r} of {self.path!r} holds {_of(values.type)} and no booleans"
            )
        texts = values.to_pylist()
        for row, text in enumerate(texts, 1):
            if text is not None and text not in _TRUTHS:
                raise self._wrong(column, row, f"{_shown(text)} is neither true nor false")
        return [None if text is None else _TRUTHS[text] for text in texts]

    def texts(self, column: str) -> list[str | None]:
        """A column of labels or texts, None where it is empty."""
        import pyarrow as pa

        values = self._column(column)
        kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
        fits = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind)
        if not fits and not pa.types.is_boolean(kind) and not pa.types.is_null(kind):
            raise DataValueError(f"column {column!r} of {self.path!r} holds {kind} and no labels")
        found: list[str | None]
        if pa.types.is_dictionary(values.type):  # one text may stand in a million rows: it is kept once
            known = values.dictionary.cast(pa.string()).to_pylist()
            found = [None if code is None else known[code] for code in values.indices.to_pylist()]
        else:
            found = values.cast(pa.string()).to_pylist()
        for row, text in enumerate(found, 1):
            if text is not None and len(text) > MOST_CHARACTERS:
                raise self._wrong(column, row, f"a text of {len(text):,} characters is too long")
        return found

    def weights(self, column: str) -> list[float]:
        """A column of weights: none negative or missing, not all zero."""
        found = self.numbers(column)
        for row, weight in enumerate(found, 1):
            if weight is None or weight < 0:
                what = "a weight is missing" if weight is None else f"the weight {weight:g} is negative"
                raise self._wrong(column, row, what)
        known = [weight for weight in found if weight is not None]
        if not sum(known) > 0:
            raise DataValueError(f"the weights in column {column!r} of {self.path!r} are all zero")
        return known

    def _column(self, column: str) -> Any:
        names = self.columns
        if column not in names:
            near = nearest(column, names)
            message = f"{self.path!r} has no column {column!r}"
            raise DataColumnError(message, f"did you mean {near!r}?" if near else listed(names))
        return self.read(column)

    def _cast(self, column: str, values: Any, kind: Any, wanted: str) -> Any:
        import pyarrow as pa

        try:
            return values.cast(kind)
        except pa.ArrowException:
            for row, value in enumerate(values, 1):
                try:
                    value.cast(kind)
                except pa.ArrowException:
                    raise self._wrong(column, row, f"{_shown(value.as_py())} is not {wanted}") from None
            raise DataValueError(f"column {column!r} of {self.path!r} cannot be read as {wanted}") from None

    def _wrong(self, column: str, row: int, what: str) -> DataValueError:
        help = "leave the field empty where a value is missing" if self.from_csv else None
        return DataValueError(f"column {column!r} of {self.path!r}, row {row}: {what}", help)


def _of(kind: Any) -> Any:
    """What an Arrow type holds, also where each text is kept once."""
    return getattr(kind, "value_type", kind)


def _shown(value: Any) -> str:
    text = str(value)
    return repr(text if len(text) <= 40 else text[:39] + "…")


def _csv(path: str, content: bytes) -> DataFile:
    """Every column as text; an empty field is a missing value, and nothing else is."""
    import pyarrow as pa
    import pyarrow.csv

    try:
        head = content[: 1 << 20].decode("utf-8-sig", errors="ignore")
        names = next(csv.reader(io.StringIO(head, newline="")), [])
    except csv.Error as error:
        raise DataFileError(f"{path!r} is not CSV: {error}") from None
    _demand_columns(path, names)
    kinds: Any = {name: pa.string() for name in names}
    options: Any = pyarrow.csv.ConvertOptions(
        column_types=kinds, strings_can_be_null=True, null_values=[""], check_utf8=True
    )
    parsing: Any = pyarrow.csv.ParseOptions(newlines_in_values=True)
    try:
        table = pyarrow.csv.read_csv(pa.BufferReader(content), convert_options=options, parse_options=parsing)
    except pa.ArrowException as error:
        reason = str(error).splitlines()[0].removeprefix("CSV parse error: ")
        raise DataFileError(f"{path!r} is not CSV in UTF-8: {reason[:200]}") from None
    if tuple(table.column_names) != tuple(names):
        raise DataFileError(f"the first line of {path!r} cannot be read as the names of columns")
    _demand_rows(path, table.num_rows)
    return DataFile(
        path, tuple(names), table.num_rows, True, lambda column: table.column(column).combine_chunks()
    )


def _parquet(path: str, content: bytes) -> DataFile:
    """Columns are read one by one, when they are asked for; texts as they are kept, each once."""
    import pyarrow as pa
    import pyarrow.parquet

    def refusal(error: Exception) -> DataFileError:
        return DataFileError(f"{path!r} is not Parquet: {str(error).splitlines()[0][:200]}")

    try:
        schema: Any = pyarrow.parquet.ParquetFile(pa.BufferReader(content)).schema_arrow
        texts = [f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)]
        file: Any = pyarrow.parquet.ParquetFile(pa.BufferReader(content), read_dictionary=texts)
        _demand_columns(path, schema.names)
        _demand_rows(path, file.metadata.num_rows)
    except (pa.ArrowException, OSError) as error:
        raise refusal(error) from None

    def read(column: str) -> Any:
        kind = schema.field(column).type
        if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            raise DataValueError(f"column {column!r} of {path!r} holds {kind}, which no attribute can have")
        try:
            groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
            chunks = [group.column(j) for group in groups for j in range(group.num_columns)]
            size = sum(c.total_uncompressed_size for c in chunks if c.path_in_schema == column)
            if size > 4 * MOST_BYTES:
                raise too_large(path, size)
            return file.read(columns=[column]).column(0).combine_chunks()
        except (pa.ArrowException, OSError) as error:
            raise refusal(error) from None

    return DataFile(path, tuple(schema.names), int(file.metadata.num_rows), False, read)


def _demand_columns(path: str, names: list[str]) -> None:
    if not names:
        raise DataFileError(f"{path!r} is empty", "its first line names the columns")
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise DataColumnError(f"{path!r} has two columns called {twice!r}")


def _demand_rows(path: str, rows: int) -> None:
    if rows == 0:
        raise DataFileError(f"{path!r} has no rows")
    if rows > MOST_ROWS:
        message = f"{path!r} has {rows:,} rows, and at most {MOST_ROWS:,} are read"
        raise DataFileError(message, "keep a sample of the rows, or weights for equal ones")
