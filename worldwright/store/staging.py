"""Folders to prepare data in before it is published, and the janitor for those whose makers died."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from worldwright.store.disk import Disk, make_folders
from worldwright.store.locks import try_lock

_GUARD = ".alive"


@contextmanager
def staging(root: Path, name: str, disk: Disk) -> Generator[Path]:
    """A fresh folder on the disk of the store, removed at the end unless it was renamed away.

    A lock on a file beside it tells the janitor that its maker lives. The file is beside and not inside
    because the folder itself is what gets published. What the dead left is removed first.

    Args:
        root: The store's folder.
        name: What is being made, for whoever looks; need not be unique.
        disk: Where to make it.
    """
    base = root / "staging"
    make_folders(disk, base)
    clean_staging(root, disk)
    number = 0
    while (guard := _acquire(folder := base / f"{name}.{os.getpid()}.{number}")) is None:
        number += 1
    try:
        disk.remove_folder(folder)  # a dead process of the same number may have left one
        disk.make_folder(folder)
        yield folder
    finally:
        _clear(folder, guard, disk)


def clean_staging(root: Path, disk: Disk) -> int:
    """Remove the staging folders whose makers are dead, killed or crashed; returns how many."""
    base = root / "staging"
    if not base.is_dir():
        return 0
    names = {entry.name.removesuffix(_GUARD) for entry in base.iterdir()}
    removed = 0
    for name in sorted(names):
        folder = base / name
        guard = _acquire(folder)
        if guard is not None:
            _clear(folder, guard, disk)
            removed += 1
    return removed


def _acquire(folder: Path) -> int | None:
    return try_lock(folder.with_name(folder.name + _GUARD))


def _clear(folder: Path, guard: int, disk: Disk) -> None:
    """Remove a folder and then its guard, while the guard is held."""
    try:
        disk.remove_folder(folder)
        disk.remove(folder.with_name(folder.name + _GUARD))
    except OSError:
        pass  # the janitor comes again; the error that led here matters more
    finally:
        os.close(guard)
