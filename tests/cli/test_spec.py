"""`spec` and its verbs, as a person calls them."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from worldwright.cli.main import command
from worldwright.diagnostics import DocumentError
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


def test_a_difference_is_carried_out(tiny: Project) -> None:
    people = tiny.specs / "populations" / "people.yaml"
    older, again = people.with_name("older.yaml"), people.with_name("again.yaml")
    call("perturb", people, "--shift", "age=5", "--out", older)
    changes = tiny.root / "changes.json"
    changes.write_text(call("diff", people, older, "--json").output)
    assert call("apply", people, changes, "--out", again).return_value == 0
    assert call("diff", older, again).return_value == 0
    assert isinstance(call("apply", older, changes).exception, UsageError)
    changes.write_text("no json")
    assert isinstance(call("apply", people, changes).exception, UsageError)


def test_interpolate_by_share_and_by_year(tiny: Project) -> None:
    people = tiny.specs / "populations" / "people.yaml"
    older = people.with_name("older.yaml")
    call("perturb", people, "--shift", "age=8", "--out", older)
    assert "mean: 49" in call("interpolate", people, older, "--at", ".5").output
    by_year = call("interpolate", people, older, "--at", "2021", "--between", "2020", "2024", "--json")
    assert "mean: 47" in json.loads(by_year.output)["document"]
    for arguments in (
        ["--at", "1.5"],
        ["--at", "2", "--between", "3", "3"],
        ["--at", ".5", "--out", str(people)],
    ):
        assert isinstance(call("interpolate", people, older, *arguments).exception, UsageError)


def test_merge_two_populations(tiny: Project) -> None:
    people = tiny.specs / "populations" / "people.yaml"
    older, both = people.with_name("older.yaml"), people.with_name("both.yaml")
    call("perturb", people, "--shift", "age=8", "--out", older)
    done = call("merge", people, older, "--share", ".25", "--out", both)
    assert done.return_value == 0, done.exception
    assert "{categorical: {people: .25, older: .75}}" in both.read_text()
    assert "mean: 45 if component == 'people' else 53" in both.read_text()
    for arguments in ([people, "--share", "1"], [people, older], [people, older, "--share", "2"]):
        assert isinstance(call("merge", *arguments).exception, UsageError)
    clash = call("merge", people, older, "--share", ".5", "--component", "age").exception
    assert isinstance(clash, DocumentError) and "`age`" in str(clash)


def test_simplify_suggests_and_writes_when_asked(tiny: Project) -> None:
    people = tiny.specs / "populations" / "people.yaml"
    before = people.read_text()
    assert "nothing could be simpler" in call("simplify", people).output
    people.write_text(before.replace("mean: 45", "mean: 9 * 5"))
    suggested = call("simplify", people)
    assert "9 * 5 is 45" in suggested.output and "9 * 5" in people.read_text()
    found = json.loads(call("simplify", people, "--json").output)
    assert found["suggestions"][0]["to"] == "45" and found["file"] is None
    assert call("simplify", people, "--write").return_value == 0 and "mean: 45" in people.read_text()
    assert isinstance(call("simplify", people, "--write", "--out", "x.yaml").exception, UsageError)
