"""A Ray cluster of two nodes on this machine, in a process of its own; ends with its standard input.

`python ray_nodes.py FOLDER` prints the address of its head once both nodes are up.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

OBJECT_STORE = 80 << 20
"""Bytes; the least Ray takes is 75 MiB."""


@contextmanager
def two_nodes() -> Generator[tuple[str, subprocess.Popen[str]]]:
    """The address of a cluster of two nodes with one CPU each, and the process that ends it."""
    folder = tempfile.mkdtemp(prefix="ww-ray-")  # short: the paths of sockets are limited
    process = subprocess.Popen(
        [sys.executable, "-P", __file__, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={"RAY_USAGE_STATS_ENABLED": "0", "PATH": "/usr/bin:/bin", "HOME": folder},
    )
    try:
        assert process.stdin is not None and process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, "the cluster did not start"
        yield address, process
    finally:
        if process.stdin is not None:
            process.stdin.close()
        if process.stdout is not None:
            process.stdout.close()
        process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def main(folder: str) -> None:
    from ray.cluster_utils import Cluster

    node: dict[str, Any] = {
        "num_cpus": 1,
        "object_store_memory": OBJECT_STORE,
        "node_ip_address": "127.0.0.1",
    }
    head = {**node, "include_dashboard": False, "temp_dir": folder}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    cluster.add_node(**node)
    sys.stdout.write(f"{cluster.address}\n")
    sys.stdout.flush()
    sys.stdin.read()
    cluster.shutdown()


if __name__ == "__main__":
    main(sys.argv[1])
