"""Worlds and experiments authored in a project: locks, hand edits, the plan before anything is spent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.architect.model_server import NOTHING_OPEN, Answer, Learner, Reaction, Script, clock, form, serving
from tests.architect.test_mistakes import DESIGN, POPULATION, SCENARIO
from worldwright.architect import ModelSettings, read_lock
from worldwright.architect.scripts_reference import EXAMPLE
from worldwright.errors import ArchitectError, UsageError
from worldwright.project.author import Authoring, How, Plan, accept_document, author_document
from worldwright.project.documents import load_closure
from worldwright.project.locate import Project
from worldwright.project.locks import STALE_LOCK

ANSWER = {
    "description": "Compares reaches.",
    "metric": "adopters",
    "at": "last",
    "ticks": 12,
    "agents": 60,
    "factors": [{"factor": "world.reach", "values": [0.1, 0.5]}],
    "min_replicates": 3,
    "max_replicates": 6,
    "half_width": 0.2,
    "compare": True,
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    specs = tmp_path / "specs"
    for folder in ("briefs", "populations", "scenarios", "worlds", "experiments"):
        (specs / folder).mkdir(parents=True)
    (specs / "populations/nurses.yaml").write_text(POPULATION)
    (specs / "scenarios/shifts.yaml").write_text(SCENARIO)
    (specs / "briefs/adoption.md").write_text("A tool spreads among nurses.\n")
    (specs / "briefs/reach.md").write_text("Does advertising more widely help?\n")
    return Project(tmp_path, tmp_path / "data", clock)


def author(project: Project, name: str, *answers: Reaction, **more: Any) -> tuple[Authoring, Script]:
    with serving(*answers) as script:
        settings = ModelSettings(model="small", base_url=script.address, timeout=20.0)
        return author_document(project, project.specs / name, How(settings, **more)), script


def world(project: Project, files: dict[str, str] = EXAMPLE, **more: Any) -> Authoring:
    return author(project, "worlds/adoption", NOTHING_OPEN, DESIGN, Learner(files, []), **more)[0]


def experiment(project: Project, *answers: Answer, **more: Any) -> tuple[Authoring, Script]:
    return author(project, "experiments/reach.yaml", NOTHING_OPEN, *answers, **more)


def test_a_world_is_written_with_its_scripts_and_a_lock(project: Project) -> None:
    done = world(project)
    folder = project.specs / "worlds/adoption"
    assert {
        p.name: p.read_text() for p in folder.iterdir() if p.suffix != ".yaml" or p.name == "world.yaml"
    } == EXAMPLE
    assert done.document == "specs/worlds/adoption/world.yaml"
    lock = read_lock(folder / "world.lock.yaml")
    assert lock is not None
    assert (lock.base, set(lock.files)) == ("nurses", {"surgeon.lua", "vendor.lua"})


def test_a_script_edited_by_hand_survives_and_the_model_is_shown_it(project: Project) -> None:
    world(project)
    script = project.specs / "worlds/adoption/vendor.lua"
    own = EXAMPLE["vendor.lua"].replace("-- sends", "-- by hand: sends")
    script.write_text(own)
    anew = {**EXAMPLE, "surgeon.lua": EXAMPLE["surgeon.lua"].replace(".02 +", ".03 +")}
    done, asked = author(project, "worlds/adoption", NOTHING_OPEN, DESIGN, Learner(anew, []))
    assert done.kept == ("vendor.lua",)
    assert script.read_text() == own
    assert ".03 +" in (script.parent / "surgeon.lua").read_text()
    assert ".02 +" in (script.parent / "before/surgeon.lua").read_text()
    assert "by hand: sends" in asked.heard[2].messages[-1]["content"]
    world(project, hands="theirs")
    assert script.read_text() == EXAMPLE["vendor.lua"]


def test_a_world_for_a_scenario_reads_its_columns_and_goes_stale_with_it(project: Project) -> None:
    more = "local w = self.agent.wants_change\n  local age ="
    files = {**EXAMPLE, "surgeon.lua": EXAMPLE["surgeon.lua"].replace("local age =", more)}
    world(project, files, against={"population": "nurses", "scenario": "shifts"})
    against = {"population": "nurses", "scenario": "shifts", "world": "adoption"}
    experiment(project, form(**ANSWER), against=against)
    assert not any(d.is_error for d in load_closure(project, "reach").diagnostics)
    scenario = project.specs / "scenarios/shifts.yaml"
    scenario.write_text(SCENARIO.replace(".2}", ".3}"))
    stale = [d for d in load_closure(project, "reach").diagnostics if d.code == STALE_LOCK.id]
    assert [d.message for d in stale] == [
        "the document no longer answers its brief: the population it was written for has changed; "
        "it was written by model-2026-11-01"
    ]


def test_a_world_that_stays_wrong_is_saved_aside_with_its_diagnostics(project: Project) -> None:
    broken = {**EXAMPLE, "vendor.lua": EXAMPLE["vendor.lua"].replace("self.random", "os.random")}
    learner = Learner(broken, [])
    with pytest.raises(ArchitectError, match="still invalid after 4 answers") as caught:
        author(project, "worlds/adoption", NOTHING_OPEN, DESIGN, *[learner] * 4)
    assert "specs/worlds/adoption/invalid/world.yaml" in (caught.value.help or "")
    aside = project.specs / "worlds/adoption/invalid"
    assert "# vendor.lua:" in (aside / "world.yaml").read_text()
    assert (aside / "vendor.lua").read_text() == broken["vendor.lua"]
    assert not (project.specs / "worlds/adoption/world.yaml").exists()
    assert project.names("world") == []


def test_a_question_becomes_an_experiment_after_its_plan_is_accepted(project: Project) -> None:
    world(project)
    seen: list[Plan] = []

    def confirm(plan: Plan) -> bool:
        seen.append(plan)
        return not (project.specs / "experiments/reach.yaml").exists()

    done, script = experiment(project, form(**ANSWER), confirm=confirm)
    rows = dict(seen[0].rows)
    assert rows["settings"] == "2: world.reach = 0.1, 0.5"
    assert (rows["runs"], rows["agents"], rows["replicates"]) == ("6 to 12", "60", "3 to 6")
    assert "s" in rows["time on one core"]
    resolved = load_closure(project, "reach").resolved()
    assert (resolved.ticks, len(resolved.cells), resolved.minimum, resolved.maximum) == (12, 2, 3, 6)
    assert resolved.until is not None and resolved.until.of == "effect"
    assert resolved.question == "Does advertising more widely help?"
    assert done.document == "specs/experiments/reach.yaml"
    schema = script.heard[1].body["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["metric"]["enum"] == ["adopters", "aware"]


def test_a_plan_that_is_declined_leaves_nothing_but_what_was_written_aside(project: Project) -> None:
    world(project)
    with pytest.raises(UsageError, match="the plan was declined") as caught:
        experiment(project, form(**ANSWER), confirm=lambda plan: False)
    assert "reach.declined.yaml" in (caught.value.help or "")
    assert not (project.specs / "experiments/reach.yaml").exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"metric": "sales"}, "metric: "),
        ({"factors": [{"factor": "world.price", "values": [1, 2]}]}, "factors"),
        ({"factors": [{"factor": "world.reach", "values": [0.1, 7]}]}, "less than or equal to 1"),
        ({"factors": ANSWER["factors"] * 2}, "`world.reach` is there twice"),
        ({"min_replicates": 9}, "max_replicates: it is below"),
        ({"factors": []}, "compare: there is only one setting"),
        ({"agents": 5}, "agents"),
    ],
)
def test_a_mistaken_answer_is_told_and_asked_for_again(
    project: Project, change: dict[str, Any], told: str
) -> None:
    world(project)
    _, script = experiment(project, form(**{**ANSWER, **change}), form(**ANSWER))
    assert told in script.heard[2].messages[-1]["content"]


def test_keys_of_an_experiment_edited_by_hand_stay(project: Project) -> None:
    world(project)
    experiment(project, form(**ANSWER))
    path = project.specs / "experiments/reach.yaml"
    path.write_text(path.read_text().replace("ticks: 12", "ticks: 30") + "schedule: '0 5 * * 1'\n")
    done, _ = experiment(project, form(**{**ANSWER, "min_replicates": 4}))
    assert set(done.kept) == {"ticks", "schedule"}
    text = path.read_text()
    assert "ticks: 30" in text and "0 5 * * 1" in text and "min: 4" in text


def test_an_answer_read_otherwise_than_at_the_end_is_an_outcome(project: Project) -> None:
    world(project)
    experiment(project, form(**{**ANSWER, "at": "mean"}))
    (outcome,) = load_closure(project, "reach").resolved().outcomes
    assert (outcome.name, outcome.metric, outcome.how) == ("adopters_mean", "adopters", "mean")


def test_accepting_worlds_and_experiments(project: Project) -> None:
    world(project)
    experiment(project, form(**ANSWER))
    for name in ("worlds/adoption", "experiments/reach.yaml"):
        assert accept_document(project, project.specs / name).author == "hand"
