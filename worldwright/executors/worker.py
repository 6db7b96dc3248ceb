"""The inside of a worker process: receive a function and an item, send back what came of it.

A worker must not outlive its parent, however that ends. Two guards hold independently: the kernel kills
it when its parent dies (Linux), even while it holds the interpreter lock in native code; and a thread
that watches the parent's end of the connection leaves at once when that closes (any POSIX system).
"""

from __future__ import annotations

import ctypes
import os
import pickle
import select
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from worldwright.errors import UsageError, WorldwrightError

_PR_SET_PDEATHSIG = 1
_HANG_UP = select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0)


@dataclass(frozen=True, slots=True)
class Success:
    """What the function returned for an item."""

    value: Any


@dataclass(frozen=True, slots=True)
class Failure:
    """What the function raised for an item, with the traceback as text because that cannot travel."""

    error: BaseException
    trace: str


def serve(descriptor: int, parent: int) -> None:
    """Answer the calls that arrive on a connection until its other end closes.

    Args:
        descriptor: This process's end of the connection, an inherited socket.
        parent: The process id of the pool, without which this process has no reason to live.
    """
    die_with_parent(parent)
    watch_parent(descriptor)
    with Connection(descriptor) as connection:
        while True:
            try:
                connection.send_bytes(answer(connection.recv_bytes()))
            except (EOFError, OSError):  # the other end is gone, and nobody waits for an answer
                return


def die_with_parent(parent: int) -> None:
    """Have the kernel end this process with its parent (Linux); leave at once where that is gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the kernel knew what to do then
        os._exit(1)


def watch_parent(descriptor: int) -> None:
    """Leave as soon as the other end of a connection closes, from a thread of its own."""
    threading.Thread(target=_watch, args=(descriptor,), daemon=True, name="parent-watch").start()


def _watch(descriptor: int) -> None:
    poll = select.poll()
    poll.register(descriptor, _HANG_UP)
    while not any(event & _HANG_UP for _, event in poll.poll()):
        continue
    os._exit(1)


def answer(call: bytes) -> bytes:
    """Do a pickled (function, item) and pickle what came of it."""
    try:
        function, item = _load(call)
        outcome = Success(function(item))
        return pickle.dumps(outcome, protocol=pickle.HIGHEST_PROTOCOL)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the caller's
        return failed(error)


def _load(call: bytes) -> tuple[Callable[[Any], Any], Any]:
    try:
        return pickle.loads(call)
    except Exception as error:
        raise UsageError(
            "a worker process cannot load the function or the item it was sent",
            why=f"{type(error).__name__}: {error}",
            help="pass a module-level function of an importable module and plain items",
        ) from error


def failed(error: BaseException) -> bytes:
    """Pickle an error with its traceback as text; one that cannot travel is told in words."""
    trace = "".join(traceback.format_exception(error))
    try:
        content = pickle.dumps(Failure(error, trace), protocol=pickle.HIGHEST_PROTOCOL)
        pickle.loads(content)
    except Exception as unpicklable:  # noqa: BLE001 - an exception may refuse to travel in any way
        stand_in = WorldwrightError(
            f"{type(error).__name__}: {error}",
            why=f"the error itself cannot leave its process ({unpicklable})",
        )
        return pickle.dumps(Failure(stand_in, trace), protocol=pickle.HIGHEST_PROTOCOL)
    return content
