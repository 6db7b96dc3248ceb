"""Locks between processes, held by an open file: the kernel frees them when their holder dies in any way."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from worldwright.errors import StoreError

_PAUSE = 0.05
"""Seconds between two attempts while waiting for a lock."""


def try_lock(path: Path, shared: bool = False) -> int | None:
    """Lock a file, made if need be, without waiting.

    Args:
        path: The lock file.
        shared: Whether others may hold it in the same way at the same time.

    Returns:
        An open descriptor whose closing frees the lock, or None while somebody else holds it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        # The file may have been removed by its former holder after we opened it; then the lock is of nothing.
        mine, named = os.fstat(descriptor), path.stat()
        if (mine.st_dev, mine.st_ino) == (named.st_dev, named.st_ino):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


@contextmanager
def file_lock(path: Path, what: str, timeout: float = 0.0) -> Generator[None]:
    """Hold a lock file for the length of a block.

    Args:
        path: The lock file; its folder exists. The file stays and tells who held it last.
        what: What is locked, for the error.
        timeout: Seconds to wait for another holder.

    Raises:
        StoreError: if another process holds the lock and does not free it in time; names its process id.
    """
    deadline = time.monotonic() + timeout
    while (descriptor := try_lock(path)) is None:
        if time.monotonic() >= deadline:
            raise _held(path, what)
        time.sleep(_PAUSE)
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def shared_lock(path: Path, what: str, timeout: float = 0.0) -> Generator[None]:
    """Hold a lock file together with others who do not want it for themselves, for the length of a block.

    Raises:
        StoreError: if somebody holds it alone and does not free it in time.
    """
    deadline = time.monotonic() + timeout
    while (descriptor := try_lock(path, shared=True)) is None:
        if time.monotonic() >= deadline:
            raise _held(path, what)
        time.sleep(_PAUSE)
    try:
        yield
    finally:
        os.close(descriptor)


def _held(path: Path, what: str) -> StoreError:
    holder = path.read_text().strip() or "unknown"
    return StoreError(
        f"{what} is in use by process {holder}",
        where=str(path),
        why="two writers at once would do the same work twice",
        help="wait until it has finished; the lock goes with its process",
    )
