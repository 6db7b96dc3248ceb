"""Sensitivity from a document to its table and its picture, on a function whose indices are known."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest

from tests.conftest import PROJECTS, fixed_clock
from worldwright.diagnostics import DocumentError
from worldwright.executors import processes, serial
from worldwright.project.locate import Project
from worldwright.project.query import run_query
from worldwright.project.run import Outcome, run_experiment

FIRST = {"world.x1": 0.3139, "world.x2": 0.4424, "world.x3": 0.0}
TOTAL = {"world.x1": 0.5576, "world.x2": 0.4424, "world.x3": 0.2437}
"""Ishigami's function with a = 7, b = .1 (Ishigami and Homma 1990)."""


@pytest.fixture
def ishigami(tmp_path: Path) -> Project:
    root = tmp_path / "ishigami"
    shutil.copytree(PROJECTS / "ishigami", root)
    return Project(root, root / "data", fixed_clock)


def run(project: Project, name: str, workers: int = 1) -> Outcome:
    with serial() if workers == 1 else processes(workers) as executor:
        return run_experiment(project, name, executor, lambda _: None)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_known_indices_of_ishigamis_function_lie_in_the_intervals(ishigami: Project) -> None:
    outcome = run(ishigami, "ishigami", 2)
    assert len(outcome.answer.rows) == 64 * 5
    rows = run_query(ishigami, "select * from sensitivity").to_pylist()
    assert len(rows) == 6
    for row in rows:
        truth = (FIRST if row["measure"] == "S1" else TOTAL)[row["factor"]]
        assert row["low"] <= truth <= row["high"], row
        assert abs(row["value"] - truth) < 0.2 and row["high"] - row["low"] < 0.7
        assert (row["method"], row["points"], row["replicates"]) == ("sobol_indices", 64, 1)
    variance = run_query(ishigami, "select var_pop(value) as v from ishigami.outcomes").column("v")[0].as_py()
    assert variance == pytest.approx(13.8446, rel=0.1)
    recorded = run_query(ishigami, "select x1, x2, x3, value from ishigami.outcomes limit 50").to_pylist()
    for row in recorded:
        y = math.sin(row["x1"]) + 7 * math.sin(row["x2"]) ** 2 + 0.1 * row["x3"] ** 4 * math.sin(row["x1"])
        assert row["value"] == pytest.approx(y, abs=1e-9)
    page = (ishigami.root / outcome.report).read_text(encoding="utf-8")
    assert "What matters most" in page and "with all it takes part in (ST)" in page
    _, record = ishigami.store.current("ishigami") or (0, {})
    report = ishigami.store.get(record["datasets"]["experiment_report"]["report"]["key"])
    assert report.file("sensitivity.png").read_bytes().startswith(b"\x89PNG")


def test_screening_finds_the_factor_that_does_nothing_and_counts_whole_numbers(tiny: Project) -> None:
    edit(
        tiny.specs / "experiments" / "growth.yaml",
        "grid: {world.birth: [.05, .2]}",
        "morris: {trajectories: 4, ranges: "
        "{world.birth: {min: .05, max: .3}, world.trap: {min: 50, max: 90}}}",
    )
    edit(
        tiny.specs / "experiments" / "growth.yaml",
        "{min: 4, max: 12, until: {metric: cells, relative_half_width: .2}}",
        "3",
    )
    run(tiny, "growth")
    found = {
        (row["factor"], row["measure"]): row
        for row in run_query(tiny, "select * from sensitivity").to_pylist()
    }
    births, trap = found["world.birth", "mu_star"], found["world.trap", "mu_star"]
    assert births["low"] > 0 and (births["points"], births["replicates"]) == (4, 3)
    assert (trap["value"], trap["low"], trap["high"]) == (0, 0, 0), "no run lasts until the trap"
    assert all(
        isinstance(v, int) for v in run_query(tiny, "select trap from growth.cells").column(0).to_pylist()
    )
    assert run_query(tiny, "select count(*) as n from effects").to_pylist() == [{"n": 0}]


def test_an_incomplete_design_measures_nothing(tiny: Project) -> None:
    path = tiny.specs / "experiments" / "growth.yaml"
    ranges = "{world.birth: {min: .05, max: .3}, world.trap: {min: 10, max: 20}}"
    edit(path, "grid: {world.birth: [.05, .2]}", f"morris: {{trajectories: 4, ranges: {ranges}}}")
    edit(path, "{min: 4, max: 12, until: {metric: cells, relative_half_width: .2}}", "1")
    assert run(tiny, "growth").failed > 0
    assert run_query(tiny, "select count(*) as n from sensitivity").to_pylist() == [{"n": 0}]


def test_a_range_beyond_what_the_parameter_can_be_is_found_before_anything_runs(tiny: Project) -> None:
    edit(
        tiny.specs / "experiments" / "growth.yaml",
        "grid: {world.birth: [.05, .2]}",
        "latin_hypercube: {cells: 8, ranges: {world.birth: {min: .05, max: 1.5}}}",
    )
    with pytest.raises(DocumentError) as caught:
        run(tiny, "growth")
    (error,) = caught.value.diagnostics
    assert error.slug == "factor-value" and "birth" in error.message
    assert error.span is not None and error.span.start.line == 8
