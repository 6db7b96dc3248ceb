from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.population.builder import build
from worldwright.errors import SamplingError
from worldwright.population import plan, sample

AGENTS = 100_000
# the standard error of a rank correlation near 0 is 1/√n; four of them
TOLERANCE = 4 / np.sqrt(AGENTS)

NORMAL: dict[str, Any] = {"distribution": {"normal": {"mean": 0, "sd": 1}}}
GAMMA: dict[str, Any] = {"distribution": {"gamma": {"shape": 2, "scale": 3}}}
RARE: dict[str, Any] = {"type": "boolean", "distribution": {"boolean": 0.1}}
RANK: dict[str, Any] = {
    "type": "categorical",
    "ordered": True,
    "distribution": {"categorical": {"low": 0.5, "middle": 0.3, "high": 0.2}},
}
COUNT: dict[str, Any] = {"type": "int", "distribution": {"poisson": {"mean": 0.8}}}
HALF: dict[str, Any] = {"type": "boolean", "distribution": {"boolean": 0.5}}
CALLS: dict[str, Any] = {"type": "int", "distribution": {"poisson": {"mean": 6}}}
BETA: dict[str, Any] = {"distribution": {"beta": {"alpha": 2, "beta": 5}}}
DICE: dict[str, Any] = {"type": "int", "distribution": {"uniform": {"min": 1, "max": 6}}}
YEARS: dict[str, Any] = {
    "type": "int",
    "distribution": {"normal": {"mean": 47, "sd": 11, "min": 26, "max": 72}},
}


def rank_correlation(first: Any, second: Any) -> float:
    found: Any = stats.spearmanr(first, second)
    return float(found.statistic)


def kendall(first: Any, second: Any) -> float:
    found: Any = stats.kendalltau(first, second)
    return float(found.statistic)


def spearman(
    attributes: dict[str, dict[str, Any]], pairs: list[tuple[str, str, float]], seed: int = 11
) -> Any:
    table = sample(plan(build(attributes, correlations=pairs), seed), 0, AGENTS).to_pandas()
    for name in table:
        if table[name].dtype == "category":
            table[name] = table[name].cat.codes
    return table.corr("spearman")


@pytest.mark.parametrize(
    ("first", "second", "value"),
    [
        (NORMAL, GAMMA, 0.6),
        (NORMAL, GAMMA, -0.55),
        (NORMAL, RARE, 0.45),
        (RARE, GAMMA, -0.3),
        (RANK, NORMAL, 0.7),
        (RANK, RARE, 0.3),
        (COUNT, RANK, -0.4),
        (COUNT, COUNT, 0.5),
        (YEARS, NORMAL, 0.6),
        (YEARS, COUNT, 0.6),
        (RARE, HALF, 0.25),
        (HALF, HALF, -0.7),
        (CALLS, BETA, 0.5),
        (CALLS, BETA, -0.8),
        (RANK, BETA, -0.6),
        (DICE, GAMMA, 0.4),
    ],
)
def test_the_declared_rank_correlation_is_achieved(
    first: dict[str, Any], second: dict[str, Any], value: float
) -> None:
    found = spearman({"a": first, "b": second}, [("a", "b", value)])
    assert abs(found.loc["a", "b"] - value) < TOLERANCE


def test_kendall_and_spearman_of_the_copula_are_those_of_theory() -> None:
    # known answer b: Pearson .5 of the scores gives Spearman 6/π·asin(.25) and Kendall 1/3
    declared = 6 / np.pi * np.arcsin(0.25)
    assert abs(declared - 0.4826) < 5e-5
    made = plan(build({"a": NORMAL, "b": NORMAL}, correlations=[("a", "b", declared)]), 3)
    table = sample(made, 0, AGENTS).to_pandas()
    assert abs(np.corrcoef(table.a, table.b)[0, 1] - 0.5) < TOLERANCE
    assert abs(rank_correlation(table.a, table.b) - 0.4826) < TOLERANCE
    assert abs(kendall(table.a, table.b) - 1 / 3) < TOLERANCE


def test_several_correlations_hold_together_and_others_are_zero() -> None:
    pairs = [("a", "b", 0.5), ("a", "c", 0.3), ("c", "d", 0.2), ("d", "e", -0.3)]
    found = spearman({"a": NORMAL, "b": GAMMA, "c": RARE, "d": RANK, "e": COUNT}, pairs)
    declared = {frozenset(pair[:2]): pair[2] for pair in pairs}
    for i in "abcde":
        for j in "abcde":
            if i < j:
                assert abs(found.loc[i, j] - declared.get(frozenset((i, j)), 0)) < TOLERANCE


def test_correlation_acts_on_the_base_draws_of_a_conditional_attribute() -> None:
    attributes = {
        "age": {"distribution": {"uniform": {"min": 20, "max": 60}}},
        "skill": NORMAL,
        "pay": {"distribution": {"normal": {"mean": "1000 * age", "sd": "age"}}},
    }
    table = sample(plan(build(attributes, correlations=[("skill", "pay", 0.6)]), 5), 0, AGENTS).to_pandas()
    residual = (table.pay - 1000 * table.age) / table.age
    assert abs(rank_correlation(residual, table.skill) - 0.6) < TOLERANCE
    assert stats.kstest(residual, "norm").pvalue > 1e-4


def test_marginals_are_untouched_by_correlation() -> None:
    attributes = {"a": GAMMA, "b": RARE, "c": NORMAL}
    made = plan(build(attributes, correlations=[("a", "b", 0.3), ("b", "c", 0.2), ("a", "c", 0.5)]), 8)
    table = sample(made, 0, AGENTS).to_pandas()
    assert stats.kstest(table.a, stats.gamma(2, scale=3).cdf).pvalue > 1e-4
    assert stats.kstest(table.c, "norm").pvalue > 1e-4
    assert abs(table.b.mean() - 0.1) < 4 * np.sqrt(0.09 / AGENTS)


def test_the_order_of_the_document_does_not_matter() -> None:
    pairs = [("a", "b", 0.5), ("b", "c", 0.3)]
    one = sample(plan(build({"a": NORMAL, "b": GAMMA, "c": RANK}, correlations=pairs), 1), 0, 500)
    other = sample(plan(build({"c": RANK, "a": NORMAL, "b": GAMMA}, correlations=pairs[::-1]), 1), 0, 500)
    assert one.equals(other.select(["a", "b", "c"]))


def test_a_scenario_is_correlated_with_its_base_and_leaves_it_alone() -> None:
    base = {"m": NORMAL, "z": GAMMA, "q": NORMAL}
    alone = sample(plan(build(base, correlations=[("m", "z", 0.5)]), 1), 0, AGENTS)
    tied = [("m", "z", 0.5), ("a", "m", 0.4), ("a", "z", -0.2), ("a", "q", 0.3)]
    table = sample(plan(build(base, scenario={"a": NORMAL}, correlations=tied), 1), 0, AGENTS)
    assert table.select(["m", "z", "q"]).equals(alone)
    found = table.to_pandas().corr("spearman")
    assert abs(found.loc["a", "m"] - 0.4) < TOLERANCE
    assert abs(found.loc["a", "z"] + 0.2) < TOLERANCE
    assert abs(found.loc["a", "q"] - 0.3) < TOLERANCE


def test_contradicting_correlations_are_refused_by_name() -> None:
    attributes = dict.fromkeys("abcd", NORMAL)
    pairs = [("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.9), ("d", "a", 0.1)]
    with pytest.raises(SamplingError, match="of a, b, c cannot hold together") as caught:
        plan(build(attributes, correlations=pairs), 1)
    assert "a–b 0.9, b–c 0.9, a–c -0.9" in caught.value.what


def test_an_unattainable_correlation_is_refused_with_its_range() -> None:
    with pytest.raises(SamplingError, match=r"a and b cannot have a Spearman correlation of 0.9") as caught:
        plan(build({"a": RARE, "b": NORMAL}, correlations=[("a", "b", 0.9)]), 1)
    # a Bernoulli(p) and a continuous variable reach √(3·p·(1 − p))
    greatest = np.sqrt(3 * 0.1 * 0.9)
    assert f"from {-greatest:.3f} to {greatest:.3f}" in caught.value.what


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"formula": "1 + b"}, "no draw of its own"),
        ({"type": "categorical", "distribution": {"categorical": {"x": 1, "y": 1}}}, "no order"),
        ({"type": "boolean", "distribution": {"boolean": "0.1 if b > 0 else 0.2"}}, "differ between agents"),
    ],
)
def test_what_cannot_be_correlated_is_refused(body: dict[str, Any], words: str) -> None:
    with pytest.raises(SamplingError, match="cannot be correlated") as caught:
        plan(build({"b": NORMAL, "a": body}, correlations=[("a", "b", 0.1)]), 1)
    assert words in (caught.value.why or "")


def test_twelve_attributes_of_all_kinds_are_correlated_at_once() -> None:
    kinds = [NORMAL, GAMMA, HALF, RANK, COUNT, YEARS, BETA, DICE, CALLS, NORMAL, RARE, GAMMA]
    rng = np.random.default_rng(5)
    factors = rng.uniform(-0.45, 0.45, (len(kinds), 2))
    names = [chr(ord("a") + i) for i in range(len(kinds))]
    pairs = [
        (names[i], names[j], round(float(factors[i] @ factors[j]), 3))
        for i in range(len(kinds))
        for j in range(i + 1, len(kinds))
    ]
    found = spearman(dict(zip(names, kinds, strict=True)), pairs)
    # 66 pairs, each judged at five standard errors: a false alarm once in 25,000 runs
    worst = max(abs(found.loc[a, b] - value) for a, b, value in pairs)
    assert worst < 5 / np.sqrt(AGENTS)
