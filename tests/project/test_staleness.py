"""What is out of date, which input made it so, and which input made two results differ."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from statistics import mean, stdev

import pytest
from scipy import stats

from tests.conftest import PROJECTS, fixed_clock
from worldwright.errors import UsageError
from worldwright.executors import serial
from worldwright.project.catalog import refresh_catalog
from worldwright.project.comparison import compare
from worldwright.project.inputs import UPSTREAM
from worldwright.project.lineage_picture import draw_lineage
from worldwright.project.locate import Project
from worldwright.project.query import run_query
from worldwright.project.run import run_experiment
from worldwright.project.staleness import Staleness, stale, texts_of

AFTER_RUNS = {"simulation_runs", "metrics", "metric_summary", "experiment_report"}
SCRIPT = "worlds/rumour/person.lua"
PEOPLE = "populations/people.yaml"
RUMOUR = "experiments/rumour.yaml"


def run(project: Project, name: str = "rumour") -> None:
    with serial() as executor:
        run_experiment(project, name, executor, lambda _: None)


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Five versions of one experiment, each after its own edits of the documents of the first."""
    root = tmp_path_factory.mktemp("versions") / "tiny"
    project = Project(root, root / "data", fixed_clock)
    for edits in (
        [],
        [(SCRIPT, "and 1.5 or 1", "and 3 or 1")],
        [(PEOPLE, "sd: 12", "sd: 4"), (RUMOUR, "[2, 10]", "[2, 30]")],
        [(RUMOUR, "seed: 5", "seed: 6")],
        [(RUMOUR, "replicates: 1}", "replicates: 2}")],
    ):
        shutil.copytree(PROJECTS / "tiny", root, dirs_exist_ok=True)
        for file, old, new in edits:
            edit(project, file, old, new)
        run(project)
    return project


@pytest.fixture
def done(tiny: Project, versions: Project) -> Project:
    """A project whose current version is the first of those, with the documents it was made from."""
    shutil.copytree(versions.data, tiny.data, symlinks=True)
    for number in (2, 3, 4, 5):
        (tiny.data / "experiments" / "rumour" / f"{number:06d}.json").unlink()
    return tiny


def edit(project: Project, file: str, old: str, new: str) -> None:
    path = project.specs / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def state_of(project: Project, name: str = "rumour") -> Staleness:
    (found,) = stale(project, name)
    return found


def test_nothing_is_stale_right_after_a_run_and_what_never_ran_is_said(done: Project) -> None:
    growth, rumour = stale(done)
    assert (rumour.experiment, rumour.state, rumour.stages, rumour.to_run) == ("rumour", "up to date", {}, 0)
    assert rumour.current == tuple(UPSTREAM)
    assert (growth.state, growth.version, growth.to_run, growth.needed) == ("never run", None, 8, 8)


@pytest.mark.parametrize(
    ("file", "old", "new", "cause", "stages"),
    [
        (SCRIPT, "and 1.5 or 1", "and 1.4 or 1", ("script", "person.lua"), {"world_program", *AFTER_RUNS}),
        (
            "worlds/rumour/world.yaml",
            "p: .1",
            "p: .2",
            ("world", "rumour"),
            {"world_program", *AFTER_RUNS},
        ),
        (
            PEOPLE,
            "sd: 12",
            "sd: 13",
            ("population", "people"),
            {"population_spec", "base_population", "population", *AFTER_RUNS},
        ),
        (RUMOUR, "seed: 5", "seed: 6", ("setting", "seed"), {"base_population", "population", *AFTER_RUNS}),
        (RUMOUR, "ticks: 10", "ticks: 11", ("setting", "ticks"), AFTER_RUNS),
        (RUMOUR, "[.1, .6]", "[.1, .5]", ("setting", "design"), AFTER_RUNS),
        (RUMOUR, "How far", "How fast", ("setting", "question"), {"experiment_report"}),
    ],
)
def test_a_changed_input_is_named_with_the_stages_it_reaches(
    done: Project, file: str, old: str, new: str, cause: tuple[str, str], stages: set[str]
) -> None:
    edit(done, file, old, new)
    found = state_of(done)
    assert found.state == "out of date"
    assert [(one.one.kind, one.one.name) for one in found.changed] == [cause]
    assert set(found.stages or {}) == stages


def test_a_scenario_and_its_base_are_told_apart(done: Project) -> None:
    scenario = done.specs / "scenarios" / "rumour.yaml"
    text = scenario.read_text(encoding="utf-8")
    scenario.write_text(text.replace("beta: {", "beta: {min: .001, ", 1), encoding="utf-8")
    assert scenario.read_text(encoding="utf-8") != text
    found = state_of(done)
    assert [one.one.kind for one in found.changed] == ["scenario"]
    assert set(found.current) == {"population_spec", "base_population", "world_program"}


def test_comments_and_descriptions_are_wording_and_broken_documents_invalid(done: Project) -> None:
    with (done.specs / PEOPLE).open("a", encoding="utf-8") as file:
        file.write("# nothing that matters\n")
    edit(done, SCRIPT, "-- Reads", "-- It reads")
    found = state_of(done)
    assert (found.state, found.changed, found.stages) == ("wording", (), {})
    assert found.wording == (f"specs/{PEOPLE}", f"specs/{SCRIPT}")
    edit(done, PEOPLE, "sd: 12", "sd: -12")
    broken = state_of(done)
    assert broken.state == "invalid" and f"specs/{PEOPLE}:8" in broken.problem
    with pytest.raises(UsageError, match="no experiment 'rumours'"):
        stale(done, "rumours")


def test_runs_that_are_there_already_need_not_be_made(done: Project) -> None:
    edit(done, RUMOUR, "[.1, .6]", "[.1, .6, .9]")
    assert (state_of(done).to_run, state_of(done).needed) == (6, 18)


def test_a_version_keeps_the_documents_it_was_made_from(versions: Project) -> None:
    before = (PROJECTS / "tiny" / "specs" / SCRIPT).read_text(encoding="utf-8")
    for number, text in ((1, before), (2, before.replace("and 1.5 or 1", "and 3 or 1"))):
        kept = texts_of(versions.store, versions.store.version("rumour", number))
        assert kept is not None and kept[f"specs/{SCRIPT}"] == text


def test_every_run_leads_to_datasets_and_inputs_in_the_catalog(done: Project) -> None:
    parents = "select distinct parent from lineage where stage = 'run'"
    found = run_query(done, f"select dataset, stage from lineage where dataset in ({parents})").to_pylist()
    assert {row["stage"] for row in found} == {"world_program", "population_spec", "scenario_spec"}
    inputs = run_query(done, "select kind, name, value, file from inputs").to_pylist()
    by_name = {(row["kind"], row["name"]): row for row in inputs}
    assert by_name["setting", "seed"]["value"] == "5"
    assert by_name["script", "person.lua"]["file"] == f"specs/{SCRIPT}"
    assert {name for kind, name in by_name if kind == "algorithm"} >= {
        "sampling",
        "population_files",
        "worlds",
        "summaries",
    }


def test_versions_of_libraries_stand_beside_a_run_and_not_in_its_digest(done: Project) -> None:
    import numpy as np

    key = run_query(done, "select run from runs limit 1").column("run")[0].as_py()
    dataset = done.store.get(key)
    assert dataset.about["versions"]["numpy"] == np.__version__
    assert "versions" not in dataset.inputs


def test_a_difference_is_traced_to_the_line_of_the_script(versions: Project) -> None:
    found = compare(versions, "rumour@2", None)
    assert (found.before, found.after) == ("rumour@1", "rumour@2")
    assert found.verdict == f"the results differ because of specs/{SCRIPT}"
    (detail,) = found.details
    assert any("and 3 or 1" in line for line in detail.lines if line.startswith("+"))
    assert found.paired and not found.same_results
    (one,) = [one for one in found.results if (one.outcome, one.setting) == ("told", "spread=0.6, first=2")]
    values = [told(versions, number) for number in (1, 2)]
    assert (one.before, one.after) == (pytest.approx(mean(values[0])), pytest.approx(mean(values[1])))
    pairs = [after - before for before, after in zip(*values, strict=True)]
    low, high = stats.t.interval(0.95, 2, loc=mean(pairs), scale=stdev(pairs) / math.sqrt(3))
    assert (one.difference, one.n) == (pytest.approx(mean(pairs)), 3)
    assert (one.low, one.high) == (pytest.approx(low), pytest.approx(high))


def told(project: Project, version: int) -> list[float]:
    """The outcome of the cell spread=0.6, first=2 by replicate."""
    record = project.store.version("rumour", version)
    table = project.store.get(record["datasets"]["metric_summary"]["summary"]["key"]).table("values")
    rows = [row for row in table.to_pylist() if (row["cell"], row["outcome"]) == (2, "told")]
    return [row["value"] for row in sorted(rows, key=lambda row: row["replicate"])]


def test_what_differs_without_effect_is_not_called_a_cause(versions: Project) -> None:
    found = compare(versions, "rumour@1", "rumour@5")
    assert found.same_results and "the results are the same" in found.verdict
    assert [one.changed.one.name for one in found.details] == ["record"]


def test_a_spec_is_compared_by_meaning_and_cells_by_their_settings(versions: Project) -> None:
    found = compare(versions, "rumour@1", "rumour@3")
    by_name = {one.changed.one.name: one for one in found.details}
    (change,) = by_name["people"].changes
    assert (change.path[-1], getattr(change, "old", None), getattr(change, "new", None)) == ("sd", 12, 4)
    assert found.only_before == ("spread=0.1, first=10", "spread=0.6, first=10")
    assert found.only_after == ("spread=0.1, first=30", "spread=0.6, first=30")
    assert {one.setting for one in found.results} == {"spread=0.1, first=2", "spread=0.6, first=2"}
    assert "one or more of" in found.verdict


def test_other_seeds_are_compared_without_pairs(versions: Project) -> None:
    found = compare(versions, "rumour@1", "rumour@4")
    assert not found.paired
    (one,) = [one for one in found.results if (one.outcome, one.setting) == ("told", "spread=0.6, first=2")]
    before, after = told(versions, 1), told(versions, 4)
    low, high = stats.ttest_ind(after, before, equal_var=False).confidence_interval(0.95)
    assert (one.low, one.high) == (pytest.approx(low), pytest.approx(high))


def test_asking_for_versions_that_are_not_there(done: Project) -> None:
    with pytest.raises(UsageError, match="one version only"):
        compare(done, "rumour", None)
    with pytest.raises(UsageError, match="no version '7'"):
        compare(done, "rumour@7", "rumour")


def test_results_from_before_inputs_were_recorded_are_read(done: Project) -> None:
    version, record = done.store.current("rumour") or (0, {})
    old = {key: value for key, value in record.items() if key != "inputs"}
    old["datasets"] = {stage: of for stage, of in old["datasets"].items() if stage != "experiment_document"}
    assert done.store.publish_version("rumour", old) == version + 1
    refresh_catalog(done)
    assert state_of(done).state == "up to date"
    assert "before inputs were recorded" not in compare(done, "rumour@1", "rumour@2").verdict
    edit(done, SCRIPT, "and 1.5 or 1", "and 3 or 1")
    assert state_of(done).state == "unknown"


def test_the_picture_is_drawn_and_marks_what_is_out_of_date(done: Project, tmp_path: Path) -> None:
    fresh, changed = tmp_path / "fresh.svg", tmp_path / "changed.svg"
    draw_lineage(done, "rumour", fresh)
    edit(done, SCRIPT, "and 1.5 or 1", "and 3 or 1")
    draw_lineage(done, "rumour", changed)
    orange = "d55e00"
    assert orange not in fresh.read_text(encoding="utf-8")
    assert orange in changed.read_text(encoding="utf-8")
    key = run_query(done, "select run from runs limit 1").column("run")[0].as_py()
    draw_lineage(done, key, tmp_path / "run.png")
    assert (tmp_path / "run.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(UsageError, match=r"\.png or \.svg"):
        draw_lineage(done, "rumour", tmp_path / "lineage.pdf")


def test_inputs_are_plain_data(done: Project) -> None:
    _, record = done.store.current("rumour") or (0, {})
    assert json.loads(json.dumps(record["inputs"])) == record["inputs"]
