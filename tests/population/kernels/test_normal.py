from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from scipy import special

from tests.population.kernels.test_elementary import RNG, apply, error
from worldwright.population import arrays
from worldwright.population.kernels import normal, scores

EDGES = [0.0, -0.0, 0.075, 0.925, 0.5, 1.0, math.nan, 1e-300, 5e-324, 1.3e-11, 1.4e-11, 1 - 2.0**-53]
ENDS = [
    *EDGES,
    0.67448975,
    -0.67448975,
    5.656854249492381,
    -5.656854249492381,
    38.7,
    -40,
    math.inf,
    -math.inf,
]


def test_ndtr_in_the_middle_and_both_tails() -> None:
    x = RNG.uniform(-6, 8.5, 200_000)
    assert error(apply(normal.ndtr_of, x), special.ndtr(x)) < 1e-14
    assert apply(normal.ndtr_of, np.array([0.0, math.inf, -math.inf])).tolist() == [0.5, 1, 0]


@pytest.mark.parametrize("x", [-2.5, -5.7, -10.0, -20.25, -30.125, -37.40625])
def test_ndtr_far_out_against_its_continued_fraction(x: float) -> None:
    # SciPy itself is off by 2e-13 at −37; the judge is the Mills ratio 1/(y + 1/(y + 2/(y + …))) in 50 digits
    with localcontext() as context:
        context.prec = 50
        y = Decimal(-x)
        tail = Decimal(0)
        for k in range(4000, 0, -1):
            tail = k / (y + tail)
        pi = Decimal("3.14159265358979323846264338327950288419716939937510")
        wanted = (-(y * y) / 2).exp() / (2 * pi).sqrt() / (y + tail)
        found = Decimal(float(apply(normal.ndtr_of, np.array([x]))[0]))
        assert abs(found / wanted - 1) < Decimal("2e-15")


def test_ndtri() -> None:
    p = np.concatenate([RNG.random(200_000), 10.0 ** RNG.uniform(-300, 0, 100_000)])
    assert error(apply(normal.ndtri_of, p), special.ndtri(p)) < 3e-15
    assert apply(normal.ndtri_of, np.array([0.0, 1.0, 0.5])).tolist() == [-math.inf, math.inf, 0]


def same_bits(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(((one.view(np.int64) == other.view(np.int64)) | (np.isnan(one) & np.isnan(other))).all())


def test_many_numbers_have_the_bits_of_each_alone() -> None:
    # one number takes the branch it needs; many are computed without branches and put right afterwards
    p = np.concatenate([EDGES, RNG.random(5000), 10.0 ** RNG.uniform(-320, 0, 2000)])
    x = np.concatenate([ENDS, RNG.normal(0, 5, 7000)])
    assert same_bits(np.asarray(arrays.ndtri(p)), np.array([arrays.ndtri(float(one)) for one in p]))
    assert same_bits(np.asarray(arrays.ndtr(x)), np.array([arrays.ndtr(float(one)) for one in x]))
    for function in (arrays.exp, arrays.log, arrays.expm1, arrays.log1p):
        alone = np.array([function(float(one)) for one in 50 * x])
        assert same_bits(np.asarray(function(50 * x)), alone)


def scored(u: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    out = np.empty_like(u)
    assert scores.scores_between_rows(u, a, b, out) == -1
    return out


def test_scores_between_cuts_of_each_row() -> None:
    u, a = RNG.random(5000), RNG.normal(-1, 4, 5000)
    b = a + RNG.gamma(2, 1, 5000)
    found = scored(u, a, b)
    low, high = special.ndtr(np.where(a > 0, -b, a)), special.ndtr(np.where(a > 0, -a, b))
    share = np.where(a > 0, 1 - u, u)
    wanted = np.where(a > 0, -1, 1) * special.ndtri(low + share * (high - low))
    assert np.abs(found - wanted).max() < 1e-9
    assert ((a <= found) & (found <= b)).mean() > 0.999


def test_no_cut_is_a_cut_at_infinity() -> None:
    u, a = RNG.random(5000), RNG.normal(-1, 4, 5000)
    none, infinite = np.empty(0), np.full(5000, math.inf)
    assert same_bits(scored(u, a, none), scored(u, a, infinite))
    assert same_bits(scored(u, none, a), scored(u, -infinite, a))
    assert same_bits(scored(u, none, none), scored(u, -infinite, infinite))
    assert same_bits(scored(u, none, none), np.asarray(arrays.ndtri(u)))


def test_the_first_row_without_probability_is_named() -> None:
    u, a = RNG.random(5000), np.zeros(5000)
    a[[3100, 4000]] = 50.0
    assert scores.scores_between_rows(u, a, a + 1, np.empty(5000)) == 3100
