"""`check --fix` and `check --explain`, as a person calls them."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from worldwright.cli.main import command
from worldwright.project.locate import Project


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(a) for a in arguments], standalone_mode=False)


def test_fix_shows_what_it_did(tiny: Project) -> None:
    people = tiny.specs / "populations" / "people.yaml"
    people.write_text(people.read_text().replace("age > 50", "aeg > 50  # half"))
    offered = call("check", people, "--fix")
    assert offered.return_value == 1
    assert "nothing was fixed" in offered.output and "--fix-suggested" in offered.output
    done = call("check", people, "--fix-suggested")
    assert done.return_value == 0, done.output
    assert "fixed specs/populations/people.yaml:18:15 [WW0204]" in done.output
    assert "-      - when: aeg > 50  # half" in done.output
    assert "+      - when: age > 50  # half" in done.output
    assert "1 problem fixed" in done.output


def test_fix_gives_json(tiny: Project) -> None:
    people = tiny.specs / "populations" / "people.yaml"
    people.write_text(people.read_text().replace("age > 50", "aeg > 50"))
    report = json.loads(call("check", people, "--fix-suggested", "--json").output)
    assert report["ok"] and report["changed"] == ["specs/populations/people.yaml"]
    assert [d["code"] for d in report["fixed"]] == ["WW0204"]


def test_portable_warns_of_what_differs_between_the_runtimes(tmp_path: Path) -> None:
    (tmp_path / "world.yaml").write_text(
        "worldwright: world/1\nname: x\nentities: [{name: a, script: a.lua, count: 2}]\n"
    )
    (tmp_path / "a.lua").write_text('state = {}\nfunction update(now)\n  state.n = "x" .. now / 2\nend\n')
    assert "no problems" in call("check", tmp_path).output
    done = call("check", tmp_path, "--portable")
    assert done.return_value == 0
    assert "a.lua:3:20 warning[WW0731]" in done.output
    told = json.loads(call("check", tmp_path, "--portable", "--json").output)
    assert told["ok"] and [d["code"] for d in told["diagnostics"]] == ["WW0731"]
    assert call("check", "--explain", "fraction-as-text").return_value == 0
    assert "--portable has no fixes" in str(call("check", tmp_path, "--portable", "--fix").exception)


def test_explain_shows_the_page_of_a_code() -> None:
    done = call("check", "--explain", "weights-sum")
    assert done.return_value == 0
    assert done.output.startswith("WW0312 weights-sum: error\n")
    assert "weights sum to 0.9, not 1" in done.output and "^^^" in done.output
    assert "{a: .3, b: .7}" in done.output
    assert json.loads(call("check", "--explain", "WW0312", "--json").output)["rule"] == "weights-sum"


def test_explain_lets_no_control_character_reach_the_terminal() -> None:
    assert "\x00" not in call("check", "--explain", "WW0104").output


def test_a_file_that_is_no_text_does_not_hide_the_others(tiny: Project) -> None:
    people = tiny.specs / "populations" / "people.yaml"
    other = people.with_name("other.yaml")
    other.write_bytes(people.read_bytes().replace(b"people", "Größe".encode("latin-1")))
    people.write_text(people.read_text().replace("age > 50", "aeg > 50"))
    done = call("check", other, people, "--json")
    report = json.loads(done.output)
    assert done.return_value == 1
    assert {d["code"] for d in report["diagnostics"]} >= {"WW0105", "WW0204"}
    assert len(report["files"]) == 2


def test_a_deep_document_is_refused_at_once(tiny: Project) -> None:
    deep = tiny.specs / "populations" / "deep.yaml"
    deep.write_text("\n".join(" " * depth + "a:" for depth in range(3000)))
    begun = time.monotonic()
    assert "larger than 1 MiB" in call("check", deep).output
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("base", ["../../etc/passwd", "x" * 5000, '"nul\\0"'])
def test_a_base_that_cannot_be_a_file_is_unknown(tiny: Project, base: str) -> None:
    overlay = tiny.specs / "scenarios" / "odd.yaml"
    overlay.parent.mkdir(exist_ok=True)
    overlay.write_text(
        f"worldwright: scenario/1\nname: odd\nextends: {base}\nattributes:\n  x: {{type: flot}}\n"
    )
    report = json.loads(call("check", overlay, "--json").output)
    assert [(d["code"], d["line"]) for d in report["diagnostics"]] == [("WW0810", 3), ("WW0132", 5)]


def test_a_scenario_without_a_base_is_told_to_name_one(tiny: Project) -> None:
    overlay = tiny.specs / "scenarios" / "odd.yaml"
    overlay.parent.mkdir(exist_ok=True)
    overlay.write_text("worldwright: scenario/1\nname: odd\nattributes:\n  x: {type: float, formula: 3}\n")
    assert "add `extends:`" in call("check", overlay).output
