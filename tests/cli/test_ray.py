"""`--ray ADDRESS`: the same files and the same results as without, from worlds that are locked as ever."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pytest

from tests.cli.test_commands import worldwright
from tests.executors import work
from tests.population.backends.specs import content_digest, with_scenario
from worldwright.executors import ray_cluster
from worldwright.population import Ray, plan, sample
from worldwright.project.locate import Project

pytestmark = pytest.mark.ray
SPEC = "specs/scenarios/rumour.yaml"


def test_a_sampled_file_is_the_same(tiny: Project, ray_address: str) -> None:
    for out, how in (("here", ("--workers", "2")), ("there", ("--ray", ray_address))):
        done = worldwright("sample", SPEC, "-n", "300000", *how, "-o", f"{out}.parquet", cwd=tiny.root)
        assert done.returncode == 0, done.stderr
        assert "ray" not in done.stdout + done.stderr
    assert (tiny.root / "here.parquet").read_bytes() == (tiny.root / "there.parquet").read_bytes()


def test_an_experiment_has_the_same_digests(tiny: Project, ray_address: str) -> None:
    def stored(data: str, *how: str) -> dict[str, str]:
        done = worldwright("--data", data, "run", "rumour", *how, cwd=tiny.root)
        assert done.returncode == 0, done.stderr
        found = [json.loads(path.read_text()) for path in (tiny.root / data).rglob("manifest.json")]
        return {manifest["key"]: manifest["digest"] for manifest in found}

    here, there = stored("here", "--workers", "2"), stored("there", "--ray", ray_address)
    assert len(here) > 12
    assert here == there


def test_a_killed_worker_in_the_middle_changes_nothing(ray_address: str) -> None:
    made, agents = plan(with_scenario(), 5), 30_000

    def disturbed(stream: Iterator[pa.Table]) -> Iterator[pa.Table]:
        yield next(stream)
        workers = _workers_at_work()
        assert workers
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        yield from stream

    with Ray(ray_address, share=500) as backend:
        tables = list(disturbed(backend.batches(made, agents, size=500)))
    assert content_digest(pa.concat_tables(tables)) == content_digest(sample(made, 0, agents))


def _workers_at_work() -> list[int]:
    """Ray's workers on this machine that are at one of our items."""
    found: list[int] = []
    for _ in range(100):
        for entry in Path("/proc").iterdir():
            try:
                title = (entry / "cmdline").read_text() if entry.name.isdigit() else ""
            except OSError:
                continue
            if title.startswith("ray::compute"):
                found.append(int(entry.name))
        if found:
            break
        time.sleep(0.02)
    return found


def test_worlds_on_nodes_are_locked(ray_address: str) -> None:
    with ray_cluster(ray_address) as executor:
        tried = list(executor.map(work.probe_world, ["open", "udp", "fork", "executable-memory"]))
    assert tried[:3] == ["refused: PermissionError"] * 3
    assert tried[3] == "done"


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")
def test_an_address_without_a_cluster_leaves_no_file(tiny: Project) -> None:
    done = worldwright("sample", SPEC, "--ray", "127.0.0.1:1", "-o", "x.parquet", cwd=tiny.root)
    assert done.returncode == 3
    assert "127.0.0.1:1: the Ray cluster cannot be reached" in done.stderr and "help:" in done.stderr
    assert not list(tiny.root.glob("*.parquet")) and not list(tiny.root.glob(".*.tmp"))
