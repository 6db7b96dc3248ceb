from __future__ import annotations

import os
import signal
from pathlib import Path

import dagster as dg
import pytest

from tests.conftest import PROJECTS

from .shipped import Shipped, shipped_project, wait_until


@pytest.fixture
def shipped(tmp_path: Path) -> Shipped:
    return shipped_project(tmp_path / "village", PROJECTS / "tiny" / "specs")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_project_elsewhere_runs_through_dagster_and_shows_its_answer(shipped: Shipped) -> None:
    first = shipped.call("pipelines.run", "growth")
    assert first.returncode == 0, first.stderr
    assert "How many cells are there after twelve ticks?" in first.stdout
    assert "birth=0.05" in first.stdout
    (report,) = [line.split()[1] for line in first.stdout.splitlines() if line.startswith("Report:")]
    assert (shipped.root / report).is_file()
    assert "worldwright query" in first.stdout
    assert "DEBUG" not in first.stderr
    assert "STEP_START" not in first.stderr
    assert "simulation_runs" in first.stderr

    begun = cpu_seconds()
    second = shipped.call("pipelines.run", "growth")
    assert second.returncode == 0, second.stderr
    assert cpu_seconds() - begun < 15  # not the wall clock: other work on the machine must not fail this
    assert "Everything was there already" in second.stdout

    runs = shipped.history()
    assert [run.status for run in runs] == [dg.DagsterRunStatus.SUCCESS] * 2
    assert {run.tags["dagster/partition"] for run in runs} == {"growth"}
    assert not (shipped.root / ".tmp_dagster_home").exists()


def test_what_is_wrong_is_said_as_on_the_command_line(shipped: Shipped) -> None:
    unknown = shipped.call("pipelines.run", "grwoth")
    assert unknown.returncode == 2
    assert "did you mean 'growth'?" in unknown.stderr
    assert not (shipped.root / ".dagster").exists()

    edit(shipped.root / "specs" / "experiments" / "growth.yaml", "world.birth", "world.brith")
    broken = shipped.call("pipelines.run", "growth")
    assert broken.returncode == 1
    assert "specs/experiments/growth.yaml:8:" in broken.stderr
    assert "help: did you mean 'birth'? its parameters are: birth, trap" in broken.stderr
    assert "Traceback" not in broken.stderr
    assert not (shipped.root / "data" / "objects").exists()
    assert [run.status for run in shipped.history()] == [dg.DagsterRunStatus.FAILURE]


def cpu_seconds() -> float:
    """Spent so far by the processes that ended and were waited for."""
    times = os.times()
    return times.children_user + times.children_system


@pytest.mark.faults
def test_a_killed_run_goes_on_where_it_stopped_and_is_not_left_running(shipped: Shipped) -> None:
    edit(
        shipped.root / "specs" / "experiments" / "growth.yaml",
        "replicates: {min: 4, max: 12, until: {metric: cells, relative_half_width: .2}}",
        "replicates: 60",
    )

    def finished() -> set[Path]:
        return set((shipped.root / "data").glob("objects/run/*/*/manifest.json"))

    process = shipped.start("pipelines.run", "growth")
    wait_until(lambda: len(finished()) >= 4 or process.poll() is not None, "four finished runs")
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    kept = {path: path.stat().st_mtime_ns for path in finished()}
    assert 4 <= len(kept) < 120
    assert [run.status for run in shipped.history()] == [dg.DagsterRunStatus.STARTED]

    again = shipped.call("pipelines.run", "growth")
    assert again.returncode == 0, again.stderr
    assert len(finished()) == 120
    assert kept.items() <= {path: path.stat().st_mtime_ns for path in finished()}.items()
    statuses = [run.status for run in shipped.history()]
    assert statuses == [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
