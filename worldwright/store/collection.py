"""Garbage collection: what no kept version of an experiment stands on is removed, after a grace period.

Takes a store's folder, how many versions to keep and a point in time; removes whole datasets, never parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from worldwright.errors import StoreError, UsageError
from worldwright.store import versions
from worldwright.store.checksums import Checksums
from worldwright.store.datasets import Dataset, load

if TYPE_CHECKING:
    from worldwright.store.objects import Store


@dataclass(frozen=True, slots=True)
class Garbage:
    """A dataset that nothing kept stands on.

    Attributes:
        key: Its key.
        stage: The stage that made it.
        created: When.
        bytes: The size of its parts.
    """

    key: str
    stage: str
    created: datetime
    bytes: int


@dataclass(frozen=True, slots=True)
class Collection:
    """What a collection removes, and what it leaves.

    Attributes:
        garbage: What is removed, by stage and key.
        young: How many more would be, if they were older.
        kept: How many datasets kept versions stand on.
        first: For each experiment, its oldest kept version.
        damaged: Folders that cannot be read and are left to `store verify`.
    """

    garbage: tuple[Garbage, ...]
    young: int
    kept: int
    first: Mapping[str, int]
    damaged: tuple[str, ...]

    @property
    def bytes(self) -> int:
        """What is gained."""
        return sum(item.bytes for item in self.garbage)


def find_garbage(root: Path, keep: int, before: datetime) -> Collection:
    """What a collection would remove.

    Args:
        root: The store's folder.
        keep: How many versions of each experiment are kept, at least 1: the current one and those before it.
        before: Only datasets made earlier than this; a run that was stopped finds its work again until then.

    Raises:
        UsageError: for less than one version.
        StoreError: if a version to be kept cannot be read: then nothing is known to be garbage.
    """
    if keep < 1:
        raise UsageError("at least the current version is kept", help="keep 1 or more versions")
    known: dict[str, Dataset] = {}
    damaged: list[str] = []
    checksums = Checksums()
    for folder in sorted(root.glob("objects/*/*/*")):
        key = f"{folder.parent.parent.name}:{folder.name}"
        try:
            known[key] = load(folder, key, checksums)
        except (StoreError, FileNotFoundError):
            damaged.append(key)
    first = {name: versions.numbers(root, name)[-keep:][0] for name in versions.names(root)}
    kept = _standing(known, _roots(root, first))
    found = [_garbage(dataset) for key, dataset in known.items() if key not in kept]
    old = [item for item in found if item.created < before]
    return Collection(
        tuple(sorted(old, key=lambda item: (item.stage, item.key))),
        len(found) - len(old),
        len(kept & known.keys()),
        first,
        tuple(damaged),
    )


def collect(store: Store, keep: int, before: datetime) -> Collection:
    """Remove garbage, while nobody works on an experiment of the store.

    Raises:
        UsageError: for less than one version.
        StoreError: if the store is in use, a kept version cannot be read, or the disk refuses.
    """
    with store.alone():
        store.clean_staging()  # of an earlier collection that was killed
        found = find_garbage(store.root, keep, before)
        for name, number in found.first.items():
            store.forget_versions(name, number)
        for item in found.garbage:
            store.discard(item.key)
    return found


def _roots(root: Path, first: Mapping[str, int]) -> Iterator[str]:
    for name, oldest in first.items():
        for number in versions.numbers(root, name):
            if number >= oldest:
                yield from versions.keys(versions.read(root, name, number))


def _standing(known: Mapping[str, Dataset], roots: Iterable[str]) -> set[str]:
    """The roots and everything they were made from."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += known[key].parents if key in known else ()
    return found


def _garbage(dataset: Dataset) -> Garbage:
    size = sum(part.bytes for part in dataset.parts.values())
    return Garbage(dataset.key, dataset.stage, datetime.fromisoformat(dataset.about["created"]), size)
