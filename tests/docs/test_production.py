"""What the page on production says to write is understood: storage, schedules, commands and variables."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from worldwright.cli.main import command

from .pages import blocks

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "production.md"


def test_the_storage_is_one_that_dagster_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dagster_postgres")
    from dagster._config import process_config  # pyright: ignore[reportPrivateImportUsage]
    from dagster_postgres import DagsterPostgresStorage  # pyright: ignore[reportMissingImports]

    (given,) = [yaml.safe_load(text) for _, file, text in blocks(PAGE) if file == "storage.yaml"]
    monkeypatch.setenv("DAGSTER_PG_USER", "someone")
    monkeypatch.setenv("DAGSTER_PG_PASSWORD", "secret")
    found = process_config(DagsterPostgresStorage.config_type(), given["storage"]["postgres"])
    assert found.success, found.errors


def test_it_takes_the_place_of_a_line_of_ours() -> None:
    assert "storage: {sqlite: {base_dir: .dagster/storage}}" in (ROOT / "dagster.yaml").read_text()


def test_the_schedule_is_one_that_an_experiment_takes(tmp_path: Path) -> None:
    import shutil

    from worldwright import check

    (line,) = [text for _, file, text in blocks(PAGE) if file == "scheduled.yaml"]
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    experiment = tmp_path / "specs" / "experiments" / "predator-prey.yaml"
    text = re.sub(r"^schedule:.*\n", "", experiment.read_text(), flags=re.MULTILINE)
    experiment.write_text(text + line)
    assert not check(experiment).errors


def test_its_commands_and_variables_exist() -> None:
    shown = "\n".join(text for kind, _, text in blocks(PAGE) if kind == "text")
    lines = re.findall(r"\bworldwright [^&\n]+", shown)
    assert len(lines) >= 3
    for line in lines:
        words = shlex.split(line)[1:]
        nouns = words[: next((k for k, word in enumerate(words) if word.startswith("-")), len(words))]
        names = nouns[:2] if nouns[0] in ("store", "world") else nouns[:1]
        told = CliRunner().invoke(command, [*names, "--help"]).output
        assert all(option in told for option in words if option.startswith("--")), line
    source = "\n".join(path.read_text() for path in (ROOT / "pipelines").glob("*.py"))
    source += "\n".join(path.read_text() for path in (ROOT / "assets").glob("*.py"))
    for variable in re.findall(r"WORLDWRIGHT_RAY", PAGE.read_text()):
        assert variable in source
