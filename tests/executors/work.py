"""Functions for worker processes, which import them by name."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from worldwright.errors import SamplingError


def square(number: int) -> int:
    return number * number


def slow_when_even(number: int) -> int:
    if number % 2 == 0:
        time.sleep(0.03)
    return number


def process_id(_: int) -> int:
    return os.getpid()


def touch_then(call: tuple[str, int, str]) -> int:
    """Leave a mark, then do what is asked."""
    folder, number, action = call
    (Path(folder) / f"begun-{number}").touch()
    if action == "fail":
        raise SamplingError(f"item {number} cannot be drawn", where="agent 7", help="draw another")
    if action == "sleep":
        time.sleep(60)
    if action == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if action == "leave":
        os._exit(3)
    (Path(folder) / f"ended-{number}").touch()
    return number


def hold_interpreter_lock(folder: str) -> None:
    """Be busy in native code that never lets another Python thread run."""
    import ctypes

    (Path(folder) / f"busy-{os.getpid()}").touch()
    ctypes.PyDLL(None).sleep(120)


def refuse_the_kernels_kill(folder: str) -> None:
    """Be busy without the kernel's promise to end this process with its parent."""
    import ctypes

    ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
    (Path(folder) / f"busy-{os.getpid()}").touch()
    time.sleep(120)


class StubbornError(Exception):
    """An exception that cannot be rebuilt from its arguments."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__(f"{first} and {second}")


def raise_stubborn(number: int) -> None:
    raise StubbornError(number, number + 1)


def speak(number: int) -> int:
    print("said by a worker", flush=True)  # noqa: T201
    return number


def large(number: int) -> bytes:
    return bytes([number]) * (3 << 20)


def die_the_first_time(call: tuple[str, int]) -> int:
    """Item 3 ends its process, once."""
    folder, number = call
    mark = Path(folder) / f"died-{number}"
    if number == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def wait_a_little(number: int) -> int:
    """All items but the first take two seconds."""
    if number:
        time.sleep(2)
    return number


def wait_long(number: int) -> int:
    """All items but the first take a minute."""
    if number:
        time.sleep(60)
    return number


def probe_world(name: str) -> str:
    """Try one thing inside the locked process that runs worlds here."""
    from worldwright.world.worker import Worker

    with Worker(probe=True) as worker:
        return worker.attempt(name)
