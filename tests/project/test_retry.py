"""Runs that failed: what would fail again is kept until asked for, what a limit ended is tried each time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from worldwright.cli.main import main
from worldwright.executors import serial
from worldwright.experiment import Progressed
from worldwright.project.locate import Project
from worldwright.project.query import run_query
from worldwright.project.run import Outcome, run_experiment

ALL = "{min: 4, max: 12, until: {metric: cells, relative_half_width: .2}}"


def edit(project: Project, file: str, *changes: tuple[str, str]) -> None:
    path = project.specs / file
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)


@pytest.fixture
def trapped(tiny: Project) -> Project:
    """Two cells of two runs; those of the second fail in the script."""
    edit(tiny, "experiments/growth.yaml", ("{world.birth: [.05, .2]}", "{world.trap: [0, 3]}"), (ALL, "2"))
    return tiny


def run(project: Project, *, retry: bool = False) -> tuple[Outcome, int]:
    """The outcome, and how many runs were really done."""
    told: list[Progressed] = []
    fresh = Project(project.root, project.data, project.clock)
    with serial() as executor:
        outcome = run_experiment(fresh, "growth", executor, told.append, retry_failed=retry)
    return outcome, told[-1].done - told[-1].cached


def test_a_failure_in_a_script_is_kept_until_it_is_asked_for_again(trapped: Project) -> None:
    first, done = run(trapped)
    assert (done, first.failed) == (4, 2)
    again, done = run(trapped)
    assert (done, again.failed, again.cached) == (0, 2, True)
    before = {p: p.stat().st_mtime_ns for p in trapped.data.glob("objects/run/*/*/*")}
    retried, done = run(trapped, retry=True)
    assert (done, retried.failed, retried.version) == (2, 2, 1), "the same failures are no new result"
    assert {p: p.stat().st_mtime_ns for p in trapped.data.glob("objects/run/*/*/*")} == before
    assert trapped.store.verify() == []


def forge_failure(project: Project) -> str:
    """Put a failure in the place of a run that is well, as an engine with a defect would have left it."""
    (key,) = (
        run_query(project, "SELECT run FROM runs WHERE cell = 0 AND replicate = 1").column("run").to_pylist()
    )
    stored = project.store.get(key)
    tables = {name: stored.table(name) for name in stored.parts}

    def write(folder: Path) -> dict[str, Any]:
        import pyarrow.parquet as pq

        for name, table in tables.items():
            pq.write_table(table.slice(0, 0), folder / name)
        return {**stored.facts, "status": "failed", "error": {"message": "a defect of the engine"}}

    project.store.publish(
        key, stage="run", inputs=stored.inputs, parents=stored.parents, write=write, replace=True
    )
    return key


def test_a_run_that_does_well_this_time_takes_the_failures_place(tiny: Project) -> None:
    edit(tiny, "experiments/growth.yaml", (ALL, "2"))
    well, _ = run(tiny)
    key = forge_failure(tiny)
    failing, done = run(tiny)
    assert (done, failing.failed, failing.version) == (0, 1, 2)
    assert failing.answer.rows[0].low is None
    mended, done = run(tiny, retry=True)
    assert (done, mended.failed, mended.version) == (1, 0, 3)
    assert mended.answer.rows == well.answer.rows
    assert tiny.store.get(key).facts["status"] == "ok"
    assert tiny.store.verify() == []
    assert run(tiny, retry=True)[1] == 0, "nothing failed, nothing is done again"


def test_a_run_that_a_limit_ended_is_tried_again_each_time(tiny: Project) -> None:
    edit(tiny, "experiments/growth.yaml", ("{world.birth: [.05, .2]}", "{world.trap: [0, 3]}"), (ALL, "1"))
    edit(tiny, "worlds/growth/cell.lua", ('error("fell into the trap")', "while true do end"))
    edit(tiny, "worlds/growth/world.yaml", ("metrics:", "limits: {seconds: 1, steps: 1000000000}\nmetrics:"))
    first, done = run(tiny)
    assert (done, first.failed) == (2, 1)
    again, done = run(tiny)
    assert (done, again.failed) == (1, 1), "what was killed is no result"
    (failure,) = run_query(tiny, "SELECT cell, message FROM failures").to_pylist()
    assert failure == {"cell": 1, "message": "killed after 1 seconds"}
    (row,) = run_query(tiny, "SELECT digest FROM runs WHERE cell = 1").to_pylist()
    assert row["digest"] is None


def test_the_command_offers_it(trapped: Project, capsys: pytest.CaptureFixture[str]) -> None:
    for more in ([], ["--retry-failed"]):
        with pytest.raises(SystemExit) as ended:
            main(["--project", str(trapped.root), "run", "growth", "--workers", "1", *more])
        assert ended.value.code == 3
        out = capsys.readouterr().out
        assert "2 runs failed" in out
        assert "worldwright run growth --retry-failed" in out
