"""`worldwright sample` with workers, as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from worldwright.cli.main import command
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
