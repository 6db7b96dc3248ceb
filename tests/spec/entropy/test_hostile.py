"""Broken and hostile files of those projects are answered with diagnostics, never with a traceback."""

from __future__ import annotations

import random
import time

import pytest

from tests.spec.entropy.files import AGE, FLAG, ROLE, attribute, document
from worldwright.spec import Source
from worldwright.spec.entropy import load_entropy

STACK = [{"when": "age > 40 and role == 'senior'", "multiply": 1.6, "add": -1.0}]
BETA = {"type": "beta", "alpha": 2.0, "beta": 3.0, "min": 1.0, "max_formula": "age"}
TEXT = document(
    [AGE, ROLE, FLAG, attribute("x", "int", "conditional", law=BETA, modifiers=STACK, depends_on=["age"])]
)
PIECES = (
    "null",
    "[]",
    "{}",
    "-1",
    "1e400",
    ".nan",
    "true",
    "age",
    "'x' * 99999",
    "((((((((((",
    "lambda: 0",
    "{'a': [1]}.get(role, 'b')",
    "role.lower().upper()",
    "1/0",
    "9**9**9",
    "not not not age",
    "a" * 5000,
    "&a *a",
    "!!python/object:os.system",
    "\ud800",
    "\x00",
    "𝒳",
)


def check(text: str) -> None:
    population, diagnostics = load_entropy(Source("hostile.yaml", text))
    assert (population is None) is any(d.is_error for d in diagnostics)


@pytest.mark.parametrize("seed", range(4))
def test_mutations_of_a_file(seed: int) -> None:
    rng = random.Random(seed)
    lines = TEXT.splitlines()
    for _ in range(60):
        mutated = list(lines)
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(mutated))
            piece = rng.choice(PIECES)
            match rng.randrange(4):
                case 0:
                    mutated[at] = mutated[at].split(":")[0] + ": " + piece
                case 1:
                    del mutated[at]
                case 2:
                    mutated.insert(at, rng.choice(lines))
                case _:
                    cut = rng.randrange(len(mutated[at]) + 1)
                    mutated[at] = mutated[at][:cut] + piece + mutated[at][cut:]
        check("\n".join(mutated))


@pytest.mark.parametrize(
    "when",
    [
        "x" * 100_000,
        "(" * 3_000,
        "not " * 3_000 + "age",
        " and ".join(["age > 1"] * 500),
        "+".join(["9" * 100] * 30) + " > age",
        "age in [" + ",".join(map(str, range(900))) + "]",
        "(age if age > 1 else " * 100 + "1" + ")" * 100 + " > 2",
        "[[[[[age]]]]] == 1",
        "{1: {2: 3}} == age",
        "role + role + role == role",
    ],
    ids=range(10),
)
def test_conditions_that_are_bombs(when: str) -> None:
    modifiers = [{"when": when, "probability_override": 0.5}]
    law = {"type": "boolean", "probability_true": 0.5}
    text = document([AGE, ROLE, attribute("y", "boolean", "conditional", law=law, modifiers=modifiers)])
    start = time.process_time()
    check(text)
    assert time.process_time() - start < 2.0
