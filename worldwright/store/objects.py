"""The store: datasets found by key, experiments' versions, and locks, in one folder.

    objects/<tag>/<first two>/<hex>/   a dataset: its parts and, written last, its manifest
    experiments/<name>/<number>.json   the versions of an experiment's result
    staging/                           what is being made; nothing is ever read from here
    locks/                             one file per lock

Data folders are never listed to find data: a key says where a dataset is.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from worldwright.errors import StoreError, UsageError
from worldwright.store import versions
from worldwright.store.checksums import Checksums
from worldwright.store.datasets import MANIFEST, Dataset, content_digest, damaged, load, manifest, measure
from worldwright.store.disk import Disk, disk_errors, make_folders
from worldwright.store.locks import file_lock, shared_lock
from worldwright.store.staging import clean_staging, staging

if TYPE_CHECKING:
    from worldwright.store.mirror import Mirror
    from worldwright.store.verification import Problem

_KEY = re.compile(r"([a-z][a-z0-9_-]*):([0-9a-f]{1,64})")
_TAKEN = (errno.ENOTEMPTY, errno.EEXIST)
_WHOLE = "store.lock"
"""Held together by all who work on experiments, and alone by who removes datasets."""
_PATIENCE = 30.0
"""Seconds to wait for a collection to end."""


class Store:
    """Immutable datasets and numbered versions in one folder on a local disk.

    Readers see a dataset or a version whole or not at all, whatever is killed and whenever; a run that
    was killed can be repeated and gives identical bytes.

    Args:
        root: The folder; made when something is first published.
        clock: Tells the time that is recorded beside datasets and versions.
        host: The machine's name, recorded likewise.
        disk: The operations that change the disk.
        mirror: Where datasets that are not here are fetched from.
    """

    def __init__(
        self,
        root: Path,
        clock: Callable[[], datetime],
        *,
        host: str = "",
        disk: Disk | None = None,
        mirror: Mirror | None = None,
    ) -> None:
        self.root = root.resolve()
        self._clock = clock
        self._host = host
        self._disk = disk or Disk()
        self._mirror = mirror
        self._checksums = Checksums()

    def folder(self, key: str) -> Path:
        """Where the dataset of a key is, or would be.

        Raises:
            UsageError: if `key` is not `tag:hex`.
        """
        match = _KEY.fullmatch(key)
        if match is None:
            raise UsageError(f"{key!r} is not a key", help="a key is a tag, a colon and hexadecimal digits")
        return self.root / "objects" / match[1] / match[2][:2] / match[2]

    def find(self, key: str) -> Dataset | None:
        """The dataset of a key, fetched from the mirror if need be, or None.

        Raises:
            StoreError: if it is damaged, or the mirror does not answer.
        """
        found = self.local(key)
        if found is None and self._mirror is not None:
            return self._mirror.fetch(self, key)
        return found

    def local(self, key: str) -> Dataset | None:
        """The dataset of a key, if it is in this folder, or None.

        Its manifest is verified, and that its parts are there with the right sizes; the content of a part
        is verified when it is read through `Dataset.table` or `Dataset.file`.

        Raises:
            StoreError: if it is damaged.
        """
        folder = self.folder(key)
        try:
            return load(folder, key, self._checksums)
        except FileNotFoundError:
            if folder.exists():
                raise damaged(folder / MANIFEST, "it is missing") from None
            return None

    def get(self, key: str) -> Dataset:
        """The dataset of a key that is known to have been published.

        Raises:
            StoreError: if it is not there, or damaged.
        """
        found = self.find(key)
        if found is None:
            raise StoreError("a dataset is missing", where=key, help="run its experiment again to make it")
        return found

    def publish(
        self,
        key: str,
        *,
        stage: str,
        inputs: Mapping[str, Any],
        write: Callable[[Path], Mapping[str, Any] | None],
        about: Mapping[str, Any] | None = None,
        parents: Sequence[str] = (),
        replace: bool = False,
    ) -> Dataset:
        """Make a dataset and publish it in one step.

        Args:
            key: Under which it will be found.
            stage: Which stage makes it.
            inputs: What it is made from; JSON-like.
            write: Fills an empty folder with files and returns the facts that belong to the result.
            about: Further notes on how it was made, which enter no digest; time and host are added.
            parents: Keys of the datasets it is made from.
            replace: Where there is one of this key that is different or damaged, take its place.

        Returns:
            The dataset; if another process published it meanwhile, that one's, verified.

        Raises:
            StoreError: if the disk refuses, or the one published meanwhile is damaged or different.
        """
        return self._publish(key, stage, inputs, write, about or {}, tuple(parents), replace)

    def get_or_build(
        self,
        key: str,
        *,
        stage: str,
        inputs: Mapping[str, Any],
        write: Callable[[Path], Mapping[str, Any] | None],
        about: Mapping[str, Any] | None = None,
        parents: Sequence[str] = (),
    ) -> tuple[Dataset, bool]:
        """The dataset of a key, made and published if there is none; and whether it was there (a hit)."""
        found = self.find(key)
        if found is not None:
            return found, True
        return self._publish(key, stage, inputs, write, about or {}, tuple(parents)), False

    def receive(self, key: str, fetch: Callable[[Path], bytes]) -> Dataset:
        """Publish a dataset that was made in another store, as it is there.

        Args:
            key: Its key.
            fetch: Fills an empty folder with its parts and returns its manifest.

        Raises:
            StoreError: if what arrived is not what its manifest says, the disk refuses, or there is another
                dataset of this key by now.
        """
        target = self.folder(key)
        with (
            disk_errors("a dataset could not be stored", key),
            staging(self.root, target.name, self._disk) as workshop,
        ):
            content = fetch(workshop)
            self._settle(workshop)
            self._write_manifest(workshop, content)
            arrived = load(workshop, key, self._checksums)
            for path, problem in arrived.problems():
                raise damaged(path, problem)
            return self._move_in(workshop, key, arrived.digest)

    def receive_version(self, experiment: str, number: int, content: bytes) -> None:
        """Add a version that was made in another store, under its number and as it is there.

        Raises:
            StoreError: if the content is damaged, the disk refuses, or another version has the number.
        """
        with disk_errors(f"a version of {experiment} could not be stored", experiment):
            versions.receive(self.root, experiment, number, content, self._disk)

    def discard(self, key: str) -> bool:
        """Remove a dataset, damaged or not, so that the next run makes it again; whether there was one."""
        folder = self.folder(key)
        with disk_errors("a dataset could not be removed", key):
            if not folder.exists():
                return False
            with staging(self.root, "discarded", self._disk) as bin_folder:
                self._disk.rename(folder, bin_folder / "dataset")
        return True

    def clean_staging(self) -> int:
        """Remove what processes that died left half made; returns how many folders."""
        return clean_staging(self.root, self._disk)

    def verify(self) -> list[Problem]:
        """Read everything and list what is damaged or missing; nothing remembered is trusted."""
        from worldwright.store.verification import verify

        return verify(self.root)

    def publish_version(self, experiment: str, record: Mapping[str, Any]) -> int:
        """Make a record the current version of an experiment, unless it already is; returns its number.

        Args:
            experiment: Its name.
            record: JSON-like. Keys of datasets listed under `datasets`, at any depth, are what it stands on.

        Raises:
            StoreError: if the disk refuses or the current version is damaged.
        """
        with disk_errors(f"a version of {experiment} could not be published", experiment):
            return versions.publish(self.root, experiment, record, self._note({}), self._disk)

    def current(self, experiment: str) -> tuple[int, dict[str, Any]] | None:
        """The newest version of an experiment and its record, or None.

        Raises:
            StoreError: if its file is damaged.
        """
        known = versions.numbers(self.root, experiment)
        return (known[-1], versions.read(self.root, experiment, known[-1])) if known else None

    def version(self, experiment: str, number: int) -> dict[str, Any]:
        """The record of one version of an experiment.

        Raises:
            UsageError: if there is none of that number.
            StoreError: if its file is damaged.
        """
        return versions.read(self.root, experiment, number)

    def versions(self, experiment: str) -> list[int]:
        """The numbers of the versions of an experiment, in order."""
        return versions.numbers(self.root, experiment)

    def experiments(self) -> list[str]:
        """The names of the experiments that have a version, sorted."""
        return versions.names(self.root)

    @contextmanager
    def lock(self, name: str, timeout: float = 0.0) -> Generator[None]:
        """Keep other processes from the same work for the length of a block.

        Args:
            name: What is locked, such as an experiment.
            timeout: Seconds to wait for another holder.

        Raises:
            StoreError: if another process holds it; names its process id.
        """
        folder = self.root / "locks"
        with disk_errors(f"{name} could not be locked", name):
            make_folders(self._disk, folder)
        with (
            shared_lock(folder / _WHOLE, "the store", max(timeout, _PATIENCE)),
            file_lock(folder / f"{versions.checked_name(name)}.lock", name, timeout),
        ):
            yield

    @contextmanager
    def together(self) -> Generator[None]:
        """Keep a collection away for the length of a block, and nobody else.

        Raises:
            StoreError: if one is under way and does not end in time.
        """
        folder = self.root / "locks"
        with disk_errors("the store could not be locked", str(self.root)):
            make_folders(self._disk, folder)
        with shared_lock(folder / _WHOLE, "the store", _PATIENCE):
            yield

    @contextmanager
    def alone(self) -> Generator[None]:
        """Keep everybody else from work under a lock for the length of a block.

        Raises:
            StoreError: if somebody is at work.
        """
        folder = self.root / "locks"
        with disk_errors("the store could not be locked", str(self.root)):
            make_folders(self._disk, folder)
        with file_lock(folder / _WHOLE, "the store"):
            yield

    def forget_versions(self, experiment: str, first: int) -> None:
        """Note that what only versions before `first` stand on may be removed; their records stay.

        Raises:
            StoreError: if the disk refuses.
        """
        with disk_errors(f"versions of {experiment} could not be forgotten", experiment):
            versions.forget(self.root, experiment, first, self._disk)

    def _publish(
        self,
        key: str,
        stage: str,
        inputs: Mapping[str, Any],
        write: Callable[[Path], Mapping[str, Any] | None],
        about: Mapping[str, Any],
        parents: tuple[str, ...],
        replace: bool = False,
    ) -> Dataset:
        target = self.folder(key)
        for parent in parents:
            self.folder(parent)
        with (
            disk_errors(f"a dataset of stage {stage} could not be stored", key),
            staging(self.root, target.name, self._disk) as workshop,
        ):
            begun = self._clock()
            facts = write(workshop) or {}
            self._settle(workshop)
            parts = measure(workshop, self._checksums)
            note = self._note({**about, "seconds": (self._clock() - begun).total_seconds()})
            content = manifest(key, stage, inputs, parents, parts, facts, note)
            self._write_manifest(workshop, content)
            return self._move_in(workshop, key, content_digest(parts, facts), replace)

    def _settle(self, workshop: Path) -> None:
        """Make all that lies in a folder read-only, and wait until it is on the medium."""
        for path in sorted(workshop.rglob("*"), reverse=True):
            if path.is_file():
                self._disk.protect(path)
            self._disk.sync(path)

    def _write_manifest(self, workshop: Path, content: bytes) -> None:
        self._disk.write(workshop / MANIFEST, content)
        self._disk.protect(workshop / MANIFEST)
        self._disk.sync(workshop / MANIFEST)
        self._disk.sync(workshop)

    def _move_in(self, workshop: Path, key: str, mine: str, replace: bool = False) -> Dataset:
        """Give a finished folder its name, unless there is another of the same content."""
        target = self.folder(key)
        make_folders(self._disk, target.parent)
        try:
            self._disk.rename(workshop, target)
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
            if not replace or self._holds(key, mine):
                return self._taken(key, mine)
            self.discard(key)
            self._disk.rename(workshop, target)
        self._disk.sync(target.parent)
        return load(target, key, self._checksums)

    def _holds(self, key: str, digest: str) -> bool:
        """Whether the dataset of a key has this digest and is whole."""
        try:
            theirs = load(self.folder(key), key, self._checksums)
        except (StoreError, FileNotFoundError):
            return False
        return theirs.digest == digest and not theirs.problems()

    def _taken(self, key: str, mine: str) -> Dataset:
        theirs = load(self.folder(key), key, self._checksums)
        for path, problem in theirs.problems():
            raise damaged(path, problem)
        if theirs.digest != mine:
            raise StoreError(
                "the same inputs gave two different datasets",
                where=key,
                why=f"{theirs.digest} is published, {mine} was made now",
                help="raise the stage's ALGORITHM if its output changed; else it is not reproducible",
            )
        return theirs

    def _note(self, about: Mapping[str, Any]) -> dict[str, Any]:
        return {"created": self._clock().isoformat(), "host": self._host, **about}
