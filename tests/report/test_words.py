from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any, cast

import pyarrow as pa
import pytest

from tests.report.tables import (
    AVERAGED,
    EFFECTS,
    SUMMARY,
    effect,
    grid,
    nothing,
    report,
    runs_of,
    summary_of,
)
from worldwright.experiment.contrasts import effects
from worldwright.report import sentences

CELLS = grid(peer_weight=[0.1, 0.5], price=[0.0, 500.0])


def spaced(text: str) -> str:
    return text.replace("\u202f", " ")


def said(*args: object, **changes: object) -> list[str]:
    return [spaced(sentence) for sentence in sentences(report(CELLS, **changes))]


def test_the_answer_names_the_highest_and_the_lowest_cell_with_their_intervals() -> None:
    # the cells end at 20, 22, 24 and 26 %, each within 0.9
    assert said() == [
        "After 4 ticks the share of adopters is highest at peer_weight=0.5, price=500: "
        "26.0 % (95 % interval 25.1–26.9 %), and lowest at peer_weight=0.1, price=0: 20.0 % (19.1–20.9 %)."
    ]


def test_one_cell_is_told_without_a_comparison() -> None:
    alone = sentences(report(grid()))
    assert [spaced(s) for s in alone] == [
        "After 4 ticks the share of adopters is 20.0 % (95 % interval 19.1–20.9 %)."
    ]


def test_equal_cells_are_called_the_same() -> None:
    rows = [row | {"mean": 0.5, "low": 0.4, "high": 0.6} for row in summary_of(4).to_pylist()]
    summary = pa.Table.from_pylist(rows, schema=SUMMARY)
    assert said(summary=summary) == [
        "After 4 ticks the share of adopters is the same in all 4 cells: 50.0 %."
    ]


def test_a_metric_of_another_kind_keeps_its_scale_and_unit() -> None:
    told = said(main_metric="wealth", units={"wealth": "EUR"})
    assert told[0].startswith(
        "After 4 ticks the mean of wealth is highest at peer_weight=0.5, price=500: 260 EUR "
    )
    assert "(95 % interval 251–269 EUR)" in told[0]


def test_a_cell_with_failed_runs_is_left_out_of_the_comparison() -> None:
    told = said(summary=summary_of(4, incomplete=(3,)), runs=runs_of(4, failed=((3, 0), (3, 4))))
    assert "highest at peer_weight=0.5, price=0: 24.0 %" in told[0]
    assert told[-1] == "1 of 4 cells is incomplete, because runs failed; it is left out of the comparison."


def test_where_every_cell_is_incomplete_they_are_told_without_intervals() -> None:
    failed = tuple((cell, 0) for cell in range(4))
    told = said(summary=summary_of(4, incomplete=(0, 1, 2, 3)), runs=runs_of(4, failed=failed))
    assert "highest at peer_weight=0.5, price=500: 26.0 % (no interval)" in told[0]
    assert told[-1] == "4 of 4 cells are incomplete, because runs failed, and shown without an interval."


def test_nothing_run_is_no_answer() -> None:
    assert sentences(nothing(CELLS)) == ["No run has finished, so there is no answer yet."]


def test_the_largest_effect_of_each_factor_is_told_over_the_others() -> None:
    rows = [
        effect("world.price", "250", -0.01, held=AVERAGED),
        effect("world.price", "500", -0.03, held=AVERAGED),
        effect("world.price", "500", -0.9, held="peer_weight=0.5"),
        effect("world.peer_weight", "0.5", 0.123, held=AVERAGED),
    ]
    told = said(effects=pa.Table.from_pylist(rows, schema=EFFECTS))
    assert told[1] == (
        "Averaged over the other factors, going from peer_weight=0 to 0.5 changes it by "
        "+12.3 percentage points (95 % interval +11.3 to +13.3); from price=0 to 500 changes it by −3.0 "
        "(−4.0 to −2.0)."
    )


def test_the_effects_of_an_experiment_are_told_as_it_computes_them() -> None:
    # price adds 10 points, peers 20; replicates differ by a shift that pairing takes out, and by ±1 of noise
    rows: list[dict[str, Any]] = []
    for cell, replicate in itertools.product(range(4), range(3)):
        value = 0.2 * (cell // 2) + 0.1 * (cell % 2) * (1 + 0.1 * (replicate - 1)) + 0.05 * replicate
        rows.append({"cell": cell, "replicate": replicate, "outcome": "adopters", "metric": "adopters"})
        rows[-1] |= {"segment": "", "value": value}
    experiment = SimpleNamespace(
        factors=("world.peer_weight", "world.price"),
        crossed=True,
        cells=[SimpleNamespace(index=i, settings=cell.settings) for i, cell in enumerate(CELLS)],
    )
    told = said(effects=effects(cast(Any, experiment), pa.Table.from_pylist(rows)))
    assert told[1].startswith(
        "Averaged over the other factors, going from peer_weight=0.1 to 0.5 changes it by +20.0"
    )
    assert "; from price=0 to 500 changes it by +10.0" in told[1]
    # sd of the paired differences 0.09, 0.10, 0.11 is 0.01; Student's t for 2 degrees of freedom is 4.303
    assert told[1].endswith("(+7.5 to +12.5).")


def test_an_interval_across_zero_is_no_clear_difference() -> None:
    rows = [effect("world.price", "500", 0.002)]
    told = said(effects=pa.Table.from_pylist(rows, schema=EFFECTS))
    assert told[1] == (
        "Going from price=0 to 500 makes no clear difference: +0.2 percentage points "
        "(95 % interval −0.8 to +1.2)."
    )


def test_an_effect_of_a_single_pair_has_no_interval() -> None:
    rows = [effect("world.price", "500", 0.25, half=None)]
    told = said(effects=pa.Table.from_pylist(rows, schema=EFFECTS))
    assert told[1] == "Going from price=0 to 500 changes it by +25.0 percentage points (no interval)."


@pytest.mark.parametrize(
    ("metric", "kind", "words"),
    [
        ("adopters", "share", "the share of adopters"),
        ("adoption_rate", "share", "the adoption rate"),
        ("wolves", "count", "the number of wolves"),
        ("mean_wealth", "mean", "the mean wealth"),
        ("gini", None, "gini"),
        ("gini", "of a kind yet unknown", "gini"),
    ],
)
def test_a_metric_is_called_by_its_kind(metric: str, kind: str | None, words: str) -> None:
    rows = [row | {"metric": metric} for row in summary_of(1).to_pylist() if row["metric"] == "adopters"]
    data = report(
        grid(),
        summary=pa.Table.from_pylist(rows, schema=SUMMARY),
        main_metric=metric,
        kinds={metric: kind} if kind else {},
    )
    assert sentences(data)[0].startswith(f"After 4 ticks {words} is ")


@pytest.mark.parametrize(
    ("half_width", "kind", "shown"),
    [
        (0.009, "share", "20.0 % (95 % interval 19.1–20.9 %)"),
        (0.0002, "share", "20.00 % (95 % interval 19.98–20.02 %)"),
        (0.0000001, "share", "20.000 % (95 % interval 20.000–20.000 %)"),
        (0.0, "share", "20.0 % (95 % interval 20.0–20.0 %)"),
        (0.4, "share", "20.0 % (95 % interval −20.0 to 60.0 %)"),
        (0.009, "mean", "0.200 (95 % interval 0.191–0.209)"),
        (0.0, "mean", "0.2000 (95 % interval 0.2000–0.2000)"),
        (0.2, "mean", "0.2 (95 % interval 0.0–0.4)"),
    ],
)
def test_values_have_the_digits_that_their_interval_carries(half_width: float, kind: str, shown: str) -> None:
    data = report(grid(), summary=summary_of(1, half_width=half_width), kinds={"adopters": kind})
    assert spaced(sentences(data)[0]).endswith(f" is {shown}.")
