"""How the store talks to DuckDB: quoted names and texts, SQL types of Arrow's, connections with limits.

Aggregates of floating-point numbers in DuckDB depend on the number of threads (measured), so that every
connection here has one: the same question has the same answer.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from worldwright.errors import StoreError

NAME = "catalog"
"""What the catalog's database is called in SQL."""
_SIMPLE = {
    pa.bool_(): "BOOLEAN",
    pa.int8(): "TINYINT",
    pa.int16(): "SMALLINT",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.uint8(): "UTINYINT",
    pa.uint16(): "USMALLINT",
    pa.uint32(): "UINTEGER",
    pa.uint64(): "UBIGINT",
    pa.float32(): "FLOAT",
    pa.float64(): "DOUBLE",
    pa.string(): "VARCHAR",
    pa.large_string(): "VARCHAR",
    pa.binary(): "BLOB",
    pa.date32(): "DATE",
    pa.null(): "VARCHAR",
}


def identifier(name: str) -> str:
    """A name in SQL, whatever it holds.

    Raises:
        StoreError: if it is empty or holds a NUL.
    """
    if not name or "\0" in name:
        raise StoreError(f"{name!r} cannot be a name in the catalog")
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text in SQL, whatever it holds but a NUL."""
    return "'" + value.replace("\0", "�").replace("'", "''") + "'"


def sql_type(kind: pa.DataType) -> str:
    """The DuckDB type of an Arrow type; categories are their text.

    Raises:
        StoreError: for a type no table of the catalog has.
    """
    if pa.types.is_dictionary(kind):
        return sql_type(kind.value_type)
    if pa.types.is_timestamp(kind):
        return "TIMESTAMPTZ" if kind.tz else "TIMESTAMP"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return sql_type(kind.value_type) + "[]"
    if kind not in _SIMPLE:
        raise StoreError(f"columns of type {kind} cannot be in the catalog")
    return _SIMPLE[kind]


def fits(stored: pa.DataType, declared: pa.DataType) -> bool:
    """Whether every value of a stored column is one of the declared type without loss."""
    if pa.types.is_null(stored) or sql_type(stored) == sql_type(declared):
        return True
    if pa.types.is_integer(stored) and pa.types.is_integer(declared):
        wider = declared.bit_width > stored.bit_width
        return wider and (pa.types.is_signed_integer(declared) or pa.types.is_unsigned_integer(stored))
    return pa.types.is_float32(stored) and pa.types.is_float64(declared)


@contextmanager
def connection(memory: str = "1GB") -> Generator[duckdb.DuckDBPyConnection]:
    """A fresh DuckDB in memory: one thread, bounded memory, no temporary files, no extensions.

    Each is an instance of its own, so that none sees a file that another still holds open under its name.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "memory_limit": memory,
        "temp_directory": "",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
    }
    with duckdb.connect(":memory:", config=settings) as opened:
        yield opened


@contextmanager
def reading(path: Path, memory: str = "1GB") -> Generator[duckdb.DuckDBPyConnection]:
    """A connection in which a catalog file is attached for reading only, and is the default database.

    Raises:
        duckdb.Error: if it is not a whole DuckDB file.
    """
    with connection(memory) as opened:
        opened.execute(f"ATTACH {text(str(path))} AS {NAME} (READ_ONLY)")
        opened.execute(f"USE {NAME}")
        yield opened


def lock_down(opened: duckdb.DuckDBPyConnection, files: Iterable[str]) -> None:
    """Let a connection read these files and nothing else, for good."""
    listed = ", ".join(text(file) for file in files)
    opened.execute(f"SET allowed_paths = [{listed}]")
    opened.execute("SET enable_external_access = false")
    opened.execute("SET lock_configuration = true")
