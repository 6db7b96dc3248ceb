"""The lint on truncation, against SciPy's truncated distributions."""

import math
import re
from typing import Any

import pytest
from scipy import integrate, stats

from tests.spec.specs import HEAD, drawn, load


def message(distribution: str, kind: str = "float") -> str | None:
    _, diagnostics = load(HEAD + drawn("x", distribution, kind))
    found = [d.message for d in diagnostics if d.code == "WW0320"]
    return found[0] if found else None


def told(distribution: str) -> dict[str, float]:
    text = message(distribution)
    assert text is not None
    return {name: float(value) for name, value in re.findall(r"the (mean|sd) from \S+ to ([-\d.e+]+)", text)}


@pytest.mark.parametrize(
    ("mean", "sd", "low", "high"),
    [
        (3, 8, 0, math.inf),
        (47, 11, 40, 50),
        (0, 1, -0.5, 4),
        (10, 5, -math.inf, 4),
        (5, 1, 9, 12),
        (-4, 2, -5, 0),
    ],
)
def test_moments_of_the_truncated_normal(mean: float, sd: float, low: float, high: float) -> None:
    law = stats.truncnorm((low - mean) / sd, (high - mean) / sd, mean, sd)
    bounds = "".join(f", {k}: {v}" for k, v in (("min", low), ("max", high)) if math.isfinite(v))
    found = told(f"{{normal: {{mean: {mean}, sd: {sd}{bounds}}}}}")
    assert found["mean"] == pytest.approx(law.mean(), rel=1e-3)
    assert found["sd"] == pytest.approx(law.std(), rel=1e-3)


@pytest.mark.parametrize(
    ("mean", "sd", "low", "high"), [(5200, 1900, 5000, 9000), (2, 3, 0.5, 4), (10, 2, 11, math.inf)]
)
def test_moments_of_the_truncated_lognormal(mean: float, sd: float, low: float, high: float) -> None:
    scale = math.sqrt(math.log1p((sd / mean) ** 2))
    law: Any = stats.lognorm(scale, scale=mean * math.exp(-scale * scale / 2))
    mass = law.cdf(high) - law.cdf(low)
    top = min(high, float(law.ppf(1 - 1e-13)))
    first = integrate.quad(lambda x: x * law.pdf(x), low, top, limit=200)[0] / mass
    second = integrate.quad(lambda x: x * x * law.pdf(x), low, top, limit=200)[0] / mass
    bounds = f", min: {low}" + (f", max: {high}" if math.isfinite(high) else "")
    found = told(f"{{lognormal: {{mean: {mean}, sd: {sd}{bounds}}}}}")
    assert found["mean"] == pytest.approx(first, rel=1e-3)
    assert found["sd"] == pytest.approx(math.sqrt(second - first**2), rel=1e-3)


def test_whole_numbers_take_in_half_a_step() -> None:
    assert message("{normal: {mean: 10, sd: 4, min: 0, max: 20}}", "int") != message(
        "{normal: {mean: 10, sd: 4, min: 0, max: 20}}"
    )


@pytest.mark.parametrize(
    "distribution",
    [
        "{normal: {mean: 47, sd: 11, min: 0, max: 100}}",
        "{normal: {mean: 47, sd: 11}}",
        "{lognormal: {mean: 5200, sd: 1900, min: 100}}",
    ],
)
def test_bounds_far_out_are_fine(distribution: str) -> None:
    assert message(distribution) is None


def test_a_range_without_mass_is_told() -> None:
    text = message("{normal: {mean: 0, sd: 1, min: 50, max: 60}}")
    assert text == "nearly nothing of the distribution of `x` lies in its range"
