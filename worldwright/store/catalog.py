"""`catalog.duckdb`: what the store holds, as tables for analysts.

It is a symbolic link to `catalog-N.duckdb`, a finished, read-only file; a new one is built aside and the
link swapped, so that readers keep what they opened. A writer who opened it and crashed leaves a
write-ahead log beside the file it opened, which no later catalog is named like.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import struct
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from worldwright.errors import StoreError
from worldwright.hashing import file_digest
from worldwright.store.attachment import LINK, MEMORY, attached, seal_of
from worldwright.store.checksums import Checksums
from worldwright.store.datasets import damaged
from worldwright.store.disk import Disk, disk_errors, make_folders
from worldwright.store.duck import NAME, connection, identifier, sql_type, text
from worldwright.store.locks import file_lock
from worldwright.store.sealed import seal
from worldwright.store.staging import staging
from worldwright.store.views import Source, Sources, View, select

_FORMAT = 1
_FILE = re.compile(r"catalog-(\d+)\.duckdb")
_RESERVED = {"main", "temp", "system", "information_schema", "pg_catalog"}
_FLOCK = "hhqqi"
"""`struct flock` on 64-bit Linux: type, whence, start, length, process."""
_FILES = pa.schema(
    [
        pa.field("schema", pa.string()),
        pa.field("view", pa.string()),
        pa.field("position", pa.int64()),
        pa.field("path", pa.string()),
        pa.field("bytes", pa.int64()),
        pa.field("sha256", pa.string()),
        pa.field("problem", pa.string()),
    ]
)
_OWN_COMMENTS = {
    "about": ("what this catalog is", {"name": "which fact", "value": "the fact, as text"}),
    "view_files": (
        "the files each view reads",
        {
            "schema": "the experiment's schema",
            "view": "the view in it",
            "position": "the file's place in the view, from 0",
            "path": "where the file is",
            "bytes": "its size",
            "sha256": "its checksum",
            "problem": "what was wrong with it when the catalog was built; null if nothing",
        },
    ),
}


def schema_name(experiment: str) -> str:
    """The schema of an experiment: its name with underscores for hyphens."""
    name = experiment.replace("-", "_")
    return f"{name}_" if name.casefold() in _RESERVED else name


def build_catalog(
    root: Path,
    *,
    tables: Mapping[str, pa.Table],
    views: Mapping[str, Mapping[str, View]],
    stamp: Mapping[str, Any] | None = None,
    comments: Mapping[str, tuple[str, Mapping[str, str]]] | None = None,
    view_comments: Mapping[str, str] | None = None,
    disk: Disk | None = None,
    timeout: float = 60.0,
) -> Path:
    """Build the catalog and make it the current one.

    Equal arguments over an equal store give equal tables, row by row.

    Args:
        root: The store's folder.
        tables: Small tables by name, stored inside. `about` and `view_files` are the catalog's own.
        views: For each experiment, its views by name; the schema is named by `schema_name`.
        stamp: What this is a catalog of, JSON-like; see `needs_rebuild`.
        comments: For each table, what a row is and what its columns hold.
        view_comments: What a row is in views of this name, where a view does not say it itself.
        disk: The operations that change the disk.
        timeout: Seconds to wait for another process that builds.

    Returns:
        The link by which the catalog is opened.

    Raises:
        StoreError: if names collide, the disk refuses, or another process builds for too long.
    """
    root, disk = root.resolve(), disk or Disk()
    schemas = _schemas(views)
    for name in ("about", "view_files"):
        if name in tables:
            raise StoreError(f"the table {name!r} is the catalog's own")
    with disk_errors("the catalog could not be built", str(root / LINK)):
        make_folders(disk, root / "locks")
        with (
            file_lock(root / "locks" / "catalog.lock", "the catalog", timeout),
            staging(root, "catalog", disk) as workshop,
        ):
            checksums = Checksums(root / MEMORY)
            sources = _sources(root, schemas, checksums)
            checksums.remember()
            draft = workshop / "draft.duckdb"
            inside = {**tables, "about": _about(root, stamp or {}), "view_files": _file_table(sources)}
            try:
                _fill(
                    draft,
                    inside,
                    schemas,
                    sources,
                    {**(comments or {}), **_OWN_COMMENTS},
                    view_comments or {},
                )
            except duckdb.Error as error:
                raise StoreError(
                    "the catalog could not be built", where=str(root / LINK), why=str(error)
                ) from error
            return _swap(root, draft, workshop, disk)


def export_file(
    root: Path,
    out: Path,
    *,
    tables: Mapping[str, pa.Table],
    views: Mapping[str, Mapping[str, View]],
    comments: Mapping[str, tuple[str, Mapping[str, str]]] | None = None,
    view_comments: Mapping[str, str] | None = None,
) -> None:
    """Write one DuckDB file that needs nothing else: as the catalog, with tables in place of views.

    It is finished beside `out` and then takes that name, whatever was there before. The arguments are those
    of `build_catalog`.

    Raises:
        StoreError: if a file it reads is damaged, or the disk refuses; nothing is left then.
    """
    schemas = _schemas(views)
    checksums = Checksums(root / MEMORY)
    sources = _sources(root.resolve(), schemas, checksums)
    for source in (source for listed in sources.values() for source in listed):
        if source.problem:
            raise damaged(source.path, source.problem)
    draft = out.with_name(f".{out.name}.{os.getpid()}.draft")
    with disk_errors("the file could not be written", str(out)):
        try:
            draft.unlink(missing_ok=True)
            _fill(draft, tables, schemas, sources, comments or {}, view_comments or {}, plain=True)
            draft.replace(out)
        except duckdb.Error as error:
            raise StoreError("the file could not be written", where=str(out), why=str(error)) from error
        finally:
            draft.unlink(missing_ok=True)


def needs_rebuild(root: Path, stamp: Mapping[str, Any] | None = None) -> bool:
    """Whether there is no whole catalog of this folder, or it is of something else than `stamp`."""
    try:
        with attached(root, Checksums(root / MEMORY)) as opened:
            about = dict(opened.execute("SELECT name, value FROM about").fetchall())
    except (StoreError, duckdb.Error):
        return True
    wanted = _about(root.resolve(), stamp or {}).to_pydict()
    return about != dict(zip(wanted["name"], wanted["value"], strict=True))


def _numbered(root: Path) -> dict[int, Path]:
    """The catalog files there are, by number."""
    return {int(match[1]): path for path in root.iterdir() if (match := _FILE.fullmatch(path.name))}


def _schemas(views: Mapping[str, Mapping[str, View]]) -> dict[str, Mapping[str, View]]:
    schemas: dict[str, Mapping[str, View]] = {}
    owners: dict[str, str] = {}
    for experiment, content in views.items():
        name = schema_name(experiment)
        other = owners.setdefault(name.casefold(), experiment)
        if other != experiment:
            raise StoreError(
                f"the experiments {other} and {experiment} would share the schema {name}",
                help="rename one of them",
            )
        schemas[name] = content
    return schemas


def _sources(
    root: Path, schemas: Mapping[str, Mapping[str, View]], checksums: Checksums
) -> dict[tuple[str, str], list[Source]]:
    lookup = Sources(root, checksums)
    return {
        (schema, name): [lookup.look_up(path) for path in view.files]
        for schema, views in schemas.items()
        for name, view in views.items()
        if view.schema is not None
    }


def _about(root: Path, stamp: Mapping[str, Any]) -> pa.Table:
    facts = {
        "root": str(root),
        "format": str(_FORMAT),
        "duckdb": duckdb.__version__,
        "stamp": json.dumps(stamp, sort_keys=True, ensure_ascii=False),
    }
    return pa.table({"name": list(facts), "value": list(facts.values())})


def _file_table(sources: Mapping[tuple[str, str], list[Source]]) -> pa.Table:
    rows = [
        (schema, view, position, str(source.path), source.bytes, source.sha256, source.problem)
        for (schema, view), listed in sources.items()
        for position, source in enumerate(listed)
    ]
    return pa.Table.from_pylist([dict(zip(_FILES.names, row, strict=True)) for row in rows], schema=_FILES)


def _fill(
    draft: Path,
    tables: Mapping[str, pa.Table],
    schemas: Mapping[str, Mapping[str, View]],
    sources: Mapping[tuple[str, str], list[Source]],
    comments: Mapping[str, tuple[str, Mapping[str, str]]],
    view_comments: Mapping[str, str],
    *,
    plain: bool = False,
) -> None:
    """Fill a new database; with `plain`, the rows of views are copied into tables."""
    kind = "TABLE" if plain else "VIEW"
    with connection() as opened:
        opened.execute(f"ATTACH {text(str(draft))} AS {NAME} (STORAGE_VERSION 'v1.0.0')")
        for name, table in tables.items():
            what, columns = comments.get(name, ("", {}))
            _insert(opened, "main", name, table)
            _comment(opened, "TABLE", "main", name, what, columns, table.schema)
        for schema, views in schemas.items():
            opened.execute(f"CREATE SCHEMA {NAME}.{identifier(schema)}")
            for name, view in views.items():
                what = view.comment or view_comments.get(name, "")
                if view.rows is not None:
                    _insert(opened, schema, name, view.rows)
                    _comment(opened, "TABLE", schema, name, what, view.columns, view.rows.schema)
                else:
                    query = select(view.schema, sources[schema, name], view.constants)
                    opened.execute(f"CREATE {kind} {_full(schema, name)} AS {query}")
                    _comment(opened, kind, schema, name, what, view.columns, view.schema)
        opened.execute(f"CHECKPOINT {NAME}")
        opened.execute(f"DETACH {NAME}")
    if draft.with_name(draft.name + ".wal").exists():
        raise StoreError("the catalog was not finished", where=str(draft), why="a write-ahead log is left")


def _full(schema: str, name: str) -> str:
    return f"{NAME}.{identifier(schema)}.{identifier(name)}"


def _insert(opened: duckdb.DuckDBPyConnection, schema: str, name: str, table: pa.Table) -> None:
    columns = ", ".join(f"{identifier(column.name)} {sql_type(column.type)}" for column in table.schema)
    opened.execute(f"CREATE TABLE {_full(schema, name)} ({columns})")
    opened.register("incoming", table)
    opened.execute(f"INSERT INTO {_full(schema, name)} SELECT * FROM incoming")
    opened.unregister("incoming")


def _comment(
    opened: duckdb.DuckDBPyConnection,
    kind: str,
    schema: str,
    name: str,
    what: str,
    columns: Mapping[str, str],
    known: pa.Schema,
) -> None:
    if what:
        opened.execute(f"COMMENT ON {kind} {_full(schema, name)} IS {text(what)}")
    for column, meaning in columns.items():
        if column in known.names and meaning:
            opened.execute(f"COMMENT ON COLUMN {_full(schema, name)}.{identifier(column)} IS {text(meaning)}")


def _swap(root: Path, draft: Path, workshop: Path, disk: Disk) -> Path:
    """Name the finished draft and point the link at it, then remove what neither it nor its forerunner is."""
    disk.protect(draft)
    disk.sync(draft)
    taken = _numbered(root)
    target = root / f"catalog-{max(taken, default=0) + 1}.duckdb"
    content = seal({"bytes": draft.stat().st_size, "sha256": file_digest(draft)})
    disk.write(workshop / "seal.json", content)
    disk.protect(workshop / "seal.json")
    disk.sync(workshop / "seal.json")
    disk.rename(workshop / "seal.json", seal_of(target))
    disk.rename(draft, target)
    disk.sync(root)
    link = root / LINK
    before = link.readlink().name if link.is_symlink() else None
    disk.point(workshop / "link", target.name)
    disk.rename(workshop / "link", link)
    disk.sync(root)
    for old in taken.values():
        if old.name != before and not _open_somewhere(old):
            with contextlib.suppress(OSError):  # the next build removes it
                for path in (old, seal_of(old), old.with_name(old.name + ".wal")):
                    disk.remove(path)
    return link


def _open_somewhere(path: Path) -> bool:
    """Whether another process has the file open through DuckDB, which locks what it reads.

    Asked on Linux only; elsewhere too an open file outlives its name.
    """
    if sys.platform != "linux":
        return False
    asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    try:
        with path.open("rb") as file:
            kind: int = struct.unpack(_FLOCK, fcntl.fcntl(file, fcntl.F_GETLK, asked))[0]
    except OSError:
        return False
    return kind != fcntl.F_UNLCK
