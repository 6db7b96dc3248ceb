"""What a locked worker is tried with: each attempt should be refused by the operating system.

Takes the name of an attempt; tries it for real in the calling process. Only a worker asked to probe loads it.
"""

from __future__ import annotations

import ctypes
import importlib
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


def _lua(source: str, module: str = "lua54") -> None:
    """What a script could do with everything Lua has: the language's own layer is off."""
    lua = importlib.import_module(f"lupa.{module}").LuaRuntime(register_eval=False, register_builtins=False)
    if not lua.execute(source):
        raise PermissionError("Lua was refused")


_OPEN_BY_FFI = """
local ffi = require("ffi")
ffi.cdef("int open(const char *path, int flags, ...); int close(int fd);")
local descriptor = ffi.C.open("/etc/passwd", 0)
if descriptor < 0 then return false end
ffi.C.close(descriptor)
return true
"""

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
    "lua-open": lambda: _lua("local f = io.open('/etc/passwd') return f and f:read(1) ~= nil"),
    "lua-write": lambda: _lua("return io.open('/tmp/worldwright-probe', 'w') ~= nil"),
    "lua-remove": lambda: _lua("return os.remove('/tmp/worldwright-probe') ~= nil"),
    "lua-execute": lambda: _lua("return os.execute('true') == true"),
    "lua-ffi": lambda: _lua(_OPEN_BY_FFI, "luajit21"),
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
