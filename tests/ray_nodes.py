"""A Ray cluster of two nodes on this machine, in a process of its own; ends with its standard input.

`python ray_nodes.py FOLDER` prints the address of its head once both nodes are up, and kills the other node
when it is sent a line.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

OBJECT_STORE = 80 << 20
"""Bytes; the least Ray takes is 75 MiB."""


class Nodes:
    """A running cluster of two nodes with one CPU each."""

    def __init__(self, folder: str) -> None:
        kept = {key: value for key, value in os.environ.items() if key == "NUMBA_CACHE_DIR"}
        self._process = subprocess.Popen(
            [sys.executable, "-P", __file__, folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**kept, "RAY_USAGE_STATS_ENABLED": "0", "PATH": "/usr/bin:/bin", "HOME": folder},
        )
        self.address = self._heard()

    def lose_one(self) -> None:
        """Kill the node that is not the head."""
        assert self._process.stdin is not None
        self._process.stdin.write("lose\n")
        self._process.stdin.flush()
        assert self._heard() == "lost"

    def end(self) -> None:
        """Stop the cluster; may be called again."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    def wait(self) -> None:
        """Until it has stopped."""
        self._process.wait(120)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _heard(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def two_nodes() -> Generator[Nodes]:
    """Two nodes; when it is left, none of their processes is."""
    folder = tempfile.mkdtemp(prefix="ww-ray-")  # short: the paths of sockets are limited
    nodes = Nodes(folder)
    try:
        assert nodes.address, "the cluster did not start"
        yield nodes
    finally:
        nodes.end()
        nodes.wait()
        left = processes_of(folder)
        end = time.monotonic() + 30
        while left and time.monotonic() < end:  # a raylet's workers leave when they notice
            time.sleep(0.1)
            left = processes_of(folder)
        shutil.rmtree(folder, ignore_errors=True)
    assert not left, f"still running: {left}"


def processes_of(folder: str) -> list[int]:
    """Those that were started with a folder or hold a file in it open, as all of Ray's hold their logs."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        held: list[str] = []
        with suppress(OSError):  # it has ended meanwhile
            held.append((entry / "cmdline").read_text(errors="replace"))
            held += [str(file.readlink()) for file in (entry / "fd").iterdir()]
        if any(folder in text for text in held):
            found.append(int(entry.name))
    return found


def main(folder: str) -> None:
    from ray.cluster_utils import Cluster

    node: dict[str, Any] = {
        "num_cpus": 1,
        "object_store_memory": OBJECT_STORE,
        "node_ip_address": "127.0.0.1",
    }
    head = {**node, "include_dashboard": False, "temp_dir": folder}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    other = cluster.add_node(**node)
    tell(str(cluster.address))
    for _ in sys.stdin:
        cluster.remove_node(other, allow_graceful=False)
        tell("lost")
    cluster.shutdown()


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
