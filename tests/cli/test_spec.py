"""`spec` and its verbs, as a person calls them."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from worldwright.cli.main import command
from worldwright.errors import UsageError
from worldwright.project.locate import Project


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, ["spec", *map(str, arguments)], standalone_mode=False)


def test_plan_shows_order_and_cost(tiny: Project) -> None:
    people = tiny.specs / "populations" / "people.yaml"
    done = call("plan", people)
    assert done.return_value == 0 and "talkative  boolean" in done.output
    made = json.loads(call("plan", people, "--json").output)
    assert [a["name"] for a in made["attributes"]] == ["age", "town", "talkative"]
    assert made["attributes"][2]["reads"] == ["age"] and made["draws"] == 3


def test_perturb_then_diff(tiny: Project) -> None:
    people = tiny.specs / "populations" / "people.yaml"
    older = people.with_name("older.yaml")
    done = call("perturb", people, "--shift", "age=5", "--reweigh", "town.north=.6", "--out", older)
    assert done.return_value == 0, done.exception
    assert "name: older" in older.read_text()
    compared = call("diff", people, older)
    assert compared.return_value == 1
    assert "~ attributes.age.distribution.normal.mean: 45 → 50" in compared.output
    assert "drawn otherwise because of it: talkative" in compared.output
    report = json.loads(call("diff", people, older, "--json").output)
    assert report["changed"] == ["age", "town"] and report["affected"] == ["talkative"]
    assert {c["kind"] for c in report["changes"]} == {"replaced"}
    same = call("diff", people, people)
    assert same.return_value == 0 and "mean the same" in same.output


def test_perturb_prints_and_never_overwrites(tiny: Project) -> None:
    people = tiny.specs / "populations" / "people.yaml"
    before = people.read_text()
    assert "mean: 90" in call("perturb", people, "--scale", "age=2").output
    for arguments in (
        ["--scale", "age=2", "--out", str(people)],
        ["--scale", "age"],
        [],
        ["--shift", "town=1"],
    ):
        assert isinstance(call("perturb", people, *arguments).exception, UsageError), arguments
    assert people.read_text() == before


def test_plot_writes_two_pictures(tiny: Project) -> None:
    out = tiny.root / "people.svg"
    done = call("plot", tiny.specs / "populations" / "people.yaml", "--out", out, "--json")
    assert json.loads(done.output)["files"] == [str(out), str(tiny.root / "people-modifiers.svg")]
    assert b"talkative" in out.read_bytes()
    assert isinstance(
        call("plot", tiny.specs / "populations" / "people.yaml", "--out", "x.pdf").exception, UsageError
    )
