"""What is particular to worker processes: laziness, errors, deaths, and files that are whole or not there."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from tests.population.backends.specs import with_scenario
from tests.population.builder import build
from worldwright.errors import SamplingError, UsageError, WorldwrightError
from worldwright.population import Processes, batches, plan, sample, write_parquet
from worldwright.population.backends import Backend, memory

BAD = 5000
FRAGILE = {"x": {"distribution": {"uniform": {"min": 0, "max": 1}}}, "y": {"formula": "log(x - 0.001)"}}


@pytest.fixture(scope="module")
def two() -> Iterator[Processes]:
    with Processes(2, share=500) as backend:
        yield backend


def children() -> set[int]:
    tasks = Path("/proc/self/task").iterdir()
    return {int(pid) for task in tasks for pid in (task / "children").read_text().split()}


def test_memory_and_processes_are_backends(two: Processes) -> None:
    backends: list[Backend] = [memory, two]
    made = plan(with_scenario(), 3)
    one, other = (pa.concat_tables(backend.batches(made, 2100, size=600)) for backend in backends)
    assert one.equals(other)


@pytest.mark.parametrize("size", [1, 7, 1000, 10**6])
def test_batches_have_the_size_asked_for(two: Processes, size: int) -> None:
    made = plan(with_scenario(), 3)
    agents = 5 if size == 1 else 40 if size == 7 else 2500
    here, there = list(batches(made, agents, size)), list(two.batches(made, agents, size))
    assert [table.num_rows for table in here] == [table.num_rows for table in there]
    assert all(a.equals(b) for a, b in zip(here, there, strict=True))


def test_agents_that_are_left_out_are_left_out_there_too(two: Processes) -> None:
    population = build(
        {"x": {"type": "int", "distribution": {"uniform": {"min": 0, "max": 3}}}, "y": {"formula": "x * 2"}},
        constraints=[{"condition": "x < 1 or x > 1", "redraw": ["x"], "drop": True}],
    )
    made = plan(population, 3)
    assert two.sample(made, 11, 2000).equals(sample(made, 11, 2000))


def test_the_file_is_the_same(two: Processes, tmp_path: Path) -> None:
    made = plan(with_scenario(), 3)
    write_parquet(batches(made, 3000), tmp_path / "here.parquet")
    write_parquet(two.batches(made, 3000, size=700), tmp_path / "there.parquet")
    assert (tmp_path / "here.parquet").read_bytes() == (tmp_path / "there.parquet").read_bytes()


def test_a_hundred_billion_agents_are_begun_one_table_at_a_time() -> None:
    with Processes(2) as backend:
        stream = backend.batches(plan(with_scenario(), 3), 10**11, size=50)
        assert [next(stream).num_rows for _ in range(20)] == [50] * 20
        stream.close()  # type: ignore[attr-defined]
        assert backend.sample(plan(with_scenario(), 3), 0, 10).num_rows == 10


def test_an_agent_that_cannot_be_drawn_is_named_and_leaves_no_file(two: Processes, tmp_path: Path) -> None:
    made = plan(build(FRAGILE), 1)
    with pytest.raises(SamplingError) as here:
        sample(made, 0, BAD)
    with pytest.raises(SamplingError) as there:
        write_parquet(two.batches(made, BAD, size=500), tmp_path / "out.parquet")
    assert (there.value.what, there.value.where) == (here.value.what, here.value.where)
    assert list(tmp_path.iterdir()) == []


def test_a_worker_that_is_killed_is_an_error_and_leaves_no_file(tmp_path: Path) -> None:
    before = children()

    def interrupted(backend: Processes) -> Iterator[pa.Table]:
        stream = backend.batches(plan(with_scenario(), 3), 10**9, size=2000)
        yield next(stream)
        for worker in children() - before:
            os.kill(worker, signal.SIGKILL)
        yield from stream

    with Processes(2) as backend, pytest.raises(WorldwrightError, match="worker process died"):
        write_parquet(interrupted(backend), tmp_path / "out.parquet")
    assert list(tmp_path.iterdir()) == []
    assert children() <= before


def test_impossible_numbers_are_refused(two: Processes) -> None:
    made = plan(with_scenario(), 3)
    with pytest.raises(UsageError, match="at least one worker"):
        Processes(0)
    with pytest.raises(UsageError, match="at least one agent"):
        Processes(1, share=0)
    with pytest.raises(UsageError, match="not negative"):
        two.sample(made, -1, 5)
    with pytest.raises(UsageError, match="size of at least 1"):
        next(two.batches(made, 5, size=0))
