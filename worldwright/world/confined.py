"""The worker process: imports everything, locks itself, then runs worlds it is sent until its parent is gone.

Takes frames on its standard input, answers on its standard output. After the lock it can touch nothing else.

Started by `worker.Worker` in an isolated interpreter with an empty environment.
"""

from __future__ import annotations

import json
import mmap
import os
import time
from dataclasses import asdict
from typing import Any

from worldwright.world.frames import Channel, FrameError
from worldwright.world.lock import die_with_parent, lock_process
from worldwright.world.machine import Machine, Machines, StarvedError, available_runtimes, kernel_sources

RESERVES = (48 << 20, 16 << 20)
"""Bytes of address space kept back, so that who has used up all other memory can still be found."""


def main(arguments: list[str]) -> None:
    """Serve worlds until the parent closes the pipe, and end the process.

    Args:
        arguments: The reading end of the life pipe, the parent's process id, the limit of memory in bytes,
            and `probe` or `plain`.
    """
    try:
        _serve(arguments)
    finally:
        os._exit(0)  # the interpreter's own way out wants more than the lock allows


def _serve(arguments: list[str]) -> None:
    life, parent, memory = (int(argument) for argument in arguments[:3])
    die_with_parent(life, parent)
    channel = Channel(0, 1)
    sources = kernel_sources()
    runtimes = available_runtimes()
    for runtime in runtimes:
        _warm(runtime, sources)
    probe = None
    if len(arguments) > 3 and arguments[3] == "probe":
        from worldwright.world import probe
    machines = Machines(sources, [mmap.mmap(-1, size) for size in RESERVES])
    report = lock_process(memory)
    channel.send({"lock": {**asdict(report), "holds": report.holds}, "runtimes": runtimes})
    while True:
        try:
            head, buffers = channel.receive()
        except FrameError:
            return
        if probe is not None and "probe" in head:
            channel.send({"probe": probe.attempt(head["probe"])})
            continue
        try:
            answer, results = _run(head, buffers, machines, channel)
        except StarvedError as starved:
            answer, results = {"failed": "memory", "error": starved.error}, []
        except MemoryError:
            answer, results = {"failed": "memory", "error": None}, []
        except Exception as problem:  # noqa: BLE001 - whatever goes wrong here is the run's failure, told to the parent
            answer, results = (
                {"failed": "kernel", "detail": str(problem).partition("\nstack traceback:")[0][:500]},
                [],
            )
        channel.send(answer, results)


class _Watcher:
    """Sends how things stand, now and then, and keeps to a pace."""

    def __init__(self, channel: Channel, every: float, rate: float | None, metrics: bool) -> None:
        self._channel, self._every, self._rate = channel, every, rate
        self._began = self._last = self._asked = time.monotonic()
        self._patience = 1
        self.metrics = metrics

    def patience(self) -> int:
        """As many as take a fraction of the time between two looks; one where there is a pace."""
        return self._patience

    def wants(self, done: int) -> bool:
        """Once in a while."""
        if self._rate:
            time.sleep(max(0.0, self._began + done / self._rate - time.monotonic()))
        now = time.monotonic()
        if not self._rate:
            took, self._asked = now - self._asked, now
            if took < self._every / 16:
                self._patience *= 2
            elif took > self._every / 4:
                self._patience = max(1, self._patience // 2)
        return now - self._last >= self._every

    def show(self, progress: bytes) -> None:
        """One frame before the answer."""
        self._channel.send({"progress": json.loads(progress.decode("utf-8", "replace"))})
        self._last = time.monotonic()


def _run(
    head: Any, buffers: list[bytes], machines: Machines, channel: Channel
) -> tuple[dict[str, Any], list[bytes]]:
    watch = head.get("watch")
    watcher = _Watcher(channel, float(watch["every"]), watch["rate"], watch["metrics"]) if watch else None
    machine = machines.take(head)
    text, results = machine.run(head, buffers, watcher)
    machines.give_back(machine)
    return {"result": json.loads(text.decode("utf-8", "replace")), "cpu": time.process_time()}, results


def _warm(runtime: str, sources: dict[str, bytes]) -> None:
    """Load whatever Python and lupa load lazily, while files can still be opened."""
    machine = Machine(runtime, sources)
    try:
        machine.evaluate("error('x')")
    except Exception as problem:  # noqa: BLE001 - the error is the point: it loads the machinery of errors
        str(problem)
    json.loads(json.dumps({"é": [1.5, None, True]}, ensure_ascii=False))
    "é\udcff".encode("utf-8", "surrogateescape").decode("utf-8", "replace")
