"""The inside of the process that drives a Ray cluster: the one place that imports Ray.

It is a process of its own because Ray's driver waits without end for a cluster that does not answer, ends
its process when the cluster is lost, takes over signals and writes to the terminal. None of this reaches the
caller, who talks to it over a connection; see `cluster`.
"""

from __future__ import annotations

import logging
import os
import pickle
import socket
import threading
import time
import warnings
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue
from typing import Any

from worldwright.errors import UsageError
from worldwright.executors.worker import answer, die_with_parent, failed
from worldwright.version import VERSION

RETRIES = 2
"""How often an item is tried again when the worker or the node at work on it dies."""
_LOOK = 2.0
"""Seconds without news after which the cluster is looked for."""
_MISSES = 3
"""How often in a row it may not be found."""
_FAREWELL = 5.0


def drive(descriptor: int, parent: int, address: str) -> None:
    """Connect to a cluster and have the calls that arrive done there, until the other end closes.

    Args:
        descriptor: This process's end of the connection, an inherited socket.
        parent: The process id of the caller, without whom this process has no reason to live.
        address: As `ray.init` takes it.
    """
    die_with_parent(parent)
    connection = Connection(descriptor)
    try:
        _allow_loopback(address)
        import ray

        _connect(ray, address)
        gcs = "" if address.startswith("ray://") else str(ray.get_runtime_context().gcs_address)
        _tell(connection, "ready", int(ray.cluster_resources().get("CPU", 0)))
    except BaseException as error:  # noqa: BLE001 - whatever it is, the caller is told
        _tell(connection, "lost", f"{type(error).__name__}: {_first_line(error)}")
        return
    inbox: SimpleQueue[tuple[Any, ...]] = SimpleQueue()
    threading.Thread(target=_listen, args=(connection, inbox), daemon=True).start()
    try:
        _Driver(ray, connection, inbox, gcs).serve()
    except BaseException as error:  # noqa: BLE001 - as above
        _tell(connection, "lost", f"{type(error).__name__}: {_first_line(error)}")
        os._exit(1)  # leaving in order would wait for the cluster
    with suppress(Exception):
        ray.shutdown()


def compute(version: str, call: bytes) -> bytes:
    """Do a pickled (function, item) on a node, and pickle what came of it."""
    if version != VERSION:
        return failed(
            UsageError(
                f"a node of the cluster runs worldwright {VERSION}, the caller {version}",
                where=socket.gethostname(),
                help="install the same version on every node",
            )
        )
    return answer(call)


class _Driver:
    """Passes calls to the cluster and outcomes back."""

    def __init__(
        self, ray: Any, connection: Connection, inbox: SimpleQueue[tuple[Any, ...]], gcs: str
    ) -> None:
        self._ray = ray
        self._connection = connection
        self._inbox = inbox
        self._gcs = gcs
        self._task = ray.remote(compute).options(max_retries=RETRIES)
        self._references: dict[int, Any] = {}
        self._misses = 0

    def serve(self) -> None:
        """Until the caller closes the connection or the cluster is lost."""
        while True:
            try:
                what, *more = self._inbox.get(timeout=_LOOK)
            except Empty:
                self._look()
                continue
            if what == "end":
                return
            if what == "call":
                self._begin(*more)
            elif what == "drop":
                self._drop()
            else:
                self._pass_back(*more)

    def _begin(self, ticket: int, call: bytes) -> None:
        reference = self._task.remote(VERSION, call)
        self._references[ticket] = reference
        reference.future().add_done_callback(lambda future: self._inbox.put(("done", ticket, future)))

    def _pass_back(self, ticket: int, future: Any) -> None:
        if self._references.pop(ticket, None) is None:
            return  # dropped meanwhile
        error = future.exception()
        if error is None:
            _tell(self._connection, "answer", ticket, future.result())
        else:
            _tell(self._connection, "died", ticket, f"{type(error).__name__}: {_first_line(error)}")

    def _drop(self) -> None:
        references, self._references = list(self._references.values()), {}
        for reference in references:
            with suppress(Exception):
                self._ray.cancel(reference, force=True)

    def _look(self) -> None:
        if not self._references or not self._gcs or reachable(self._gcs, 1.0):
            self._misses = 0
            return
        self._misses += 1
        if self._misses >= _MISSES:
            raise ConnectionError(f"nothing answers at {self._gcs} any more")


def reachable(address: str, seconds: float) -> bool:
    """Whether something listens at HOST:PORT."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), seconds).close()
    except (OSError, ValueError):
        return False
    return True


def _allow_loopback(address: str) -> None:
    """Ray takes 127.0.0.1 for this machine's address in its network, unless it is told not to when it loads.

    A cluster of this machine alone (`ray start --head --node-ip-address=127.0.0.1`) listens nowhere else.
    """
    host, _, port = address.rpartition(":")
    if host in ("127.0.0.1", "localhost", "[::1]"):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
            probe.connect(("192.0.2.1", 1))  # sends nothing; it only chooses an interface
            if reachable(f"{probe.getsockname()[0]}:{port}", 1.0):
                return
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # noqa: TID251 - this process is the driver's own


def _connect(ray: Any, address: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        more: dict[str, Any] = {} if address.startswith("ray://") else {"log_to_driver": False}
        ray.init(address=address, logging_level=logging.CRITICAL, **more)


def _listen(connection: Connection, inbox: SimpleQueue[tuple[Any, ...]]) -> None:
    with suppress(EOFError, OSError):
        while True:
            inbox.put(pickle.loads(connection.recv_bytes()))
    inbox.put(("end",))
    time.sleep(_FAREWELL)
    os._exit(1)


def _tell(connection: Connection, *message: Any) -> None:
    with suppress(OSError):  # the caller is gone, and this process follows
        connection.send_bytes(pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL))


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), "no reason given")
