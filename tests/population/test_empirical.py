"""Empirical laws, mixtures and tables of agents against theory, and their promises under truncation.

Kolmogorov–Smirnov and chi-square tests at 1e-4 with a fixed seed: one false alarm in 10,000 for each.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.population.test_laws import chi_square
from tests.spec.data import HEAD, empirical, loaded
from worldwright.errors import SamplingError
from worldwright.population import Explainer, plan, quality, sample
from worldwright.spec import Population

AGENTS = 30_000
LEVEL = 1e-4
G = "  g: {type: float, assumption: true, distribution: {uniform: {min: 0, max: 1}}}\n"
MIXED = (
    G
    + """  x:
    type: %s
    assumption: true
    distribution:
      mixture:
        - share: %s
          normal:
            mean: %s
            sd: 2
            min: 0
        - share: %s
          gamma: {shape: 3, scale: 6, max: 70}
        - share: .1
          empirical: {values: {5: 3, 100: 1}}
"""
)


def drawn(population: Population, count: int = AGENTS, seed: int = 9) -> np.ndarray:
    return sample(plan(population, seed), 0, count).column("x").to_numpy()


@pytest.mark.parametrize("ends", ["", "min: 1", "min: 1\n        max: 4.5", "min: 1 + g\n        max: 4.5"])
@pytest.mark.parametrize("kind", ["int", "float"])
def test_values_keep_their_weights_between_two_ends(kind: str, ends: str) -> None:
    weights = {0: 4.0, 1: 3.0, 2: 0.0, 3: 2.5, 7: 0.5}
    text = HEAD + "attributes:\n" + G + f"  x:\n    type: {kind}\n    assumption: true\n    distribution:\n"
    text += "      empirical:\n        values: {0: 4, 1: 3, 2: 0, 3: 2.5, 7: .5}\n"
    x = drawn(loaded(text + (f"        {ends}\n" if ends else "")))
    # 1 + g is above 1 for every agent
    low = 2 if "g" in ends else 1 if ends else 0
    left = {v: w for v, w in weights.items() if w and low <= v <= (4.5 if "max" in ends else 7)}
    assert set(np.unique(x)) == set(left)
    for value, weight in left.items():
        assert stats.binomtest(int((x == value).sum()), AGENTS, weight / sum(left.values())).pvalue > LEVEL


QUANTILES = {0.0: 18.0, 0.25: 30.0, 0.4: 30.0, 0.5: 42.0, 1.0: 90.0}


def below(x: Any) -> Any:
    """The distribution function of QUANTILES, written out: 15 % have exactly 30."""
    x = np.asarray(x, dtype=float)
    rising = [
        (x < 18, 0.0),
        (x < 30, 0.25 * (x - 18) / 12),
        (x < 42, 0.4 + 0.1 * (x - 30) / 12),
        (x < 90, 0.5 + 0.5 * (x - 42) / 48),
    ]
    return np.select([condition for condition, _ in rising], [value for _, value in rising], 1.0)


def quantiles(kind: str, more: str = "") -> Population:
    inner = ", ".join(f"{p:g}: {x:g}" for p, x in QUANTILES.items())
    return loaded(empirical(kind, f"quantiles: {{{inner}}}{more}"))


@pytest.mark.parametrize(("more", "low", "high"), [("", 18, 90), (", min: 25, max: 60", 25, 60)])
def test_quantiles_lie_on_straight_lines(more: str, low: float, high: float) -> None:
    x = drawn(quantiles("float", more))
    whole = below(high) - below(low)
    at = x == 30
    assert stats.binomtest(int(at.sum()), AGENTS, 0.15 / whole).pvalue > LEVEL
    other = (below(x) - below(low) - np.where(x > 30, 0.15, 0))[~at] / (whole - 0.15)
    assert stats.kstest(other, "uniform").pvalue > LEVEL
    assert x.min() >= low and x.max() <= high


@pytest.mark.parametrize(("more", "low", "high"), [("", 18, 90), (", min: 25, max: 60", 25, 60)])
def test_whole_numbers_of_quantiles_have_the_probability_between_half_integers(
    more: str, low: int, high: int
) -> None:
    x = drawn(quantiles("int", more))
    values = np.arange(low, high + 1)
    share = below(values + 0.5) - below(values - 0.5)
    assert chi_square(x, values, share / share.sum()) > LEVEL


def test_dates_labels_and_truths_of_a_file_have_their_weights() -> None:
    text = HEAD + "attributes:\n"
    for name, kind in (("since", "date"), ("segment", "categorical"), ("active", "boolean")):
        text += f"  {name}:\n    type: {kind}\n    assumption: true\n"
        text += "    distribution: {empirical: {file: customers.csv, weights: w}}\n"
    table = sample(plan(loaded(text), 4), 0, AGENTS).to_pandas()
    shares = [
        ((table.since.astype(str) == "2015-07-15").sum(), 3 / 7),
        ((table.segment == "budget").sum(), 2 / 7),
        (table.active.sum(), 6 / 7),
    ]
    for count, expected in shares:
        assert stats.binomtest(int(count), AGENTS, expected).pvalue > LEVEL


def test_a_correlated_table_has_the_rank_correlation_that_is_declared() -> None:
    # 40 % zeros and a thousand other values: as a continuous law the correlation would be wrong by the ties
    csv = b"x\n" + b"0\n" * 400 + b"".join(b"%d\n" % (7 * i + 1) for i in range(600))
    text = empirical("float", "file: t.csv") + "  y: {type: float, assumption: true, distribution: "
    text += "{normal: {mean: 0, sd: 1}}}\ncorrelations:\n  - [x, y, .6]\n"
    table = sample(plan(loaded(text, t_csv=csv), 5), 0, 100_000).to_pandas()
    result: Any = stats.spearmanr(table.x, table.y)
    found = float(result.statistic)
    assert abs(found - 0.6) < 4 * 1.03 * (1 - 0.36) / np.sqrt(100_000) + 1e-3


def mixed(kind: str = "float", share: str = ".6", mean: str = "4", other: str = ".3") -> Population:
    return loaded(HEAD + "attributes:\n" + MIXED % (kind, share, mean, other))


def parts(first: Any = 0.6, second: Any = 0.3, mean: Any = 4.0) -> Any:
    """The distribution function of the mixture of MIXED, from SciPy's, and the mass at 5 and 100."""
    normal, gamma = stats.norm(mean, 2), stats.gamma(3, scale=6)

    def cdf(x: Any) -> Any:
        one = np.clip((normal.cdf(x) - normal.cdf(0)) / normal.sf(0), 0, 1)
        two = np.clip(gamma.cdf(x) / gamma.cdf(70), 0, 1)
        return (first * one + second * two) / (first + second)

    return cdf


@pytest.mark.parametrize("kind", ["float", "int"])
def test_a_mixture_is_the_weighted_sum_of_its_parts(kind: str) -> None:
    x = drawn(mixed(kind))
    if kind == "float":
        lumps = (x == 5) | (x == 100)
        assert stats.binomtest(int((x == 100).sum()), AGENTS, 0.025).pvalue > LEVEL
        assert stats.binomtest(int(lumps.sum()), AGENTS, 0.1).pvalue > LEVEL
        assert stats.kstest(parts()(x[~lumps]), "uniform").pvalue > LEVEL
        return
    normal, gamma, values = stats.norm(4, 2), stats.gamma(3, scale=6), np.arange(0, 101)
    one = (normal.cdf(values + 0.5) - normal.cdf(values - 0.5)) / normal.sf(-0.5)
    two = np.where(values <= 70, (gamma.cdf(values + 0.5) - gamma.cdf(values - 0.5)) / gamma.cdf(70.5), 0)
    share = 0.6 * one + 0.3 * two + np.where(values == 5, 0.075, 0) + np.where(values == 100, 0.025, 0)
    assert chi_square(x, values, share) > LEVEL


def test_shares_and_parameters_of_a_mixture_may_differ_between_agents() -> None:
    table = sample(plan(mixed(share="g", mean="4 + 20 * g", other="1 - g"), 9), 0, AGENTS).to_pandas()
    lumps = (table.x == 5) | (table.x == 100)
    assert stats.binomtest(int(lumps.sum()), AGENTS, 0.1 / 1.1).pvalue > LEVEL
    g, x = table.g[~lumps].to_numpy(), table.x[~lumps].to_numpy()
    assert stats.kstest(parts(g, 1 - g, 4 + 20 * g)(x), "uniform").pvalue > LEVEL


def test_a_share_below_zero_is_refused_with_its_agent() -> None:
    with pytest.raises(SamplingError, match="no component can be drawn with the shares"):
        drawn(mixed(share="g", other=".5 - g"))


@pytest.mark.parametrize("kind", ["categorical", "boolean"])
def test_a_mixture_of_labels_or_truths_is_the_average_of_its_tables(kind: str) -> None:
    one, two = ("{a: .5, b: .5}", "{b: 1, c: 9}") if kind == "categorical" else (".1", ".9 * g")
    text = HEAD + "attributes:\n" + G
    text += f"  x:\n    type: {kind}\n    assumption: true\n    distribution:\n      mixture:\n"
    if kind == "categorical":
        two = "{b: .1, c: .9}"
    text += f"        - share: .7\n          {kind}: {one}\n        - share: .3\n          {kind}: {two}\n"
    x = drawn(loaded(text))
    if kind == "boolean":
        assert stats.binomtest(int(x.sum()), AGENTS, 0.7 * 0.1 + 0.3 * 0.45).pvalue > LEVEL
        return
    for label, share in {"a": 0.35, "b": 0.38, "c": 0.27}.items():
        assert stats.binomtest(int((x == label).sum()), AGENTS, share).pvalue > LEVEL


ROWS = HEAD + "table: {file: t.csv%s}\nattributes:\n"
COLUMNS = "  a: {type: int, column: a}\n  b: {type: float, column: b}\n  name: {type: text, column: name}\n"


def csv(count: int = 500) -> bytes:
    lines = [f"{i},{i * i / 7:.6f},{'' if i % 10 == 3 else f'n{i}'},{i % 3}" for i in range(count)]
    return ("a,b,name,w\n" + "\n".join(lines) + "\n").encode()


def test_rows_stay_together_and_are_drawn_by_their_weights() -> None:
    text = ROWS % ", weights: w, nulls: keep" + COLUMNS
    table = sample(plan(loaded(text, t_csv=csv()), 3), 0, AGENTS).to_pandas()
    assert np.allclose(table.b, table.a**2 / 7, atol=1e-6)
    assert ((table.name.isna()) == (table.a % 10 == 3)).all()
    assert (table.name.dropna() == "n" + table.a[table.name.notna()].astype(str)).all()
    assert not (table.a % 3 == 0).any()
    share = np.arange(500) % 3 / (np.arange(500) % 3).sum()
    assert chi_square(table.a.to_numpy(), np.arange(500), share) > LEVEL


def test_rows_in_order_are_the_file_and_nothing_more() -> None:
    made = plan(loaded(ROWS % ", rows: in_order, nulls: drop" + COLUMNS, t_csv=csv()), 3)
    table = sample(made, 0, 450).to_pandas()
    assert table.a.tolist() == [i for i in range(500) if i % 10 != 3]
    with pytest.raises(SamplingError, match="450 rows, so there is no agent 450"):
        sample(made, 440, 20)


def test_what_is_added_to_a_table_depends_on_its_rows() -> None:
    text = ROWS % "" + "  a: {type: int, column: a}\n  x:\n    type: float\n    assumption: true\n"
    text += "    distribution:\n      normal:\n        mean: a\n        sd: 1\n"
    table = sample(plan(loaded(text, t_csv=csv()), 3), 0, AGENTS).to_pandas()
    assert stats.kstest(table.x - table.a, "norm").pvalue > LEVEL


DOCUMENTS = {
    "values": empirical("int", "values: {0: 4, 3: 2, 7: 1}, max: 5"),
    "quantiles": empirical("float", "quantiles: {0: 1, .3: 4, .5: 4, 1: 9}"),
    "mixture": HEAD + "attributes:\n" + MIXED % ("float", ".6", "4 + g", ".3"),
    "whole mixture": HEAD + "attributes:\n" + MIXED % ("int", ".6", "4", ".3"),
    "rows": ROWS % ", weights: w, nulls: keep" + COLUMNS + "  f: {type: float, formula: a + b}\n",
    "in order": ROWS % ", rows: in_order, nulls: keep" + COLUMNS,
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_agent_is_a_function_of_spec_seed_and_number_and_is_explained(name: str) -> None:
    made = plan(loaded(DOCUMENTS[name], t_csv=csv()), 11)
    whole = sample(made, 0, 300)
    assert sample(made, 117, 60).equals(whole.slice(117, 60))
    assert sample(made, 0, 40).equals(whole.slice(0, 40))
    explainer = Explainer(made)
    for agent, row in enumerate(whole.slice(0, 100).to_pylist()):
        told = {item.name: item.value for item in explainer.agent(agent).attributes}
        assert told == row


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != "in order"])
def test_the_quality_report_finds_these_laws_as_declared(name: str) -> None:
    population = loaded(DOCUMENTS[name], t_csv=csv())
    table = sample(plan(population, 12), 0, 20_000)
    findings = quality(population, table).to_pylist()
    assert [f for f in findings if f["verdict"] != "pass"] == []
    if name == "mixture":
        moved = table.set_column(1, "x", pa_shifted(table))
        assert any(f["verdict"] == "warn" for f in quality(population, moved).to_pylist())


def pa_shifted(table: Any) -> Any:
    import pyarrow.compute

    pc: Any = pyarrow.compute
    return pc.multiply(table.column("x"), 1.05)


def test_a_constraint_that_a_table_hardly_meets_leaves_its_law_beyond() -> None:
    text = empirical("int", "values: {0: 9996, 1: 1, 2: 3}") + "constraints:\n  - x >= 1\n"
    x = drawn(loaded(text), 3000)
    assert set(np.unique(x)) == {1, 2}
    assert stats.binomtest(int((x == 2).sum()), 3000, 0.75).pvalue > LEVEL
