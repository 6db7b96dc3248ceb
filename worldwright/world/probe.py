"""What a locked worker is tried with: each attempt should be refused by the operating system.

Takes the name of an attempt; tries it for real in the calling process. Only a worker asked to probe loads it.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path


def _write_file() -> None:
    os.close(os.open("/tmp/worldwright-probe", os.O_WRONLY | os.O_CREAT))


def _mprotect_is_open() -> None:
    """The one thing that must work: LuaJIT makes memory executable."""
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def _prctl() -> None:
    if ctypes.CDLL(None).prctl(1, 0, 0, 0, 0) != 0:
        raise OSError("prctl refused")


ATTEMPTS: dict[str, Callable[[], object]] = {
    "open": lambda: os.open("/etc/passwd", os.O_RDONLY),
    "write": _write_file,
    "list": lambda: list(Path("/").iterdir()),
    "stat": Path("/etc/passwd").stat,
    "tcp": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
    "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "unix": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
    "fork": os.fork,
    "exec": lambda: os.execv("/bin/true", ["true"]),
    "kill": lambda: os.kill(os.getppid(), 0),
    "kill-self-group": lambda: os.killpg(0, signal.SIGTERM),
    "pipe": os.pipe,
    "chdir": lambda: os.chdir("/tmp"),
    "prctl": _prctl,
    "executable-memory": _mprotect_is_open,
}


def attempt(name: str) -> str:
    """`done` where the operating system let it happen, else the kind of refusal."""
    try:
        result = ATTEMPTS[name]()
    except OSError as refusal:
        return f"refused: {type(refusal).__name__}"
    if name == "fork" and result == 0:
        os._exit(0)
    return "done"
