"""Which process a run lives in, in a form that no later process can have."""

from __future__ import annotations

import os
from pathlib import Path

_PROC = Path("/proc")


def this_process() -> str:
    """Name this process: the machine's boot, the process's number, and when it started."""
    return f"{_boot()}:{os.getpid()}:{_started(os.getpid())}"


def is_alive(process: str) -> bool:
    """Whether a process that `this_process` named, in this or another process, still lives."""
    boot, number, started = process.split(":")
    return boot == _boot() and started == _started(int(number))


def _boot() -> str:
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "unknown"


def _started(number: int) -> str:
    """When a process started, in clock ticks since the boot; `gone` for one that has ended."""
    try:
        fields = (_PROC / str(number) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return _unlisted(number)
    state, started = fields[0], fields[19]
    return "gone" if state in "ZX" else started


def _unlisted(number: int) -> str:
    """Without /proc, which Linux alone has, all that can be known is whether the number is in use."""
    if _PROC.is_dir():
        return "gone"
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return "gone"
    except PermissionError:
        pass
    return "unknown"
