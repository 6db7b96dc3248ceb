"""How often the quality report warns of a faultless population, and that it warns of a wrong one."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from scipy import stats

from tests.population.builder import build
from tests.population.test_quality import ATTRIBUTES
from worldwright.population import plan, quality, sample
from worldwright.population.inspection.quality import FAMILY_ERROR
from worldwright.spec.population import Population

AGENTS = 2000
MIXED = {
    "kind": {"type": "categorical", "distribution": {"categorical": {"a": 0.2, "b": 0.5, "c": 0.3}}},
    "left": {"distribution": {"normal": {"mean": 0, "sd": 1}}},
    "right": {"distribution": {"lognormal": {"mean": 3, "sd": 2}}},
    "yes": {"type": "boolean", "distribution": {"boolean": 0.1}},
}


def declared() -> Population:
    ties = [("left", "right", 0.5), ("left", "yes", -0.3)]
    return build({**ATTRIBUTES, **MIXED}, correlations=ties)


def alarms(population: Population, drawn: Population, seeds: Iterable[int]) -> int:
    """In how many populations of `drawn` anything is warned of."""
    found = 0
    for seed in seeds:
        report = quality(population, sample(plan(drawn, seed), 0, AGENTS))
        found += "warn" in report.column("verdict").to_pylist()
    return found


@pytest.mark.slow
def test_false_alarms_are_no_more_than_declared() -> None:
    # A true rate of FAMILY_ERROR exceeds the limit once in 10,000 times.
    seeds = 600
    limit = int(stats.binom.ppf(0.9999, seeds, FAMILY_ERROR))
    population = declared()
    assert alarms(population, population, range(seeds)) <= limit


@pytest.mark.parametrize(
    ("change", "n"),
    [
        ({"kind": {**MIXED["kind"], "distribution": {"categorical": {"a": 0.26, "b": 0.46, "c": 0.28}}}}, 9),
        ({"left": {"distribution": {"normal": {"mean": 0.15, "sd": 1}}}}, 9),
        ({"yes": {"type": "boolean", "distribution": {"boolean": 0.14}}}, 9),
    ],
)
def test_a_population_of_another_spec_is_caught(change: dict[str, dict[str, object]], n: int) -> None:
    drawn = build({**ATTRIBUTES, **MIXED, **change}, correlations=[("left", "right", 0.5)])
    assert alarms(declared(), drawn, range(10)) >= n


def test_another_correlation_is_caught() -> None:
    ties = [("left", "right", 0.35), ("left", "yes", -0.3)]
    assert alarms(declared(), build({**ATTRIBUTES, **MIXED}, correlations=ties), range(10)) == 10
