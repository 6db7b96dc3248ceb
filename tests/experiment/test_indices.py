"""Sensitivity measures against SALib's own analysis and against theory."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from SALib.analyze import morris as salib_morris
from SALib.analyze import sobol as salib_sobol

from worldwright.experiment.documents import Design, Morris, Range, SobolIndices
from worldwright.experiment.indices import (
    elementary_effects,
    morris_measures,
    sobol_indices,
    with_intervals,
)
from worldwright.experiment.sampling import unit_points

Array = npt.NDArray[np.float64]
CUBE = {f"world.x{i}": Range(min=-math.pi, max=math.pi) for i in (1, 2, 3)}
PROBLEM = {"num_vars": 3, "names": ["x1", "x2", "x3"], "bounds": [[0.0, 1.0]] * 3}
FIRST, TOTAL = [0.3139, 0.4424, 0.0], [0.5576, 0.4424, 0.2437]
"""Ishigami's function with a = 7, b = .1 (Ishigami and Homma 1990)."""


def ishigami(u: Array) -> Array:
    x = math.pi * (2 * u - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def radial(points: int, seed: int) -> Array:
    return unit_points(Design(sobol_indices=SobolIndices(points=points, ranges=CUBE)), seed)


def test_the_indices_are_salibs() -> None:
    y = ishigami(radial(64, 1))
    ours = sobol_indices(y.reshape(-1, 5))
    theirs = salib_sobol.analyze(PROBLEM, y, calc_second_order=False, seed=1)
    assert ours["S1"] == pytest.approx(theirs["S1"])
    assert ours["ST"] == pytest.approx(theirs["ST"])


def test_the_indices_of_ishigamis_function_come_out() -> None:
    found = sobol_indices(ishigami(radial(8192, 2)).reshape(-1, 5))
    assert found["S1"] == pytest.approx(FIRST, abs=0.01)
    assert found["ST"] == pytest.approx(TOTAL, abs=0.01)


def test_elementary_effects_are_salibs() -> None:
    points = unit_points(Design(morris=Morris(trajectories=20, levels=4, ranges=CUBE)), 5)
    y = ishigami(points)
    ours = morris_measures(elementary_effects(points, y[:, None])[:, :, 0])
    theirs = salib_morris.analyze(PROBLEM, points, y, num_levels=4, seed=1)
    for measure in ("mu_star", "mu", "sigma"):
        assert ours[measure] == pytest.approx(theirs[measure])


def test_effects_of_a_linear_model_are_its_coefficients() -> None:
    points = unit_points(Design(morris=Morris(trajectories=8, levels=4, ranges=CUBE)), 6)
    found = morris_measures(elementary_effects(points, (points @ [3.0, -2.0, 0.0])[:, None])[:, :, 0])
    assert found["mu"] == pytest.approx([3, -2, 0]) and found["mu_star"] == pytest.approx([3, 2, 0])
    assert found["sigma"] == pytest.approx([0, 0, 0], abs=1e-12)


def test_nothing_varies_without_a_warning() -> None:
    assert sobol_indices(np.ones((16, 5)))["ST"].tolist() == [0, 0, 0]


def test_the_intervals_cover_the_true_indices() -> None:
    # 40 scrambled designs × 6 indices; nominal 95 %. 18 of 240 misses or fewer are to be expected with
    # probability .93 were they independent and exact; percentile intervals of ratios are a little short.
    missed = 0
    for seed in range(40):
        prepared = ishigami(radial(256, seed)).reshape(-1, 5, 1)
        found = with_intervals(prepared, sobol_indices, seed, resamples=200)
        for measure, truth in (("S1", FIRST), ("ST", TOTAL)):
            missed += sum(
                not low <= t <= high for (_, low, high), t in zip(found[measure], truth, strict=True)
            )
    assert missed <= 24, missed


def test_replicates_that_share_their_noise_widen_the_intervals() -> None:
    y = ishigami(radial(128, 3))
    shifts = np.linspace(-1, 1, 8)
    alone = with_intervals(y.reshape(-1, 5, 1), sobol_indices, 1, 200)
    tilted = np.stack([y * (1 + shift) for shift in shifts] + [y], axis=1).reshape(-1, 5, 9)
    assert with_intervals(tilted, sobol_indices, 1, 200)["S1"][0][0] == pytest.approx(alone["S1"][0][0])
    points = radial(128, 3)
    other = np.stack([y + 6 * shift * points[:, 2] for shift in shifts], axis=1).reshape(-1, 5, 8)
    wide = with_intervals(other, sobol_indices, 1, 200)["S1"][2]
    narrow = with_intervals(other.mean(axis=2, keepdims=True), sobol_indices, 1, 200)["S1"][2]
    assert wide[2] - wide[1] > 1.02 * (narrow[2] - narrow[1])
