"""How much memory a world may have on this machine, where nobody says.

Reads what the operating system tells of the machine and of the process's own group. Enters no result: a run
that lacked memory is a failure and never kept.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_LEAST, _UNKNOWN = 1 << 30, 8 << 30
_GROUPS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def default_memory() -> int:
    """Half of the memory there is, in bytes; a gigabyte at least, and eight where nobody can tell."""
    found: list[int] = []
    with contextlib.suppress(OSError, ValueError, AttributeError):
        found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for name in _GROUPS:
        with contextlib.suppress(OSError, ValueError):  # `max` is no number: no limit
            found.append(int(Path(name).read_text()))
    known = [size for size in found if size > 0]
    return max(_LEAST, min(known) // 2) if known else _UNKNOWN
