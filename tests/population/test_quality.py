from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.population.builder import SPAN, build, expression
from worldwright.errors import UsageError
from worldwright.population import plan, quality, sample
from worldwright.population.inspection.preview import preview
from worldwright.spec import Source, load_population
from worldwright.spec.families import Distribution
from worldwright.spec.population import Expectation, Population
from worldwright.spec.reference.laws import EXAMPLES

AGENTS = 20_000
ATTRIBUTES: dict[str, dict[str, Any]] = {
    "age": {"type": "int", "distribution": {"normal": {"mean": 47, "sd": 11, "min": 26, "max": 72}}},
    "rank": {
        "type": "categorical",
        "ordered": True,
        "distribution": {"categorical": {"low": 0.5, "high": 0.5}},
        "modifiers": [{"when": "age > 50", "scale": {"high": 3}}],
    },
    "private": {
        "type": "boolean",
        "distribution": {"boolean": 0.2},
        "modifiers": [{"when": "rank == 'high'", "scale": 2}],
    },
    "rent": {"only_if": "private", "distribution": {"lognormal": {"mean": "100 * age", "sd": 500}}},
    "score": {
        "distribution": {"beta": {"alpha": 2.5, "beta": 2.5}},
        "modifiers": [{"when": "age > 50", "multiply": 0.7}, {"when": "private", "multiply": -1, "add": 1}],
        "clip": (0.05, None),
    },
    "cases": {
        "type": "int",
        "distribution": {"poisson": {"mean": "age / 10"}},
        "modifiers": [
            {"when": "rank == 'high'", "multiply": 1.5},
            {"when": "private", "multiply": -0.5, "add": 3},
        ],
        "clip": (0, 12),
    },
    "points": {"type": "int", "distribution": {"uniform": {"min": 1, "max": 6}}},
    "wait": {"distribution": {"gamma": {"shape": 2, "scale": "1 + points", "max": 30}}},
    "cost": {"distribution": {"exponential": {"mean": 3}}},
    "shape": {"distribution": {"triangular": {"min": 0, "mode": 1, "max": 3}}},
    "hits": {"type": "int", "distribution": {"binomial": {"n": "points", "p": 0.4}}},
}


def table(population: Population, seed: int = 4, agents: int = AGENTS) -> pa.Table:
    return sample(plan(population, seed), 0, agents)


def rows(report: pa.Table, **wanted: str) -> list[dict[str, Any]]:
    return [row for row in report.to_pylist() if all(row[key] == value for key, value in wanted.items())]


def expectation(statistic: str, *of: str, value: float, within: float, **more: str) -> Expectation:
    parts = {key: expression(text) for key, text in more.items()}
    return Expectation(
        statistic,
        of,
        parts.get("condition"),
        parts.get("where"),
        value,
        within,
        None,
        SPAN,
        f"the {statistic}",
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_faithful_table_passes_branch_by_branch(seed: int) -> None:
    population = build(ATTRIBUTES)
    report = quality(population, table(population, seed))
    assert {row["verdict"] for row in rows(report, kind="branch")} == {"pass"}
    assert {row["attribute"] for row in rows(report, kind="branch")} == set(ATTRIBUTES)
    assert [row["branch"] for row in rows(report, kind="branch", attribute="rank")] == [
        "no modifier",
        "modifier 1",
    ]
    # p-values of faithful branches are uniform: their mean over m tests has a standard error of .29/√m
    values = [row["p_value"] for row in rows(report, kind="branch")]
    assert abs(np.mean(values) - 0.5) < 4 * 0.29 / np.sqrt(len(values))


@pytest.mark.parametrize("name", [name for name in ATTRIBUTES if name != "rank"])
def test_a_table_of_another_law_is_noticed(name: str) -> None:
    changed = {key: dict(body) for key, body in ATTRIBUTES.items()}
    ((family, given),) = ATTRIBUTES[name]["distribution"].items()
    if family == "boolean":
        changed[name]["distribution"] = {family: 0.26}
    else:
        raised = {"normal": "sd", "lognormal": "sd", "beta": "alpha", "poisson": "mean", "uniform": "max"} | {
            "gamma": "scale", "exponential": "mean", "triangular": "mode", "binomial": "p"
        }  # fmt: skip
        key = raised[family]
        changed[name]["distribution"] = {family: {**given, key: f"1.2 * ({given[key]})"}}
    report = quality(build(ATTRIBUTES), table(build(changed)))
    warned = {row["attribute"] for row in rows(report, verdict="warn", kind="branch")}
    assert name in warned


def test_a_wrong_modifier_is_noticed_in_its_branch_alone() -> None:
    wrong = {
        **ATTRIBUTES,
        "rank": {**ATTRIBUTES["rank"], "modifiers": [{"when": "age > 50", "scale": {"high": 2}}]},
    }
    report = quality(build(ATTRIBUTES), table(build(wrong)))
    assert [row["branch"] for row in rows(report, kind="branch", attribute="rank", verdict="warn")] == [
        "modifier 1"
    ]


def test_modifiers_and_clips_report_their_reach() -> None:
    attributes = {
        "x": {
            "distribution": {"normal": {"mean": 0, "sd": 1}},
            "modifiers": [
                {"when": "x0 > 0.9", "add": 1},
                {"when": "x0 > 2", "add": 1},
                {"when": "x0 < 2", "add": 0},
            ],
            "clip": (-1, None),
        },
        "x0": {"distribution": {"uniform": {"min": 0, "max": 1}}},
    }
    population = build(attributes)
    report = quality(population, table(population))
    modifiers = rows(report, kind="modifier")
    assert [row["verdict"] for row in modifiers] == ["pass", "warn", "warn"]
    assert abs(modifiers[0]["achieved"] - 0.1) < 0.01
    (clip,) = rows(report, kind="clip")
    assert clip["verdict"] == "warn"
    assert abs(clip["achieved"] - (0.9 * 0.1587 + 0.1 * 0.0228)) < 0.01


def test_figures_are_the_gate() -> None:
    population = build(
        ATTRIBUTES,
        expectations=[
            expectation("mean", "age", value=47.3, within=0.5),
            expectation("mean", "age", value=60, within=0.5),
            expectation("sd", "points", value=np.sqrt(35 / 12), within=0.03),
            expectation("median", "cost", value=3 * np.log(2), within=0.1),
            expectation("mean", "rent", value=4800, within=300),
            expectation("share", condition="rank == 'high'", where="age > 50", value=0.75, within=0.02),
            expectation("correlation", "points", "wait", value=0.6, within=0.2),
            expectation("mean", "age", where="age > 100", value=1, within=1e9),
        ],
    )
    found = rows(quality(population, table(population)), kind="expectation")
    assert [row["verdict"] for row in found] == [
        "pass",
        "fail",
        "pass",
        "pass",
        "pass",
        "pass",
        "pass",
        "fail",
    ]
    assert found[-1]["n"] == 0
    assert "no agent" in found[-1]["text"]


def test_correlations_stand_beside_what_was_declared() -> None:
    normal = {"distribution": {"normal": {"mean": 0, "sd": 1}}}
    moved = {**normal, "modifiers": [{"when": "a > 0", "add": 2}]}
    population = build(
        {"a": normal, "b": normal, "c": moved}, correlations=[("a", "b", 0.5), ("a", "c", 0.3)]
    )
    report = quality(population, table(population))
    plain, shifted = rows(report, kind="correlation")
    assert (plain["verdict"], shifted["verdict"]) == ("pass", "warn")
    assert abs(plain["achieved"] - 0.5) < 0.03
    assert shifted["achieved"] > 0.5
    assert "base draws" in shifted["text"]
    # c depends on a and is correlated with it: its branches have no law of their own, all together do
    assert [row["branch"] for row in rows(report, kind="branch", attribute="c")] == [""]
    assert rows(report, kind="branch", verdict="warn") == []


def test_a_constraint_reports_its_redraws_and_a_broken_one_fails() -> None:
    unit = {"distribution": {"uniform": {"min": 0, "max": 1}}}
    population = build({"x": unit, "y": unit}, constraints=["y < x + 0.5"])
    good = table(population)
    report = quality(population, good)
    (row,) = rows(report, kind="constraint")
    assert row["verdict"] == "pass"
    assert abs(row["declared"] - 0.125) < 0.01
    assert {r["attribute"] for r in rows(report, kind="branch")} == {"x"}
    broken = good.set_column(1, good.field(1), pa.array(good.column("y").to_numpy() + 0.3))
    (row,) = rows(quality(population, broken), kind="constraint")
    assert row["verdict"] == "fail"


def test_a_foreign_table_is_read_or_refused_with_a_reason() -> None:
    population = build({"k": ATTRIBUTES["rank"] | {"modifiers": []}, "x": ATTRIBUTES["points"]})
    strings = pa.table({"k": ["high", "low"] * 50, "x": pa.array([1, 2] * 50, pa.int32())})
    assert quality(population, strings).num_rows > 0
    with pytest.raises(UsageError, match="no column x"):
        quality(population, strings.select(["k"]))
    with pytest.raises(UsageError, match="'top' in the table is no option of k"):
        quality(population, pa.table({"k": ["top"], "x": [1]}))
    with pytest.raises(UsageError, match="x is missing in row 1"):
        quality(population, pa.table({"k": ["low", "low"], "x": [1, None]}))


def test_a_small_table_has_no_distribution_tests_and_no_crash() -> None:
    population = build(ATTRIBUTES, correlations=[("age", "points", 0.2)], constraints=["points < 7"])
    report = quality(population, table(population, agents=5))
    assert rows(report, kind="branch") == []
    assert quality(population, table(population, agents=0)).num_rows > 0


def test_how_far_a_constraint_moves_its_owner_is_told() -> None:
    """A standard normal above 0 has the mean √(2/π); half of the agents are drawn again."""
    law = {"distribution": {"normal": {"mean": 0, "sd": 1}}}
    population = build({"x": law}, constraints=["x > 0"])
    (found,) = rows(quality(population, table(population)), kind="constraint")
    told = re.search(r"its mean moved from (\S+) to (\S+)$", found["text"])
    assert told is not None
    assert abs(float(told[1])) < 4 / np.sqrt(20_000)
    assert abs(float(told[2]) - np.sqrt(2 / np.pi)) < 4 * 0.603 / np.sqrt(20_000)
    assert abs(found["declared"] - 0.5) < 4 * 0.5 / np.sqrt(20_000)


@pytest.mark.parametrize(("value", "verdict"), [(0.0, "pass"), (0.05, "fail")])
def test_a_median_is_judged_by_ranks(value: float, verdict: str) -> None:
    """Most agents lie within ± 0.02; a few far out make the spread, which says nothing of the median."""
    population = build({"x": {"distribution": {"normal": {"mean": 0, "sd": 1}}}})
    population = replace(population, expectations=(expectation("median", "x", value=value, within=0.0),))
    values = np.concatenate([np.full(50, -1000.0), np.linspace(-0.02, 0.02, 9901), np.full(50, 1000.0)])
    (found,) = rows(quality(population, pa.table({"x": values})), kind="expectation")
    assert found["verdict"] == verdict


def test_every_family_has_its_example() -> None:
    assert set(EXAMPLES) == set(Distribution.model_fields)


@pytest.mark.parametrize("family", [*EXAMPLES, "quantiles", "raked"])
def test_every_family_can_be_inspected(family: str) -> None:
    """None is without a declared law: it is tested, and pictured without counting a sample."""
    lines = "{empirical: {quantiles: {0: 1, .5: 2, 1: 9}}}"
    kind, law = EXAMPLES.get(family, ("float", lines) if family == "quantiles" else EXAMPLES["boolean"])
    text = f"""worldwright: population/1
name: one
agents: 100
attributes:
  x:
    type: {kind}
    distribution: {law}
    assumption: for a test
"""
    if family == "raked":
        text += "marginals:\n  targets:\n    - {of: [x], assumption: true, shares: {true: .3, false: .7}}\n"
    population, found = load_population(Source("one.yaml", text))
    assert population is not None, found
    report = quality(population, table(population))
    tested = rows(report, kind="marginal" if family == "raked" else "branch")
    assert any(row["p_value"] is not None for row in tested)
    assert [row for row in report.to_pylist() if row["verdict"] != "pass"] == []
    (seen,) = preview(population, agents=500)
    assert seen.attribute.name == "x" and not seen.counted
