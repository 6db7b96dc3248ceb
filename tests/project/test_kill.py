"""kill -9 in the middle: nothing survives it, nothing is lost, and the bytes are the same afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from worldwright.executors import serial
from worldwright.experiment import Progressed
from worldwright.project.locate import Project
from worldwright.project.run import run_experiment

WAIT = 60.0


def start(project: Project) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "worldwright.cli.main", "run", "growth", "--workers", "2"],
        cwd=project.root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def finished_runs(project: Project) -> set[Path]:
    return set(project.data.glob("objects/run/*/*/manifest.json"))


def descendants(pid: int) -> set[int]:
    """All processes below one, found through /proc."""
    children: dict[int, set[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            children.setdefault(parent, set()).add(int(entry.name))
    found, waiting = set[int](), [pid]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            found.add(child)
            waiting.append(child)
    return found


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < deadline, f"waited {WAIT} s for: {what}"
        time.sleep(0.02)


def lengthen(project: Project) -> None:
    path = project.specs / "experiments" / "growth.yaml"
    text = path.read_text()
    short = "replicates: {min: 4, max: 12, until: {metric: cells, relative_half_width: .2}}"
    assert short in text
    path.write_text(text.replace(short, "replicates: 60"))


def kill_in_the_middle(project: Project) -> None:
    before = len(finished_runs(project))
    process = start(project)
    wait_until(lambda: len(finished_runs(project)) > before or process.poll() is not None, "a finished run")
    below = descendants(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    wait_until(lambda: not any(map(alive, below)), "every worker to end with its parent")


def resumes(project: Project, kills: int, tmp_path: Path) -> None:
    lengthen(project)
    for _ in range(kills):
        kill_in_the_middle(project)
    kept = {path: path.stat().st_mtime_ns for path in finished_runs(project)}
    assert kept
    told: list[Progressed] = []
    with serial() as executor:
        resumed = run_experiment(project, "growth", executor, told.append)
    assert told[-1].cached == len(kept), "a finished run was run again"
    assert kept.items() <= {path: path.stat().st_mtime_ns for path in finished_runs(project)}.items()
    with serial() as executor:
        fresh = run_experiment(Project(project.root, tmp_path / "fresh"), "growth", executor, lambda _: None)
    assert {s.stage: s.digest for s in fresh.staged} == {s.stage: s.digest for s in resumed.staged}


def test_a_killed_run_resumes_to_the_same_bytes_and_leaves_no_process(tiny: Project, tmp_path: Path) -> None:
    resumes(tiny, 1, tmp_path)


@pytest.mark.faults
def test_a_run_killed_again_and_again_still_ends_in_the_same_bytes(tiny: Project, tmp_path: Path) -> None:
    resumes(tiny, 6, tmp_path)
