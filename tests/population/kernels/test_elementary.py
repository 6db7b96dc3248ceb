from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import special

from worldwright.population.compiled import Kernel
from worldwright.population.kernels import elementary, inverses, normal, scores

RNG = np.random.default_rng(20240607)


def apply(function: Kernel, x: Any) -> np.ndarray:
    values = np.ascontiguousarray(x, dtype=np.float64)
    out = np.empty_like(values)
    function(values, out)
    return out


def error(found: np.ndarray, wanted: np.ndarray) -> float:
    """The greatest relative error."""
    with np.errstate(all="ignore"):
        relative = np.abs(found - wanted) / np.abs(wanted)
    return float(np.max(np.where(found == wanted, 0.0, relative)))


def signed(least: float, greatest: float, count: int) -> np.ndarray:
    return 10.0 ** RNG.uniform(least, greatest, count) * RNG.choice([-1.0, 1.0], count)


def test_exp() -> None:
    x = np.concatenate([RNG.uniform(-708, 709, 200_000), signed(-20, 0, 50_000)])
    assert error(apply(elementary.exp_of, x), np.exp(x)) < 3e-16
    special_values = np.array([0.0, -0.0, math.inf, -math.inf, 709.79, -745.2])
    assert apply(elementary.exp_of, special_values).tolist() == [1, 1, math.inf, 0, math.inf, 0]
    assert math.isnan(apply(elementary.exp_of, np.array([math.nan]))[0])
    tiny = RNG.uniform(-745, -708, 1000)
    assert np.abs(apply(elementary.exp_of, tiny) - np.exp(tiny)).max() <= 5e-324


def test_log() -> None:
    x = np.concatenate([np.exp(RNG.uniform(-740, 709, 200_000)), 1 + RNG.uniform(-0.3, 0.3, 100_000)])
    assert error(apply(elementary.log_of, x), np.log(x)) < 3e-16
    assert apply(elementary.log_of, np.array([1.0, 0.0, -0.0, math.inf])).tolist() == [
        0,
        -math.inf,
        -math.inf,
        math.inf,
    ]
    assert np.isnan(apply(elementary.log_of, np.array([-1.0, math.nan, -math.inf]))).all()


def test_expm1_and_log1p() -> None:
    x = np.concatenate([signed(-20, 1.5, 100_000), RNG.uniform(-1, 1, 100_000)])
    assert error(apply(elementary.expm1_of, x), np.expm1(x)) < 1e-15
    above = x[x > -1]
    assert error(apply(elementary.log1p_of, above), np.log1p(above)) < 1e-15


def test_incomplete_gamma() -> None:
    shape = 10.0 ** RNG.uniform(-2, 4, 20_000)
    x = special.gammaincinv(shape, RNG.random(20_000))
    below, above = np.empty_like(x), np.empty_like(x)
    inverses.gamma_tails_of(shape, x, below, above)
    assert error(below, special.gammainc(shape, x)) < 1e-13
    # a tail of 1e-2 found as 1 − P keeps two digits fewer
    assert error(above, special.gammaincc(shape, x)) < 1e-12


def test_incomplete_beta() -> None:
    a, b = 10.0 ** RNG.uniform(-1.5, 3.5, (2, 20_000))
    x = special.betaincinv(a, b, RNG.random(20_000))
    below, above = np.empty_like(x), np.empty_like(x)
    inverses.beta_tails_of(a, b, x, below, above)
    assert error(below, special.betainc(a, b, x)) < 2e-12
    assert error(above, special.betaincc(a, b, x)) < 2e-12


def test_exact_inverses_of_gamma_and_beta() -> None:
    count = 5000
    u, out = RNG.random(count), np.empty(count)
    zero, one, infinite = np.zeros(count), np.ones(count), np.full(count, math.inf)
    shape = 10.0 ** RNG.uniform(-1.5, 4, count)
    assert inverses.gamma_rows(u, shape, zero, infinite, out) == -1
    assert error(out, special.gammaincinv(shape, u)) < 1e-12
    a, b = 10.0 ** RNG.uniform(-1, 3, (2, count))
    assert inverses.beta_rows(u, a, b, zero, one, out) == -1
    assert error(out, special.betaincinv(a, b, u)) < 1e-11


def cells_of(table: np.ndarray) -> np.ndarray:
    cells = np.empty((len(table) - 1, 4))
    scores.cubics(table, cells)
    return cells


@pytest.mark.parametrize("shape", [0.05, 0.5, 2.0, 30.0, 1e4])
def test_gamma_tables(shape: float) -> None:
    table, u = np.empty((2177, 2)), RNG.random(50_000)
    inverses.gamma_table(shape, 0.0, math.inf, -8.5, 1 / 128, table)
    out = np.empty_like(u)
    scores.scaled_exp_at_scores(u, -8.5, 128.0, cells_of(table), 1.0, out)
    assert error(out, special.gammaincinv(shape, u)) < 1e-10


@pytest.mark.parametrize(("a", "b"), [(2.5, 2.5), (0.5, 0.75), (0.05, 0.05), (30.0, 4.0), (1000.0, 2000.0)])
def test_beta_tables(a: float, b: float) -> None:
    table, u = np.empty((2177, 2)), RNG.random(50_000)
    inverses.beta_table(a, b, 0.0, 1.0, -8.5, 1 / 128, table)
    out = np.empty_like(u)
    scores.logistic_at_scores(u, -8.5, 128.0, cells_of(table), out)
    assert np.abs(out - special.betaincinv(a, b, u)).max() < 2e-9


@pytest.mark.parametrize("kernel", [elementary.exp_of, normal.ndtri_of, scores.scores_between_rows])
def test_no_multiplication_is_fused_with_an_addition(kernel: Kernel) -> None:
    assembly = kernel.assembly()
    assert "mul" in assembly
    assert "fmadd" not in assembly
    assert "fmsub" not in assembly
