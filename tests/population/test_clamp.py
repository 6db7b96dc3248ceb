"""Clamped distributions: what lies beyond the ends is put on them, before and after modifiers."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from worldwright.population import plan, quality, sample
from worldwright.spec import Population, Source, load_population

# Each test of this file that looks at a p-value fails by chance once in a million seeds.
ALPHA = 1e-6
AGENTS = 40_000


def population(attributes: str) -> Population:
    text = f"worldwright: population/1\nname: clamped\nattributes:\n{attributes}"
    found, diagnostics = load_population(Source("clamped.yaml", text))
    assert found is not None, diagnostics
    assert not diagnostics
    return found


def column(text: str, name: str) -> np.ndarray:
    return sample(plan(population(text), 11), 0, AGENTS).column(name).to_numpy()


def test_what_is_cut_off_lies_on_the_ends() -> None:
    text = """  x:
    type: float
    assumption: true
    distribution: {normal: {mean: 0, sd: 1, min: -.5, max: 1, clamp: true}}
"""
    x = column(text, "x")
    low, high = int((x == -0.5).sum()), int((x == 1.0).sum())
    assert stats.binomtest(low, AGENTS, float(stats.norm.cdf(-0.5))).pvalue > ALPHA
    assert stats.binomtest(high, AGENTS, float(stats.norm.sf(1.0))).pvalue > ALPHA
    inner = x[(x > -0.5) & (x < 1.0)]
    law = stats.truncnorm(-0.5, 1.0)
    assert stats.kstest(inner, law.cdf).pvalue > ALPHA


def test_modifiers_act_between_two_clamps_and_rounding_comes_last() -> None:
    text = """  wide:
    type: boolean
    assumption: true
    distribution: {boolean: .5}
  x:
    type: int
    assumption: true
    distribution: {normal: {mean: 3, sd: 2, min: 0, max: 7.5, clamp: true}}
    modifiers:
      - when: wide
        multiply: 1.7
        add: -1
"""
    table = sample(plan(population(text), 5), 0, AGENTS)
    wide, x = table.column("wide").to_numpy(), table.column("x").to_numpy()
    draws = np.random.default_rng(3).normal(3, 2, 400_000).clip(0, 7.5)
    for mask, expected in ((~wide, draws), (wide, (draws * 1.7 - 1).clip(0, 7.5))):
        hope = np.bincount(np.rint(expected).astype(int), minlength=9)
        found = np.bincount(x[mask], minlength=9)
        test: Any = stats.chi2_contingency(np.array([found, hope])[:, hope > 50])
        assert test.pvalue > ALPHA
        assert found[hope == 0].sum() == 0
    assert set(x[wide]) >= set(range(8))  # rounded once: no whole number is left out


def test_ends_may_read_other_attributes_and_the_greatest_holds() -> None:
    text = """  age:
    type: int
    assumption: true
    distribution: {uniform: {min: 20, max: 30}}
  years:
    type: int
    assumption: true
    distribution:
      normal:
        mean: 4
        sd: 3
        min: 1
        max: age - 21
        clamp: true
"""
    table = sample(plan(population(text), 2), 0, 5_000)
    age, years = table.column("age").to_numpy(), table.column("years").to_numpy()
    assert np.all(years <= age - 21)
    assert np.all(years[age > 21] >= 1)
    assert set(years[age == 20]) == {-1}


def test_a_clamped_uniform_integer_is_a_rounded_number() -> None:
    text = """  x:
    type: int
    assumption: true
    distribution: {uniform: {min: 0, max: 4, clamp: true}}
"""
    found = np.bincount(column(text, "x"), minlength=5)
    assert stats.chisquare(found, AGENTS * np.array([0.125, 0.25, 0.25, 0.25, 0.125])).pvalue > ALPHA


def test_the_quality_report_knows_the_clamped_law() -> None:
    text = """  late:
    type: boolean
    assumption: true
    distribution: {boolean: .4}
  x:
    type: float
    assumption: true
    distribution: {normal: {mean: 1, sd: 1, min: 0, max: 2, clamp: true}}
    modifiers:
      - when: late
        multiply: -.5
        add: 1
  n:
    type: int
    assumption: true
    distribution: {lognormal: {mean: 5, sd: 4, max: 9, clamp: true}}
    modifiers:
      - when: late
        multiply: 1.3
"""
    people = population(text)
    table = sample(plan(people, 8), 0, AGENTS)
    rows = [row for row in quality(people, table).to_pylist() if row["kind"] == "branch"]
    tested = {(row["attribute"], row["branch"]) for row in rows}
    assert {("x", "no modifier"), ("x", "modifier 1"), ("n", "no modifier"), ("n", "modifier 1")} <= tested
    assert all(row["p_value"] > ALPHA for row in rows)


def test_the_word_enters_the_digest_only_where_it_is_said() -> None:
    law = "{normal: {mean: 9, sd: 1, min: 0%s}}"
    line = f"  x:\n    type: float\n    assumption: true\n    distribution: {law}\n"
    plain, said, denied = (population(line % part).digest for part in ("", ", clamp: true", ", clamp: false"))
    assert plain == denied != said
