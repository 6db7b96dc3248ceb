from __future__ import annotations

import numpy as np
import pytest

from worldwright.population.kernels import select

RNG = np.random.default_rng(20240607)


@pytest.mark.parametrize("options", [1, 2, 5, 40, 3000])
def test_the_guide_leads_to_the_number_of_shares_reached(options: int) -> None:
    weights = RNG.random(options) * (RNG.random(options) < 0.7)
    weights[0] = 1.0
    cumulative = np.cumsum(weights)[:-1] / weights.sum()
    u = np.concatenate([RNG.random(20_000), cumulative[cumulative < 1], np.arange(1, 1024) / 1024])
    codes, counts = np.empty(len(u), np.int32), np.empty(len(u))
    select.select_guided(u, *select.guided(cumulative), codes)
    select.count_guided(u, *select.guided(cumulative), 7.0, counts)
    assert codes.tolist() == [int((share >= cumulative).sum()) for share in u]
    assert counts.tolist() == (codes + 7.0).tolist()
