"""How often intervals cover what they are about: the published simulation, in small."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "coverage.py"
EXPERIMENTS = 300
EXPECTED = {
    "normal, half_width .2 sd": 0.945,
    "lognormal (sigma 1), relative_half_width 0.2": 0.901,
    "rare event (2 %), half_width .01, max 400": 0.892,
    "20 replicates, populations redrawn": 0.949,
    "20 replicates, population: fixed, as if for all such populations": 0.404,
    "20 replicates, population: fixed, for these agents": 0.947,
}
"""What 2,000 experiments of each gave; docs/experiments.md has the same figures."""


@pytest.fixture(scope="module")
def coverage() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPECTED)
def test_coverage_is_as_published(coverage: dict[str, Any], name: str) -> None:
    case = dict(coverage["cases"]())[name]
    covered = sum(case.once(number, name)[0] for number in range(EXPERIMENTS)) / EXPERIMENTS
    share = EXPECTED[name]
    four_errors = 4 * (share * (1 - share) * (1 / EXPERIMENTS + 1 / 2000)) ** 0.5
    assert abs(covered - share) < four_errors


def test_what_was_measured_is_not_measured_again(coverage: dict[str, Any]) -> None:
    kept = {name: coverage["Tally"](50, 40, 1000) for name, _ in coverage["cases"]()}
    assert dict(coverage["measure"](50, kept)) == kept


def test_the_published_figures_stand_in_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs" / "experiments.md").read_text(encoding="utf-8")
    for share in EXPECTED.values():
        assert f"{share:.1%}".replace("%", " %") in page
