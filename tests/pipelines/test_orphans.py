from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import dagster as dg
import pytest

from assets.processes import is_alive, this_process
from assets.resources import PROCESS_TAG, Workspace
from pipelines.definitions import build_definitions
from pipelines.orphans import end_orphans

NAME = """
import sys
from assets.processes import this_process
print(this_process(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process, and the name it has for itself."""
    with subprocess.Popen(
        [sys.executable, "-c", NAME], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
        process.kill()


def test_a_process_is_known_to_live_until_it_is_killed(other: tuple[subprocess.Popen[str], str]) -> None:
    process, name = other
    assert is_alive(name)
    assert is_alive(this_process())
    process.kill()
    process.wait()
    assert not is_alive(name)


def test_a_process_of_another_boot_or_with_a_reused_number_is_not_alive() -> None:
    boot, number, started = this_process().split(":")
    assert not is_alive(f"another-boot:{number}:{started}")
    assert not is_alive(f"{boot}:{number}:{int(started) + 1}")


def test_a_run_whose_process_was_killed_is_ended_and_others_are_not(
    workspace: Workspace, instance: dg.DagsterInstance, other: tuple[subprocess.Popen[str], str]
) -> None:
    process, name = other
    job = build_definitions(workspace).resolve_job_def("experiment")
    killed, living, unknown = (
        instance.create_run_for_job(job, tags=tags, status=dg.DagsterRunStatus.STARTED).run_id
        for tags in ({PROCESS_TAG: name}, {PROCESS_TAG: this_process()}, {})
    )
    assert end_orphans(instance) == []
    process.kill()
    process.wait()
    assert end_orphans(instance) == [killed]
    statuses = {run.run_id: run.status for run in instance.get_runs()}
    assert statuses[killed] is dg.DagsterRunStatus.FAILURE
    assert statuses[living] is statuses[unknown] is dg.DagsterRunStatus.STARTED
