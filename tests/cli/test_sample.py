"""`worldwright sample` with workers, as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from worldwright.cli.main import command
from worldwright.errors import UsageError
from worldwright.hashing import file_digest
from worldwright.population import parquet
from worldwright.project.locate import Project

SPEC = "specs/scenarios/rumour.yaml"


def test_workers_change_nothing_in_the_file(tiny: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tiny.root)
    told: list[str] = []
    for workers in ("1", "2"):
        arguments = [
            "sample",
            SPEC,
            "-n",
            "70000",
            "--workers",
            workers,
            "-o",
            f"{workers}.parquet",
            "--json",
        ]
        done = CliRunner().invoke(command, arguments, standalone_mode=False)
        assert done.exception is None, done.exception
        told.append(json.loads(done.stdout)["sha256"])
    assert told[0] == told[1]
    assert Path("1.parquet").read_bytes() == Path("2.parquet").read_bytes()


def test_a_folder_gets_parts_that_a_world_reads(tiny: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tiny.root)
    monkeypatch.setattr(parquet, "PART", 400)
    arguments = ["sample", SPEC, "-n", "1000", "-s", "3"]
    said = run(*arguments, "-o", "parts/")
    assert "1,000 agents in 3 parts" in said
    run(*arguments, "-o", "one.parquet")
    assert pq.read_table("parts").equals(pq.read_table("one.parquet"))
    worlds = ["world", "run", "specs/worlds/rumour", "--ticks", "3", "--json", "--population"]
    assert run(*worlds, "main=parts") == run(*worlds, "main=one.parquet")


def test_the_checksums_of_parts_are_told(tiny: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tiny.root)
    monkeypatch.setattr(parquet, "PART", 400)
    Path("empty").mkdir()
    told = json.loads(run("sample", SPEC, "-n", "1000", "-o", "empty", "--quality", "q.html", "--json"))
    assert told["parts"] == {path.name: file_digest(path) for path in Path("empty").iterdir()}
    assert len(told["parts"]) == 3 and told["quality"]["agents"] == 1000


def test_a_folder_with_something_in_it_is_left_alone(tiny: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tiny.root)
    Path("full").mkdir()
    Path("full/mine.txt").touch()
    done = CliRunner().invoke(command, ["sample", SPEC, "-n", "10", "-o", "full"], standalone_mode=False)
    assert isinstance(done.exception, UsageError) and "not empty" in str(done.exception)
    assert [path.name for path in Path("full").iterdir()] == ["mine.txt"]
    done = CliRunner().invoke(
        command, ["sample", SPEC, "-n", "9", "-o", "full/mine.txt/"], standalone_mode=False
    )
    assert isinstance(done.exception, UsageError) and "it is a file" in str(done.exception)
    assert not list(Path().glob(".*.tmp"))


def run(*arguments: str) -> str:
    done = CliRunner().invoke(command, list(arguments), standalone_mode=False)
    assert done.return_value == 0, done.output
    return done.stdout
