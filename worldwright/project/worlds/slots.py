"""Files that are replaced often and at once: a link to the content, which is swapped for another.

To rename a file over another makes some file systems (ext4) write its content out before they go on, which
takes longer than a step of a small world; to rename a link over a link does not. Nothing is fsynced: a world
outlives its processes, not a loss of power.
"""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path

from worldwright.errors import UsageError

ABANDONED = 3600.0
"""Seconds after which what a killed process left behind is taken away."""
_CONTENT, _LINK = ".content", ".link"

Identity = tuple[int, int, int]


def identity_of(path: Path) -> Identity:
    """What a file is known by; another content is another file.

    Raises:
        FileNotFoundError: when there is none.
    """
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


def put(path: Path, content: bytes) -> Identity:
    """Let a path have this content, whatever it had; whoever changes it holds its lock.

    Raises:
        UsageError: where it cannot be written.
    """
    mark = secrets.token_hex(6)
    held, link = (path.with_name(f".{mark}{ending}") for ending in (_CONTENT, _LINK))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held.write_bytes(content)
        identity = identity_of(held)
        link.symlink_to(held.name)
        before = _target(path)
        link.replace(path)
    except OSError as error:
        for made in (held, link):
            with contextlib.suppress(OSError):
                made.unlink()
        raise UsageError(f"the world cannot be kept: {error.strerror}", where=str(path)) from None
    if before is not None:
        before.unlink(missing_ok=True)
    return identity


def remove(path: Path) -> None:
    """Take a path and its content away.

    Raises:
        FileNotFoundError: when there is none.
    """
    before = _target(path)
    path.unlink()
    if before is not None:
        before.unlink(missing_ok=True)


def sweep(folder: Path, now: float) -> None:
    """Take away what processes that were killed in between have left; `now` is in seconds since 1970."""
    if not folder.is_dir():
        return
    used = {_target(path) for path in folder.iterdir() if path.is_symlink() and path.suffix != _LINK}
    for path in (*folder.glob(f".*{_CONTENT}"), *folder.glob(f".*{_LINK}")):
        with contextlib.suppress(OSError):
            if path not in used and now - path.lstat().st_mtime > ABANDONED:
                path.unlink()


def _target(path: Path) -> Path | None:
    with contextlib.suppress(OSError):
        return path.with_name(str(path.readlink()))
    return None
