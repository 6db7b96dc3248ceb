"""Streams are independent of each other, whatever agents and streams are asked for."""

from __future__ import annotations

import numpy as np
from scipy import stats

from tests.population.builder import build
from worldwright.population import plan, sample

STREAMS = 37
AGENTS = 100_000


def test_all_pairs_of_streams_are_uncorrelated() -> None:
    uniform = {"distribution": {"uniform": {"min": 0, "max": 1}}}
    # names as people give them: alike but for a digit, where a weak key would show
    names = [f"score_{i}" for i in range(STREAMS)]
    table = sample(plan(build(dict.fromkeys(names, uniform)), 1), 0, AGENTS)
    values = np.array([table.column(name).to_numpy() for name in names])
    found = np.corrcoef(values)[np.triu_indices(STREAMS, 1)]
    # 666 correlations with standard error 1/√n: the largest exceeds the limit with a probability of 1e-4,
    # and the sum of their squares is chi-squared
    limit = float(stats.norm.isf(1e-4 / 2 / len(found))) / np.sqrt(AGENTS)
    assert np.abs(found).max() < limit
    assert 1e-4 < float(stats.chi2.sf(AGENTS * np.sum(found**2), len(found))) < 1 - 1e-4
    # neighbours share a counter of the generator: agent 2k of one stream with 2k + 1 of it and of others
    crossed = np.corrcoef(values[:, ::2], values[:, 1::2])[:STREAMS, STREAMS:]
    half = float(stats.norm.isf(1e-4 / 2 / crossed.size)) / np.sqrt(AGENTS / 2)
    assert np.abs(crossed).max() < half
    # each is uniform; Kolmogorov's limit for 37 of them
    worst = min(float(stats.kstest(row, "uniform").pvalue) for row in values)
    assert worst > 1e-4 / STREAMS
