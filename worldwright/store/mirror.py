"""The mirror: immutable datasets and versions in an object store, brought there and back whole or not at all.

    parts/<first two>/<sha256>         the bytes of a part; two datasets with the same part share it
    objects/<tag>/<first two>/<hex>    a dataset's manifest, put there after its parts and its ancestors
    experiments/<name>/<number>.json   a version, put there after all it stands on

So nothing is ever changed, what is begun again goes on where it stopped, and of two who push at once both are
right. A name with content of its own is put there only if it is free.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

from worldwright.errors import StoreError
from worldwright.store.checksums import Checksums
from worldwright.store.datasets import MANIFEST, Dataset, Part, described
from worldwright.store.remote import Remote
from worldwright.store.sealed import unseal_bytes

if TYPE_CHECKING:
    from worldwright.store.objects import Store

Progress = Callable[[int, int], None]
"""Told how many datasets are done, and of how many."""
_THREADS = 8
_LARGE = 1 << 20
"""Bytes from which a part is looked for before it is sent."""


class Mirror:
    """A mirror of stores, opened when it is first used.

    Args:
        address: Such as `s3://bucket/folder`.
        endpoint: The URL of a store that is not Amazon's.
        retries: How often a request that failed on its way is tried again.
    """

    def __init__(self, address: str, endpoint: str | None = None, retries: int = 5) -> None:
        self.address = address.rstrip("/")
        self._endpoint, self._retries = endpoint, retries
        self._opened: Remote | None = None

    @property
    def remote(self) -> Remote:
        """The folder in the object store.

        Raises:
            UsageError: if there is no such address, or obstore is not installed.
        """
        if self._opened is None:
            self._opened = Remote(self.address, self._endpoint, self._retries)
        return self._opened

    def fetch(self, store: Store, key: str) -> Dataset | None:
        """Bring a dataset, and all it was made from, into a store; None if the mirror does not have it.

        Raises:
            StoreError: if it arrives damaged, or the mirror does not answer.
        """
        store.folder(key)
        if self.remote.read(manifest_name(key)) is None:
            return None
        with store.together():
            self.bring(store, self.wanted(store, [key]))
        return store.local(key)

    def wanted(self, store: Store, roots: Iterable[str]) -> dict[str, Dataset]:
        """The datasets that are needed for some keys and not in a store, as their manifests describe them.

        Raises:
            StoreError: if the mirror lacks one of them, or a manifest is damaged.
        """

        def look(key: str) -> tuple[Dataset, bool]:
            here = store.local(key)
            return (self._manifest(store, key), True) if here is None else (here, False)

        found: dict[str, Dataset] = {}
        waiting, seen = list(dict.fromkeys(roots)), set[str]()
        with ThreadPoolExecutor(_THREADS) as pool:
            while waiting:
                seen.update(waiting)
                batch = list(pool.map(look, waiting))
                found |= {dataset.key: dataset for dataset, absent in batch if absent}
                parents = (parent for dataset, _ in batch for parent in dataset.parents)
                waiting = [parent for parent in dict.fromkeys(parents) if parent not in seen]
        return found

    def bring(self, store: Store, wanted: Mapping[str, Dataset], progress: Progress | None = None) -> None:
        """Publish datasets of the mirror in a store, each after its ancestors and verified on arrival.

        Raises:
            StoreError: if something arrives damaged; what arrived before it stays, and is whole.
        """

        def one(key: str) -> None:
            store.receive(key, lambda folder: self._download(wanted[key], folder))

        _in_order(wanted, one, progress)

    def present(self, keys: Iterable[str]) -> set[str]:
        """Those of some keys that the mirror has."""
        asked = set(keys)
        tags = {key.split(":")[0] for key in asked}
        names = (name for tag in tags for name in self.remote.names(f"objects/{tag}"))
        return asked & {f"{name.split('/')[1]}:{name.split('/')[-1]}" for name in names}

    def send(
        self, datasets: Mapping[str, Dataset], progress: Progress | None = None, again: bool = False
    ) -> None:
        """Put datasets into the mirror, each after its ancestors; their files are verified first.

        Args:
            datasets: By key.
            progress: Told how far it is.
            again: Put all of them there anew, over what may be damaged.

        Raises:
            StoreError: if a file is damaged, or the mirror has another dataset of a key.
        """
        _in_order(datasets, lambda key: self._send(datasets[key], again), progress)

    def refuse_others(self, datasets: Mapping[str, Dataset]) -> None:
        """Make sure that the mirror has these datasets and not others of their keys.

        Raises:
            StoreError: if it has others: two machines made different results of the same inputs.
        """
        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(self._refuse_other, datasets.values()))

    def _refuse_other(self, mine: Dataset) -> None:
        content = self.remote.read(manifest_name(mine.key))
        theirs = None if content is None else self._described(content, mine.path, mine.key).digest
        if theirs is not None and theirs != mine.digest:
            raise StoreError(
                "the same inputs gave two different datasets",
                where=mine.key,
                why=f"the mirror has {theirs}, this store has {mine.digest}",
                help="were they made with different library versions? keep a mirror for each of them",
            )

    def _send(self, dataset: Dataset, again: bool) -> None:
        for part in dataset.parts.values():
            file, name = dataset.file(part.name), part_name(part)
            if again or part.bytes < _LARGE or self.remote.size(name) != part.bytes:
                self.remote.upload(name, file)
        content = (dataset.path / MANIFEST).read_bytes()
        self._described(content, dataset.path, dataset.key)
        if again:
            self.remote.replace(manifest_name(dataset.key), content)
        elif not self.remote.create(manifest_name(dataset.key), content):
            self._refuse_other(dataset)

    def _manifest(self, store: Store, key: str) -> Dataset:
        folder, name = store.folder(key), manifest_name(key)
        content = self.remote.read(name)
        if content is None:
            raise StoreError(
                "the mirror is incomplete",
                where=self.remote.at(name),
                why="something in it stands on this dataset, which it does not have",
                help="push again, with --again, from a store that has it",
            )
        return self._described(content, folder, key)

    def _described(self, content: bytes, folder: Path, key: str) -> Dataset:
        where = self.remote.at(manifest_name(key))
        try:
            return described(unseal_bytes(content, where), folder, key, Checksums())
        except StoreError as error:
            raise _arrived_damaged(where, error.why or error.what) from error

    def _download(self, dataset: Dataset, folder: Path) -> bytes:
        """Write the parts of a dataset into a folder; its manifest."""
        checksums = Checksums()
        for part in dataset.parts.values():
            path = folder / part.name
            path.parent.mkdir(parents=True, exist_ok=True)
            self.remote.download(part_name(part), path)
            problem = checksums.problem(path, part.bytes, part.sha256)
            if problem:
                raise _arrived_damaged(self.remote.at(part_name(part)), problem)
        content = self.remote.read(manifest_name(dataset.key))
        if content is None:
            raise _arrived_damaged(self.remote.at(manifest_name(dataset.key)), "it has gone")
        return content


def manifest_name(key: str) -> str:
    """Where the mirror has the manifest of a dataset."""
    tag, name = key.split(":")
    return f"objects/{tag}/{name[:2]}/{name}"


def part_name(part: Part) -> str:
    """Where the mirror has the bytes of a part."""
    return f"parts/{part.sha256[:2]}/{part.sha256}"


def version_name(experiment: str, number: int) -> str:
    """Where the mirror has a version."""
    return f"experiments/{experiment}/{number:06d}.json"


def _in_order(
    datasets: Mapping[str, Dataset], work: Callable[[str], None], progress: Progress | None
) -> None:
    """Work on datasets, several at once, none before those of its parents that are among them."""
    order = TopologicalSorter(
        {
            key: [parent for parent in dataset.parents if parent in datasets]
            for key, dataset in datasets.items()
        }
    )
    try:
        order.prepare()
    except CycleError:
        raise StoreError(
            "datasets are made from each other in a circle", where=next(iter(datasets))
        ) from None
    done = 0
    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            while order.is_active():
                ready = order.get_ready()
                for _ in pool.map(work, ready):
                    done += 1
                    if progress is not None:
                        progress(done, len(datasets))
                order.done(*ready)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _arrived_damaged(where: str, problem: str) -> StoreError:
    return StoreError(
        "what the mirror has is damaged",
        where=where,
        why=problem,
        help="nothing of it was kept; push again, with --again, from a store that has it whole",
    )
