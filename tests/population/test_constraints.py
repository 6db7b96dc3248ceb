from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.population.builder import build
from worldwright.errors import SamplingError
from worldwright.population import Explainer, plan, sample

AGENTS = 100_000
NORMAL: dict[str, Any] = {"distribution": {"normal": {"mean": 0, "sd": 1}}}
SHORT: dict[str, Any] = {"distribution": {"normal": {"mean": 0, "sd": 1, "min": -2, "max": 2}}}
UNIT: dict[str, Any] = {"distribution": {"uniform": {"min": 0, "max": 1}}}


def drawn(
    attributes: dict[str, dict[str, Any]], constraints: list[Any], agents: int = AGENTS, **more: Any
) -> Any:
    return sample(plan(build(attributes, constraints=constraints, **more), 1), 0, agents).to_pandas()


def test_redrawing_jointly_is_rejection() -> None:
    table = drawn({"x": UNIT, "y": UNIT}, [{"condition": "x < y", "redraw": ["x", "y"]}])
    assert (table.x < table.y).all()
    # the order statistics of two uniforms
    assert stats.kstest(table.x, stats.beta(1, 2).cdf).pvalue > 1e-4
    assert stats.kstest(table.y, stats.beta(2, 1).cdf).pvalue > 1e-4


def test_redrawing_one_owner_leaves_the_other_alone() -> None:
    # among 100,000 agents a hundred would need more than 1,000 attempts
    free = drawn({"x": UNIT, "y": UNIT}, [])
    table = drawn({"x": UNIT, "y": UNIT}, ["x < y"])
    assert (table.x < table.y).all()
    assert table.x.equals(free.x)
    met = free.x < free.y
    assert table.y[met].equals(free.y[met])
    # given x, y is uniform on (x, 1)
    assert stats.kstest((table.y - table.x) / (1 - table.x), "uniform").pvalue > 1e-4


def test_an_agent_that_is_tried_on_is_the_same_alone() -> None:
    made = plan(
        build({"x": UNIT, "y": NORMAL, "double": {"formula": "2 * y"}}, constraints=["y > 2 + 2 * x"]), 1
    )
    whole = sample(made, 0, 2000).to_pandas()
    far = whole.y.nlargest(5)
    assert far.min() > 3.6  # one draw in 6,000
    assert (whole.double == 2 * whole.y).all()
    for row in far.index:
        assert sample(made, int(row), 1).to_pylist() == whole.iloc[[row]].to_dict("records")
    above = 2 + 2 * whole.x
    assert stats.kstest(stats.norm.sf(whole.y) / stats.norm.sf(above), "uniform").pvalue > 1e-4


def test_what_depends_on_the_owner_sees_its_final_value() -> None:
    table = drawn({"y": NORMAL, "double": {"formula": "2 * y"}}, ["y > 0.5"])
    assert (table.y > 0.5).all()
    assert (table.double == 2 * table.y).all()


def test_an_earlier_owner_carries_along_what_was_computed_from_it() -> None:
    attributes = {"x": NORMAL, "y": {"distribution": {"normal": {"mean": "x", "sd": 1, "min": "x - 2"}}}}
    free = drawn(attributes, [])
    table = drawn(attributes, [{"condition": "y > 0", "redraw": ["x"]}], agents=20_000)
    assert (table.y > 0).all()
    # y keeps its own draw: only x moved
    assert np.allclose(table.y - table.x, (free.y - free.x)[:20_000], atol=1e-12)


def test_constraints_with_a_common_owner_hold_together() -> None:
    table = drawn({"x": SHORT, "y": NORMAL}, ["y > x - 1", "y < x + 1", "x > -1"])
    assert ((table.y - table.x).abs() < 1).all()
    assert (table.x > -1).all()


def test_an_owner_in_a_copula_is_redrawn_given_the_others() -> None:
    # 'a' comes first in the factor, so its redraws must be conditioned on 'z', which is computed before it
    attributes = {"z": SHORT, "a": {"distribution": {"normal": {"mean": "0 * z", "sd": 1}}}}
    rho = 2 * np.sin(np.pi * 0.6 / 6)
    pairs = [("a", "z", 0.6)]
    free = drawn(attributes, [], correlations=pairs)
    table = drawn(attributes, ["a > -1"], correlations=pairs, agents=50_000)
    assert table.z.equals(free.z[:50_000])
    # given the score of z, a is normal with mean ρ·score and variance 1 − ρ², cut at −1
    mean, sd = rho * stats.norm.ppf(stats.truncnorm.cdf(table.z, -2, 2)), np.sqrt(1 - rho * rho)
    below = stats.norm.cdf((-1 - mean) / sd)
    assert (
        stats.kstest((stats.norm.cdf((table.a - mean) / sd) - below) / (1 - below), "uniform").pvalue > 1e-4
    )


def test_a_scenario_follows_the_base_that_was_redrawn() -> None:
    pairs = [("s", "x", 0.8)]
    base = drawn({"x": NORMAL}, ["x > 0"])
    table = drawn({"x": NORMAL}, ["x > 0"], scenario={"s": NORMAL}, correlations=pairs)
    rho = 2 * np.sin(np.pi * 0.8 / 6)
    assert table.x.equals(base.x)
    assert stats.kstest((table.s - rho * table.x) / np.sqrt(1 - rho * rho), "norm").pvalue > 1e-4


def test_a_scenarios_constraint_leaves_the_base_alone() -> None:
    table = drawn({"x": SHORT}, ["s > x"], scenario={"s": NORMAL}, agents=5000)
    assert table.x.equals(drawn({"x": SHORT}, [], agents=5000).x)
    assert (table.s > table.x).all()


def test_a_scenarios_constraint_may_not_redraw_the_base() -> None:
    with pytest.raises(SamplingError, match="cannot redraw x of the base"):
        drawn({"x": NORMAL}, [{"condition": "s > x", "redraw": ["x"]}], scenario={"s": NORMAL})


def test_what_cannot_be_met_is_an_error_with_its_share() -> None:
    with pytest.raises(SamplingError) as caught:
        drawn({"x": UNIT, "y": UNIT}, ["y > x + 0.5"], agents=1000)
    share = float(caught.value.what.split("for ")[1].split("%")[0])
    assert abs(share - 50) < 7
    assert (caught.value.where or "").startswith("attribute y, agent ")


def test_dropped_agents_are_left_out_and_others_do_not_move() -> None:
    free = drawn({"x": UNIT, "y": UNIT, "w": NORMAL}, [], agents=1000)
    rule = [{"condition": "y > x + 0.5", "drop": True}]
    table = drawn(
        {"x": UNIT, "y": UNIT, "w": {"distribution": {"normal": {"mean": 0, "sd": 1}}}}, rule, agents=1000
    )
    kept = free[free.x < 0.499].reset_index(drop=True)
    assert (table.y > table.x + 0.5).all()
    assert set(kept.x) <= set(table.x)
    assert set(table.x) <= set(free.x)
    pairs = dict(zip(free.x, free.w, strict=True))
    assert all(pairs[x] == w for x, w in zip(table.x, table.w, strict=True))


def test_dropping_is_the_same_in_any_range() -> None:
    rule = [{"condition": "y > x + 0.5", "drop": True}]
    made = plan(build({"x": UNIT, "y": UNIT}, constraints=rule), 1)
    whole = sample(made, 0, 90)
    parts = [sample(made, start, 30) for start in (0, 30, 60)]
    assert sum(part.num_rows for part in parts) == whole.num_rows
    assert [row for part in parts for row in part.to_pylist()] == whole.to_pylist()


def test_a_missing_value_leaves_a_constraint_undecided() -> None:
    attributes = {
        "b": {"type": "boolean", "distribution": {"boolean": 0.5}},
        "rent": {"only_if": "b", "distribution": {"uniform": {"min": 0, "max": 10}}},
    }
    with pytest.raises(SamplingError, match=r"undecided \(with rent = missing\)"):
        drawn(attributes, ["rent < 5"], agents=100)
    table = drawn(attributes, ["rent is not known or rent < 5"], agents=1000)
    assert table.rent.notna().equals(table.b)
    assert (table.rent.dropna() < 5).all()


def test_a_formula_cannot_be_redrawn() -> None:
    with pytest.raises(SamplingError, match="y has a formula and cannot be redrawn"):
        drawn({"x": UNIT, "y": {"formula": "x * 2"}}, ["y < 1"])


# ---- what hardly any draw meets


def test_what_no_number_of_attempts_meets_is_drawn_from_what_is_left() -> None:
    # one draw in a thousand million and fewer; by attempts this would take hours
    attributes = {"x": {"distribution": {"uniform": {"min": 0, "max": 1}}}, "y": NORMAL}
    table = drawn(attributes, ["y > 6 + x"], agents=4000)
    assert (table.y > 6 + table.x).all()
    assert stats.kstest(stats.norm.sf(table.y) / stats.norm.sf(6 + table.x), "uniform").pvalue > 1e-4


def test_a_chain_of_uniforms_holds_for_every_agent() -> None:
    made = plan(build({"a": UNIT, "b": UNIT, "c": UNIT}, constraints=["a < b", "b < c"]), 1)
    table = sample(made, 0, 200_000).to_pandas()
    assert (table.a < table.b).all() and (table.b < table.c).all()
    # b lies uniformly above a, and c above b
    assert stats.kstest((table.b - table.a) / (1 - table.a), "uniform").pvalue > 1e-4
    assert stats.kstest((table.c - table.b) / (1 - table.b), "uniform").pvalue > 1e-4
    last = int(table.b.idxmax())
    assert sample(made, last, 1).to_pylist() == table.iloc[[last]].to_dict("records")


def test_both_sides_whole_numbers_and_falling_values_are_narrowed() -> None:
    attributes = {
        "x": {"distribution": {"uniform": {"min": 0, "max": 1}}},
        "n": {"type": "int", "distribution": {"poisson": {"mean": 3}}},
        "y": {
            "distribution": {"normal": {"mean": 0, "sd": 1}},
            "modifiers": [{"when": "x > 0.5", "multiply": -1}],
        },
    }
    table = drawn(attributes, ["y > 4.5 and y < 4.6", "n >= 20"], agents=3000)
    share = (stats.norm.sf(4.5) - stats.norm.sf(table.y)) / (stats.norm.sf(4.5) - stats.norm.sf(4.6))
    assert stats.kstest(share, "uniform").pvalue > 1e-4
    tail = stats.poisson.pmf(np.arange(20, 23), 3)
    counts = [(table.n == 20).sum(), (table.n == 21).sum(), (table.n > 21).sum()]
    expected = np.array([tail[0], tail[1], stats.poisson.sf(21, 3)]) / stats.poisson.sf(19, 3) * 3000
    assert stats.chisquare(counts, expected).pvalue > 1e-4


def test_a_correlated_owner_is_narrowed_given_the_others() -> None:
    rho = 2 * np.sin(np.pi * 0.6 / 6)
    table = drawn(
        {"a": NORMAL, "z": NORMAL},
        [{"condition": "z > 3.5", "redraw": ["z"]}],
        correlations=[("a", "z", 0.6)],
        agents=4000,
    )
    free = drawn({"a": NORMAL, "z": NORMAL}, [], correlations=[("a", "z", 0.6)], agents=4000)
    assert table.a.equals(free.a)
    mean, sd = rho * table.a, np.sqrt(1 - rho * rho)
    above = stats.norm.sf((table.z - mean) / sd) / stats.norm.sf((3.5 - mean) / sd)
    assert (table.z > 3.5).all()
    assert stats.kstest(above, "uniform").pvalue > 1e-4


def test_only_agents_with_nothing_left_are_dropped() -> None:
    rule = [{"condition": "y > x + 0.5", "drop": True}]
    free = drawn({"x": UNIT, "y": UNIT}, [], agents=20_000)
    table = drawn({"x": UNIT, "y": UNIT}, rule, agents=20_000)
    # also agents with x = .4999, who have one chance in ten thousand
    assert set(table.x) == set(free.x[free.x < 0.5 - 2**-52])


@pytest.mark.parametrize("pairs", [[], [("x", "y", 0.4)]])
def test_explanations_of_narrowed_agents_agree_with_their_rows(pairs: list[tuple[str, str, float]]) -> None:
    attributes = {"x": UNIT, "y": NORMAL, "z": {"formula": "2 * y"}}
    made = plan(build(attributes, constraints=["y > 3 + x"], correlations=pairs), 4)
    rows = sample(made, 0, 40).to_pylist()
    explainer = Explainer(made)
    for agent, row in enumerate(rows):
        told = explainer.agent(agent)
        assert {a.name: a.value for a in told.attributes} == row
        (redraw,) = told.attribute("y").redraws
        draw = told.attribute("y").draw
        assert draw is not None
        if redraw.count > 64:
            assert (
                draw.left is not None and draw.placed is not None and (pairs or draw.placed == draw.uniform)
            )
            assert draw.left[0] <= draw.placed <= draw.left[1]
    assert any(explainer.agent(agent).attribute("y").redraws[0].count == 65 for agent in range(40))


def test_inequalities_of_what_rises_or_falls_with_the_owner_are_narrowed() -> None:
    for condition in ("3 + y / 2 - x > 5.4", "x - 2 * y < -4.8", "max(-y, -9) * 1000 < x - 4000"):
        table = drawn({"x": UNIT, "y": NORMAL}, [{"condition": condition, "redraw": ["y"]}], agents=300)
        leasts = {"3": 2 * (2.4 + table.x), "x": (table.x + 4.8) / 2, "m": 4 - table.x / 1000}
        least = leasts[condition[0]]
        assert (table.y >= least - 1e-9).all()
        assert stats.kstest(stats.norm.sf(table.y) / stats.norm.sf(least), "uniform").pvalue > 1e-4


def test_an_agent_tried_on_for_long_is_explained_without_trying_so_long() -> None:
    # an absolute difference is no inequality of one number: one draw in 250,000 meets it
    made = plan(build({"x": UNIT, "y": UNIT}, constraints=["abs(y - x) < 0.000002"]), 1)
    row = sample(made, 8, 1).to_pylist()[0]
    told = Explainer(made).agent(8)
    assert {a.name: a.value for a in told.attributes} == row
    (redraw,) = told.attribute("y").redraws
    assert redraw.count > 1000 and redraw.attempts[-1].broken is None
