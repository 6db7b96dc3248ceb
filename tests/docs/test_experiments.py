"""The page on experiments: its documents are checked, its commands run in order in one project."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .pages import commands, worldwright, write_documents

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "experiments.md"


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What every command of the page prints."""
    folder = tmp_path_factory.mktemp("experiments")
    shutil.copytree(ROOT / "specs", folder / "specs")
    write_documents(PAGE, folder)
    return {command: worldwright(folder, command.removeprefix("worldwright ")) for command in commands(PAGE)}


def test_the_commands_are_ours() -> None:
    assert commands(PAGE)
    assert all(command.startswith("worldwright ") for command in commands(PAGE))


def test_every_command_prints_something(said: dict[str, str]) -> None:
    assert all(output.strip() for output in said.values())


def test_the_answer_is_the_first_outcome(said: dict[str, str]) -> None:
    assert "settled: predators, mean over ticks 41 to 60" in said["worldwright run settling"]


def test_the_export_is_written_and_read(said: dict[str, str]) -> None:
    assert "tables" in said["worldwright export settling --out settling-results.duckdb"]
