"""The lock of a worker process: what the kernel lets it do once it has imported what it needs.

Takes limits. Changes the calling process for good: no new privileges, resource limits, Landlock without any
right, and a seccomp allow-list (x86-64) that leaves memory, clocks and the open pipes.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
import resource
import select
import signal
import struct
import sys
import threading
from dataclasses import dataclass

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_SYS_SECCOMP, _SECCOMP_SET_MODE_FILTER, _TSYNC = 317, 1, 1
_SYS_LANDLOCK_CREATE, _SYS_LANDLOCK_RESTRICT = 444, 446
_LANDLOCK_VERSION = 1
_AUDIT_X86_64 = 0xC000003E
_ALLOW, _KILL, _DENY = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM

# Memory, futexes, clocks, signals of its own, and reading and writing what is open already.
_ALLOWED = {
    "read": 0, "write": 1, "close": 3, "fstat": 5, "poll": 7, "lseek": 8, "mmap": 9, "mprotect": 10,
    "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "sched_yield": 24,
    "mremap": 25, "madvise": 28, "nanosleep": 35, "getpid": 39, "exit": 60, "gettimeofday": 96, 
    "getrusage": 98, "times": 100, "sigaltstack": 131, "gettid": 186, "futex": 202, "sched_getaffinity": 204,
    "restart_syscall": 219, "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230, 
    "exit_group": 231, "getrandom": 318,
    "membarrier": 324, "rseq": 334,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LockReport:
    """Which layers hold."""

    no_new_privileges: bool = False
    limits: bool = False
    landlock: int = 0
    """The kernel's Landlock version, 0 where it has none."""
    seccomp: bool = False

    @property
    def holds(self) -> bool:
        """Whether untrusted machine code would be contained: the system-call allow-list is in force."""
        return self.no_new_privileges and self.seccomp


def die_with_parent(life: int, parent: int) -> None:
    """Arrange that this process is gone as soon as its parent is, even inside a long C call.

    On Linux two ways at once: the kernel's parent-death signal, and SIGIO (which ends a process) when the
    other end of the pipe `life` is closed. Elsewhere a thread waits for the pipe to close.

    Args:
        life: The reading end of a pipe whose writing end only the parent holds.
        parent: The parent's process id, to notice one that is gone already.
    """
    if sys.platform != "linux":
        threading.Thread(target=_watch, args=(life,), daemon=True).start()
        return
    _libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(life, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC | os.O_NONBLOCK)
    poll = select.poll()
    poll.register(life, select.POLLIN)
    if os.getppid() != parent or poll.poll(0):
        os._exit(1)


def _watch(life: int) -> None:
    """End the process when the pipe does; Lua runs without the interpreter's lock, so this thread can run."""
    os.read(life, 1)
    os._exit(1)


def lock_process(memory: int) -> LockReport:
    """Lock the calling process for good and say which layers hold.

    Args:
        memory: Most bytes of address space.
    """
    if sys.platform != "linux":
        return LockReport(limits=_limit(memory))
    libc = _libc()
    privileges = libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    landlock = _landlock(libc) if privileges else 0  # needs a descriptor, so before the limits
    limits = _limit(memory)
    return LockReport(privileges, limits, landlock, privileges and _seccomp(libc))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _limit(memory: int) -> bool:
    wanted = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 0,
        resource.RLIMIT_CORE: 0,
    }
    try:
        for limit, value in wanted.items():
            hard = resource.getrlimit(limit)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(limit, (value, value))
    except (OSError, ValueError):
        return False
    return True


def _landlock(libc: ctypes.CDLL) -> int:
    version = libc.syscall(_SYS_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(_LANDLOCK_VERSION))
    if version < 1:
        return 0
    # Every right this kernel knows is handled and none is granted: files, TCP, abstract sockets, signals.
    files = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    network = 3 if version >= 4 else 0
    scopes = 3 if version >= 6 else 0
    rules = struct.pack("<QQQ", files, network, scopes)[: 24 if version >= 6 else 16 if version >= 4 else 8]
    ruleset = libc.syscall(_SYS_LANDLOCK_CREATE, rules, ctypes.c_size_t(len(rules)), ctypes.c_uint(0))
    if ruleset < 0:
        return 0
    held = libc.syscall(_SYS_LANDLOCK_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint(0)) == 0
    os.close(ruleset)
    return version if held else 0


def _seccomp(libc: ctypes.CDLL) -> bool:
    if platform.machine() != "x86_64" or struct.calcsize("P") != 8:
        return False
    numbers = sorted(_ALLOWED.values())
    program = [
        (0x20, 0, 0, 4),  # load the architecture
        (0x15, 1, 0, _AUDIT_X86_64),
        (0x06, 0, 0, _KILL),
        (0x20, 0, 0, 0),  # load the system call's number
        *((0x15, len(numbers) - i, 0, number) for i, number in enumerate(numbers)),
        (0x06, 0, 0, _DENY),
        (0x06, 0, 0, _ALLOW),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *line) for line in program))
    header = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", len(program), ctypes.addressof(code)))
    return libc.syscall(_SYS_SECCOMP, _SECCOMP_SET_MODE_FILTER, ctypes.c_uint(_TSYNC), header) == 0
