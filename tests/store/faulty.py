"""A disk that fails at a chosen point, and a process that dies there.

`python -m store.faulty` reads cases from its standard input, one JSON object a line, runs each in a fork
of itself and answers with how that ended. It forks before any thread runs, so a fork is a clean start.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from worldwright.store import Disk, Mirror, Store, View, build_catalog, collect, pull, push

from .making import key_of, noon, numbers, publish

KILLS = ("kill", "torn")
ERRORS = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO}
SCHEMA = pa.schema([("agent", pa.int64()), ("income", pa.float64()), ("rank", pa.string())])


class FaultyDisk(Disk):
    """Counts its operations and fails at one.

    Modes: `kill` before the operation; `torn`, a kill in the middle of writing a file; `EIO`, one error;
    `ENOSPC`, from then on nothing that needs room succeeds, files being cut off.
    """

    def __init__(self, point: int = -1, mode: str = "") -> None:
        self.operations: list[str] = []
        self._point = point
        self._mode = mode

    def _reach(self, name: str) -> bool:
        """Note an operation; whether it fails."""
        here = len(self.operations)
        self.operations.append(name)
        if self._mode == "ENOSPC":
            return 0 <= self._point <= here and name in ("make_folder", "write", "link", "point")
        if here == self._point and self._mode == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        return here == self._point

    def _do(self, name: str, operation: Callable[[], None]) -> None:
        if self._reach(name):
            code = ERRORS.get(self._mode, 0)
            if code:
                raise OSError(code, os.strerror(code))
        operation()

    def write(self, path: Path, content: bytes) -> None:
        if self._reach("write"):
            with path.open("xb") as file:
                file.write(content[: len(content) // 2])
                file.flush()
            if self._mode == "torn":
                os.kill(os.getpid(), signal.SIGKILL)
            code = ERRORS[self._mode]
            raise OSError(code, os.strerror(code))
        super().write(path, content)

    def make_folder(self, path: Path) -> None:
        self._do("make_folder", lambda: super(FaultyDisk, self).make_folder(path))

    def sync(self, path: Path) -> None:
        self._do("sync", lambda: super(FaultyDisk, self).sync(path))

    def protect(self, path: Path) -> None:
        self._do("protect", lambda: super(FaultyDisk, self).protect(path))

    def rename(self, source: Path, target: Path) -> None:
        self._do("rename", lambda: super(FaultyDisk, self).rename(source, target))

    def link(self, source: Path, target: Path) -> None:
        self._do("link", lambda: super(FaultyDisk, self).link(source, target))

    def point(self, path: Path, target: str) -> None:
        self._do("point", lambda: super(FaultyDisk, self).point(path, target))

    def remove(self, path: Path) -> None:
        self._do("remove", lambda: super(FaultyDisk, self).remove(path))

    def remove_folder(self, path: Path) -> None:
        self._do("remove_folder", lambda: super(FaultyDisk, self).remove_folder(path))


def open_faulty(root: Path, disk: Disk) -> Store:
    return Store(root, noon, host="here", disk=disk)


def catalog_of(store: Store, count: int, disk: Disk | None = None) -> None:
    """A catalog that says `count` in a table and shows as many files of 100 rows."""
    files = [store.get(key_of(seed)).path / "agents.parquet" for seed in range(1, count + 1)]
    build_catalog(
        store.root,
        tables={"experiments": pa.table({"runs": pa.array([count], pa.int64())})},
        views={"adoption": {"agents": View(files=files, schema=SCHEMA)}},
        stamp={"adoption": count},
        disk=disk,
    )


def prepare(root: Path) -> None:
    """The state before: two datasets in use and one that is not, versions, and a catalog of one dataset."""
    store = open_faulty(root, Disk())
    for seed in (1, 2, GARBAGE):
        publish(store, seed)
    store.publish_version("adoption", {"datasets": [key_of(1)]})
    store.publish_version("other", {"datasets": [key_of(2)]})
    store.publish_version("past", {"datasets": [key_of(GARBAGE)]})
    store.publish_version("past", {"datasets": [key_of(2)]})
    catalog_of(store, 1)


GARBAGE = 5
"""The dataset on which only the first version of `past` stands."""


def fill_mirror(root: Path) -> None:
    """A mirror beside the store, of another that has gone on: a third dataset, and a version on it."""
    store = open_faulty(root.with_name("origin"), Disk())
    for seed in (1, 3):
        publish(store, seed)
    store.publish_version("adoption", {"datasets": [key_of(1)]})
    store.publish_version("adoption", {"datasets": [key_of(3)]})
    push(store, mirror_of(root))


def mirror_of(root: Path) -> Mirror:
    return Mirror(f"file://{root.with_name('mirror')}")


def change_dataset(root: Path, disk: Disk) -> None:
    """Publish a dataset whose parts too are written by the disk that fails."""

    def write(folder: Path) -> dict[str, Any]:
        table = pa.BufferOutputStream()
        pq.write_table(numbers(3), table)
        disk.write(folder / "agents.parquet", table.getvalue().to_pybytes())
        disk.make_folder(folder / "notes")
        disk.write(folder / "notes" / "reading.txt", b"seed 3\n")
        return {"mean": 3049.5}

    open_faulty(root, disk).publish(key_of(3), stage="runs", inputs={"seed": 3}, write=write)


def change_version(root: Path, disk: Disk) -> None:
    open_faulty(root, disk).publish_version("adoption", {"datasets": [key_of(2)]})


def change_catalog(root: Path, disk: Disk) -> None:
    catalog_of(open_faulty(root, disk), 2, disk)


def change_by_pulling(root: Path, disk: Disk) -> None:
    pull(open_faulty(root, disk), mirror_of(root))


def change_by_collecting(root: Path, disk: Disk) -> None:
    collect(open_faulty(root, disk), 1, datetime(2100, 1, 1, tzinfo=UTC))


CHANGES: dict[str, Callable[[Path, Disk], None]] = {
    "dataset": change_dataset,
    "version": change_version,
    "catalog": change_catalog,
    "pull": change_by_pulling,
    "collection": change_by_collecting,
}


def keep_changing(root: Path) -> None:
    """Publish datasets, versions and catalogs with growing numbers until killed."""
    store = open_faulty(root, Disk())
    current = store.current("adoption")
    number = current[1]["number"] if current else 0
    while True:
        number += 1
        store.get_or_build(key_of(number), stage="runs", inputs={"seed": number}, write=_writer(number))
        store.publish_version("adoption", {"number": number})
        catalog_of(store, number)


def _writer(seed: int) -> Callable[[Path], dict[str, Any]]:
    from .making import writer

    return writer(seed)


class Nursery:
    """The process that forks one process per case."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "store.faulty"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def run(self, **case: Any) -> int:
        """Run a case in a process of its own; returns its wait status as an exit code."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(case) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


def main() -> None:
    assert build_catalog  # loaded, with all it needs, once and before the forks
    numbers(0)  # the first table makes Arrow look for pandas, which takes longer than a case
    for line in sys.stdin:
        case = json.loads(line)
        child = os.fork()
        if child == 0:
            _live(case)
        if case["change"] == "all":
            _kill_after(child, case["seconds"])
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


def _live(case: dict[str, Any]) -> None:
    code = 1
    try:
        root = Path(case["root"])
        if case["change"] == "all":
            keep_changing(root)
        else:
            CHANGES[case["change"]](root, FaultyDisk(case["point"], case["mode"]))
        code = 0
    finally:
        os._exit(code)


def _kill_after(child: int, seconds: float) -> None:
    """Kill it at a moment of its own time: on a busy machine it gets as far as on an idle one."""
    import time

    clock = ~child << 3 | 2  # the processor time of that process; see clock_getcpuclockid(3)
    while time.clock_gettime(clock) < seconds:
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return  # it died by itself, which its status will tell
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main()
