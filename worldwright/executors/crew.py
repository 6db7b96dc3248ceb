"""The parent's side of its worker processes: start, ask, hear, end.

The processes are started directly, not through `multiprocessing`: that would import the caller's
`__main__` again in each of them, which runs a script without a guard once more, and would not say which
item a process died of.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection, wait
from socket import socketpair

from worldwright.errors import WorldwrightError
from worldwright.executors.worker import Failure, Success

_GOODBYE = 5.0
"""Seconds a process has to leave after its connection closed, before it is killed."""
_BOOT = (
    "import sys; sys.path[:] = {path!r}; from worldwright.executors.worker import serve; serve({fd}, {pid})"
)


class Worker:
    """One process, the connection to it, and the number of the item it is at work on."""

    def __init__(self) -> None:
        ours, theirs = socketpair()
        with theirs:
            descriptor = theirs.fileno()
            self.process = subprocess.Popen(
                [sys.executable, "-c", _BOOT.format(path=sys.path, fd=descriptor, pid=os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=2,  # the parent's standard output may carry a protocol
                pass_fds=(descriptor,),
                process_group=0,  # the terminal's Ctrl-C is for the parent, which ends its workers itself
            )
        self.connection = Connection(ours.detach())
        self.item: int | None = None

    def ask(self, item: int, call: bytes) -> None:
        """Send a pickled (function, item); the outcome is heard later."""
        self.item = item
        with contextlib.suppress(OSError):  # it died: `hear` finds the connection closed and says so
            self.connection.send_bytes(call)

    def hear(self) -> Success | Failure:
        """Receive what came of the item, or a failure that tells how the process died."""
        item, self.item = self.item, None
        try:
            return pickle.loads(self.connection.recv_bytes())
        except (EOFError, OSError):
            return Failure(_death(item, self.release()), "")

    def release(self) -> int:
        """Close the connection and wait for the process to leave; returns its exit status."""
        self.connection.close()
        try:
            return self.process.wait(_GOODBYE)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        """End the process, and what it started in its group, at once; returns its exit status."""
        self.connection.close()
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait()


class Crew:
    """The worker processes of one executor."""

    def __init__(self) -> None:
        self._owner = os.getpid()
        self._workers: list[Worker] = []
        self._hiring: ThreadPoolExecutor | None = None

    @property
    def busy(self) -> list[Worker]:
        """Those at work on an item."""
        return [worker for worker in self._workers if worker.item is not None]

    def idle(self) -> Worker:
        """One that is alive and has nothing to do, started if need be."""
        for worker in [worker for worker in self._workers if worker.item is None]:
            if worker.process.poll() is None and not worker.connection.closed:
                return worker
            worker.kill()
            self._workers.remove(worker)
        if self._hiring is None:
            # Linux ends a child when the thread that started it ends, so that thread is our own and stays.
            self._hiring = ThreadPoolExecutor(1, thread_name_prefix="executor-hiring")
        return self._hiring.submit(self._hire).result()

    def ask(self, item: int, call: bytes) -> None:
        """Have a pickled (function, item) done by one that has nothing to do."""
        self.idle().ask(item, call)

    def heard(self, timeout: float | None) -> list[tuple[int, Success | Failure]]:
        """The outcomes that have arrived, waiting for the first of them as long as `timeout`."""
        busy = {worker.connection: worker for worker in self.busy}
        ready = [
            busy[connection] for connection in wait(list(busy), timeout) if isinstance(connection, Connection)
        ]
        return [(worker.item, worker.hear()) for worker in ready if worker.item is not None]

    def drop_busy(self) -> None:
        """End those at work; what they would have answered is not wanted any more."""
        for worker in self.busy:
            worker.kill()
            self._workers.remove(worker)

    def dismiss(self) -> None:
        """End all of them. Does nothing in a fork of the process that started them."""
        if os.getpid() != self._owner:
            return
        self.drop_busy()
        for worker in self._workers:
            worker.connection.close()
        for worker in self._workers:
            worker.release()
        self._workers.clear()
        if self._hiring is not None:
            self._hiring.shutdown(wait=True)
            self._hiring = None

    def _hire(self) -> Worker:
        worker = Worker()
        self._workers.append(worker)  # here, so that an interrupt while waiting for it loses nobody
        return worker


def _death(item: int | None, status: int) -> WorldwrightError:
    if status < 0:
        why = f"it was ended by signal {-status} ({signal.Signals(-status).name})"
    else:
        why = f"it left with exit status {status}"
    return WorldwrightError(
        "a worker process died at work",
        where=f"item {item}",
        why=why,
        help="a kill from outside often means too little memory: use fewer workers",
    )
