"""Pictures of quality: what is not met or warned of comes first, and is marked."""

from __future__ import annotations

from typing import Any

import pytest

from worldwright.population.inspection.profiles import Profile
from worldwright.report.quality_plots import MOST_FIGURES, MOST_PANELS, attributes, expectations

from .pixels import decoded


def known(place: int, achieved: float | None, within: float = 1.0, verdict: str = "pass") -> dict[str, Any]:
    return {
        "kind": "expectation", "attribute": "x", "branch": f"mean of x{place} is 3 ± {within}",
        "declared": 3.0, "achieved": achieved, "tolerance": within, "p_value": None,
        "verdict": verdict, "n": 10, "text": "",
    }  # fmt: skip


def profile(name: str, branch: str = "", **more: Any) -> Profile:
    given: dict[str, Any] = {
        "attribute": name, "branch": branch, "n": 100, "options": ("a", "b"), "edges": (),
        "declared": (0.4, 0.6), "achieved": (0.45, 0.55), "unit": None, "dates": False, "moved": False,
        "conditions": (),
    }  # fmt: skip
    return Profile(**(given | more))


def finding(name: str, branch: str, verdict: str) -> dict[str, Any]:
    return {"kind": "branch", "attribute": name, "branch": branch, "p_value": 0.5, "verdict": verdict}


def test_the_same_figures_give_the_same_bytes_and_others_do_not() -> None:
    first = expectations([known(1, 3.5)])
    assert first == expectations([known(1, 3.5)])
    others = ([known(1, 2.5)], [known(1, 3.5, verdict="fail")], [known(1, 9.0)], [known(1, None)], [])
    assert len({first, *(expectations(rows) for rows in others)}) == 1 + len(others)


@pytest.mark.parametrize("achieved", [3.0, 4.0, -1e300])
def test_a_figure_that_allows_nothing_is_drawn(achieved: float) -> None:
    assert decoded(expectations([known(1, achieved, within=0.0)])).shape[1] > 1000


def test_what_is_not_met_is_drawn_of_many() -> None:
    met = [known(place, 3.0) for place in range(MOST_FIGURES)]
    unmet = known(99, 9.0, verdict="fail")
    assert expectations([*met, unmet]) == expectations([unmet, *met])
    assert len(decoded(expectations([*met, unmet]))) == len(decoded(expectations([*met, unmet, *met])))


def test_a_branch_that_is_warned_of_is_drawn_of_many() -> None:
    calm = [profile(f"x{place}") for place in range(MOST_PANELS)]
    last = profile("last", "modifier 1")
    rows = [finding("last", "modifier 1", "warn")]
    assert attributes([*calm, last], rows) != attributes([*calm, last], [])
    assert attributes([*calm, last], [finding("last", "modifier 1", "pass")]) == attributes([*calm, last], [])


def test_numbers_dates_and_what_has_no_law() -> None:
    law: dict[str, Any] = {"options": (), "edges": (0.0, 1.0, 2.0)}
    dated: dict[str, Any] = {**law, "dates": True}
    pictures = [
        attributes([profile("x", **law)], []),
        attributes([profile("x", **dated)], []),
        attributes([profile("x", options=())], []),
        attributes([profile("x", declared=None)], []),
    ]
    assert len(set(pictures)) == len(pictures)
    assert pictures[3] == attributes([], [])
