"""Outcomes: what one run comes to, and what a document may ask for."""

from __future__ import annotations

import math

import pytest

from worldwright.experiment import read_experiment
from worldwright.experiment.documents import outcomes
from worldwright.experiment.outcomes import Outcome

TICKS = [1, 2, 3, 4, 5]
VALUES = [1.0, 4.0, 2.0, 8.0, 6.0]

DOCUMENT = """\
worldwright: experiment/1
name: try
world: w
ticks: 100
seed: 3
design:
  grid: {world.a: [1, 2]}
replicates: {min: 5, max: 9, until: {outcome: settled, half_width: 1}}
outcomes:
  settled: {metric: m, at: {mean: [91, 100]}}
  peak: {metric: m, at: max}
  half: {metric: m, at: {rises_to: .5}}
  final: {metric: m}
"""


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome("x", "m"), 6.0),
        (Outcome("x", "m", "mean"), 4.2),
        (Outcome("x", "m", "mean", (2, 4)), 14 / 3),
        (Outcome("x", "m", "max"), 8.0),
        (Outcome("x", "m", "max", (1, 3)), 4.0),
        (Outcome("x", "m", "min", (3, 5)), 2.0),
        (Outcome("x", "m", "rises_to", level=3.0), 2.0),
        (Outcome("x", "m", "rises_to", level=8.0), 4.0),
        (Outcome("x", "m", "falls_to", level=1.0), 1.0),
        (Outcome("x", "m", "rises_to", level=9.0), None),
        (Outcome("x", "m", "mean", (6, 9)), None),
    ],
)
def test_a_run_comes_to_one_number_or_to_none(outcome: Outcome, expected: float | None) -> None:
    assert outcome.value(TICKS, VALUES, 5) == (None if expected is None else pytest.approx(expected))


def test_the_last_tick_is_that_of_the_run_and_not_of_the_records() -> None:
    assert Outcome("x", "m").value(TICKS, VALUES, 6) is None


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_is_not_finite_is_no_outcome(bad: float) -> None:
    assert Outcome("x", "m", "mean").value([1, 2], [1.0, bad], 2) is None
    assert Outcome("x", "m", "max", (1, 1)).value([1, 2], [1.0, bad], 2) == 1.0


def test_a_document_names_its_outcomes_in_order() -> None:
    document, _, found = read_experiment(DOCUMENT, "try.yaml")
    assert document is not None, found
    assert [(o.name, o.words) for o in outcomes(document)] == [
        ("settled", "mean over ticks 91 to 100"),
        ("peak", "largest value over all ticks"),
        ("half", "first tick at 0.5 or above"),
        ("final", "at the last tick"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "slug", "said"),
    [
        ("[91, 100]", "[91, 101]", "outcome-shape", "1 to 100"),
        ("[91, 100]", "[100, 91]", "wrong-value", "first and its last tick"),
        ("at: max", "at: maximum", "wrong-value", "rises_to"),
        ("{rises_to: .5}", "{rises_to: half}", "wrong-value", "value that is waited for"),
        ("{rises_to: .5}", "{reaches: .5}", "wrong-value", "rises_to"),
        ("outcome: settled", "outcome: setled", "outcome-shape", "settled"),
        ("outcome: settled", "metric: m, outcome: settled", "replicates-range", "one of metric and outcome"),
        ("outcome: settled", "metric: m, at: max", "wrong-value", "under `outcomes:`"),
        ("world: w", "world: w\nmetric: m", "outcome-shape", "keep `outcomes:`"),
    ],
)
def test_what_cannot_be_meant_is_said_at_its_place(old: str, new: str, slug: str, said: str) -> None:
    assert old in DOCUMENT
    _, _, found = read_experiment(DOCUMENT.replace(old, new, 1), "try.yaml")
    (error,) = [d for d in found if d.is_error]
    assert error.slug == slug
    assert said in f"{error.message} {error.help}"
    assert error.span is not None and error.span.start.line > 1
