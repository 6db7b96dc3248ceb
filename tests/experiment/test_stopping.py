"""When enough replicates have been run."""

from __future__ import annotations

import math
from statistics import mean, stdev

import numpy as np
import pytest
from scipy import stats

from worldwright.experiment.documents import Until
from worldwright.experiment.stopping import half_width, mean_sd, next_round, precise_enough

VALUES = [0.31, 0.29, 0.34, 0.30, 0.33, 0.28, 0.35, 0.31]


def test_the_interval_is_students() -> None:
    center, sd = mean_sd(VALUES)
    low, high = stats.t.interval(0.95, len(VALUES) - 1, loc=mean(VALUES), scale=stdev(VALUES) / math.sqrt(8))
    width = half_width(sd, len(VALUES))
    assert center - width == pytest.approx(low, rel=1e-9)
    assert center + width == pytest.approx(high, rel=1e-9)


def test_one_value_has_no_interval() -> None:
    _, sd = mean_sd([1.0])
    assert math.isnan(half_width(sd, 1))


def test_it_stops_when_the_interval_is_narrow_enough_and_not_before() -> None:
    _, sd = mean_sd(VALUES)
    width = half_width(sd, len(VALUES))
    assert precise_enough(VALUES, Until(metric="m", half_width=width * 1.01))
    assert not precise_enough(VALUES, Until(metric="m", half_width=width * 0.99))
    assert precise_enough(VALUES, Until(metric="m", relative_half_width=width / mean(VALUES) * 1.01))
    assert not precise_enough(VALUES, Until(metric="m", relative_half_width=width / mean(VALUES) * 0.99))


def test_it_does_not_stop_at_width_zero_while_one_value_holds_more_than_nine_tenths() -> None:
    until = Until(metric="m", half_width=0.01)
    assert not precise_enough([0.0] * 20, until)
    assert not precise_enough([0.0] * 19 + [1e-4], until)
    assert precise_enough([0.0] * 18 + [1e-4, 2e-4], until)


def test_rounds_grow_and_end_at_the_maximum() -> None:
    rounds, done = [], 20
    while done < 100:
        done = next_round(done, 100)
        rounds.append(done)
    assert rounds == sorted(set(rounds)) and rounds[0] >= 25 and rounds[-1] == 100


def test_fixed_size_intervals_cover_as_often_as_they_say() -> None:
    # 2,000 intervals of 20 normal values; the share that covers is within 4 standard errors of 95 %.
    rng = np.random.default_rng(7)
    hits = 0
    for _ in range(2000):
        center, sd = mean_sd(list(map(float, rng.normal(3.0, 2.0, 20))))
        hits += abs(center - 3.0) <= half_width(sd, 20)
    assert abs(hits / 2000 - 0.95) < 4 * math.sqrt(0.95 * 0.05 / 2000)
