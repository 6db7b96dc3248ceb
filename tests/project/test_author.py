"""Authoring in a project: what replaces what, what a person wrote, what is saved when nothing is valid."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.architect.model_server import (
    CANARY,
    NOTHING_OPEN,
    Answer,
    Script,
    clock,
    document,
    form,
    outlined,
    serving,
)
from worldwright.architect import Budget, ModelSettings, Query, read_lock
from worldwright.architect.lock import Fresh, Stale
from worldwright.errors import ArchitectError, UsageError
from worldwright.project.author import Authoring, How, accept_document, author_document
from worldwright.project.locate import Project
from worldwright.project.locks import lock_state
from worldwright.project.specs import load_spec
from worldwright.project.texts import Texts

POPULATION = """\
worldwright: population/1
name: nurses
agents: 500

attributes:
  age:
    type: int
    distribution: {normal: {mean: 44, sd: 11, min: 20, max: 67}}
    assumption: a guess
  ward:
    type: categorical
    distribution: {categorical: {surgical: .5, medical: .5}}
    assumption: a guess
"""
SCENARIO = """\
worldwright: scenario/1
name: shifts
extends: nurses

attributes:
  nights:
    type: int
    distribution:
      poisson:
        mean: 4 if ward == 'surgical' else 2
    assumption: a guess
"""
PLAN, MORE = outlined("age", "ward"), outlined("nights")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    for folder in ("briefs", "populations", "scenarios"):
        (tmp_path / "specs" / folder).mkdir(parents=True)
    (tmp_path / "specs/briefs/nurses.md").write_text("Nurses in German hospitals.\n")
    (tmp_path / "specs/briefs/shifts.md").write_text("How many nights they work.\n")
    return Project(tmp_path, tmp_path / "data", clock)


def how(script: Script, **more: object) -> How:
    settings = ModelSettings(model="small", base_url=script.address, api_key=CANARY, timeout=10.0)
    return How(settings, **more)  # pyright: ignore[reportArgumentType]


def author(project: Project, name: str, *answers: Answer, **more: object) -> Authoring:
    with serving(*answers) as script:
        return author_document(project, project.root / "specs" / name, how(script, **more))


def nurses(project: Project, text: str = POPULATION, **more: object) -> Authoring:
    return author(project, "populations/nurses.yaml", NOTHING_OPEN, PLAN, document(text), **more)


def state(project: Project, name: str) -> object:
    texts = Texts(project)
    path = project.root / "specs" / name
    population, _ = load_spec(project, texts, path)
    assert population is not None
    return lock_state(texts, path, population.base_digest if "scenarios" in name else None)[1]


def test_a_valid_document_is_written_with_its_lock(project: Project) -> None:
    done = nurses(project)
    path = project.root / "specs/populations/nurses.yaml"
    assert path.read_text() == POPULATION
    assert (done.document, done.author, done.cost.calls) == (
        "specs/populations/nurses.yaml",
        "model-2026-11-01",
        3,
    )
    lock = read_lock(path.with_name("nurses.lock.yaml"))
    assert lock is not None
    assert (lock.author, lock.provenance.cost.tokens_in, lock.provenance.made) == (
        "model-2026-11-01",
        300,
        clock(),
    )
    assert state(project, "populations/nurses.yaml") == Fresh()


def test_what_is_assumed_or_answered_is_written_down(project: Project) -> None:
    question = {
        "id": "year",
        "question": "Which year?",
        "options": ["2023", "2024"],
        "otherwise": "The year is 2024.",
    }
    other = {**question, "id": "land", "question": "Which state?", "otherwise": "All of Germany."}
    asked: list[Query] = []

    def ask(questions: list[Query]) -> dict[str, str]:
        asked.extend(questions)
        return {"land": "Bavaria"}

    answers = [form(questions=[question, other]), PLAN, document(POPULATION)]
    path = project.specs / "populations/nurses.yaml"
    with serving(*answers) as script:
        done = author_document(project, path, how(script, ask=ask, mode="record"))
    assert [query.id for query in asked] == ["year", "land"]
    assert done.assumptions == ("Which year? The year is 2024.",)
    text = (project.specs / "populations/nurses.yaml").read_text()
    assert text == f"# Assumed, since the brief does not say it:\n# - {done.assumptions[0]}\n{POPULATION}"
    lock = read_lock(project.specs / "populations/nurses.lock.yaml")
    assert lock is not None and lock.provenance.assumptions == done.assumptions
    assert lock.provenance.answers == {"land": "Bavaria"}
    before = path.read_bytes()
    assert author_document(project, path, how(script, mode="replay", hands="theirs")).replayed
    assert path.read_bytes() == before
    plan = script.heard[1].messages[0]["content"]
    assert "- Which state? Bavaria" in plan and "- Which year? The year is 2024." in plan


def test_an_attribute_edited_by_hand_survives_and_the_others_are_written_anew(project: Project) -> None:
    nurses(project)
    path = project.specs / "populations/nurses.yaml"
    edited = (
        "  # from our own payroll\n  age:\n    type: int\n"
        "    distribution: {uniform: {min: 20, max: 60}}\n    assumption: payroll\n"
    )
    path.write_text(
        POPULATION.replace(POPULATION[POPULATION.index("  age:") : POPULATION.index("  ward:")], edited)
    )
    anew = POPULATION.replace("surgical: .5, medical: .5", "surgical: .4, medical: .6")
    with serving(NOTHING_OPEN, PLAN, document(anew)) as script:
        done = author_document(project, path, how(script))
    text = path.read_text()
    assert edited in text and "surgical: .4, medical: .6" in text
    assert done.kept == ("age",)
    for heard in script.heard[1:]:
        assert "from our own payroll" in heard.messages[-1]["content"]
    assert "uniform" in path.with_name("nurses.before.yaml").read_text()
    lock = read_lock(path.with_name("nurses.lock.yaml"))
    assert lock is not None and state(project, "populations/nurses.yaml") == Fresh()
    # --theirs takes the model's; nothing was edited since the last lock, so it is asked of an edit again
    path.write_text(path.read_text().replace("max: 60", "max: 61"))
    nurses(project, anew, hands="theirs")
    assert path.read_text() == anew


def test_what_a_person_added_or_took_out_stays_so(project: Project) -> None:
    nurses(project)
    path = project.specs / "populations/nurses.yaml"
    own = "  shoe:\n    type: int\n    distribution: {uniform: {min: 35, max: 46}}\n    assumption: a guess\n"
    without = POPULATION[: POPULATION.index("  ward:")]
    path.write_text(f"{without}{own}\nconstraints:\n  - age >= 21\n")
    done = nurses(project)
    text = path.read_text()
    assert own in text and "ward" not in text and "age >= 21" in text
    assert set(done.kept) == {"shoe", "ward", "constraints"}


def test_a_document_written_by_hand_is_kept_whole_and_only_added_to(project: Project) -> None:
    path = project.specs / "populations/nurses.yaml"
    own = POPULATION[: POPULATION.index("  ward:")].replace("mean: 44", "mean: 40")
    path.write_text(own)
    nurses(project)
    text = path.read_text()
    assert "mean: 40" in text and "mean: 44" not in text and "ward:" in text


def test_a_changed_base_makes_its_scenario_stale(project: Project) -> None:
    nurses(project)
    author(project, "scenarios/shifts.yaml", NOTHING_OPEN, MORE, document(SCENARIO))
    assert state(project, "scenarios/shifts.yaml") == Fresh()
    path = project.specs / "populations/nurses.yaml"
    path.write_text(POPULATION.replace("mean: 44", "mean: 45"))
    assert isinstance(state(project, "scenarios/shifts.yaml"), Stale)


def test_what_stays_invalid_is_saved_aside_with_its_diagnostics(project: Project) -> None:
    nurses(project)
    path = project.specs / "populations/nurses.yaml"
    wrong = POPULATION.replace("surgical: .5", "surgical: .7")
    with pytest.raises(ArchitectError, match="still invalid after 4 answers") as caught:
        author(project, "populations/nurses.yaml", NOTHING_OPEN, PLAN, *[document(wrong)] * 4)
    assert "nurses.invalid.yaml" in (caught.value.help or "")
    aside = path.with_name("nurses.invalid.yaml").read_text()
    assert "# nurses.yaml:" in aside and "error[WW" in aside and aside.endswith(wrong)
    assert path.read_text() == POPULATION
    assert state(project, "populations/nurses.yaml") == Fresh()


def test_an_outline_that_stays_invalid_is_saved_aside_too(project: Project) -> None:
    twice = outlined("age", "age")
    with pytest.raises(ArchitectError, match=r"outline is still invalid after 4 answers: .*twice"):
        author(project, "populations/nurses.yaml", NOTHING_OPEN, *[twice] * 4)
    aside = project.specs / "populations/nurses.invalid.json"
    assert [a["name"] for a in json.loads(aside.read_text())["attributes"]] == ["age", "age"]
    assert not (project.specs / "populations/nurses.yaml").exists()


def test_recorded_authoring_is_replayed_to_the_byte_without_a_network(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = POPULATION.replace("surgical: .5", "surgical: .7")
    answers = [NOTHING_OPEN, PLAN, document(wrong), document(POPULATION)]
    author(project, "populations/nurses.yaml", *answers, mode="record")
    path = project.specs / "populations/nurses.yaml"
    names = (path, path.with_name("nurses.lock.yaml"))
    before = [name.read_bytes() for name in names]
    lock = read_lock(names[1])
    assert lock is not None and len(lock.provenance.cassettes) == 4
    for name in names:
        name.unlink()
    later = Project(project.root, project.data, lambda: datetime(2027, 1, 1, tzinfo=UTC))
    monkeypatch.setattr(socket, "socket", None)
    settings = ModelSettings(model="small", base_url="http://127.0.0.1:1/v1", timeout=10.0)
    done = author_document(later, path, How(settings, mode="replay"))
    assert done.replayed and done.repairs == 1
    assert [name.read_bytes() for name in names] == before


def test_the_key_lies_nowhere_in_the_project(project: Project) -> None:
    leaked = POPULATION.replace("assumption: a guess", f"assumption: the key is {CANARY}", 1)
    nurses(project, leaked, mode="record")
    files = [path for path in project.root.rglob("*") if path.is_file()]
    assert len(files) > 5
    for path in files:
        assert b"canary" not in path.read_bytes(), path


def test_a_place_that_says_nothing_and_a_brief_that_is_not_there_are_told(project: Project) -> None:
    with pytest.raises(UsageError, match="folder does not say"):
        author_document(project, project.root / "nurses.yaml", How())
    with pytest.raises(UsageError, match=r"no brief specs/briefs/doctors\.md"):
        author_document(project, project.specs / "populations/doctors.yaml", How())
    with pytest.raises(ArchitectError, match="no model is configured"):
        author_document(project, project.specs / "populations/nurses.yaml", How())
    with pytest.raises(UsageError, match="no such document"):
        accept_document(project, project.specs / "populations/nurses.yaml")


def test_a_scenario_needs_to_know_its_population(project: Project) -> None:
    with serving() as script, pytest.raises(UsageError, match="nothing says which population"):
        author_document(project, project.specs / "scenarios/shifts.yaml", how(script))
    nurses(project)
    (project.specs / "populations/doctors.yaml").write_text(POPULATION.replace("nurses", "doctors"))
    answers = [NOTHING_OPEN, MORE, document(SCENARIO)]
    author(project, "scenarios/shifts.yaml", *answers, against={"population": "nurses"})
    lock = read_lock(project.specs / "scenarios/shifts.lock.yaml")
    assert lock is not None and lock.base == "nurses"


def test_a_budget_ends_it_with_everything_saved(project: Project) -> None:
    wrong = POPULATION.replace("surgical: .5", "surgical: .7")
    answers = [NOTHING_OPEN, PLAN, document(wrong)]
    with pytest.raises(ArchitectError, match="still invalid after 1 answer") as caught:
        author(project, "populations/nurses.yaml", *answers, budget=Budget(calls=3))
    assert "budget of 3 calls" in (caught.value.why or "")
    assert (project.specs / "populations/nurses.invalid.yaml").exists()
