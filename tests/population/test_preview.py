"""The preview of a population: exact shares against theory, distributions against what is then drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.spec.specs import AGE, HEAD, RANK, drawn, formula, loaded
from worldwright.diagnostics import Position, Span
from worldwright.population import plan
from worldwright.population.inspection.preview import preview
from worldwright.population.inspection.shares import exact_share
from worldwright.spec import Population, parse_expression

BODY = (
    HEAD
    + AGE
    + RANK
    + drawn("height", "{normal: {mean: 170, sd: 8, min: 150}}")
    + drawn("visits", "{poisson: {mean: 3}}", "int")
    + drawn("smoker", "{boolean: .2}", "boolean")
    + formula("old", "age >= 60", "boolean")
    + formula("late", "\"'yes' if age > 70 else 'no'\"", "categorical")
    + drawn("weight", "{normal: {mean: height - 100, sd: 5}}")
)
AGES = stats.randint(18, 81)
HEIGHT: Any = stats.truncnorm((150 - 170) / 8, np.inf, 170, 8)


def share(text: str, body: str = BODY) -> float | None:
    condition, _ = parse_expression(text, Span("f", Position(1, 1), Position(1, 2)))
    assert condition is not None
    return exact_share(condition, loaded(body))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("age > 50", AGES.sf(50)),
        ("age >= 50.5", AGES.sf(50)),
        ("30 <= age and age < 40", 10 / 63),
        ("age in [20, 21, 200]", 2 / 63),
        ("rank == 'chief'", 0.4),
        ("rank == 'chief' and smoker", 0.08),
        ("not smoker or rank != 'chief'", 1 - 0.4 * 0.2),
        ("height > 180", HEIGHT.sf(180)),
        ("height < 140", 0.0),
        ("visits >= 2 and smoker", 0.2 * stats.poisson(3).sf(1)),
        ("old", AGES.sf(59)),
        ("late == 'yes' and height > 170", AGES.sf(70) * HEIGHT.sf(170)),
        ("true", 1.0),
    ],
)
def test_exact_shares_are_those_of_theory(text: str, expected: float) -> None:
    assert share(text) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("text", ["weight > 70", "height > age", "age * 2 > 60", "age + height > 200"])
def test_what_does_not_follow_from_the_spec_is_not_computed(text: str) -> None:
    assert share(text) is None


def test_correlated_and_redrawn_attributes_are_not_taken_for_independent() -> None:
    assert share("age > 50 and height > 170", BODY + "correlations:\n  - [age, height, .5]\n") is None
    assert share("age > 50", BODY + "correlations:\n  - [age, height, .5]\n") is not None
    assert share("age > 50", BODY + "constraints:\n  - age < 70\n") is None


SPEC = (
    BODY
    + """  pay:
    type: float
    assumption: true
    distribution: {lognormal: {mean: 3000, sd: 900}}
    modifiers:
      - {when: rank == 'chief', multiply: 2}
      - {when: weight > 70, add: 500}
  mood:
    type: categorical
    assumption: true
    distribution: {categorical: {good: .5, bad: .5}}
    modifiers:
      - {when: smoker, scale: {bad: 3}}
  rent:
    type: int
    only_if: smoker
    assumption: true
    distribution: {poisson: {mean: 4}}
    modifiers:
      - {when: old, multiply: 2}
"""
)


@pytest.fixture(scope="module")
def population() -> Population:
    return loaded(SPEC)


def test_the_preview_agrees_with_what_is_drawn(population: Population) -> None:
    """0.12 is 3.8 standard deviations of a share among the 250 agents that are averaged, at most."""
    block = plan(population, 7).block(0, 40_000)
    for item in preview(population):
        name = item.attribute.name
        kept = np.ones(block.count, bool) if item.attribute.only_if is None else ~block.null(name)
        values = block.value(name)[kept]
        assert item.known == pytest.approx(kept.mean(), abs=0.02)
        if item.edges:
            found = np.histogram(values, np.array(item.edges))[0] / len(values)
        elif item.options:
            found = np.bincount(values, minlength=len(item.options)) / len(values)
        else:
            found = np.array([values.mean()])
        assert np.abs(np.cumsum(found) - np.cumsum(item.shares)).max() < 0.12, name


def test_the_reach_of_modifiers_is_exact_where_it_can_be(population: Population) -> None:
    items = {item.attribute.name: item for item in preview(population)}
    chief, heavy = items["pay"].branches
    assert (chief.reach.share, chief.reach.exact) == (pytest.approx(0.4), True)
    assert not heavy.reach.exact
    heavier = stats.norm(0, 1)
    grid = np.linspace(150, 210, 6001)
    expected = np.trapezoid(HEIGHT.pdf(grid) * heavier.sf((70 - (grid - 100)) / 5), grid)
    assert heavy.reach.share == pytest.approx(expected, abs=3 * heavy.reach.error)
    (old,) = items["rent"].branches
    assert (old.reach.share, old.reach.exact) == (pytest.approx(21 / 63), True)


def test_branches_show_what_modifiers_make_of_it(population: Population) -> None:
    items = {item.attribute.name: item for item in preview(population)}
    (smokers,) = items["mood"].branches
    assert smokers.shares == (pytest.approx(0.25), pytest.approx(0.75))
    (old,) = items["rent"].branches
    assert old.shares is not None
    edges = np.array(items["rent"].edges)
    odd = [s for s, e in zip(old.shares, edges, strict=False) if (e + 0.5) % 2 == 1]
    assert len(edges) - 1 == len(old.shares) and sum(odd) == pytest.approx(0.0, abs=1e-12)
