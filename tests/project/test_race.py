"""Eight processes run one experiment at once: one works, the others get its result or are told who works."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from worldwright.project.locate import Project
from worldwright.project.query import run_query

PROCESSES = 8


def race(roots: list[Path], data: Path) -> list[dict[str, Any] | None]:
    """What `worldwright run growth` answered in each project, with one store; None where it was refused."""
    command = [sys.executable, "-m", "worldwright.cli.main", "--data", str(data), "run", "growth"]
    runners = [
        subprocess.Popen(
            [*command, "--workers", "1", "--json"], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for root in roots
    ]
    answers: list[dict[str, Any] | None] = []
    for runner in runners:
        out, err = runner.communicate(timeout=300)
        if runner.returncode:
            assert runner.returncode == 3, err
            assert b"experiment-growth is in use by process" in err, err
            assert b"help" in err
            answers.append(None)
        else:
            answers.append(json.loads(out))
    return answers


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_eight_processes_that_ask_the_same_publish_one_version(tiny: Project) -> None:
    answers = race([tiny.root] * PROCESSES, tiny.data)
    finished = [answer for answer in answers if answer is not None]
    assert finished
    assert {answer["version"] for answer in finished} == {1}
    assert tiny.store.versions("growth") == [1]
    assert tiny.store.verify() == []
    again = race([tiny.root], tiny.data)
    assert again[0] is not None and again[0]["cached"]


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_eight_processes_that_ask_different_things_win_a_version_each_or_none(
    tiny: Project, tmp_path: Path
) -> None:
    roots = [tmp_path / str(seed) for seed in range(PROCESSES)]
    for seed, root in enumerate(roots):
        shutil.copytree(tiny.specs, root / "specs")
        document = root / "specs" / "experiments" / "growth.yaml"
        document.write_text(document.read_text().replace("seed: 9", f"seed: {100 + seed}"))
    answers = race(roots, tiny.data)
    won = {answer["version"]: 100 + seed for seed, answer in enumerate(answers) if answer is not None}
    finished = [answer for answer in answers if answer is not None]
    assert finished
    assert len(won) == len(finished), "two have won the same version"
    assert tiny.store.versions("growth") == sorted(won)
    for number, seed in won.items():
        assert tiny.store.version("growth", number)["experiment"]["seed"] == seed
    assert tiny.store.verify() == []
    (row,) = run_query(tiny, "SELECT version, seed FROM experiments").to_pylist()
    assert row == {"version": max(won), "seed": won[max(won)]}
