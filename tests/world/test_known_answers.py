"""The worlds of specs/worlds that have a known answer give it; sources are in the heads of their scripts.

Tolerances are four standard errors at the number of replicates: each test fails by chance for about one in
16,000 seeds, and the seeds are fixed. The slow ones repeat them with more replicates.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute
import pytest
from scipy import stats
from scipy.optimize import brentq

from worldwright.world import Record, RunRequest, Worker, WorldProgram, WorldResult, load_world

pc: Any = pyarrow.compute
SPECS = Path(__file__).parents[2] / "specs" / "worlds"
LAST = Record(("last",))


def spec(name: str, **changed: tuple[str, str]) -> WorldProgram:
    """A world of specs/worlds; a text in its document may be changed for another."""

    def read_text(path: Path) -> str:
        text = path.read_text(encoding="utf-8")
        for before, after in changed.values() if path.name == "world.yaml" else ():
            assert before in text
            text = text.replace(before, after)
        return text

    program, found = load_world(SPECS / name, read_text)
    assert program is not None, found
    assert [d.code for d in found if d.is_error or "order" not in changed] == []
    return program


def run(
    worker: Worker, program: WorldProgram, ticks: int, replicate: int = 0, **parameters: float
) -> WorldResult:
    result = worker.run(
        RunRequest(program, ticks, 20251224, replicate=replicate, parameters=parameters, record=LAST)
    )
    assert result.status == "ok", result.failure
    return result


def series(result: WorldResult, metric: str) -> np.ndarray:
    table: Any = result.metrics
    return table.filter(pc.equal(table["metric"], metric))["value"].to_numpy()


def test_money_settles_where_theory_says(worker: Worker) -> None:
    """The share without money is √2 − 1, the Gini coefficient .57993."""
    n, ticks, start = 1000, 1000, 500
    result = run(worker, spec("money"), ticks)
    counts = np.zeros((ticks + 1, 41))
    for row in result.metrics.to_pylist():
        if row["metric"].startswith("w"):
            counts[row["tick"], int(row["metric"][1:])] = row["value"]
    late = counts[start:]
    assert (late.sum(axis=1) == n).all()
    share = late[:, 0] / n
    assert series(result, "broke")[start - 1 :] == pytest.approx(share)
    wealth = np.arange(41)
    mean = late @ wealth / n
    assert mean == pytest.approx(1, abs=1e-9)  # money is conserved
    below = np.cumsum(late, axis=1) / n
    gini = ((below * (1 - below)).sum(axis=1) / mean).mean()
    # autocorrelated over some ten ticks: about 50 independent looks at sd sqrt(.41 * .59 / 1000) = .0156
    assert share.mean() == pytest.approx(math.sqrt(2) - 1, abs=4 * 0.0156 / math.sqrt(50))
    assert gini == pytest.approx(0.57993, abs=0.01)


def final_size(r0: float) -> float:
    size: Any = brentq(lambda z: z - 1 + 0.99 * math.exp(-r0 * z), 1e-6, 1)
    return float(size)


@pytest.mark.parametrize(("r0", "tolerance"), [(1.5, 0.017), (2.0, 0.009), (3.0, 0.004)])
@pytest.mark.parametrize("replicates", [6, pytest.param(50, marks=pytest.mark.slow)])
def test_an_epidemic_reaches_its_final_size(
    worker: Worker, r0: float, tolerance: float, replicates: int
) -> None:
    program = spec("epidemic")
    sizes = [series(run(worker, program, 60, k, r0=r0), "reached")[-1] for k in range(replicates)]
    assert np.mean(sizes) == pytest.approx(final_size(r0), abs=tolerance * math.sqrt(50 / replicates))


@pytest.mark.parametrize("replicates", [6, pytest.param(50, marks=pytest.mark.slow)])
def test_a_product_spreads_as_bass_says(worker: Worker, replicates: int) -> None:
    program = spec("bass")
    curves = np.array([series(run(worker, program, 20, k), "adopted") for k in range(replicates)])
    expected = [0.0]
    for _ in range(20):
        expected.append(expected[-1] + (1 - expected[-1]) * (0.03 + 0.38 * expected[-1]))
    assert expected[10] == pytest.approx(0.7826, abs=5e-5)
    mean = curves.mean(axis=0)
    widen = math.sqrt(50 / replicates)
    assert mean[9] == pytest.approx(expected[10], abs=0.013 * widen)
    assert mean[19] == pytest.approx(0.9984, abs=0.002 * widen)
    assert abs(int(np.diff(np.concatenate([[0], mean])).argmax()) + 1 - 8) <= 1


@pytest.mark.parametrize("replicates", [40, pytest.param(400, marks=pytest.mark.slow)])
def test_births_and_deaths_grow_as_a_branching_process(worker: Worker, replicates: int) -> None:
    """The mean is 100 · 1.01^100 = 270.48, the standard deviation 70.8 (Harris 1963)."""
    program = spec("births")
    sizes = [series(run(worker, program, 100, k), "living")[-1] for k in range(replicates)]
    assert np.mean(sizes) == pytest.approx(270.48, abs=4 * 70.8 / math.sqrt(replicates))
    # the sample standard deviation of R values has a relative error near 1 / sqrt(2 R)
    assert np.std(sizes, ddof=1) == pytest.approx(70.8, rel=4 / math.sqrt(2 * replicates))


def clusters(result: WorldResult) -> list[np.ndarray]:
    x = np.sort(result.agents["x"].to_numpy())
    return np.split(x, np.flatnonzero(np.diff(x) > 0.01) + 1)


@pytest.mark.parametrize(
    ("epsilon", "ticks", "sizes", "places"),
    [(0.15, 13, [72, 57, 72], [0.2333, 0.5, 0.7667]), (0.25, 8, [201], [0.5])],
)
def test_opinions_gather_in_the_known_clusters(
    worker: Worker, epsilon: float, ticks: int, sizes: list[int], places: list[float]
) -> None:
    found = clusters(run(worker, spec("opinions"), ticks, epsilon=epsilon))
    assert [len(c) for c in found] == sizes
    assert [c.mean() for c in found] == pytest.approx(places, abs=5e-4)


# Conway's Life: known exactly. Within 100 ticks nothing reaches the edge of the small board.
LIVING = {10: 11, 50: 64, 100: 121, 200: 120, 500: 174, 821: 319, 1000: 156, 1103: 116}


def living(result: WorldResult, ticks: int) -> dict[int, float]:
    counts = dict(enumerate(series(result, "alive"), start=1))
    return {tick: counts[tick] for tick in LIVING if tick <= ticks}


def test_the_r_pentomino_lives_as_it_must(worker: Worker) -> None:
    result = run(worker, spec("life", board=("[700, 700]", "[120, 120]")), 100)
    assert living(result, 100) == {tick: n for tick, n in LIVING.items() if tick <= 100}


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_r_pentomino_settles_after_1103_ticks() -> None:
    with Worker(seconds=1100) as patient:
        result = run(patient, spec("life"), 1130)
    assert living(result, 1130) == LIVING
    assert set(series(result, "alive")[1102:]) == {116}


def test_life_is_another_one_where_each_sees_what_the_last_one_did(worker: Worker) -> None:
    changes = {"board": ("[700, 700]", "[120, 120]"), "order": ("order: simultaneous", "order: random")}
    assert living(run(worker, spec("life", **changes), 50), 50) != {10: 11, 50: 64}


@pytest.mark.parametrize(("wanted", "alike", "error"), [(0.3, 0.751, 0.010), (0.5, 0.869, 0.010)])
@pytest.mark.parametrize("replicates", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_neighbours_sort_themselves_as_in_schelling(
    worker: Worker, wanted: float, alike: float, error: float, replicates: int
) -> None:
    program = spec("schelling")
    means: list[float] = []
    for k in range(replicates):
        result = run(worker, program, 100, k, wanted=wanted)
        assert series(result, "red_content")[-1] == series(result, "blue_content")[-1] == 1
        reds, blues = series(result, "red_alike")[-1], series(result, "blue_alike")[-1]
        means.append((1235 * reds + 1236 * blues) / 2471)
    # the declared tolerance of one per cent is for 20 replicates
    assert np.mean(means) == pytest.approx(alike, abs=error * math.sqrt(20 / replicates))


# The declared tolerances are for 200 replicates; where none is declared, four standard errors of what 200
# replicates show.
@pytest.mark.parametrize(
    ("density", "crossing", "crossing_error", "burned", "burned_error"),
    [(0.50, 0.0, 0.005, 0.061, 0.007), (0.55, 0.008, 0.025, 0.137, 0.020),
     (0.5927, 0.495, 0.14, 0.483, 0.06), (0.65, 1.0, 0.005, 0.932, 0.012)],
)  # fmt: skip
@pytest.mark.timeout(900)
@pytest.mark.parametrize("replicates", [8, pytest.param(200, marks=pytest.mark.slow)])
def test_a_fire_crosses_the_forest_above_the_threshold(
    worker: Worker, density: float, crossing: float, crossing_error: float, burned: float,
    burned_error: float, replicates: int,
) -> None:  # fmt: skip
    program = spec("forest-fire")
    results = [run(worker, program, 1500, k, density=density) for k in range(replicates)]
    widen = math.sqrt(200 / replicates)
    crossed = np.mean([series(result, "crossed")[-1] for result in results])
    share = np.mean([series(result, "burned")[-1] for result in results])
    assert crossed == pytest.approx(crossing, abs=crossing_error * widen)
    assert share == pytest.approx(burned, abs=burned_error * widen)


JAMMED = (1 - math.exp(-2)) / 2


@pytest.mark.parametrize("replicates", [4, pytest.param(40, marks=pytest.mark.slow)])
def test_cars_jam_where_flory_says_in_random_order_only(worker: Worker, replicates: int) -> None:
    """The variance is exp(-4) per place, a quarter of that of the vacancies between dimers (Page 1959)."""
    program = spec("parking")
    taken = [series(run(worker, program, 2, k), "taken") for k in range(replicates)]
    error = 4 * math.sqrt(math.exp(-4) / 10_000 / replicates)
    assert np.mean(taken, axis=0) == pytest.approx([JAMMED, JAMMED], abs=error)
    together = spec("parking", order=("order: random", "order: simultaneous"))
    assert series(run(worker, together, 1), "taken")[-1] == 1
    asleep = spec("parking", order=("order: random", "order: event"))
    assert series(run(worker, asleep, 1), "taken")[-1] == 0


@pytest.mark.parametrize(
    ("replicates", "customers"), [(8, 1500), pytest.param(40, 10_000, marks=pytest.mark.slow)]
)
def test_a_queue_is_as_long_as_erlang_says(worker: Worker, replicates: int, customers: int) -> None:
    """M/M/1 with occupancy r: r / (1 - r) customers, each staying service / (1 - r); a run for each event.

    The replicates are far longer than the queue remembers, so their means are near normal: Student's t at one
    in ten thousand.
    """
    gap, service = 40.0, 20.0
    r, program = service / gap, spec("queue")
    stays: list[float] = []
    numbers: list[float] = []
    for k in range(replicates):
        result = run(worker, program, int(customers * gap), k, gap=gap, service=service)
        served = series(result, "served")[-1]
        assert served == pytest.approx(customers, abs=4 * math.sqrt(customers))
        # an arrival is a run of the door and one of the counter, a service one of the counter; two events of
        # the counter in one tick are one run
        assert 0.97 * 3 * served < result.counts["updates"] <= 3 * (served + 40)
        stays.append(series(result, "mean_stay")[-1] / service)
        numbers.append(series(result, "mean_number")[-1])
    for means, expected in ((stays, 1 / (1 - r)), (numbers, r / (1 - r))):
        error = float(stats.t.ppf(1 - 0.5e-4, replicates - 1) * np.std(means, ddof=1)) / math.sqrt(replicates)
        assert np.mean(means) == pytest.approx(expected, abs=error)
