"""The executor over a Ray cluster, found by its address.

The caller's own process never loads Ray: a child process drives the cluster (see `ray`).
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.util import find_spec
from multiprocessing.connection import Connection, wait
from socket import create_connection, socketpair
from typing import Any

from worldwright.errors import UsageError, WorldwrightError
from worldwright.executors.rounds import Rounds
from worldwright.executors.worker import Failure, Success

_REACHED = 5.0
"""Seconds in which something must listen at the address."""
_CONNECTED = 60.0
"""Seconds in which it must have answered as a Ray cluster."""
_GOODBYE = 6.0
_QUEUED = 2
"""Items begun for each CPU of the cluster, so that none waits for the way there and back."""
_AGAIN = 2
"""Times that a new process takes over from one that drove the cluster and died."""
_CLIENT_PORT = 10001
# Ray counts uses and tells its makers; that is switched off for whatever this process could start or report.
_BOOT = (
    "import os, sys; sys.path[:] = {path!r}; os.environ.update(RAY_USAGE_STATS_ENABLED='0', "
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO='0'); "
    "from worldwright.executors.ray import drive; drive({fd}, {pid}, {address!r})"
)


class Ray(Rounds):
    """Does the work on a Ray cluster that is running already.

    It connects at the first item and stays connected until `close`. An item whose worker or node dies is
    tried again elsewhere, and a new process takes over from one that drove the cluster and died; items must
    therefore be such that doing one twice does no harm. Every node needs the same versions of Python, Ray and
    Worldwright; files of this machine need not be there.

    Args:
        address: HOST:PORT of the cluster's head, from a machine that is one of its nodes; `ray://HOST:PORT`
            from any other machine; or `auto` for the cluster this machine belongs to.

    Raises:
        UsageError: if Ray is not installed or the address is none.
    """

    def __init__(self, address: str) -> None:
        if find_spec("ray") is None:
            raise UsageError(
                "Ray is not installed here", help="pip install 'worldwright[ray]', or use local processes"
            )
        self._cluster = _Cluster(_checked(address))
        super().__init__(self._cluster)

    @property
    def workers(self) -> int:
        """The CPUs of the cluster; asking for them connects to it."""
        return max(1, self._cluster.connected())

    @property
    def shares_disk(self) -> bool:
        """The nodes may be other machines."""
        return False

    def _at_once(self) -> int:
        return self.workers * _QUEUED


class _Cluster:
    """The process that drives the cluster, and the items asked of it."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._owner = os.getpid()
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._hiring: ThreadPoolExecutor | None = None
        self._cpus = 0
        self._tickets = 0
        self._asked: dict[int, tuple[int, bytes]] = {}
        self._revived = 0

    @property
    def busy(self) -> list[int]:
        """The items at work."""
        return [item for item, _ in self._asked.values()]

    def connected(self) -> int:
        """The CPUs of the cluster, connecting to it if need be."""
        if self._connection is None or self._process is None or self._process.poll() is not None:
            self._begin()
        return self._cpus

    def ask(self, item: int, call: bytes) -> None:
        """Have a pickled (function, item) done; the outcome is heard later."""
        self._tickets += 1
        self._asked[self._tickets] = item, call
        self._tell("call", self._tickets, call)

    def heard(self, timeout: float | None) -> list[tuple[int, Success | Failure]]:
        """The outcomes that have arrived, waiting for the first of them as long as `timeout`."""
        found: list[tuple[int, Success | Failure]] = []
        while self._asked and self._connection is not None:
            if not wait([self._connection], 0 if found else timeout):
                break
            what, *more = self._received(self._connection)
            if what == "ended" and self._taken_over():
                continue
            if what in ("lost", "ended"):
                return found + self._lost(str(more[0]))
            asked = self._asked.pop(more[0], None)
            if asked is not None:
                item = asked[0]
                outcome = pickle.loads(more[1]) if what == "answer" else Failure(_death(item, more[1]), "")
                found.append((item, outcome))
        return found

    def drop_busy(self) -> None:
        """Cancel what is at work."""
        if self._asked:
            self._asked.clear()
            self._tell("drop")

    def dismiss(self) -> None:
        """Leave the cluster and end the process. Does nothing in a fork of the process that started it."""
        if os.getpid() != self._owner:
            return
        self._asked.clear()
        process, self._process = self._process, None
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        if process is not None:
            try:
                process.wait(_GOODBYE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._hiring is not None:
            self._hiring.shutdown(wait=True)
            self._hiring = None

    def _begin(self) -> None:
        self.dismiss()
        if self._address != "auto" and not _listens(self._address):
            raise self._unreachable(f"nothing listens there within {_REACHED:g} seconds")
        # Linux ends a child when the thread that started it ends, so that thread is our own and stays.
        self._hiring = ThreadPoolExecutor(1, thread_name_prefix="executor-hiring")
        self._hiring.submit(self._start).result()
        assert self._connection is not None
        if not wait([self._connection], _CONNECTED):
            self._kill()
            raise self._unreachable(f"it does not answer as a Ray cluster within {_CONNECTED:g} seconds")
        what, more = self._received(self._connection)
        if what != "ready":
            self.dismiss()
            raise self._unreachable(str(more))
        self._cpus = int(more)

    def _start(self) -> None:
        ours, theirs = socketpair()
        with theirs:
            descriptor = theirs.fileno()
            boot = _BOOT.format(path=sys.path, fd=descriptor, pid=os.getpid(), address=self._address)
            self._process = subprocess.Popen(
                [sys.executable, "-c", boot],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(descriptor,),
                process_group=0,  # the terminal's Ctrl-C is for the caller, who ends this process itself
            )
        self._connection = Connection(ours.detach())

    def _tell(self, *message: Any) -> None:
        if self._connection is not None:
            try:
                self._connection.send_bytes(pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL))
            except OSError:
                return  # it died: `heard` finds the connection closed and says so

    def _received(self, connection: Connection) -> tuple[Any, ...]:
        try:
            return pickle.loads(connection.recv_bytes())
        except (EOFError, OSError):
            return "ended", "the process that drives it ended"

    def _taken_over(self) -> bool:
        """Let a new process drive the cluster and ask it for all that is at work; whether that went well."""
        if self._revived == _AGAIN:
            return False
        self._revived += 1
        asked = dict(self._asked)
        with suppress(WorldwrightError):
            self._begin()
        self._asked = asked
        if self._connection is None:
            return False
        for ticket, (_, call) in asked.items():
            self._tell("call", ticket, call)
        return True

    def _lost(self, why: str) -> list[tuple[int, Success | Failure]]:
        """A failure for the first item at work: the error that ends the map."""
        item = min(self.busy)
        error = WorldwrightError(
            "the Ray cluster is lost",
            where=self._address,
            why=why,
            help="see `ray status` there; what was finished before is kept",
        )
        self._kill()
        return [(item, Failure(error, ""))]

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
        self.dismiss()

    def _unreachable(self, why: str) -> WorldwrightError:
        return WorldwrightError(
            "the Ray cluster cannot be reached",
            where=self._address,
            why=why,
            help="see `ray status` on its head. From a machine that is no node of it, "
            f"use ray://HOST:{_CLIENT_PORT}",
        )


def _checked(address: str) -> str:
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if address != "auto" and not (host and port.isdigit() and 0 < int(port) < 1 << 16):
        raise UsageError(
            f"{address!r} is no address of a Ray cluster",
            help=f"give HOST:PORT of its head, such as 10.0.0.5:6379, or ray://HOST:{_CLIENT_PORT}, or auto",
        )
    return address


def _listens(address: str) -> bool:
    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        create_connection((host.strip("[]"), int(port)), _REACHED).close()
    except OSError:
        return False
    return True


def _death(item: int, why: str) -> WorldwrightError:
    return WorldwrightError(
        "a Ray worker died at work, and again wherever the item was tried",
        where=f"item {item}",
        why=why,
        help="a kill often means too little memory on the nodes; see Ray's logs there",
    )
