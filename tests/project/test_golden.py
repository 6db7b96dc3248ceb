"""Stores of earlier releases are read by this version: verified, asked, and done again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import fixed_clock
from tests.golden.make import algorithms, answers
from worldwright.errors import UsageError
from worldwright.executors import serial
from worldwright.project.answer import answer_of
from worldwright.project.locate import Project
from worldwright.project.reproduce import reproduce
from worldwright.project.run import run_experiment
from worldwright.store import collect

GOLDEN = sorted(path.parent for path in (Path(__file__).parents[1] / "golden").glob("*/made.json"))


REFINED = {("lineage", "parent")}
"""What a later version may tell in another way: since 0.1.0 was begun, edges lead to specs by their keys."""


@pytest.fixture(params=GOLDEN, ids=lambda path: path.name)
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    root = tmp_path / request.param.name
    shutil.copytree(request.param, root)
    return Project(root, root / "data", fixed_clock)


def told(project: Project, name: str) -> Any:
    return json.loads((project.root / f"{name}.json").read_text(encoding="utf-8"))


def test_there_is_one() -> None:
    assert [path.name for path in GOLDEN][:1] == ["0.1.0"]


def test_its_catalog_is_built_anew_and_answers_as_it_did(golden: Project) -> None:
    assert golden.store.verify() == []
    before, now = told(golden, "answers"), answers(golden)
    for table, rows in before.items():
        columns = [name for name in (rows[0] if rows else ()) if (table, name) not in REFINED]
        known, wanted = ([[row[name] for name in columns] for row in found] for found in (now[table], rows))
        if table in {refined for refined, _ in REFINED}:
            known, wanted = ([row for at, row in enumerate(x) if row not in x[:at]] for x in (known, wanted))
        assert known == wanted, table
    assert [row.mean for row in answer_of(golden, "rumour").rows]
    assert golden.store.versions("growth") == [1, 2]
    assert golden.store.version("growth", 1)["experiment"]["ticks"] == 12
    assert golden.store.verify() == []


def test_its_runs_are_done_again_to_the_same_values(golden: Project) -> None:
    current = told(golden, "made")["algorithms"] == algorithms()
    keys = [row["run"] for row in told(golden, "answers")["runs"]]
    assert len(keys) == 8
    for key in keys if current else keys[:1]:
        try:
            found = reproduce(golden, key)
        except UsageError as error:
            assert not current, error
            assert "or the engine changed since" in (error.why or "")
        else:
            differences = {part.difference for part in found.parts}
            assert all(d is None or "the values are the same" in d for d in differences), differences


def test_its_experiments_go_on_from_what_is_there(golden: Project) -> None:
    made = told(golden, "made")
    for name in ("rumour", "growth"):
        before = golden.store.versions(name)
        with serial() as executor:
            outcome = run_experiment(golden, name, executor, lambda _: None)
        if made["algorithms"] == algorithms():
            assert all(stage.hit for stage in outcome.staged if stage.stage != "experiment_report")
        assert outcome.version in (before[-1], before[-1] + 1)
    collect(golden.store, 1, fixed_clock())
    assert golden.store.verify() == []
