"""Designs over ranges: where their cells lie, and that they are the same every time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from worldwright.experiment import read_experiment
from worldwright.experiment.design import design_cells
from worldwright.experiment.documents import Range
from worldwright.experiment.sampling import setting, unit_points

HEAD = """\
worldwright: experiment/1
name: try
world: w
ticks: 10
seed: {seed}
replicates: 2
design: {design}
"""
RANGES = (
    "ranges: {world.a: {min: 0, max: 1}, world.b: {min: 1, max: 1000, log: true}, world.n: {min: 1, max: 6}}"
)


def document(design: str, seed: int = 3) -> Any:
    found, _, problems = read_experiment(HEAD.format(seed=seed, design=design), "try.yaml")
    assert found is not None, problems
    return found


def settings(design: str, seed: int = 3) -> list[dict[str, Any]]:
    return [cell.settings for cell in design_cells(document(design, seed), {"world.n"})]


def test_a_latin_hypercube_has_one_cell_in_every_slice_of_every_factor() -> None:
    cells = settings(f"{{latin_hypercube: {{cells: 60, {RANGES}}}}}")
    assert sorted(int(60 * cell["world.a"]) for cell in cells) == list(range(60))
    assert sorted(int(60 * math.log(cell["world.b"], 1000)) for cell in cells) == list(range(60))
    assert [sum(cell["world.n"] == n for cell in cells) for n in range(1, 7)] == [10] * 6
    assert all(isinstance(cell["world.n"], int) for cell in cells)


def test_sobol_points_fill_every_dyadic_box_and_a_longer_design_begins_with_the_same() -> None:
    few = settings(f"{{sobol: {{cells: 64, {RANGES}}}}}")
    many = settings(f"{{sobol: {{cells: 128, {RANGES}}}}}")
    assert many[:64] == few
    assert sorted(int(64 * cell["world.a"]) for cell in few) == list(range(64))
    boxes = {(int(8 * cell["world.a"]), int(8 * math.log(cell["world.b"], 1000))) for cell in few}
    assert len(boxes) == 64


@pytest.mark.parametrize("word", ["latin_hypercube", "sobol"])
def test_a_design_is_a_function_of_the_seed(word: str) -> None:
    design = f"{{{word}: {{cells: 16, {RANGES}}}}}"
    assert settings(design) == settings(design)
    assert settings(design) != settings(design, seed=4)


def test_the_points_for_indices_change_one_coordinate_at_a_time() -> None:
    points = unit_points(document(f"{{sobol_indices: {{points: 16, {RANGES}}}}}").design, 3)
    for a, *mixed, b in points.reshape(16, 5, 3):
        for factor, point in enumerate(mixed):
            expected = a.copy()
            expected[factor] = b[factor]
            assert (point == expected).all()


def test_a_trajectory_changes_each_factor_once_by_the_same_step() -> None:
    points = unit_points(document(f"{{morris: {{trajectories: 50, levels: 6, {RANGES}}}}}").design, 3)
    assert points.min() == 0 and points.max() == 1
    for walk in points.reshape(50, 4, 3):
        steps = np.diff(walk, axis=0)
        assert (np.count_nonzero(steps, axis=1) == 1).all()
        assert (np.count_nonzero(steps, axis=0) == 1).all()
        assert np.abs(steps[steps != 0]) == pytest.approx([6 / (2 * 5)] * 3)
    assert len({tuple(np.abs(np.diff(w, axis=0)).argmax(axis=1)) for w in points.reshape(50, 4, 3)}) == 6


def test_a_place_in_a_range_is_a_value_within_it() -> None:
    assert setting(Range(min=10, max=20), 0.25, whole=False) == 12.5
    assert setting(Range(min=0.1, max=0.3), 1.0, whole=False) == 0.3
    assert setting(Range(min=1, max=100, log=True), 0.5, whole=False) == 10.0
    assert {setting(Range(min=1, max=3), u / 100, whole=True) for u in range(101)} == {1, 2, 3}


@pytest.mark.parametrize(
    ("design", "said"),
    [
        (f"{{sobol: {{cells: 100, {RANGES}}}}}", "write 64 or 128"),
        ("{latin_hypercube: {cells: 10, ranges: {world.a: {min: 2, max: 1}}}}", "min is 2, max 1"),
        ("{latin_hypercube: {cells: 10, ranges: {world.a: {min: 0, max: 1, log: true}}}}", "above 0"),
        ("{latin_hypercube: {cells: 10, ranges: {}}}", "no ranges"),
        (f"{{grid: {{world.a: [1]}}, sobol: {{cells: 16, {RANGES}}}}}", "`grid` and `sobol`"),
    ],
)
def test_a_design_that_cannot_be_meant_is_refused(design: str, said: str) -> None:
    _, _, found = read_experiment(HEAD.format(seed=1, design=design), "try.yaml")
    (error,) = [d for d in found if d.is_error]
    assert error.slug == "design-shape" and said in f"{error.message} {error.help}"
