"""How often the quality report warns of a faultless population, and that it warns of a wrong one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from scipy import stats

from tests.population.builder import SPAN, build
from tests.population.test_quality import ATTRIBUTES
from worldwright.population import plan, quality, sample
from worldwright.population.inspection.quality import FAMILY_ERROR
from worldwright.spec.population import Margin, Marginals, Population

AGENTS = 2000
MIXED = {
    "kind": {"type": "categorical", "distribution": {"categorical": {"a": 0.2, "b": 0.5, "c": 0.3}}},
    "left": {"distribution": {"normal": {"mean": 0, "sd": 1}}},
    "right": {"distribution": {"lognormal": {"mean": 3, "sd": 2}}},
    "yes": {"type": "boolean", "distribution": {"boolean": 0.1}},
}
KNOWN = {
    "region": {"type": "categorical", "distribution": {"categorical": {"north": 1, "east": 1, "south": 1}}},
    "sector": {"type": "categorical", "distribution": {"categorical": {"goods": 1, "services": 1}}},
}
TIES = [("left", "right", 0.5), ("left", "yes", -0.3)]


def drawn_as(ties: Sequence[tuple[str, str, float]] = TIES, north: float = 0.2, **change: Any) -> Population:
    """The declared population, or one that differs in something."""
    rest = (1.0 - north) / 2.0
    tables = (margin("region", north, rest, rest), margin("sector", 0.55, 0.45))
    population = build({**ATTRIBUTES, **MIXED, **KNOWN, **change}, correlations=ties)
    return replace(population, marginals=(Marginals(tables, None, exact=False, span=SPAN),))


def margin(name: str, *shares: float) -> Margin:
    return Margin((name,), shares, 1.0, is_shares=True, source=None, span=SPAN, places=(SPAN,) * len(shares))


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
    population = drawn_as()
    assert alarms(population, population, range(seeds)) <= limit


@pytest.mark.parametrize(
    "other",
    [
        {"kind": {**MIXED["kind"], "distribution": {"categorical": {"a": 0.26, "b": 0.46, "c": 0.28}}}},
        {"left": {"distribution": {"normal": {"mean": 0.15, "sd": 1}}}},
        {"yes": {"type": "boolean", "distribution": {"boolean": 0.14}}},
        {"north": 0.26},
        {"ties": [("left", "right", 0.35), ("left", "yes", -0.3)]},
    ],
    ids=["categorical", "normal", "boolean", "marginal", "correlation"],
)
def test_a_population_of_another_spec_is_caught(other: dict[str, Any]) -> None:
    assert alarms(drawn_as(), drawn_as(**other), range(10)) >= 9
