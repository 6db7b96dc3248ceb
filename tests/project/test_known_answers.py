"""Experiments under specs/ whose answer is known from theory come to it."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

from tests.conftest import fixed_clock
from worldwright.executors import serial
from worldwright.project.locate import Project
from worldwright.project.run import run_experiment

SPECS = Path(__file__).parents[2] / "specs"


def final_size(r0: float) -> float:
    """The share an epidemic reaches among people who mix freely, 1 % of whom begin it."""
    z = 1.0
    for _ in range(1000):
        z = 1 - 0.99 * math.exp(-r0 * z)
    return z


def test_the_intervals_of_an_epidemic_s_size_hold_the_theory(tmp_path: Path) -> None:
    shutil.copytree(SPECS, tmp_path / "specs")
    project = Project(tmp_path, tmp_path / "data", fixed_clock)
    with serial() as executor:
        answer = run_experiment(project, "epidemic-size", executor, lambda _: None).answer
    assert len(answer.rows) == 3
    for row, r0 in zip(answer.rows, (1.5, 2, 3), strict=True):
        assert row.low is not None
        assert row.high is not None
        assert row.low <= final_size(r0) <= row.high
        assert row.high - row.low < 0.05
