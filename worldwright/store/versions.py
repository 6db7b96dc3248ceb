"""The numbered versions of an experiment's result.

Each is a finished file that gets its number by link(2), which refuses a taken name: of many writers
exactly one wins each number, and a kill leaves a whole version or none. Unlike data, versions are found
by listing their folder, which holds nothing else and to which nothing is ever half added.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from worldwright.errors import StoreError, UsageError
from worldwright.hashing import canonical
from worldwright.store.disk import Disk, make_folders
from worldwright.store.sealed import seal, unseal, unseal_bytes
from worldwright.store.staging import staging

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_FILE = re.compile(r"(\d{6,})\.json")


def checked_name(name: str) -> str:
    """The name of an experiment, if it can be one.

    Raises:
        UsageError: if it is not letters, digits, hyphens and underscores, at most a hundred.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be the name of an experiment",
            help="use letters, digits, hyphens and underscores",
        )
    return name


def names(root: Path) -> list[str]:
    """The experiments that have a version, sorted."""
    base = root / "experiments"
    if not base.is_dir():
        return []
    return sorted(
        entry.name for entry in base.iterdir() if _NAME.fullmatch(entry.name) and numbers(root, entry.name)
    )


def numbers(root: Path, experiment: str) -> list[int]:
    """The numbers of the versions of an experiment, in order."""
    folder = root / "experiments" / checked_name(experiment)
    if not folder.is_dir():
        return []
    found = (number_of(entry.name) for entry in folder.iterdir())
    return sorted(number for number in found if number is not None)


def number_of(file: str) -> int | None:
    """The number of the version that a file of this name is, or None if it is none."""
    match = _FILE.fullmatch(file)
    return int(match[1]) if match else None


def version_path(root: Path, experiment: str, number: int) -> Path:
    """The file of a version."""
    return root / "experiments" / checked_name(experiment) / f"{number:06d}.json"


def read(root: Path, experiment: str, number: int) -> dict[str, Any]:
    """The record of a version.

    Raises:
        UsageError: if there is no such version.
        StoreError: if its file is damaged.
    """
    path = version_path(root, experiment, number)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"{experiment} has no version {number}") from None
    return record_of(content, experiment, number, str(path))


def record_of(content: bytes, experiment: str, number: int, where: str) -> dict[str, Any]:
    """The record in the content of a version's file, from wherever it came.

    Raises:
        StoreError: if it is damaged, or another version.
    """
    body = unseal_bytes(content, where)
    if (body["experiment"], body["version"]) != (experiment, number):
        raise StoreError(
            "the file is damaged", where=where, why=f"it is version {body['version']} of {body['experiment']}"
        )
    return body["record"]


def publish(
    root: Path, experiment: str, record: Mapping[str, Any], about: Mapping[str, Any], disk: Disk
) -> int:
    """Make a record the current version, unless it already is; returns its number."""
    wanted = canonical(dict(record))
    folder = root / "experiments" / checked_name(experiment)
    make_folders(disk, folder)
    with staging(root, f"version-{experiment}", disk) as workshop:
        while True:
            latest = max(numbers(root, experiment), default=0)
            if latest and canonical(read(root, experiment, latest)) == wanted:
                return latest
            number = latest + 1
            body = {"experiment": experiment, "version": number, "record": dict(record), "about": dict(about)}
            draft = _drafted(workshop, number, seal(body), disk)
            try:
                disk.link(draft, version_path(root, experiment, number))
            except FileExistsError:
                continue  # another writer won this number; its content may be ours
            disk.sync(folder)
            return number


def receive(root: Path, experiment: str, number: int, content: bytes, disk: Disk) -> None:
    """Add a version as another store has it; one of the same record may be there already.

    Raises:
        StoreError: if the content is damaged, or the number is taken by another record.
    """
    record = record_of(content, experiment, number, f"{experiment}, version {number}")
    folder = root / "experiments" / checked_name(experiment)
    make_folders(disk, folder)
    with staging(root, f"version-{experiment}", disk) as workshop:
        draft = _drafted(workshop, number, content, disk)
        try:
            disk.link(draft, version_path(root, experiment, number))
        except FileExistsError:
            if canonical(read(root, experiment, number)) != canonical(record):
                raise StoreError(
                    f"there is another version {number} of {experiment} by now",
                    where=str(version_path(root, experiment, number)),
                    why="a version is never overwritten",
                    help="try again: the difference is explained then",
                ) from None
        disk.sync(folder)


def _drafted(workshop: Path, number: int, content: bytes, disk: Disk) -> Path:
    draft = workshop / f"{number}.json"
    disk.write(draft, content)
    disk.protect(draft)
    disk.sync(draft)
    return draft


def keys(record: Mapping[str, Any]) -> Iterator[str]:
    """The keys of the datasets that a version stands on."""
    yield from _listed(record.get("datasets"))


def digests(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The keys of the datasets that a version stands on, with their digests, where it tells them."""
    waiting: list[Any] = [record.get("datasets")]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            if "key" in value and "digest" in value:
                yield value["key"], value["digest"]
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _listed(value: Any) -> Iterator[str]:
    """The keys in what a version lists under `datasets`: texts, or entries with a `key`."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _listed(value["key"] if "key" in value else list(value.values()))
    elif isinstance(value, list):
        for item in value:
            yield from _listed(item)


def oldest(root: Path, experiment: str) -> int:
    """The oldest version whose datasets are kept; of those before it only the records are.

    Raises:
        StoreError: if the file that says so is damaged.
    """
    try:
        return int(unseal(_mark(root, experiment))["first"])
    except FileNotFoundError:
        return 1


def forget(root: Path, experiment: str, first: int, disk: Disk) -> None:
    """Note that datasets of the versions before `first` may be removed."""
    if first <= oldest(root, experiment):
        return
    with staging(root, f"versions-{experiment}", disk) as workshop:
        draft = workshop / "first.json"
        disk.write(draft, seal({"experiment": experiment, "first": first}))
        disk.sync(draft)
        disk.rename(draft, _mark(root, experiment))
        disk.sync(_mark(root, experiment).parent)


def _mark(root: Path, experiment: str) -> Path:
    return root / "experiments" / checked_name(experiment) / "kept-from.json"
