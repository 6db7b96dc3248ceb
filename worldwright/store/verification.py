"""Read everything in a store and compare it with its checksums."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from worldwright.errors import StoreError
from worldwright.store import versions
from worldwright.store.attachment import LINK, attached
from worldwright.store.checksums import Checksums
from worldwright.store.datasets import MANIFEST, Dataset, load


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something in the store that is not as it was written.

    Attributes:
        where: The file or folder, relative to the store's folder.
        what: What is wrong with it.
    """

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def verify(root: Path) -> list[Problem]:
    """Every damaged or missing part of a store, in the order of their places.

    Nothing remembered is trusted: all files are read. Datasets are looked for in their folders, and in
    what other datasets, the versions of experiments and the catalog stand on.
    """
    root = root.resolve()
    checksums = Checksums()
    found: set[Problem] = set()
    known: dict[str, Dataset] = {}
    present: set[str] = set()
    for folder in sorted(root.glob("objects/*/*/*")):
        key = f"{folder.parent.parent.name}:{folder.name}"
        present.add(key)
        try:
            known[key] = load(folder, key, checksums)
        except FileNotFoundError:
            found.add(Problem(_at(root, folder / MANIFEST), "it is missing"))
        except StoreError as error:
            found.add(Problem(_at(root, Path(error.where or folder)), error.why or error.what))
    for dataset in known.values():
        found.update(_dataset_problems(root, dataset))
        found.update(_absent(root, dataset.path / MANIFEST, dataset.parents, present))
    found.update(_version_problems(root, present))
    found.update(_catalog_problems(root, checksums))
    return sorted(found)


def _dataset_problems(root: Path, dataset: Dataset) -> Iterator[Problem]:
    for path, problem in dataset.problems():
        yield Problem(_at(root, path), problem)
    for path in dataset.path.rglob("*"):
        name = path.relative_to(dataset.path).as_posix()
        if not path.is_dir() and name != MANIFEST and name not in dataset.parts:
            yield Problem(_at(root, path), "it is no part of its dataset")


def _absent(root: Path, where: Path, keys: tuple[str, ...], present: set[str]) -> Iterator[Problem]:
    for key in keys:
        if key not in present:
            yield Problem(_at(root, where), f"it stands on {key}, which is missing")


def _version_problems(root: Path, present: set[str]) -> Iterator[Problem]:
    for experiment in versions.names(root):
        numbers = versions.numbers(root, experiment)
        try:
            first = versions.oldest(root, experiment)
        except StoreError as error:
            yield Problem(_at(root, Path(error.where or experiment)), error.why or error.what)
            first = numbers[0]
        for number in sorted({*numbers, *range(first, numbers[-1] + 1)}):
            path = versions.version_path(root, experiment, number)
            if number not in numbers:
                yield Problem(_at(root, path), "it is missing")
                continue
            try:
                record = versions.read(root, experiment, number)
            except StoreError as error:
                yield Problem(_at(root, path), error.why or error.what)
                continue
            if number >= first:
                yield from _absent(root, path, tuple(versions.keys(record)), present)


def _catalog_problems(root: Path, checksums: Checksums) -> Iterator[Problem]:
    if not (root / LINK).is_symlink():
        return
    try:
        with attached(root, checksums) as opened:
            files = opened.execute(
                "SELECT path, bytes, sha256, problem FROM view_files ORDER BY ALL"
            ).fetchall()
    except StoreError as error:
        yield Problem(LINK, error.why or error.what)
        return
    except duckdb.Error as error:
        yield Problem(LINK, str(error))
        return
    for name, size, sha256, earlier in files:
        problem = checksums.problem(Path(name), size, sha256) if sha256 else earlier
        if problem:
            yield Problem(_at(root, Path(name)), problem)


def _at(root: Path, path: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
