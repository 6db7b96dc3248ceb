"""`fmt`, as a person or a pipeline calls it."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from worldwright.cli.main import command
from worldwright.project.locate import Project


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(a) for a in arguments], standalone_mode=False)


def test_fmt_writes_and_says_what_it_wrote(tiny: Project) -> None:
    people = tiny.specs / "populations" / "people.yaml"
    text = people.read_text()
    people.write_text(text.replace("name: people", "name:   people # who"))
    checked = call("fmt", people, "--check")
    assert checked.return_value == 1
    assert "-name:   people # who" in checked.output and "+name: people  # who" in checked.output
    assert "name:   people # who" in people.read_text()
    assert call("fmt", people).return_value == 0
    assert people.read_text() == text.replace("name: people", "name: people  # who")
    again = call("fmt", people, "--check")
    assert again.return_value == 0 and "1 in canonical form already" in again.output


def test_fmt_reads_every_kind_of_document_and_a_world_s_folder(tiny: Project) -> None:
    files = [
        tiny.specs / "populations" / "people.yaml",
        tiny.specs / "scenarios" / "rumour.yaml",
        tiny.specs / "experiments" / "rumour.yaml",
        tiny.specs / "worlds" / "rumour",
    ]
    done = call("fmt", *files, "--check", "--upgrade", "--json")
    assert json.loads(done.output) == {"ok": True, "changed": [], "diagnostics": [], "refused": []}


def test_fmt_leaves_alone_what_it_cannot_read(tiny: Project) -> None:
    people = tiny.specs / "populations" / "people.yaml"
    people.write_text("worldwright: population/1\nname:   x\nname: y\n")
    done = call("fmt", people)
    assert done.return_value == 1 and "people.yaml:3:1 error[WW0108]" in done.output
    assert people.read_text() == "worldwright: population/1\nname:   x\nname: y\n"
    people.write_text("worldwright: experiment/1\nquestion: |4\n      What?\n")
    done = call("fmt", people)
    assert done.return_value == 1 and "indentation" in done.output


def test_fmt_takes_documents_only(tiny: Project) -> None:
    from worldwright.errors import UsageError

    for file in ("worlds/rumour/agent.lua", "nowhere.yaml"):
        assert isinstance(call("fmt", tiny.specs / file).exception, UsageError)


def test_locks_beside_documents_are_passed_over_and_one_alone_is_refused(tiny: Project) -> None:
    people = tiny.specs / "populations" / "people.yaml"
    lock = people.with_name("people.lock.yaml")
    lock.write_text("worldwright: lock/1\n")
    assert call("fmt", people, lock, "--check").return_value == 0
    alone = call("fmt", lock, "--check")
    assert alone.exception is not None and "not a document" in str(alone.exception)
