"""Read-only questions to the catalog, answered only from files whose checksums are right."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from worldwright.errors import StoreError, UsageError
from worldwright.store.attachment import LINK, MEMORY, REBUILD, attached
from worldwright.store.checksums import Checksums
from worldwright.store.datasets import damaged
from worldwright.store.duck import NAME, connection, lock_down

_EXPLAIN = re.compile(r"^\s*EXPLAIN\s+(ANALYZE\s+)?(\([^()]*\)\s*)?", re.IGNORECASE)
_READING = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)

_LISTING = f"""
FROM (
SELECT o.schema_name, o.name, o.kind, coalesce(o.comment, ''),
       list({{'name': c.column_name, 'type': c.data_type, 'comment': coalesce(c.comment, '')}}
            ORDER BY c.column_index)
FROM (
    SELECT schema_name, table_name AS name, 'table' AS kind, comment FROM duckdb_tables()
    WHERE database_name = '{NAME}'
    UNION ALL
    SELECT schema_name, view_name, 'view', comment FROM duckdb_views()
    WHERE database_name = '{NAME}' AND NOT internal
) AS o JOIN duckdb_columns() AS c
    ON c.database_name = '{NAME}' AND c.schema_name = o.schema_name AND c.table_name = o.name
GROUP BY ALL
) AS listed (schema_name, name, kind, comment, columns)
ORDER BY schema_name <> 'main', schema_name, name
"""


def query(
    root: Path, sql: str, *, memory: str = "1GB", most: int | None = None, seconds: float | None = None
) -> pa.Table:
    """The answer to one reading SQL statement.

    The catalog and every file its views reach for this statement are compared with their checksums first,
    unless they are the same files as at an earlier time. The statement can read these files and nothing
    else, has one thread, and cannot change a setting.

    Args:
        root: The store's folder.
        sql: One statement that reads: SELECT, FROM, WITH, DESCRIBE, SUMMARIZE, SHOW, EXPLAIN.
        memory: How much the statement may use, in DuckDB's words.
        most: The first rows alone, so many of them.
        seconds: How long the statement may take.

    Raises:
        UsageError: if the statement is wrong, more than one, would write, or takes too long; lists the tables
            there are.
        StoreError: if there is no catalog of this folder, or a file it would read is damaged.
    """
    checksums = Checksums(root / MEMORY)
    with attached(root, checksums, memory) as opened:
        _check_place(opened, root)
        files = _verified_files(opened, _reached(sql, opened), checksums)
        checksums.remember()
        lock_down(opened, files)
        clock = threading.Timer(seconds, opened.interrupt) if seconds is not None else None
        if clock is not None:
            clock.start()
        try:
            asked = opened.sql(sql)
            return (asked if most is None else asked.limit(most)).to_arrow_table()
        except duckdb.InterruptException as error:
            raise UsageError(
                f"the statement took more than {seconds:g} seconds", help="ask for less, or of fewer rows"
            ) from error
        except duckdb.OutOfMemoryException as error:
            raise UsageError("the statement needs too much memory", why=str(error)) from error
        except duckdb.Error as error:
            raise _mistake(error, opened) from error
        finally:
            if clock is not None:
                clock.cancel()


def tables(root: Path) -> list[dict[str, Any]]:
    """What can be asked for: tables common to all experiments first, then each experiment's schema.

    Returns:
        For each: `table` (as written in SQL), `schema`, `name`, `kind` (table or view), `comment`, and
        `columns`, each with `name`, `type` and `comment`.

    Raises:
        StoreError: if there is no catalog of this folder, or it is damaged.
    """
    checksums = Checksums(root / MEMORY)
    with attached(root, checksums) as opened:
        checksums.remember()
        _check_place(opened, root)
        return _listing(opened)


def _check_place(opened: duckdb.DuckDBPyConnection, root: Path) -> None:
    row = opened.execute("SELECT value FROM about WHERE name = 'root'").fetchone()
    built = row[0] if row else None
    if built != str(root.resolve()):
        raise StoreError(
            "the store has moved since its catalog was built",
            where=str(root / LINK),
            why=f"it was {built}",
            help=REBUILD,
        )


def _reached(sql: str, opened: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """The schemas and tables a statement names, in lower case.

    Read from its parsed tree, in a database without any tables, so that nothing is opened to find them.
    What a tree does not show, such as a file named directly or a table whose name is put together while
    the statement runs, is refused then.
    """
    with connection() as empty:
        lock_down(empty, ())
        try:
            statements = empty.extract_statements(sql)
        except duckdb.Error as error:
            raise _mistake(error, opened) from error
        if len(statements) != 1 or statements[0].type not in _READING:
            raise UsageError(
                "only one statement that reads can be asked",
                why=f"this is {_describe(statement.type.name for statement in statements)}",
                help="use SELECT, FROM, WITH, DESCRIBE, SUMMARIZE or SHOW; a PIVOT needs IN (…)",
            )
        shown = _EXPLAIN.sub("", sql) if statements[0].type == duckdb.StatementType.EXPLAIN else sql
        row = empty.execute("SELECT json_serialize_sql(?::VARCHAR)", [shown]).fetchone()
    return set(_base_tables(json.loads(row[0]))) if row else set()


def _base_tables(tree: Any) -> Iterator[tuple[str, str]]:
    """Schema and name of every table a tree names, in lower case."""
    if isinstance(tree, dict):
        if tree.get("type") == "BASE_TABLE":
            yield (tree["schema_name"] or "main").casefold(), tree["table_name"].casefold()
        tree = list(tree.values())
    if isinstance(tree, list):
        for part in tree:
            yield from _base_tables(part)


def _describe(kinds: Iterable[str]) -> str:
    return " and ".join(kinds) or "nothing"


def _verified_files(
    opened: duckdb.DuckDBPyConnection, reached: set[tuple[str, str]], checksums: Checksums
) -> list[str]:
    rows = opened.execute(
        'SELECT "schema", "view", path, bytes, sha256, problem FROM view_files ORDER BY ALL'
    ).fetchall()
    files: list[str] = []
    for schema, view, path, size, sha256, earlier in rows:
        if (schema.casefold(), view.casefold()) in reached:
            problem = checksums.problem(Path(path), size, sha256) if sha256 else earlier
            if problem:
                raise damaged(Path(path), problem)
            files.append(path)
    return files


def _listing(opened: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    return [
        {
            "table": _written(name) if schema == "main" else f"{_written(schema)}.{_written(name)}",
            "schema": schema,
            "name": name,
            "kind": kind,
            "comment": comment,
            "columns": columns,
        }
        for schema, name, kind, comment, columns in opened.execute(_LISTING).fetchall()
    ]


def _written(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'


def _mistake(error: duckdb.Error, opened: duckdb.DuckDBPyConnection) -> UsageError:
    message = str(error).strip()
    if isinstance(error, duckdb.PermissionException):
        return UsageError(
            "files are read through the catalog's views only", why=message, help=f"there are {_names(opened)}"
        )
    return UsageError(message, help=f"there are {_names(opened)}")


def _names(opened: duckdb.DuckDBPyConnection) -> str:
    return ", ".join(entry["table"] for entry in _listing(opened))
