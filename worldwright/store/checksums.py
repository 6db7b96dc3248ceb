"""Checksums of files, remembered for as long as a file is the same file."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from worldwright.errors import StoreError
from worldwright.hashing import file_digest


class Checksums:
    """SHA-256 of files, memoised per identity: device, inode, size, times of last change.

    What rots on the medium without a write keeps its identity; `forget` the memory to see that.

    Args:
        memory: A file in which to remember across processes. It is only an aid: absent, damaged or
            unwritable, it costs time and nothing else.
    """

    def __init__(self, memory: Path | None = None) -> None:
        self._memory = memory
        self._known: dict[str, str] = _load(memory) if memory is not None else {}
        self._new: dict[str, str] = {}

    def of(self, path: Path) -> str:
        """The full SHA-256 of a file in hex.

        Raises:
            OSError: if it cannot be read.
            StoreError: if it changes while it is read.
        """
        identity = _identity(path)
        if identity not in self._known:
            content = file_digest(path)
            if _identity(path) != identity:
                raise StoreError("the file changed while it was read", where=str(path))
            self._known[identity] = self._new[identity] = content
        return self._known[identity]

    def problem(self, path: Path, size: int, sha256: str) -> str | None:
        """What is wrong with a file that should have this size in bytes and this checksum, if anything."""
        try:
            actual = path.stat().st_size
            if actual != size:
                return f"it has {actual} bytes instead of {size}"
            if self.of(path) != sha256 and (not self._distrust(path) or self.of(path) != sha256):
                return "its content does not match its checksum"
        except FileNotFoundError:
            return "it is missing"
        except OSError as error:
            return f"it cannot be read: {error.strerror or error}"
        return None

    def _distrust(self, path: Path) -> bool:
        """Forget what the memory on disk told of a file, which may itself be damaged; whether it did."""
        identity = _identity(path)
        if identity in self._new or identity not in self._known:
            return False
        del self._known[identity]
        return True

    def forget(self) -> None:
        """Look at every file again."""
        self._known.clear()

    def remember(self) -> None:
        """Add what was learnt to the memory on disk, beside what other processes learnt meanwhile."""
        if self._memory is None or not self._new:
            return
        content = json.dumps({**_load(self._memory), **self._new}, indent=0, sort_keys=True)
        temporary = self._memory.with_name(f"{self._memory.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            temporary.write_text(content)
            temporary.replace(self._memory)
            self._new.clear()


def _identity(path: Path) -> str:
    stat = path.stat()
    return f"{stat.st_dev} {stat.st_ino} {stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns}"


def _load(memory: Path) -> dict[str, str]:
    try:
        known = json.loads(memory.read_bytes())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
