"""Threads with a locked process each that run worlds side by side, and the wish that a run end early."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from worldwright.errors import WorldwrightError
from worldwright.world import Worker

if TYPE_CHECKING:
    from worldwright.world import RunRequest, WorldResult
    from worldwright.world.progress import Watch

MOST_WORKERS = 8
CALL_SECONDS = 300.0
MEMORY = 4 << 30


class StoppedError(WorldwrightError):
    """A call was given up by whoever made it."""


@dataclass
class Stop:
    """Somebody's wish that a long call end; set from another thread."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _set: bool = False
    _action: Callable[[], None] | None = None

    def set(self) -> None:
        """End what is under way."""
        with self._lock:
            self._set = True
            if self._action is not None:
                self._action()

    def check(self) -> None:
        """Go no further where the call was given up.

        Raises:
            StoppedError: when it was.
        """
        if self._set:
            raise StoppedError("the call was cancelled; the world is as it was before")

    @contextlib.contextmanager
    def ending(self, action: Callable[[], None]) -> Generator[None]:
        """How to end what the block does; not called once the block is left."""
        self.check()
        with self._lock:
            self._action = action
        try:
            if self._set:  # between the check and the lock
                action()
            yield
        finally:
            with self._lock:
                self._action = None


@dataclass(frozen=True)
class Call:
    """One call of somebody: how it ends early, and who wants to see it go on."""

    stop: Stop = field(default_factory=Stop)
    show: Callable[[float, float | None, str], None] | None = None
    """(done, total, message), from any thread; None where nobody looks."""


class Crew:
    """Runs worlds, each in a process that has locked itself; as many at once as there are workers.

    Args:
        most: Workers at work at once; the others wait.
        seconds: Wall-clock limit of one run, where its world sets none.
        memory: Most bytes of address space of one worker.
    """

    def __init__(
        self, most: int = MOST_WORKERS, seconds: float = CALL_SECONDS, memory: int | None = MEMORY
    ) -> None:
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="world")
        self._own = threading.local()
        self._seconds, self._memory = seconds, memory
        self._workers: list[Worker] = []

    def run(self, request: RunRequest, stop: Stop, watch: Watch | None = None) -> WorldResult:
        """Run a world on a free worker, as `Worker.run`.

        Raises:
            StoppedError: when `stop` was set before the end.
        """
        return self._threads.submit(self._run, request, stop, watch).result()

    def close(self) -> None:
        """End all processes, also those at work."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            _kill(worker)
        self._threads.shutdown()
        for worker in self._workers:
            worker.close()

    def _run(self, request: RunRequest, stop: Stop, watch: Watch | None) -> WorldResult:
        stop.check()
        worker = self._worker()
        worker.start()
        with stop.ending(lambda: _kill(worker)):
            result = worker.run(request, watch)
        stop.check()
        return result

    def _worker(self) -> Worker:
        """The thread's own: a process ends with the thread that started it."""
        worker: Worker | None = getattr(self._own, "worker", None)
        if worker is None:
            worker = Worker(seconds=self._seconds, memory=self._memory)
            self._own.worker = worker
            self._workers.append(worker)
        return worker


def _kill(worker: Worker) -> None:
    pid = worker.pid
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
