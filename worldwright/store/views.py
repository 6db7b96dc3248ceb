"""A view of the catalog: typed columns over explicit lists of Parquet files, or a small table of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from worldwright.errors import StoreError
from worldwright.store.checksums import Checksums
from worldwright.store.datasets import Dataset, Part, load
from worldwright.store.duck import fits, identifier, sql_type, text


@dataclass(frozen=True)
class View:
    """What an experiment's schema shows under one name.

    Attributes:
        files: Parquet parts of datasets in the store, in the order of their rows. With none, no rows.
        schema: The columns, whatever the files hold; a column a file lacks is null there.
        rows: A table to be stored inside the catalog, instead of files.
        comment: What a row is.
        columns: What the columns hold, by name.
        constants: For columns that no file has, the whole number that every row has there.
    """

    files: Sequence[Path] = ()
    schema: pa.Schema | None = None
    rows: pa.Table | None = None
    comment: str = ""
    columns: Mapping[str, str] = field(default_factory=dict[str, str])
    constants: Mapping[str, int] = field(default_factory=dict[str, int])

    def __post_init__(self) -> None:
        if (self.rows is None) == (self.schema is None):
            raise StoreError("a view has either rows or a schema with files")


@dataclass(frozen=True, slots=True)
class Source:
    """A file of a view as it should be, and what was wrong with it when the catalog was built."""

    path: Path
    bytes: int
    sha256: str
    problem: str | None


class Sources:
    """Looks up what the files of views should be, in the manifests of their datasets."""

    def __init__(self, root: Path, checksums: Checksums) -> None:
        self._objects = root / "objects"
        self._checksums = checksums
        self._datasets: dict[Path, Dataset | str] = {}

    def look_up(self, path: Path) -> Source:
        """A file with the checksum of its manifest, read and compared.

        Raises:
            StoreError: if it is not where a dataset's part can be.
        """
        path = path.absolute()
        steps = path.relative_to(self._objects).parts if path.is_relative_to(self._objects) else ()
        if len(steps) < 4 or ".." in steps:
            raise StoreError("a view can only show parts of datasets in this store", where=str(path))
        dataset = self._dataset(self._objects.joinpath(*steps[:3]), f"{steps[0]}:{steps[2]}")
        name = "/".join(steps[3:])
        part = dataset.parts.get(name) if isinstance(dataset, Dataset) else None
        if part is None:
            why = dataset if isinstance(dataset, str) else f"its dataset has no part {name!r}"
            return Source(path, 0, "", why)
        return self._checked(path, part)

    def _checked(self, path: Path, part: Part) -> Source:
        return Source(path, part.bytes, part.sha256, self._checksums.problem(path, part.bytes, part.sha256))

    def _dataset(self, folder: Path, key: str) -> Dataset | str:
        if folder not in self._datasets:
            try:
                self._datasets[folder] = load(folder, key, self._checksums)
            except FileNotFoundError:
                self._datasets[folder] = f"its dataset {key} is missing"
            except StoreError as error:
                self._datasets[folder] = f"{error.where} is damaged"
        return self._datasets[folder]


def select(schema: pa.Schema, sources: Sequence[Source], constants: Mapping[str, int] | None = None) -> str:
    """The SQL of a view over files.

    Files of equal columns are read together, others in branches of their own, every column cast to its
    declared type: DuckDB's own union by name would turn numbers into text where one file differs.
    A damaged file makes an error of this view and of no other.
    """
    for source in sources:
        if source.problem:
            return _refusal(schema, f"{source.path}: {source.problem}")
    groups: dict[tuple[tuple[str, Any], ...], list[Path]] = {}
    for source in sources:
        stored = pq.read_schema(source.path)
        kinds = {name: stored.field(name).type for name in stored.names}
        for column in schema:
            kind = kinds.get(column.name)
            if kind is not None and not fits(kind, column.type):
                return _refusal(schema, f"{source.path}: {column.name} is {kind} and not {column.type}")
        shape = tuple((column.name, kinds.get(column.name)) for column in schema)
        groups.setdefault(shape, []).append(source.path)
    if not groups:
        return _empty(schema)
    branches = (_branch(schema, shape, paths, constants or {}) for shape, paths in groups.items())
    return "\nUNION ALL\n".join(branches)


def _branch(
    schema: pa.Schema,
    shape: tuple[tuple[str, Any], ...],
    paths: list[Path],
    constants: Mapping[str, int],
) -> str:
    present = {name for name, kind in shape if kind is not None}
    columns = [
        _cast(
            identifier(column.name) if column.name in present else str(constants.get(column.name, "NULL")),
            column,
        )
        for column in schema
    ]
    files = ", ".join(text(str(path)) for path in paths)
    return f"SELECT {', '.join(columns)} FROM read_parquet([{files}])"


def _cast(value: str, column: pa.Field) -> str:
    return f"CAST({value} AS {sql_type(column.type)}) AS {identifier(column.name)}"


def _empty(schema: pa.Schema) -> str:
    return f"SELECT {', '.join(_cast('NULL', column) for column in schema)} WHERE false"


def _refusal(schema: pa.Schema, problem: str) -> str:
    columns = ", ".join(_cast("NULL", column) for column in schema)
    return f"SELECT {columns} FROM (SELECT error({text(problem)}) AS refusal) WHERE refusal IS NOT NULL"
