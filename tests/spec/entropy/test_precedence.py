"""Which of several matching modifiers wins: the fixed order against their rule on every set that matches."""

from __future__ import annotations

import random

import pytest
import yaml

from tests.spec.entropy import interpreter
from tests.spec.entropy.fixtures import POPULATIONS, text_of
from worldwright.spec.entropy.precedence import ranked

CLAUSES = (
    "a == 'x'",
    "a in ['x', 'y']",
    "a in ['x', 'y', 'z']",
    "a != 'x'",
    "a not in ['x', 'y']",
    "n > 3",
    "n >= 3",
    "n < 8",
    "n <= 8",
    "3 < n < 5",
    "n == 4",
    "n in [4, 5]",
    "m < 5",
    "5 > m",
    "b == True",
    "b",
    "not b",
    "(a == 'x' or n > 6)",
)


def winner_by_rule(conditions: list[str], matching: list[int]) -> int:
    return matching[interpreter.best([conditions[i] for i in matching])]


def winner_by_order(conditions: list[str], matching: list[int]) -> int:
    return [position for position in ranked(conditions) if position in matching][-1]


def test_the_last_in_the_fixed_order_is_the_winner_of_every_matching_set() -> None:
    rng = random.Random(3)
    met = 0
    for _ in range(300):
        count = rng.randint(2, 7)
        conditions = [" and ".join(rng.sample(CLAUSES, rng.randint(1, 3))) for _ in range(count)]
        for _ in range(20):
            agent = {"a": rng.choice("xyzw"), "n": rng.randint(0, 9), "m": rng.randint(0, 9)}
            agent["b"] = rng.random() < 0.5
            matching = [i for i, when in enumerate(conditions) if interpreter.evaluator(when)(agent)]
            if len(matching) > 1:
                met += 1
                rule, order = winner_by_rule(conditions, matching), winner_by_order(conditions, matching)
                assert rule == order, (conditions, matching)
    assert met > 500


@pytest.mark.parametrize(
    ("conditions", "winner"),
    [
        (["age > 60", "age > 30"], 0),  # narrower
        (["age > 30", "age > 60"], 1),
        (["rank == 'chief'", "age > 30"], 0),  # more specific
        (["age > 30 and age < 40", "rank != 'x'"], 0),
        (["age > 30", "income > 30"], 1),  # later
        (["rank in ['a', 'b']", "rank in ['a', 'b', 'c']"], 0),
        (["income > 1", "rank == 'a' and age > 30", "age > 30"], 1),
    ],
)
def test_narrower_before_more_specific_before_later(conditions: list[str], winner: int) -> None:
    assert ranked(conditions)[-1] == winner


@pytest.mark.parametrize("name", POPULATIONS)
def test_real_conditions_are_ranked_as_by_the_rule(name: str) -> None:
    rng = random.Random(5)
    for attribute in yaml.load(text_of(name), Loader=yaml.CSafeLoader)["attributes"]:
        conditions = [modifier["when"] for modifier in attribute["sampling"]["modifiers"] or []]
        for _ in range(10 if len(conditions) > 1 else 0):
            first, second = sorted(rng.sample(range(len(conditions)), 2))
            pair = [conditions[first], conditions[second]]
            assert ranked(pair)[-1] == interpreter.best(pair)
