"""Every family against SciPy's distribution functions, whole and cut, with constants and agent by agent.

Kolmogorov–Smirnov and chi-square tests at 1e-4 with a fixed seed: one false alarm in 10,000 for each.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.population.builder import build
from worldwright.errors import SamplingError
from worldwright.population import plan, sample

AGENTS = 30_000
LEVEL = 1e-4

CONTINUOUS = [
    ("normal", {"mean": 3, "sd": 2}, stats.norm(3, 2)),
    ("lognormal", {"mean": 5, "sd": 2}, stats.lognorm(np.sqrt(np.log(1.16)), scale=5 / np.sqrt(1.16))),
    ("gamma", {"shape": 2, "scale": 3}, stats.gamma(2, scale=3)),
    ("gamma", {"shape": 0.3, "scale": 3}, stats.gamma(0.3, scale=3)),
    ("beta", {"alpha": 0.5, "beta": 0.75}, stats.beta(0.5, 0.75)),
    ("beta", {"alpha": 8, "beta": 3}, stats.beta(8, 3)),
    ("exponential", {"mean": 3}, stats.expon(scale=3)),
]
BOUNDED = [
    ("uniform", {"min": -1, "max": 4}, stats.uniform(-1, 5)),
    ("triangular", {"min": 1, "mode": 2, "max": 5}, stats.triang(0.25, 1, 4)),
]
COUNTS = [
    ("poisson", {"mean": 3.3}, stats.poisson(3.3)),
    ("poisson", {"mean": 250}, stats.poisson(250)),
    ("binomial", {"n": 12, "p": 0.3}, stats.binom(12, 0.3)),
    ("binomial", {"n": 500, "p": 0.9}, stats.binom(500, 0.9)),
]
CUTS = [(0.0, 1.0), (0.1, 0.7), (0.9, 0.95), (0.9999, 1.0), (0.0, 1e-4)]


def drawn(family: str, parameters: dict[str, Any], kind: str = "float") -> np.ndarray:
    attributes = {
        "g": {"distribution": {"uniform": {"min": 0, "max": 1}}},
        "x": {"type": kind, "distribution": {family: parameters}},
    }
    return sample(plan(build(attributes), 9), 0, AGENTS).column("x").to_numpy()


def by_agent(parameters: dict[str, Any]) -> dict[str, Any]:
    """The same numbers as expressions, so that every agent's law is inverted on its own."""
    return {name: f"{value!r} + 0 * g" for name, value in parameters.items()}


def ends(law: Any, cut: tuple[float, float]) -> dict[str, float]:
    found = {}
    if cut[0] > 0:
        found["min"] = float(law.ppf(cut[0]))
    if cut[1] < 1:
        found["max"] = float(law.ppf(cut[1]))
    return found


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize(("family", "parameters", "law"), CONTINUOUS)
def test_continuous_families(
    family: str, parameters: dict[str, Any], law: Any, cut: tuple[float, float]
) -> None:
    bounds = ends(law, cut)
    x = drawn(family, {**parameters, **bounds})
    low, high = law.cdf(bounds.get("min", -np.inf)), law.cdf(bounds.get("max", np.inf))
    assert stats.kstest((law.cdf(x) - low) / (high - low), "uniform").pvalue > LEVEL
    assert x.min() >= bounds.get("min", -np.inf)
    assert x.max() <= bounds.get("max", np.inf)
    each = drawn(family, by_agent({**parameters, **bounds}))
    assert np.allclose(each, x, rtol=1e-9, atol=1e-9)


def test_a_gamma_law_whose_values_leave_double_precision() -> None:
    law = stats.gamma(0.01)  # one value in a thousand is below 1e-307
    x = drawn("gamma", {"shape": 0.01, "scale": 1})
    for bound in (1e-305, 1e-100, 1e-3, 1.0):
        assert stats.binomtest(int((x < bound).sum()), AGENTS, law.cdf(bound)).pvalue > LEVEL


@pytest.mark.parametrize(("family", "parameters", "law"), BOUNDED)
def test_bounded_families(family: str, parameters: dict[str, Any], law: Any) -> None:
    x = drawn(family, parameters)
    assert stats.kstest(x, law.cdf).pvalue > LEVEL
    assert np.allclose(drawn(family, by_agent(parameters)), x, rtol=1e-12)


@pytest.mark.parametrize("each", [False, True])
@pytest.mark.parametrize("cut", [(None, None), (2, None), (3, 6), (None, 4)])
@pytest.mark.parametrize(("family", "parameters", "law"), COUNTS)
def test_counts(
    family: str, parameters: dict[str, Any], law: Any, cut: tuple[int | None, int | None], each: bool
) -> None:
    middle = round(law.mean()) - 4
    low = None if cut[0] is None else middle + cut[0]
    high = None if cut[1] is None else middle + cut[1]
    given = {**parameters, **({} if low is None else {"min": low}), **({} if high is None else {"max": high})}
    x = drawn(family, by_agent(given) if each else given, "int")
    first = 0 if low is None else max(low, 0)
    last = int(law.ppf(1 - 1e-12)) if high is None else high
    values = np.arange(first, last + 1)
    share = law.pmf(values) / law.pmf(values).sum()
    assert chi_square(x, values, share) > LEVEL


@pytest.mark.parametrize(
    ("family", "parameters", "law"),
    [
        ("normal", {"mean": 4.3, "sd": 2, "min": 1, "max": 6}, stats.norm(4.3, 2)),
        ("gamma", {"shape": 2, "scale": 1.5, "min": 0, "max": 9}, stats.gamma(2, scale=1.5)),
        ("exponential", {"mean": 2, "min": 0, "max": 5}, stats.expon(scale=2)),
        (
            "lognormal",
            {"mean": 3, "sd": 2, "min": 1, "max": 8},
            stats.lognorm(np.sqrt(np.log1p(4 / 9)), scale=3 / np.sqrt(1 + 4 / 9)),
        ),
    ],
)
@pytest.mark.parametrize("each", [False, True])
def test_integers_have_the_probabilities_between_half_integers(
    family: str, parameters: dict[str, Any], law: Any, each: bool
) -> None:
    x = drawn(family, by_agent(parameters) if each else parameters, "int")
    values = np.arange(parameters["min"], parameters["max"] + 1)
    share = law.cdf(values + 0.5) - law.cdf(values - 0.5)
    assert chi_square(x, values, share / share.sum()) > LEVEL


def test_an_integer_uniform_is_discrete_uniform() -> None:
    x = drawn("uniform", {"min": 1, "max": 6}, "int")
    assert chi_square(x, np.arange(1, 7), np.full(6, 1 / 6)) > LEVEL


def test_a_tail_thirty_deviations_out_is_still_drawn_exactly() -> None:
    x = drawn("normal", {"mean": 0, "sd": 1, "min": 30})
    # beyond 30 the excess is exponential with rate 30, but for terms of order 1/30² (1e-3 in distribution)
    assert stats.kstest((x - 30) * 30, "expon").statistic < 1e-2
    assert (x >= 30).all()


def test_beta_times_a_modifier_has_the_moments_of_theory() -> None:
    # known answer a
    attributes = {
        "age": {"distribution": {"normal": {"mean": 47, "sd": 11, "min": 25, "max": 80}}},
        "x": {
            "distribution": {"beta": {"alpha": 2.5, "beta": 2.5}},
            "modifiers": [{"when": "age > 50", "multiply": 0.7}],
        },
    }
    n = 1_000_000
    table = sample(plan(build(attributes), 12), 0, n).to_pandas()
    old = table.age > 50
    assert abs(old.mean() - 0.4008) < 4 * np.sqrt(0.24 / n) + 5e-5
    assert abs(table.x.mean() - 0.4399) < 4 * 0.1963 / np.sqrt(n) + 5e-5
    assert abs(table.x.std() - 0.1963) < 4 * 0.1963 / np.sqrt(2 * n) + 5e-5
    assert abs(table.x[old].mean() - 0.35) < 4 * 0.143 / np.sqrt(0.4 * n)
    assert abs(table.x[~old].mean() - 0.50) < 4 * 0.204 / np.sqrt(0.6 * n)


@pytest.mark.parametrize(
    ("family", "parameters", "words"),
    [
        ("lognormal", {"mean": -1, "sd": 1}, "mean is not positive"),
        ("beta", {"alpha": 0, "beta": 1}, "alpha is not positive"),
        ("gamma", {"shape": 1, "scale": 0}, "scale is not positive"),
        ("exponential", {"mean": 0}, "mean is not positive"),
        ("triangular", {"min": 0, "mode": 5, "max": 1}, "mode is outside"),
        ("poisson", {"mean": -1}, "mean is negative"),
        ("binomial", {"n": 2.5, "p": 0.1}, "not a whole number"),
        ("binomial", {"n": 2, "p": 1.1}, "not between 0 and 1"),
        ("uniform", {"min": 2, "max": 1}, "min is above its max"),
        ("gamma", {"shape": 2, "scale": 1, "min": -3, "max": -1}, "no probability between -3 and -1"),
        ("beta", {"alpha": 2, "beta": 1, "min": 1.5}, "no probability"),
        ("exponential", {"mean": 2, "min": -3, "max": -1}, "no probability"),
    ],
)
@pytest.mark.parametrize("each", [False, True])
def test_impossible_parameters_are_refused(
    family: str, parameters: dict[str, Any], words: str, each: bool
) -> None:
    with pytest.raises(SamplingError, match=words):
        drawn(family, by_agent(parameters) if each else parameters)


def chi_square(x: np.ndarray, values: np.ndarray, share: np.ndarray) -> float:
    counts = np.bincount((x - values[0]).astype(int), minlength=len(values)).astype(float)
    assert len(counts) == len(values), "a value outside the interval"
    expected = share * len(x)
    rare = expected < 5
    counts = np.append(counts[~rare], counts[rare].sum())
    expected = np.append(expected[~rare], expected[rare].sum())
    if expected[-1] < 5:
        counts[-2] += counts[-1]
        expected[-2] += expected[-1]
        counts, expected = counts[:-1], expected[:-1]
    return float(stats.chisquare(counts, expected * counts.sum() / expected.sum()).pvalue)


@pytest.mark.parametrize("each", [False, True])
def test_dates_are_days_of_their_law(each: bool) -> None:
    first, last, mode = 10957, 11322, 11000  # 2000-01-01, 2000-12-31, 2000-02-13
    x = drawn_dates("uniform", {"min": first, "max": last}, each)
    assert chi_square(x, np.arange(first, last + 1), np.full(366, 1 / 366)) > LEVEL
    x = drawn_dates("triangular", {"min": first, "mode": mode, "max": last}, each)
    law, days = stats.triang((mode - first) / (last - first), first, last - first), np.arange(first, last + 1)
    assert chi_square(x, days, law.cdf(days + 0.5) - law.cdf(days - 0.5)) > LEVEL


def drawn_dates(family: str, parameters: dict[str, Any], each: bool) -> np.ndarray:
    table = drawn(family, by_agent(parameters) if each else parameters, "date")
    return np.asarray(table, dtype="datetime64[D]").astype(int)
