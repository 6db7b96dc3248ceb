"""What a published dataset is, and its manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from worldwright.errors import StoreError, UsageError
from worldwright.hashing import digest
from worldwright.store.checksums import Checksums
from worldwright.store.sealed import seal, unseal

MANIFEST = "manifest.json"
_SHOWN = 12
"""Parts that an error lists."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a dataset.

    Attributes:
        name: Its name in the dataset; folders are separated by slashes.
        bytes: Its size.
        sha256: The checksum of its content, in hex.
        rows: How many rows, for a Parquet file.
    """

    name: str
    bytes: int
    sha256: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class Dataset:
    """An immutable set of files, found by key and verified by digest.

    Attributes:
        key: Under which it is found: the digest of what it was made from.
        digest: What it is: the digest of its parts and facts, the same wherever and whenever it is made.
        stage: Which stage made it.
        inputs: What it was made from, plainly.
        parents: Keys of the datasets it was made from.
        path: Its folder.
        parts: Its files by name.
        facts: Small results that belong to it.
        about: When, where and how it was made; says nothing about what it is.
    """

    key: str
    digest: str
    stage: str
    inputs: Mapping[str, Any]
    parents: tuple[str, ...]
    path: Path
    parts: Mapping[str, Part]
    facts: Mapping[str, Any]
    about: Mapping[str, Any]
    checksums: Checksums = field(repr=False, compare=False)

    def file(self, name: str) -> Path:
        """The path of a part, verified; it is not to be written to.

        Raises:
            UsageError: if there is no such part; lists those there are.
            StoreError: if the file is missing or damaged.
        """
        part = self.parts.get(name)
        if part is None:
            raise self._unknown(name)
        path = self.path / part.name
        problem = self.checksums.problem(path, part.bytes, part.sha256)
        if problem:
            raise damaged(path, problem)
        return path

    def parts_of(self, table: str) -> tuple[Part, ...]:
        """The Parquet parts of a table in the order of their rows.

        They are `TABLE.parquet`, or `TABLE/part-00000.parquet` and those that follow it.

        Args:
            table: Its name; `.parquet` may follow it.

        Raises:
            UsageError: if there is no such table; lists the parts there are.
        """
        table = table.removesuffix(".parquet")
        alone = self.parts.get(f"{table}.parquet")
        found = (alone,) if alone else tuple(self._parts_in(table))
        if not found:
            raise self._unknown(table)
        return found

    def table(self, name: str) -> pa.Table:
        """A table, verified.

        Raises:
            UsageError: if there is no such table; lists the parts there are.
            StoreError: if a file is missing or damaged.
        """
        tables: list[pa.Table] = []
        for part in self.parts_of(name):
            with pq.ParquetFile(self.file(part.name)) as file:
                tables.append(file.read())
        return pa.concat_tables(tables)

    def batches(self, name: str, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """A table as tables of a row group each; one at a time in memory, from a part that is verified.

        Args:
            name: The table.
            columns: Those to read; all where it is None.

        Raises:
            UsageError: if there is no such table; lists the parts there are.
            StoreError: if a file is missing or damaged.
        """
        chosen = None if columns is None else list(columns)
        for part in self.parts_of(name):
            with pq.ParquetFile(self.file(part.name)) as file:
                for group in range(file.num_row_groups):
                    yield file.read_row_group(group, columns=chosen)

    def head(self, name: str, rows: int) -> pa.Table:
        """The first rows of a table; only the parts they lie in are verified and read.

        Raises:
            UsageError: if there is no such table; lists the parts there are.
            StoreError: if a file is missing or damaged.
        """
        held = [self.schema(name).empty_table()]
        for table in self.batches(name):
            held.append(table)
            if sum(one.num_rows for one in held) >= rows:
                break
        return pa.concat_tables(held).slice(0, rows)

    def schema(self, name: str) -> pa.Schema:
        """The columns of a table, verified as far as its first part."""
        return pq.read_schema(self.file(self.parts_of(name)[0].name))

    def rows(self, name: str) -> int:
        """How many rows a table has."""
        return sum(part.rows or 0 for part in self.parts_of(name))

    def problems(self) -> list[tuple[Path, str]]:
        """What is wrong with any of the parts, each read as far as its checksum is not remembered."""
        found: list[tuple[Path, str]] = []
        for part in self.parts.values():
            path = self.path / part.name
            problem = self.checksums.problem(path, part.bytes, part.sha256)
            if problem:
                found.append((path, problem))
        return found

    def _parts_in(self, table: str) -> Iterator[Part]:
        for number in count():
            part = self.parts.get(f"{table}/part-{number:05}.parquet")
            if part is None:
                return
            yield part

    def _unknown(self, name: str) -> UsageError:
        return UsageError(
            f"the dataset has no part {name!r}", where=self.key, help=f"it has {_shown(list(self.parts))}"
        )


def _shown(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN]) or 'none'}{more}"


def damaged(path: Path, problem: str) -> StoreError:
    """The error for a file that is not what its manifest says."""
    return StoreError(
        "a stored file is damaged",
        where=str(path),
        why=problem,
        help="`worldwright store verify` lists all damage; what is removed is made again by the next run",
    )


def content_digest(parts: Mapping[str, Part], facts: Mapping[str, Any]) -> str:
    """The digest of what a dataset is: the names, checksums and rows of its parts, and its facts."""
    listed = [[part.name, part.sha256, part.rows] for _, part in sorted(parts.items())]
    try:
        return digest("data", {"parts": listed, "facts": dict(facts)})
    except (TypeError, ValueError) as error:
        raise StoreError("the facts of a dataset cannot be stored", why=str(error)) from error


def measure(folder: Path, checksums: Checksums) -> dict[str, Part]:
    """The parts that lie in a folder, by name and in the order of their names.

    Raises:
        StoreError: if anything but plain files and folders is there, or a file has the manifest's name.
    """
    parts: dict[str, Part] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()) or name == MANIFEST:
            raise StoreError(
                f"{name!r} cannot be a part of a dataset", where=str(folder), why="parts are plain files"
            )
        if path.is_file():
            rows = pq.read_metadata(path).num_rows if path.suffix == ".parquet" else None
            parts[name] = Part(name, path.stat().st_size, checksums.of(path), rows)
    return parts


def manifest(
    key: str,
    stage: str,
    inputs: Mapping[str, Any],
    parents: tuple[str, ...],
    parts: Mapping[str, Part],
    facts: Mapping[str, Any],
    about: Mapping[str, Any],
) -> bytes:
    """The manifest of a dataset, as bytes."""
    listed = [
        {"name": part.name, "bytes": part.bytes, "sha256": part.sha256, "rows": part.rows}
        for part in parts.values()
    ]
    return seal(
        {
            "key": key,
            "digest": content_digest(parts, facts),
            "stage": stage,
            "inputs": dict(inputs),
            "parents": list(parents),
            "parts": listed,
            "facts": dict(facts),
            "about": dict(about),
        }
    )


def load(folder: Path, key: str, checksums: Checksums) -> Dataset:
    """Read the dataset in a folder; its parts are there and have their sizes, but are not read.

    Raises:
        FileNotFoundError: if it has no manifest.
        StoreError: if the manifest is damaged or another's, or a part is missing or has another size.
    """
    dataset = described(unseal(folder / MANIFEST), folder, key, checksums)
    for part in dataset.parts.values():
        path = folder / part.name
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            raise damaged(path, "it is missing") from None
        if size != part.bytes:
            raise damaged(path, f"it has {size} bytes instead of {part.bytes}")
    return dataset


def described(body: Mapping[str, Any], folder: Path, key: str, checksums: Checksums) -> Dataset:
    """The dataset that a manifest describes; nothing but the manifest is looked at.

    Raises:
        StoreError: if the manifest is another's, or names a part that lies outside its folder.
    """
    parts = {part["name"]: Part(**part) for part in body["parts"]}
    if body["key"] != key or body["digest"] != content_digest(parts, body["facts"]):
        raise damaged(folder / MANIFEST, f"it belongs to {body['key']}")
    for name in parts:
        steps = PurePosixPath(name)
        if steps.is_absolute() or ".." in steps.parts or str(steps) != name or name in ("", ".", MANIFEST):
            raise damaged(folder / MANIFEST, f"no part can be called {name!r}")
    return Dataset(
        key=key,
        digest=body["digest"],
        stage=body["stage"],
        inputs=body["inputs"],
        parents=tuple(body["parents"]),
        path=folder,
        parts=parts,
        facts=body["facts"],
        about=body["about"],
        checksums=checksums,
    )
