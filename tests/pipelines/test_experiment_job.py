from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from worldwright.project.answer import answer_of
from worldwright.project.author import accept_document
from worldwright.project.locate import Project
from worldwright.project.query import run_query

from .conftest import Published
from .jobs_run import Materialise, data_versions, failed_checks, failure, materialised, metadata

STAGES = {
    "experiment_document",
    "population_spec",
    "scenario_spec",
    "world_program",
    "base_population",
    "population",
    "simulation_runs",
    "metrics",
    "metric_summary",
    "experiment_report",
    "catalog",
}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_job_makes_everything_just_as_the_command_line_does(
    materialise: Materialise, tiny: Project, published: Published
) -> None:
    result = materialise("rumour")
    assert result.success
    made = materialised(result)
    assert set(made) == STAGES
    assert made["catalog"].partition is None
    assert {one.partition for name, one in made.items() if name != "catalog"} == {"rumour"}
    assert metadata(result, "population")["dagster/row_count"] == 60
    columns = [column.name for column in metadata(result, "population")["dagster/column_schema"].columns]
    assert columns[-4:] == ["age", "town", "talkative", "trust"]
    assert metadata(result, "simulation_runs")["runs"] == 12
    assert not metadata(result, "simulation_runs")["cache hit"]

    heard = {row.label: row.mean or 0.0 for row in answer_of(tiny, "rumour").rows}
    assert heard["spread=0.1, first=2"] < heard["spread=0.6, first=10"]
    listed = run_query(tiny, "select count(*) as n from runs where experiment = 'rumour'")
    assert listed.to_pylist() == [{"n": 12}]

    by_command, by_dagster = published.digests["rumour"], data_versions(result)
    assert set(by_command) == STAGES - {"experiment_document", "catalog"}
    assert by_command == {stage: by_dagster[stage] for stage in by_command}


def test_what_is_there_is_not_made_again(materialise: Materialise, done: Project) -> None:
    before = answer_of(done, "rumour")
    first, second = materialise("rumour"), materialise("rumour")
    for result in (first, second):
        assert result.success
        hits = {
            name: one.metadata["cache hit"].value
            for name, one in materialised(result).items()
            if "cache hit" in one.metadata
        }
        assert set(hits) == STAGES - {"experiment_document", "catalog"}
        assert all(hits.values())
    assert data_versions(second) == data_versions(first)
    assert answer_of(done, "rumour") == before


def test_the_report_shows_its_pictures_inline(materialise: Materialise, done: Project) -> None:
    shown = metadata(materialise("rumour"), "experiment_report")
    assert (done.root / shown["report"]).read_text(encoding="utf-8").startswith("<!doctype html>")
    pictures = [text for text in shown.values() if str(text).startswith("![")]
    assert len(pictures) >= 2
    assert all("(data:image/png;base64," in text for text in pictures)


@pytest.mark.usefixtures("done")
def test_the_checks_of_a_population_show_their_pictures_inline(materialise: Materialise) -> None:
    checks = {check.check_name: check for check in materialise("rumour").get_asset_check_evaluations()}
    for name, shown in (("expectations_met", "expectations"), ("population_as_specified", "attributes")):
        picture = str(checks[name].metadata[shown].value)
        assert picture.startswith(f"![{shown}](data:image/png;base64,"), name


def test_the_shown_table_is_the_stored_one(materialise: Materialise, done: Project) -> None:
    shown = metadata(materialise("rumour"), "metric_summary")
    dataset = done.store.find(shown["key"])
    assert dataset is not None
    stored = dataset.table("summary")
    assert shown["dagster/row_count"] == stored.num_rows
    assert [column.name for column in shown["dagster/column_schema"].columns] == stored.column_names
    assert shown["digest"] == dataset.digest


@pytest.mark.usefixtures("done")
def test_a_world_without_a_population_has_real_stages_without_rows(materialise: Materialise) -> None:
    result = materialise("growth")
    assert result.success
    assert set(materialised(result)) == STAGES
    for stage in ("population_spec", "scenario_spec", "base_population", "population"):
        assert metadata(result, stage)["dagster/row_count"] == 0
    assert metadata(result, "simulation_runs")["dagster/row_count"] >= 8


def test_a_broken_document_stops_its_experiment_and_no_other(materialise: Materialise, done: Project) -> None:
    before = answer_of(done, "rumour")
    edit(done.specs / "populations" / "people.yaml", "sd: 12", "sd: -12")

    broken = materialise("rumour")
    assert not broken.success
    assert set(materialised(broken)) == {"experiment_document"}
    (check,) = failed_checks(broken)
    assert (check.check_name, check.blocking) == ("documents_valid", True)
    assert str(check.description).startswith("specs/populations/people.yaml:8:")
    assert "sd: -12" in str(check.metadata["diagnostics"].value)

    assert answer_of(done, "rumour") == before
    assert materialise("growth").success


def test_a_population_that_misses_a_known_figure_is_not_simulated(
    materialise: Materialise, tiny: Project
) -> None:
    edit(tiny.specs / "populations" / "people.yaml", "is: 45.6, within: 6", "is: 70, within: 1")
    result = materialise("rumour")
    assert not result.success
    assert "population" in materialised(result)
    assert "simulation_runs" not in materialised(result)
    assert [check.check_name for check in failed_checks(result)] == ["expectations_met"]


def test_a_changed_brief_stops_the_experiment_and_says_what_to_set(
    materialise: Materialise, tiny: Project
) -> None:
    accept_document(tiny, tiny.specs / "populations" / "people.yaml")
    assert materialise("rumour", "experiment_document").success
    (tiny.specs / "briefs" / "people.md").write_text("Sixty people of a city.\n", encoding="utf-8")
    result = materialise("rumour")
    assert not result.success
    (check,) = failed_checks(result)
    assert (check.check_name, check.blocking) == ("locks_fresh", True)
    assert "WORLDWRIGHT_MODEL" in str(check.description)
    assert set(materialised(result)) == {"experiment_document"}


def test_failed_runs_warn_with_script_and_line(materialise: Materialise, tiny: Project) -> None:
    edit(tiny.specs / "experiments" / "growth.yaml", "{world.birth: [.05, .2]}", "{world.trap: [0, 5]}")
    result = materialise("growth", "simulation_runs")
    assert result.success
    (check,) = failed_checks(result)
    assert (check.check_name, check.severity) == ("runs_succeeded", dg.AssetCheckSeverity.WARN)
    assert check.metadata["failed"].value == 4
    failures = str(check.metadata["failures"].value)
    assert "cell.lua:6" in failures
    assert "fell into the trap" in failures


def test_a_stage_refuses_what_was_made_from_other_documents(materialise: Materialise, done: Project) -> None:
    assert materialise("rumour").success
    edit(done.specs / "experiments" / "rumour.yaml", "world.spread: [.1, .6]", "world.spread: [.6, .1]")
    for stage in ("metrics", "experiment_report"):
        assert "simulation_runs" in failure(materialise("rumour", stage))


@pytest.mark.usefixtures("done")
def test_one_stage_alone_goes_on_from_what_is_there(materialise: Materialise) -> None:
    assert materialise("rumour").success
    result = materialise("rumour", "metric_summary")
    assert result.success
    assert set(materialised(result)) == {"metric_summary"}
