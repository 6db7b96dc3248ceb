"""Weights for tables that exist: every target met, proportions within combinations kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.population.test_marginals import by_minimising, document, loaded
from worldwright.errors import SamplingError, UsageError
from worldwright.population import raked_weights


def rows(rng: Any, n: int) -> dict[str, Any]:
    a = rng.integers(0, 3, n)
    b = np.where(rng.random(n) < 0.5, a % 2, rng.integers(0, 2, n))
    return {
        "a": [f"a{i}" for i in a],
        "b": [f"b{i}" for i in b],
        "w": rng.uniform(0.5, 2, n),
        "x": rng.random(n),
    }


@pytest.mark.parametrize("base", [None, "w"])
def test_weighted_rows_have_the_margins_and_the_association_of_the_table(base: str | None) -> None:
    rng = np.random.default_rng(1)
    data = rows(rng, 3000)
    population = loaded(document({"a": 3, "b": 2}, [("a", [20, 30, 50]), ("b", [45, 55])]))
    made = raked_weights(population, pa.table(data), base)
    start = np.ones(3000) if base is None else data["w"]
    a, b = np.array(data["a"]), np.array(data["b"])
    observed = np.array([[start[(a == f"a{i}") & (b == f"b{k}")].sum() for k in range(2)] for i in range(3)])
    weighted = np.array(
        [[made.weights[(a == f"a{i}") & (b == f"b{k}")].sum() for k in range(2)] for i in range(3)]
    )
    margins = [((0,), np.array([0.2, 0.3, 0.5])), ((1,), np.array([0.45, 0.55]))]
    assert np.allclose(
        weighted / weighted.sum(), by_minimising(observed / observed.sum(), margins), atol=1e-6
    )
    assert made.weights.sum() == pytest.approx(100) and made.total == 100
    ratio = made.weights / start
    for i in range(3):
        for k in range(2):
            assert np.ptp(ratio[(a == f"a{i}") & (b == f"b{k}")]) < 1e-12
    assert all(target.after < 1e-10 < target.before for target in made.targets)
    assert made.effective == pytest.approx(made.weights.sum() ** 2 / (made.weights**2).sum())


def test_tables_without_the_rows_that_targets_need_are_refused() -> None:
    population = loaded(document({"a": 2, "b": 2}, [("a", [50, 50]), ("b", [40, 60])]))
    with pytest.raises(SamplingError, match="b 'b1' has a share above 0, and no row"):
        raked_weights(population, pa.table({"a": ["a0", "a1"], "b": ["b0", "b0"]}))
    # rows a0 b1 and a1 b0 alone can weigh 50/50 and never 40/60
    with pytest.raises(SamplingError, match="no weights meet all targets"):
        raked_weights(population, pa.table({"a": ["a0", "a1"], "b": ["b1", "b0"]}))


@pytest.mark.parametrize(
    ("data", "base", "words"),
    [
        ({"a": ["a0"]}, None, "no column b"),
        ({"a": ["a0", None], "b": ["b0", "b1"]}, None, "a is missing in row 1"),
        ({"a": ["a0", "q"], "b": ["b0", "b1"]}, None, "'q' in the table is no option of a"),
        ({"a": ["a0", "a1"], "b": ["b0", "b1"], "w": [1.0, -1.0]}, "w", "w holds no weights in row 1"),
        ({"a": ["a0", "a1"], "b": ["b0", "b1"], "w": ["x", "y"]}, "w", "w is no column of numbers"),
        ({"a": ["a0", "a1"], "b": ["b0", "b1"]}, "v", "no column v"),
    ],
)
def test_tables_that_cannot_be_weighted_are_refused(
    data: dict[str, Any], base: str | None, words: str
) -> None:
    population = loaded(document({"a": 2, "b": 2}, [("a", [50, 50]), ("b", [40, 60])]))
    with pytest.raises(UsageError, match=words):
        raked_weights(population, pa.table(data), base)
