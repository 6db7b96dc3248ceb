"""The predators live, and settle, at the defaults; theory says where they cannot."""

from __future__ import annotations

import numpy as np

from .runs import Runs, series


def test_predators_survive_and_settle(predator_prey: Runs) -> None:
    runs = [series(predator_prey(r), "predators") for r in range(20)]
    assert sum(run.min() > 0 for run in runs) >= 19
    late = np.array([run[-100:].mean() for run in runs])
    before = np.array([run[-200:-100].mean() for run in runs])
    # settled: no drift between the last two hundreds, and the runs agree on the level
    assert abs(late.mean() - before.mean()) < 0.05 * late.mean()
    assert late.std() < 0.15 * late.mean()
    assert 80 < late.mean() < 125


def test_the_start_is_as_asked(predator_prey: Runs) -> None:
    result = predator_prey(0)
    # counted at the end of the first tick: some prey are born, nobody is hungry or old yet
    assert 200 <= series(result, "prey")[0] < 230
    assert series(result, "predators")[0] == 50


def test_prey_alone_grow_to_the_capacity_and_stay_below(predator_prey: Runs) -> None:
    # old age takes 1/150 a tick, so logistic growth rests a little below the capacity
    prey = series(predator_prey(0, hunting=0.0), "prey")
    assert 0.8 * 600 < prey[-100:].mean() < 600
    assert series(predator_prey(0, hunting=0.0), "predators")[-1] == 0


def test_hungrier_predators_settle_lower_until_they_starve(predator_prey: Runs) -> None:
    level = [
        np.mean([series(predator_prey(r, metabolism=m), "predators")[-100:].mean() for r in range(4)])
        for m in (1.2, 1.5, 1.8, 4.0)
    ]
    assert level[0] > level[1] > level[2] > level[3] == 0


def test_interference_is_what_lets_them_settle(predator_prey: Runs) -> None:
    # enriched and without rivalry the populations swing (Rosenzweig 1971)
    def swing(**parameters: float) -> float:
        prey = series(predator_prey(1, meal=20.0, **parameters), "prey")[200:]
        return float(prey.std() / prey.mean())

    assert swing(interference=0.0) > 2 * swing(interference=4.0)
