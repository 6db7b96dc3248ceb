"""`worldwright explain`, as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from worldwright.cli.main import command
from worldwright.errors import UsageError
from worldwright.project.locate import Project

SPEC = "specs/scenarios/rumour.yaml"


@pytest.fixture(autouse=True)
def inside(tiny: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tiny.root)


def call(*arguments: str) -> str:
    done = CliRunner().invoke(command, arguments, standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.stdout


def test_an_agent_is_the_row_that_sample_writes() -> None:
    call("sample", SPEC, "--agents", "20", "--seed", "4", "--out", "people.parquet")
    rows = pq.read_table("people.parquet").to_pylist()
    for agent in (0, 7, 19):
        told = json.loads(call("explain", SPEC, "--agent", str(agent), "--seed", "4", "--json"))
        assert {a["name"]: a["value"] for a in told["attributes"]} == rows[agent]


def test_the_text_has_a_line_per_attribute_or_every_step_of_one() -> None:
    text = call("explain", SPEC, "--agent", "7")
    assert text.startswith("agent 7 of ")
    (age,) = [line for line in text.splitlines() if line.startswith("age ")]
    steps = call("explain", SPEC, "--agent", "7", "--attribute", "age")
    assert "of stream age" in steps and "base draw" in steps
    assert age.split()[1] == steps.splitlines()[-1].split()[1]


def test_the_picture_is_a_png() -> None:
    out = call("explain", SPEC, "--agent", "7", "--attribute", "age", "--plot", "age.png")
    assert "Picture: age.png" in out
    assert Path("age.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_an_unknown_attribute_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="do you mean age\\?"):
        call("explain", SPEC, "--agent", "7", "--attribute", "aeg")
