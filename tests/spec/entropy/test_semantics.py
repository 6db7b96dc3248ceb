"""What a file means beside its words: dates, bounds, conversions, orders and keys of other times."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.spec.entropy import interpreter
from tests.spec.entropy.comparison import ALPHA, same
from tests.spec.entropy.files import (
    AGE,
    FLAG,
    INCOME,
    ROLE,
    agents,
    attribute,
    codes,
    document,
    load,
    population,
)

COUNT = 4_000
NORMAL = {"type": "normal", "mean": 3.0, "std": 2.0, "min": 0.0, "max": 7.0}
BETA = {"type": "beta", "alpha": 2.0, "beta": 3.0}
LOGNORMAL = {"type": "lognormal", "mean": 3.0, "std": 2.0}
STACK = [
    {"when": "age > 40", "multiply": 1.6, "add": -1.0},
    {"when": "flag", "multiply": 0.7, "add": None},
    {"when": "role == 'senior' or age < 25", "multiply": None, "add": 0.4},
]
YES_NO = {"type": "boolean", "probability_true": 0.3}
NEVER = {"type": "boolean", "probability_true": 0.0}
CHAIN = [
    {"when": "age > 30", "multiply": 1.5, "add": 0.1},
    {"when": "age > 40", "probability_override": 0.2},
    {"when": "age > 50", "multiply": 3.0, "add": None},
    {"when": "flag", "multiply": 1.0, "add": 0.0},
]
SIZE = {"type": "categorical", "options": ["1", "2", "18-24", "5+"], "weights": [0.4, 0.3, 0.1, 0.2]}
TONES = {"type": "categorical", "options": ["a", "b", "c"], "weights": [0.5, 0.3, 0.2]}
ODD = [{"when": "flag", "weight_overrides": {"z": 1.0}}]
OVERLAPPING = [
    {"when": "age > 50 and flag == True", "weight_overrides": {"a": 0.1, "b": 0.1, "c": 0.8}},
    {"when": "age > 50", "weight_overrides": {"a": 0.0, "b": 1.0, "c": 0.0}},
    {"when": "flag", "weight_overrides": {"c": 0.9}},
]


def conditional(kind: str, law: dict[str, Any], modifiers: Any = STACK, **more: Any) -> dict[str, Any]:
    return attribute("x", kind, "conditional", law=law, modifiers=modifiers, **more)


def bounds(*pairs: tuple[str, float | None]) -> list[dict[str, Any]]:
    return [{"type": kind, "value": value, "expression": None, "reason": None} for kind, value in pairs]


NUMBERS = [
    conditional("float", NORMAL),
    conditional("int", NORMAL),
    conditional("int", NORMAL, [], constraints=bounds(("hard_min", 1), ("hard_max", 5.0))),
    conditional("float", NORMAL, constraints=bounds(("min", 1.0), ("hard_min", None), ("max", 6.5))),
    conditional("int", {**NORMAL, "max": None, "max_formula": "age / 8", "min": 2.5}),
    conditional("float", {**NORMAL, "mean_formula": "age / 10", "std_formula": "age / 20"}),
    conditional("float", {**NORMAL, "std": None}),
    conditional("float", {**NORMAL, "std": 0.0}),
    conditional("float", LOGNORMAL),
    conditional("int", {**LOGNORMAL, "std": None, "min": 1.0}),
    conditional("float", {**LOGNORMAL, "mean": None, "mean_formula": "income / 10"}),
    conditional("float", {"type": "uniform", "min": 2.0, "max": 6.0}),
    conditional("int", {"type": "uniform", "min": 2.0, "max": 6.0}),
    conditional("int", {"type": "uniform", "min": 2.0, "max": 6.0}, []),
    conditional("float", BETA),
    conditional("float", {**BETA, "min": 0.0, "max": 1.0}),
    conditional("float", {**BETA, "min": 0.0, "max": 50.0}),
    conditional("float", {**BETA, "min": 10.0, "max": 50.0}),
    conditional("float", {**BETA, "min": 10.0, "max": 50.0}, []),
    conditional("int", {**BETA, "min": 1.0, "max": 5.0}, []),
    conditional("float", {**BETA, "min": 0.4}, []),
    conditional("int", SIZE, []),
    conditional("float", SIZE, [], constraints=bounds(("hard_max", 4.0))),
    conditional("int", YES_NO, []),
    attribute("x", "float", law=NORMAL, modifiers=STACK),
    attribute("x", "int", "derived", formula="age * 1.3 - 0.5", constraints=bounds(("hard_max", 60.0))),
]
WINNERS = [conditional("boolean", YES_NO, CHAIN), conditional("categorical", TONES, OVERLAPPING)]


@pytest.mark.parametrize(
    ("x", "ranked"),
    [*((x, False) for x in NUMBERS), *((x, ranked) for x in WINNERS for ranked in (False, True))],
)
def test_a_draw_is_distributed_as_by_their_sampler(x: dict[str, Any], ranked: bool) -> None:
    written = "2026-02-22T00:00:00" if ranked else "2026-01-10T12:00:00"
    text = document([AGE, ROLE, FLAG, INCOME, x], created_at=written)
    ours, theirs = agents(text, COUNT, 3), interpreter.population(text, COUNT, 4, ranked=ranked)
    for test in ("True", "age > 40", "flag", "age > 50 and flag", "role == 'senior'"):
        inside = interpreter.evaluator(test)
        parts = [np.array([a["x"] for a in part if inside(a)]) for part in (ours, theirs)]
        assert same(*parts), test


def test_the_two_precedences_differ_and_semantics_chooses() -> None:
    x = conditional("categorical", TONES, OVERLAPPING)
    shares: dict[str, float] = {}
    for word in ("ranked", "last_wins"):
        text = document([AGE, FLAG, x], semantics={"modifiers": word})
        chosen = [a["x"] for a in agents(text, COUNT) if a["flag"] and a["age"] > 50]
        shares[word] = chosen.count("c") / len(chosen)
    assert shares["ranked"] == pytest.approx(0.8, abs=0.05)
    assert shares["last_wins"] == pytest.approx(0.9 / 1.7, abs=0.05)


@pytest.mark.parametrize(
    ("created_at", "semantics", "mean", "logs"),
    [
        ("2025-12-17T10:00:00", None, 2.0, True),
        ("2025-12-19T10:00:00", None, 2.0, False),
        ("2025-12-17T10:00:00", None, 900.0, False),  # e^900 is nothing anybody meant
        ("2025-12-19T10:00:00", {"lognormal": "log"}, 2.0, True),
        ("2025-12-17T10:00:00", {"lognormal": "variable"}, 2.0, False),
        ("once", None, 2.0, False),
    ],
)
def test_the_date_decides_what_a_lognormal_mean_is(
    created_at: str, semantics: dict[str, str] | None, mean: float, logs: bool
) -> None:
    x = attribute("x", "float", law={"type": "lognormal", "mean": mean, "std": 0.5})
    extra: dict[str, Any] = {} if semantics is None else {"semantics": semantics}
    text = document([x], created_at=created_at, **extra)
    values = np.array([agent["x"] for agent in agents(text, COUNT)])
    variance = 0.25 if logs else math.log1p((0.5 / mean) ** 2)
    middle = mean if logs else math.log(mean) - variance / 2
    assert stats.kstest(np.log(values), stats.norm(middle, math.sqrt(variance)).cdf).pvalue > ALPHA
    said = [d.message for d in load(text)[1] if "lognormal" in d.message]
    assert len(said) == 1 and ("logarithm" in said[0].split("(")[0]) is logs


def test_a_mean_that_falls_to_zero_gives_zero() -> None:
    law = {"type": "lognormal", "mean_formula": "age - 40", "std": 5.0}
    found = agents(document([AGE, attribute("x", "float", law=law)]), 2_000)
    assert all((agent["x"] == 0) is (agent["age"] <= 40) for agent in found)


def test_labels_become_numbers_and_the_draw_is_a_column_of_its_own() -> None:
    text = document([conditional("int", SIZE, [])])
    converted = {"1": 1, "2": 2, "18-24": 1824, "5+": 5}
    assert all(agent["x"] == converted[agent["x_draw"]] for agent in agents(text, 300))
    assert "WW1009" in codes(load(text)[1])


def test_conditions_read_only_what_is_sampled_before() -> None:
    x = conditional(
        "boolean", {**YES_NO, "probability_true": 0.0}, [{"when": "age > 0", "probability_override": 1.0}]
    )
    assert not any(agent["x"] for agent in agents(document([x, AGE], ["x", "age"]), 50))
    assert all(agent["x"] for agent in agents(document([x, AGE], ["age", "x"]), 50))


@pytest.mark.parametrize("order", [["age"], ["age", "ghost", "x"], []])
def test_gaps_in_the_sampling_order(order: list[str]) -> None:
    found, diagnostics = load(document([AGE, conditional("float", NORMAL, [])], order))
    assert found is not None and found.columns == ("age", "x")
    assert ("WW1011" in codes(diagnostics)) is bool(order)


def test_keys_of_other_times_are_taken_and_unknown_ones_told() -> None:
    meta = {
        "size": 250,
        "agent_focus": "couples",
        "household_config": {"min_adult_age": 18},
        "name_config": {"last_names": []},
        "persona_template": "You are {age}.",
    }
    text = document([{**AGE, "correlation_rate": 0.4, "scope": "household", "colour": "red"}], meta=meta)
    found, diagnostics = load(text)
    assert found is not None and found.agents == 250
    (told,) = [d for d in diagnostics if d.code == "WW1002"]
    assert "'colour'" in told.message and told.span is not None
    assert "colour" in text.splitlines()[told.span.start.line - 1]
    assert "WW1007" in codes(diagnostics)


def test_conditions_are_told_and_not_enforced() -> None:
    constraints = [
        {"type": "expression", "value": None, "expression": text, "reason": None}
        for text in ("age > 60", "weights sum to 1.0", "sum(weights)==1", "True", "value < 99")
    ] + [{"type": "spec_expression", "value": None, "expression": "sum(weights)==7", "reason": None}]
    text = document([{**AGE, "constraints": constraints}])
    found, diagnostics = load(text)
    assert found is not None and not found.constraints
    told = [d for d in diagnostics if d.code in ("WW1005", "WW1006")]
    assert [d.severity.value for d in told] == ["note", "warning", "warning", "note", "note"]
    assert min(agent["age"] for agent in agents(text, 500)) < 60


def test_names_that_are_words_of_the_language_are_changed_everywhere() -> None:
    odd = [{**AGE, "name": "date"}, attribute("net-worth", "float", law=NORMAL)]
    x = conditional(
        "boolean", {**YES_NO, "probability_true": 0.0}, [{"when": "date > 40", "probability_override": 1.0}]
    )
    text = document([*odd, x])
    assert population(text).columns == ("date_", "net_worth", "x")
    assert all(agent["x"] is (agent["date_"] > 40) for agent in agents(text, 300))
    assert [d.code for d in load(text)[1]].count("WW1012") == 2


@pytest.mark.parametrize(
    ("x", "code", "error"),
    [
        (attribute("x", "float"), "WW1015", True),
        (attribute("x", "float", "derived"), "WW1015", True),
        (attribute("x", "float", law={"type": "normal", "std": 1.0}), "WW1015", True),
        (attribute("x", "float", law={"type": "beta", "alpha": 0.0, "beta": 1.0}), "WW1015", True),
        (attribute("x", "categorical", law={**TONES, "weights": [1.0]}), "WW1015", True),
        (attribute("x", "categorical", law={**TONES, "weights": [0.0, 0.0, 0.0]}), "WW1015", True),
        (attribute("x", "categorical", law={**TONES, "weights": [0.5, 0.3, 0.4]}), "WW1010", False),
        (attribute("x", "categorical", law=NORMAL), "WW1004", True),
        (attribute("x", "float", law={**NORMAL, "type": "cauchy"}), "WW0132", True),
        (conditional("categorical", TONES, STACK), "WW1008", False),
        (conditional("float", NORMAL, OVERLAPPING), "WW1008", False),
        (conditional("boolean", YES_NO, OVERLAPPING), "WW1008", False),
        (
            conditional("categorical", TONES, [{"when": "flag", "weight_overrides": {"z": 1.0}}]),
            "WW1008",
            False,
        ),
        (conditional("float", NORMAL, [{"when": "flag", "multiply": 1.0, "add": 0.0}]), "WW1013", False),
        (conditional("float", NORMAL, [{"when": "age < 5", "add": 1.0}]), "WW0402", False),
        (conditional("float", NORMAL, [{"when": "age > 5", "add": 1.0}]), "WW0403", False),
        (conditional("boolean", YES_NO, CHAIN[1:2] * 2), "WW0405", False),
        (attribute("x", "float", law=NORMAL, depends_on=["nobody"]), "WW1011", False),
        (attribute("x", "float", law=NORMAL, depends_on=["x"]), "WW1011", False),
        (attribute("x", "float", law={**NORMAL, "min": 7.0}), "WW1016", False),
        (attribute("x", "float", law={**NORMAL, "std": -2.0}), "WW1016", False),
        (attribute("x", "float", law={"type": "uniform", "min": 3.0, "max": 1.0}), "WW1016", False),
        (attribute("x", "float", law=NORMAL, formula="age"), "WW1008", False),
        (attribute("x", "float", "derived", law=NORMAL, formula="age"), "WW1008", False),
        (attribute("x", "boolean", law={"type": "boolean", "probability_true": 1.2}), "WW1016", False),
    ],
)
def test_faults_are_told_where_they_are(x: dict[str, Any], code: str, error: bool) -> None:
    text = document([AGE, ROLE, FLAG, x])
    found, diagnostics = load(text)
    told = [d for d in diagnostics if d.code == code]
    assert told and (found is None) is error
    first = next(i for i, line in enumerate(text.splitlines(), 1) if line == "- name: x")
    assert all(d.span is not None and d.span.start.line >= first for d in told)
