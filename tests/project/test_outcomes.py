"""Outcomes from a document to tables, intervals, effects, the answer and the stopping rule."""

from __future__ import annotations

import math
from statistics import mean, stdev

import pytest
from scipy import stats

from worldwright.diagnostics import DocumentError
from worldwright.executors import serial
from worldwright.project.locate import Project
from worldwright.project.query import run_query
from worldwright.project.run import Outcome, run_experiment

NAMED = """\
outcomes:
  late: {metric: cells, at: {mean: [9, 12]}, description: cells in the last third}
  thirty: {metric: cells, at: {rises_to: 30}}
  many: {metric: cells, at: {rises_to: 60}}
"""


def run(project: Project, name: str = "growth") -> Outcome:
    with serial() as executor:
        return run_experiment(project, name, executor, lambda _: None)


def rewrite(project: Project, replicates: str, outcomes: str = NAMED) -> None:
    path = project.specs / "experiments" / "growth.yaml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("replicates:")]
    path.write_text("\n".join([*lines, f"replicates: {replicates}", outcomes]))


def values(project: Project, sql: str) -> list[float]:
    return run_query(project, sql).column(0).to_pylist()


def test_the_answer_is_the_first_outcome_with_students_interval(tiny: Project) -> None:
    rewrite(tiny, "6")
    answer = run(tiny).answer
    assert (answer.outcome, answer.metric, answer.at) == ("late", "cells", "mean over ticks 9 to 12")
    for row in answer.rows:
        runs = values(
            tiny,
            "select avg(value) from growth.metrics where metric = 'cells' and segment = '' "
            f"and cell = {row.cell} and tick between 9 and 12 group by replicate",
        )
        low, high = stats.t.interval(0.95, 5, loc=mean(runs), scale=stdev(runs) / math.sqrt(6))
        assert (row.replicates, row.mean) == (6, pytest.approx(mean(runs)))
        assert (row.low, row.high) == (pytest.approx(low), pytest.approx(high))


def test_effects_of_an_outcome_are_paired_by_replicate(tiny: Project) -> None:
    rewrite(tiny, "6")
    run(tiny)
    runs = values(
        tiny,
        "with late as (select cell, replicate, avg(value) as v from growth.metrics where metric = 'cells' "
        "and tick >= 9 group by all) select b.v - a.v from late a join late b using (replicate) "
        "where a.cell = 0 and b.cell = 1",
    )
    (row,) = run_query(tiny, "select * from effects where outcome = 'late'").to_pylist()
    low, high = stats.t.interval(0.95, 5, loc=mean(runs), scale=stdev(runs) / math.sqrt(6))
    assert (row["metric"], row["difference"]) == ("cells", pytest.approx(mean(runs)))
    assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high))


def test_a_level_some_runs_never_reach_has_no_interval_and_says_how_many(tiny: Project) -> None:
    rewrite(tiny, "6")
    run(tiny)
    for outcome, level in (("thirty", 30), ("many", 60)):
        for cell in (0, 1):
            first = values(
                tiny,
                f"select min(tick) from growth.metrics where cell = {cell} and value >= {level} "
                "and metric = 'cells' group by replicate",
            )
            (row,) = run_query(
                tiny, f"select * from outcomes where outcome = '{outcome}' and cell = {cell}"
            ).to_pylist()
            assert (row["n"], row["missing"]) == (len(first), 6 - len(first))
            assert row["mean"] == (pytest.approx(mean(first)) if first else None)
            assert (row["low"] is None) == (len(first) < 6)
            per_run = values(
                tiny, f"select value from growth.outcomes where outcome = '{outcome}' and cell = {cell}"
            )
            assert sorted(v for v in per_run if v is not None) == sorted(first)
            assert len(per_run) == 6
    seen = run_query(tiny, "select min(missing) as a, max(missing) as b from outcomes where metric = 'cells'")
    assert (seen.column("a")[0].as_py(), seen.column("b")[0].as_py()) == (0, 6), "both cases are tried"


def test_a_metric_at_the_last_tick_is_an_outcome_without_being_named(tiny: Project) -> None:
    rewrite(tiny, "3")
    run(tiny)
    ends = run_query(tiny, "select cell, mean, low, high from metric_summary where tick = 12 order by cell")
    last = run_query(tiny, "select cell, mean, low, high from outcomes where outcome = 'cells' order by cell")
    assert last.to_pylist() == ends.to_pylist()


def test_stopping_reads_the_outcome(tiny: Project) -> None:
    rewrite(tiny, "{min: 4, max: 60, until: {outcome: late, relative_half_width: .06}}")
    outcome = run(tiny)
    (count,) = {row.replicates for row in outcome.answer.rows}
    assert 4 < count < 60
    assert all((row.high or 0) - (row.mean or 0) <= 0.06 * (row.mean or 0) for row in outcome.answer.rows)
    before = values(
        tiny,
        "select 1.96 * stddev(value) / sqrt(4) / avg(value) from growth.outcomes where outcome = 'late' "
        "and replicate < 4 group by cell",
    )
    assert max(before) > 0.06, "the first round was not enough"


def test_naming_outcomes_runs_nothing_again(tiny: Project) -> None:
    rewrite(tiny, "3", "")
    first = run(tiny)
    rewrite(tiny, "3")
    second = run(tiny)
    assert {s.stage for s in second.staged if not s.hit} == {"metric_summary", "experiment_report"}
    assert second.chain.experiment.digest != first.chain.experiment.digest
    assert (first.answer.outcome, second.answer.outcome) == ("cells", "late")


def test_an_outcome_cannot_take_the_name_of_another_metric(tiny: Project) -> None:
    rewrite(tiny, "3", "outcomes: {cells: {metric: cells, at: max}}\n")
    with pytest.raises(DocumentError) as caught:
        run(tiny)
    assert "name of a metric" in caught.value.what


def test_the_report_tells_the_outcome(tiny: Project) -> None:
    rewrite(tiny, "4")
    outcome = run(tiny)
    page = (tiny.root / outcome.report).read_text(encoding="utf-8")
    assert "The number of cells, mean over ticks 9 to 12, is highest at birth=0.2:" in page
    assert "from outcomes" in page and "late" in page


def test_it_can_stop_on_the_difference_between_cells(tiny: Project) -> None:
    """Cells share their populations and draws, so that a difference is known before its ends are."""
    rule = "{min: 4, max: 60, until: {outcome: late, half_width: %s, of: effect}}"
    widths = "select high - low from effects where outcome = 'late' and segment = ''"
    path = tiny.specs / "experiments" / "growth.yaml"
    plain = path.read_text()
    rewrite(tiny, rule % 16)
    loose = run(tiny).answer.rows[0].replicates
    assert values(tiny, widths)[0] / 2 <= 16
    path.write_text(plain)
    rewrite(tiny, rule % 8)
    tight = run(tiny).answer.rows[0].replicates
    assert values(tiny, widths)[0] / 2 <= 8
    assert 4 <= loose < tight < 60


@pytest.mark.parametrize(
    "design",
    ["{grid: {world.birth: [.1]}}", "{sobol: {cells: 4, ranges: {world.birth: {min: .1, max: .2}}}}"],
)
def test_stopping_on_effects_needs_cells_to_compare(tiny: Project, design: str) -> None:
    rewrite(tiny, "{min: 4, max: 60, until: {outcome: late, half_width: 1, of: effect}}")
    path = tiny.specs / "experiments" / "growth.yaml"
    path.write_text(
        path.read_text()
        .replace("{grid: {world.birth: [.05, .2]}}", "")
        .replace("  grid: {world.birth: [.05, .2]}", "")
    )
    path.write_text(path.read_text().replace("design:", f"design: {design}"))
    with pytest.raises(DocumentError, match="no effects"):
        run(tiny)
