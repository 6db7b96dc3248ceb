from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.population.builder import build
from worldwright.errors import SamplingError, UsageError
from worldwright.population import batches, explain, plan, sample
from worldwright.spec import Source, load_population


def column(
    attributes: dict[str, dict[str, Any]], name: str, agents: int = 50_000, seed: int = 1
) -> np.ndarray:
    return sample(plan(build(attributes), seed), 0, agents).column(name).to_numpy()


SURGEONS: dict[str, dict[str, Any]] = {
    "age": {"type": "int", "distribution": {"normal": {"mean": 47, "sd": 11, "min": 26, "max": 72}}},
    "experience": {
        "type": "int",
        "distribution": {"normal": {"mean": "age - 28", "sd": 3, "min": 0, "max": "age - 24"}},
    },
    "rank": {
        "type": "categorical",
        "ordered": True,
        "distribution": {"categorical": {"resident": 0.34, "specialist": 0.3, "senior": 0.27, "chief": 0.09}},
        "modifiers": [
            {
                "when": "experience > 15",
                "weights": {"resident": 0.01, "specialist": 0.28, "senior": 0.5, "chief": 0.21},
            }
        ],
    },
    "private": {"type": "boolean", "distribution": {"boolean": 0.18}},
    "rent": {"only_if": "private", "distribution": {"lognormal": {"mean": 5200, "sd": 1900}}},
    "left": {"formula": "9000 - rent if rent is known else 9000"},
    "born": {"type": "date", "formula": "date('2024-01-01') - 365 * age"},
    "line": {"type": "text", "template": "{rank}, {age}"},
}


def test_a_table_has_the_columns_and_types_of_its_document() -> None:
    table = sample(plan(build(SURGEONS), 1), 0, 100)
    assert table.column_names == list(SURGEONS)
    types = {field.name: field.type for field in table.schema}
    assert types["age"] == pa.int64()
    assert types["rank"] == pa.dictionary(pa.int8(), pa.string(), ordered=True)
    assert types["private"] == pa.bool_()
    assert types["rent"] == pa.float64()
    assert types["born"] == pa.date32()
    assert types["line"] == pa.string()
    assert table.column("rank").chunk(0).dictionary.to_pylist() == [
        "resident",
        "specialist",
        "senior",
        "chief",
    ]
    assert [field.name for field in table.schema if field.nullable] == ["rent"]


def test_an_attribute_is_missing_exactly_where_its_condition_fails() -> None:
    table = sample(plan(build(SURGEONS), 1), 0, 5000).to_pylist()
    assert all((row["rent"] is not None) == row["private"] for row in table)
    assert all(row["left"] == (9000 - row["rent"] if row["private"] else 9000) for row in table)
    assert all(row["line"] == f"{row['rank']}, {row['age']}" for row in table)


def test_truncation_depends_on_other_attributes() -> None:
    table = sample(plan(build(SURGEONS), 1), 0, 50_000).to_pydict()
    age, experience = np.array(table["age"]), np.array(table["experience"])
    assert age.min() == 26
    assert age.max() == 72
    assert (experience >= 0).all()
    assert (experience <= age - 24).all()


def test_a_plan_travels_to_another_process() -> None:
    made = plan(build(SURGEONS), 5)
    copy = pickle.loads(pickle.dumps(made))
    assert copy == made
    assert sample(copy, 10, 50).equals(sample(made, 10, 50))


def test_a_population_is_lowered_once_for_all_seeds() -> None:
    first, second = plan(build(SURGEONS), 1), plan(build(SURGEONS), 2)
    assert first.steps is second.steps
    again = sample(first, 0, 100)
    assert not sample(second, 0, 100).equals(again)
    assert sample(pickle.loads(pickle.dumps(first)), 0, 100).equals(again)


def test_a_refusal_names_the_place_in_its_own_document() -> None:
    text = """worldwright: population/1
name: far
agents: 1
attributes:
  x:
    type: float
    assumption: for a test
    distribution: {lognormal: {mean: 0.001, sd: 0.0001}}
  y:
    type: float
    assumption: for a test
    distribution: {normal: {mean: 9, sd: 0.1}}
constraints:
  - require: x > y
    redraw: [x]
"""
    for blank in ("", "\n\n"):
        population, found = load_population(Source("far.yaml", blank + text))
        assert population is not None, found
        with pytest.raises(SamplingError, match=f"far.yaml:{14 + len(blank)}:"):
            sample(plan(population, 1), 0, 1)


def test_batches_are_the_table_cut() -> None:
    made = plan(build(SURGEONS), 5)
    parts = list(batches(made, 1000, size=333))
    assert [part.num_rows for part in parts] == [333, 333, 333, 1]
    assert pa.concat_tables(parts).equals(sample(made, 0, 1000))


@pytest.mark.parametrize(("start", "count"), [(-1, 5), (0, -1)])
def test_an_impossible_range_is_refused(start: int, count: int) -> None:
    with pytest.raises(UsageError, match="range of agents"):
        sample(plan(build(SURGEONS), 5), start, count)


def test_a_seed_out_of_range_is_refused() -> None:
    with pytest.raises(UsageError, match="seed"):
        plan(build(SURGEONS), -1)


UNSTORABLE: list[tuple[str, str, str]] = [
    ("int", "u * 1e20", "beyond 2⁵³"),
    ("int", "-9007199254740994 - floor(u)", "beyond 2⁵³"),
    ("date", "u * 4e6 + 3e6", "days after 1970-01-01"),
    ("date", "-4e6 - u", "days after 1970-01-01"),
]


@pytest.mark.parametrize(("kind", "formula", "words"), UNSTORABLE)
def test_a_number_that_its_column_cannot_hold_is_refused(kind: str, formula: str, words: str) -> None:
    u = {"distribution": {"uniform": {"min": 0.5, "max": 1}}}
    made = plan(build({"u": u, "x": {"type": kind, "formula": formula}}), 1)
    with pytest.raises(SamplingError, match=words) as sampled:
        sample(made, 3, 5)
    with pytest.raises(SamplingError) as explained:
        explain(made, 3)
    what = [error.value.what.partition(" (with")[0] for error in (sampled, explained)]
    assert what[0] == what[1]
    assert (explained.value.where, explained.value.why) == (sampled.value.where, sampled.value.why)


@pytest.mark.parametrize("greatest", [2**53, -(2**53)])
def test_the_greatest_whole_numbers_are_stored_as_they_are(greatest: int) -> None:
    values = column({"x": {"type": "int", "formula": f"{greatest}"}}, "x", agents=3)
    assert values.tolist() == [greatest] * 3
    clipped = {"type": "int", "formula": "9e18", "clip": (0, 7)}
    assert column({"x": clipped}, "x", agents=2).tolist() == [7, 7]


def test_the_first_and_the_last_day_are_stored() -> None:
    days = {"first": {"type": "date", "formula": "-719162"}, "last": {"type": "date", "formula": "2932896"}}
    table = sample(plan(build(days), 1), 0, 1).to_pylist()
    assert [str(day) for day in table[0].values()] == ["0001-01-01", "9999-12-31"]


def test_modifiers_multiply_then_add() -> None:
    x = {"distribution": {"uniform": {"min": 0, "max": 1}}}
    plain = column({"x": x, "y": {"formula": "x * 3 * 2 + 1 + 10 if x > 0.5 else x * 2 + 10"}}, "y")
    changed = column(
        {
            "x": x,
            "y": {
                "formula": "x",
                "modifiers": [
                    {"when": "x > 0.5", "multiply": 3, "add": 1},
                    {"when": "true", "multiply": 2, "add": 10},
                ],
            },
        },
        "y",
    )
    assert np.allclose(plain, changed, rtol=1e-15)


def test_the_last_replacement_wins_and_scaling_follows() -> None:
    body: dict[str, Any] = {
        "type": "categorical",
        "distribution": {"categorical": {"a": 1, "b": 1, "c": 0}},
        "modifiers": [
            {"when": "g == 0", "weights": {"a": 1}},
            {"when": "g <= 1", "scale": {"b": 3}},
            {"when": "g == 1", "weights": {"b": 1, "c": 1}},
        ],
    }
    g = {"type": "int", "distribution": {"uniform": {"min": 0, "max": 2}}}
    table = sample(plan(build({"g": g, "k": body}), 3), 0, 60_000).to_pandas()
    shares = table.groupby("g")["k"].value_counts(normalize=True).unstack()
    assert shares.loc[0, "a"] == 1
    assert abs(shares.loc[1, "b"] - 0.75) < 0.013  # 4 standard errors
    assert shares.loc[1, "a"] == 0
    assert abs(shares.loc[2, "a"] - 0.5) < 0.015
    assert shares.loc[2, "c"] == 0


def test_weights_that_depend_on_the_agent() -> None:
    attributes = {
        "x": {"distribution": {"uniform": {"min": 0, "max": 1}}},
        "k": {"type": "categorical", "distribution": {"categorical": {"a": "x", "b": "1 - x"}}},
    }
    table = sample(plan(build(attributes), 3), 0, 100_000).to_pandas()
    share = table["k"].eq("a").groupby((table["x"] * 10).astype(int)).mean().to_numpy()
    assert np.abs(share - (np.arange(10) + 0.5) / 10).max() < 0.02


def test_probabilities_are_replaced_and_odds_scaled() -> None:
    attributes = {
        "g": {"type": "int", "distribution": {"uniform": {"min": 0, "max": 2}}},
        "b": {
            "type": "boolean",
            "distribution": {"boolean": 0.2},
            "modifiers": [{"when": "g > 0", "scale": 4}, {"when": "g == 2", "probability": 0.5}],
        },
    }
    table = sample(plan(build(attributes), 4), 0, 90_000).to_pandas()
    share = table.groupby("g")["b"].mean()
    # odds 1/4, 1, 4
    assert np.abs(share.to_numpy() - np.array([0.2, 0.5, 0.8])).max() < 0.012


def test_rounding_is_half_to_even_and_clip_follows_it() -> None:
    attributes = {
        "x": {"type": "int", "distribution": {"uniform": {"min": 0, "max": 7}}},
        "y": {"type": "int", "formula": "x / 2", "clip": (0.5, 2.9)},
    }
    table = sample(plan(build(attributes), 4), 0, 200).to_pydict()
    assert {(x, y) for x, y in zip(table["x"], table["y"], strict=True)} == {
        (x, min(max(round(x / 2), 1), 2)) for x in range(8)
    }


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"x": {"distribution": {"normal": {"mean": 0, "sd": 0}}}}, "sd is not positive: mean = 0, sd = 0"),
        (
            {"x": {"distribution": {"normal": {"mean": 0, "sd": 1, "min": 3, "max": 2}}}},
            "from 3 to 2 is empty",
        ),
        (
            {"x": {"type": "int", "distribution": {"normal": {"mean": 0, "sd": 1, "min": 0.2, "max": 0.8}}}},
            "whole numbers from 1 to 0 is empty",
        ),
        (
            {"x": {"distribution": {"normal": {"mean": 0, "sd": 1, "min": 60, "max": 61}}}},
            "no probability between 60 and 61",
        ),
        ({"x": {"type": "categorical", "distribution": {"categorical": {"a": 0, "b": 0}}}}, "a: 0, b: 0"),
        ({"x": {"type": "boolean", "distribution": {"boolean": 1.5}}}, "1.5 is not between 0 and 1"),
    ],
)
def test_impossible_constants_are_refused(attributes: dict[str, dict[str, Any]], words: str) -> None:
    with pytest.raises(SamplingError, match="attribute x") as caught:
        sample(plan(build(attributes), 1), 0, 10)
    assert words in str(caught.value)


G: dict[str, Any] = {"type": "int", "distribution": {"uniform": {"min": 0, "max": 9}}}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {"distribution": {"normal": {"mean": 0, "sd": "g - 3"}}},
            "its sd is not positive: mean = 0, sd = {g-3}",
        ),
        ({"distribution": {"normal": {"mean": 0, "sd": 1, "min": "g", "max": 2}}}, "from {g} to 2 is empty"),
        ({"distribution": {"normal": {"mean": "1 / (g - 3)", "sd": 1}}}, "its mean is undefined"),
        ({"formula": "log(3 - g)"}, "its value is"),
        ({"formula": "1 if 1 / (g - 3) > 0 else 0"}, "its value is undefined"),
        ({"type": "boolean", "distribution": {"boolean": "g / 3"}}, "its probability is"),
        ({"type": "boolean", "formula": "log(3 - g) > 0"}, "its formula is undecided"),
        ({"type": "categorical", "distribution": {"categorical": {"a": "3 - g"}}}, "no option can be drawn"),
        (
            {
                "type": "categorical",
                "distribution": {"categorical": {"a": 1}},
                "modifiers": [{"when": "g > 2", "weights": {"a": 0}}],
            },
            "no option can be drawn from the weights {{a: 0}}",
        ),
    ],
)
def test_an_impossible_agent_is_named_with_its_numbers(body: dict[str, Any], words: str) -> None:
    made = plan(build({"g": G, "x": body}), 1)
    with pytest.raises(SamplingError) as caught:
        sample(made, 0, 100)
    where = caught.value.where or ""
    agent = int(where.removeprefix("attribute x, agent "))
    g = sample(plan(build({"g": G}), 1), agent, 1).column("g").to_pylist()[0]
    assert f"(with g = {g})" in caught.value.what
    assert (
        words.replace("{g}", str(g)).replace("{g-3}", str(g - 3)).replace("{{", "{").replace("}}", "}")
        in caught.value.what
    )
    sample(made, 0, agent)  # all before it can be drawn


def test_a_guarded_read_or_division_is_no_error() -> None:
    attributes = {
        "g": G,
        "maybe": {"only_if": "g > 4", "distribution": {"uniform": {"min": 1, "max": 2}}},
        "a": {"formula": "1 / g if g != 0 else 0"},
        "b": {"type": "boolean", "formula": "g != 0 and 1 / g > 0.3"},
        "c": {"type": "boolean", "formula": "maybe is not known or maybe > 1.5"},
        "d": {"only_if": "maybe is known", "formula": "maybe * 2"},
    }
    for row in sample(plan(build(attributes), 2), 0, 500).to_pylist():
        g, maybe = row["g"], row["maybe"]
        assert row["a"] == (1 / g if g else 0)
        assert row["b"] == (g in (1, 2, 3))
        assert row["c"] == (maybe is None or maybe > 1.5)
        assert row["d"] == (None if maybe is None else maybe * 2)
