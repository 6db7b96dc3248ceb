"""The operations by which the store changes a disk, gathered so that tests can fail each of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from worldwright.errors import StoreError


class Disk:
    """The real disk. Every change the store makes goes through one of these, in a fixed order."""

    def make_folder(self, path: Path) -> None:
        """Make a folder whose parent exists.

        Raises:
            FileExistsError: if the name is taken.
        """
        path.mkdir()

    def write(self, path: Path, content: bytes) -> None:
        """Write a new file.

        Raises:
            FileExistsError: if the name is taken.
        """
        with path.open("xb") as file:
            file.write(content)

    def sync(self, path: Path) -> None:
        """Wait until a file's content, or a folder's names, are on the medium."""
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def protect(self, path: Path) -> None:
        """Make a file read-only for everybody."""
        path.chmod(0o444)

    def rename(self, source: Path, target: Path) -> None:
        """Move a name in one step, over a file of that name but never over a folder with something in it."""
        source.rename(target)

    def link(self, source: Path, target: Path) -> None:
        """Give a finished file a second name.

        Raises:
            FileExistsError: if the name is taken.
        """
        target.hardlink_to(source)

    def point(self, path: Path, target: str) -> None:
        """Make a symbolic link at `path` to `target`, a name relative to the link."""
        path.symlink_to(target)

    def remove(self, path: Path) -> None:
        """Remove a file, if it is there."""
        path.unlink(missing_ok=True)

    def remove_folder(self, path: Path) -> None:
        """Remove a folder and all that is in it, as far as it can be."""
        shutil.rmtree(path, ignore_errors=True)


def make_folders(disk: Disk, path: Path) -> None:
    """Make a folder and those above it, each synced into its parent."""
    if path.is_dir():
        return
    make_folders(disk, path.parent)
    try:
        disk.make_folder(path)
    except FileExistsError:
        return  # somebody else made it, and syncs it
    disk.sync(path.parent)


@contextmanager
def disk_errors(what: str, where: str) -> Generator[None]:
    """Turn what the operating system refuses into a StoreError.

    Args:
        what: What did not happen, as a sentence.
        where: The key or path it did not happen to.
    """
    try:
        yield
    except OSError as error:
        raise StoreError(
            what,
            where=where,
            why=error.strerror or str(error),
            help="what was stored before is unharmed; make room or repair the disk, then run again",
        ) from error
