"""An experiment from its documents to its tables, through the use case that every front door calls."""

from __future__ import annotations

import json
import math
from pathlib import Path
from statistics import mean, stdev

import pytest
from scipy import stats

from worldwright.diagnostics import DocumentError
from worldwright.errors import ExperimentError, UsageError
from worldwright.executors import processes, serial
from worldwright.experiment import Progressed
from worldwright.project.locate import Project
from worldwright.project.query import list_tables, run_query
from worldwright.project.run import Outcome, run_experiment
from worldwright.project.tables import TABLES


def run(project: Project, name: str, workers: int = 1) -> Outcome:
    with serial() if workers == 1 else processes(workers) as executor:
        return run_experiment(project, name, executor, lambda state: None)


def digests(outcome: Outcome) -> dict[str, str]:
    return {staged.stage: staged.digest for staged in outcome.staged}


def replace(project: Project, file: str, old: str, new: str) -> None:
    path = project.specs / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_an_experiment_runs_to_an_answer_and_a_second_time_finds_everything(tiny: Project) -> None:
    told: list[Progressed] = []
    with serial() as executor:
        first = run_experiment(tiny, "rumour", executor, told.append)
    assert not first.cached and first.failed == 0 and first.version == 1
    assert (told[-1].needed, told[-1].done, told[-1].cached) == (12, 12, 0)
    assert [row.replicates for row in first.answer.rows] == [3] * 4
    means = [row.mean for row in first.answer.rows if row.mean is not None]
    assert all(0 <= mean <= 1 for mean in means)
    assert means[3] > means[0]
    second = run(tiny, "rumour")
    assert second.cached and second.version == 1
    assert digests(second) == digests(first)


def test_two_workers_and_another_folder_give_the_same_digests(tiny: Project, tmp_path: Path) -> None:
    one = run(tiny, "rumour")
    other = Project(tiny.root, tmp_path / "elsewhere", tiny.clock)
    two = run(other, "rumour", workers=2)
    assert not two.cached
    assert digests(two) == digests(one)


def test_the_summary_is_students_interval_over_replicates(tiny: Project) -> None:
    run(tiny, "rumour")
    values = [
        row["value"]
        for row in run_query(
            tiny,
            "select value from rumour.metrics where cell = 2 and metric = 'told' and tick = 10",
        ).to_pylist()
    ]
    (row,) = run_query(
        tiny, "select * from metric_summary where cell = 2 and metric = 'told' and tick = 10 and segment = ''"
    ).to_pylist()
    low, high = stats.t.interval(0.95, 2, loc=mean(values), scale=stdev(values) / math.sqrt(3))
    assert (row["n"], row["mean"]) == (3, pytest.approx(mean(values)))
    assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high))


def test_effects_are_paired_by_replicate(tiny: Project) -> None:
    run(tiny, "rumour")
    ends = {
        (row["spread"], row["first"], row["replicate"]): row["value"]
        for row in run_query(
            tiny, "select * from rumour.metrics where metric = 'heard' and tick = 10 and segment = ''"
        ).to_pylist()
    }
    differences = [ends[0.6, 2, r] - ends[0.1, 2, r] for r in range(3)]
    (row,) = run_query(
        tiny,
        "select * from effects where metric = 'heard' and segment = '' and factor = 'world.spread' "
        "and held = 'first=2'",
    ).to_pylist()
    assert row["difference"] == pytest.approx(mean(differences))
    low, high = stats.t.interval(0.95, 2, loc=mean(differences), scale=stdev(differences) / math.sqrt(3))
    assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high))


def test_replicates_draw_their_own_population_and_share_it_across_cells(tiny: Project) -> None:
    run(tiny, "rumour")
    shares = run_query(
        tiny,
        "select replicate, cell, value from rumour.metrics where metric = 'heard' and segment like 'town=%' "
        "and tick = 1 order by all",
    )
    by_replicate = {
        r: {row["value"] for row in shares.to_pylist() if row["replicate"] == r} for r in range(3)
    }
    assert by_replicate[0] != by_replicate[1]
    fixed = tiny.specs / "experiments" / "rumour.yaml"
    fixed.write_text(fixed.read_text().replace("replicates: 3", "replicates: 3\npopulation: fixed"))
    outcome = run(tiny, "rumour")
    assert not outcome.cached and outcome.version == 2


def test_replicate_zero_is_the_sampled_population_of_the_seed(tiny: Project) -> None:
    from worldwright.population import plan, sample
    from worldwright.project.documents import load_closure

    run(tiny, "rumour")
    members = load_closure(tiny, "rumour").resolved().members["main"]
    expected = sample(plan(members.population, 5), 0, 60)
    stored = run_query(tiny, "select * from rumour.population order by agent")
    assert stored.column("agent").to_pylist() == list(range(60))
    for name in expected.column_names:
        assert stored.column(name).to_pylist() == expected.column(name).to_pylist()


def test_recorded_agents_lead_back_to_their_row_in_the_population(tiny: Project) -> None:
    run(tiny, "rumour")
    (row,) = run_query(
        tiny,
        "select count(*) as n, count(distinct agents.agent) as d, bool_and(town is not null) as known "
        "from rumour.agents join rumour.population using (agent) where cell = 0",
    ).to_pylist()
    assert row == {"n": 60, "d": 60, "known": True}


def test_it_stops_when_the_answer_is_precise_enough(tiny: Project) -> None:
    outcome = run(tiny, "growth")
    counts = {row.replicates for row in outcome.answer.rows}
    assert len(counts) == 1, "all cells advance together"
    (count,) = counts
    assert 4 <= count <= 12
    if count < 12:
        rows = [(row.mean or 0.0, row.high or 0.0) for row in outcome.answer.rows]
        assert all(high - mean <= 0.2 * mean for mean, high in rows)


def test_a_new_cell_runs_alone(tiny: Project) -> None:
    run(tiny, "growth")
    before = run_query(tiny, "select run from runs where experiment = 'growth'").column("run").to_pylist()
    replace(tiny, "experiments/growth.yaml", "[.05, .2]", "[.05, .2, .3]")
    told: list[Progressed] = []
    with serial() as executor:
        run_experiment(tiny, "growth", executor, told.append)
    after = run_query(tiny, "select run from runs where experiment = 'growth'").column("run").to_pylist()
    assert set(before) <= set(after)
    assert told[-1].cached >= len(before)


def test_failed_runs_are_rows_with_script_and_line_and_their_cell_shows_no_interval(tiny: Project) -> None:
    replace(tiny, "experiments/growth.yaml", "{world.birth: [.05, .2]}", "{world.trap: [0, 3]}")
    replace(
        tiny,
        "experiments/growth.yaml",
        "{min: 4, max: 12, until: {metric: cells, relative_half_width: .2}}",
        "4",
    )
    outcome = run(tiny, "growth")
    assert outcome.failed == 4
    assert outcome.answer.rows[0].low is not None
    failures = run_query(tiny, "select * from failures order by replicate").to_pylist()
    assert [row["replicate"] for row in failures] == [0, 1, 2, 3]
    assert {(row["cell"], row["tick"], row["line"]) for row in failures} == {(1, 3, 6)}
    assert all("cell.lua" in row["script"] and "trap" in row["message"] for row in failures)
    cells = run_query(tiny, "select cell, status from cells order by cell").to_pylist()
    assert [row["status"] for row in cells] == ["complete", "incomplete"]
    (none,) = run_query(tiny, "select count(low) as n from metric_summary where cell = 1").to_pylist()
    assert none["n"] == 0


def test_a_broken_document_stops_everything_before_it_runs_and_earlier_results_stay(tiny: Project) -> None:
    run(tiny, "growth")
    run(tiny, "rumour")
    replace(tiny, "populations/people.yaml", "north: .5", "north: .7")
    with pytest.raises(DocumentError) as caught:
        run(tiny, "rumour")
    (error,) = [d for d in caught.value.diagnostics if d.is_error]
    assert error.span is not None and error.span.file == "specs/populations/people.yaml"
    assert error.span.start.line == 12 and error.help
    assert len(run_query(tiny, "select * from rumour.metrics limit 1")) == 1
    assert run(tiny, "growth").cached


def test_an_unmet_expectation_stops_the_chain_before_any_world_runs(tiny: Project) -> None:
    replace(tiny, "populations/people.yaml", "is: 45.6, within: 6", "is: 70, within: 1")
    with pytest.raises(ExperimentError, match="age"):
        run(tiny, "rumour")
    assert not tiny.store.experiments()


def test_a_stopping_metric_nobody_records_is_answered_with_those_there_are(tiny: Project) -> None:
    replace(tiny, "experiments/growth.yaml", "metric: cells", "metric: cellz")
    with pytest.raises(DocumentError) as caught:
        run(tiny, "growth")
    assert "cellz" in caught.value.what and "'cells'" in (caught.value.help or "")


def test_a_stopping_metric_only_a_script_could_record_is_missed_after_the_first_round(tiny: Project) -> None:
    replace(tiny, "experiments/growth.yaml", "metric: cells", "metric: fell into the trap")
    with pytest.raises(ExperimentError) as caught:
        run(tiny, "growth")
    assert "fell into the trap" in caught.value.what and "cells" in (caught.value.help or "")


def test_an_unknown_experiment_is_answered_with_the_nearest(tiny: Project) -> None:
    with pytest.raises(UsageError) as caught:
        run(tiny, "rumor")
    assert "rumour" in (caught.value.help or "")


def test_every_documented_table_and_its_example_query_work(tiny: Project) -> None:
    run(tiny, "rumour")
    listed = {table["table"]: table for table in list_tables(tiny)}
    for doc in TABLES:
        assert [column["name"] for column in listed[doc.name]["columns"]] == [c.name for c in doc.columns]
        what, example = listed[doc.name]["comment"].split("\n")
        assert (what, example) == (doc.comment, doc.example)
        run_query(tiny, example)
    for view in ("metrics", "outcomes", "agents", "population", "cells"):
        of = listed[f"rumour.{view}"]
        assert all(column["comment"] for column in of["columns"]), view
        run_query(tiny, of["comment"].split("\n")[1])
    ages = {column["name"]: column["comment"] for column in listed["rumour.population"]["columns"]}
    assert ages["age"] == "age [years]"


def test_recorded_agents_are_joined_with_their_own_replicates_population_alone(tiny: Project) -> None:
    replace(tiny, "experiments/rumour.yaml", "replicates: 1}", "replicates: 2}")
    run(tiny, "rumour")
    counts = "select replicate, count(*) as n from rumour.agents where cell = 0 group by all order by all"
    assert [row["n"] for row in run_query(tiny, counts).to_pylist()] == [60, 60]
    joined = counts.replace("where", "join rumour.population using (replicate, agent) where")
    assert run_query(tiny, joined).to_pylist() == [{"replicate": 0, "n": 60}]


def test_cells_have_a_typed_column_per_factor(tiny: Project) -> None:
    run(tiny, "rumour")
    rows = run_query(tiny, "select cell, spread, first from rumour.cells order by cell").to_pylist()
    assert [(row["spread"], row["first"]) for row in rows] == [(0.1, 2), (0.1, 10), (0.6, 2), (0.6, 10)]


def test_changing_a_comment_or_the_question_runs_nothing_again(tiny: Project) -> None:
    first = run(tiny, "rumour")
    replace(tiny, "populations/people.yaml", "name: people", "name: people  # all of them")
    replace(tiny, "experiments/rumour.yaml", "How far does", "How far, if at all, does")
    second = run(tiny, "rumour")
    assert {s.stage for s in second.staged if not s.hit} == {"experiment_report"}
    assert digests(second)["metrics"] == digests(first)["metrics"]
    assert json.dumps(second.answer.question) == '"How far, if at all, does a rumour get in ten ticks?"'


def test_damage_to_one_experiment_takes_no_other_answer_away(tiny: Project) -> None:
    run(tiny, "growth")
    run(tiny, "rumour")
    _, record = tiny.store.current("growth") or (0, {})
    file = tiny.store.get(record["datasets"]["metrics"]["metrics"]["key"]).path / "metrics.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 1
    file.chmod(0o644)
    file.write_bytes(content)
    fresh = Project(tiny.root, tiny.data, tiny.clock)
    replace(fresh, "experiments/rumour.yaml", "replicates: 3", "replicates: 2")
    run(fresh, "rumour")
    assert run_query(fresh, "select count(*) as n from rumour.metrics").column("n").to_pylist()[0] > 0
    (row,) = run_query(fresh, "select problem from experiments where experiment = 'growth'").to_pylist()
    assert "metrics.parquet" in row["problem"]


def test_an_experiment_is_called_as_its_file(tiny: Project) -> None:
    (tiny.specs / "experiments" / "copy.yaml").write_text(
        (tiny.specs / "experiments" / "growth.yaml").read_text()
    )
    with pytest.raises(DocumentError) as caught:
        run(tiny, "copy")
    assert "growth" in caught.value.what and "copy" in (caught.value.help or "")
