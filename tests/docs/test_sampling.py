"""The commands of docs/sampling.md work, one after another, in a copy of the project's documents."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from worldwright.cli.main import command

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "sampling.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.replace("\\\n", " ").splitlines() if line.strip()]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sampling")
    shutil.copytree(ROOT / "specs", folder / "specs")
    return folder


def test_there_are_commands_and_all_are_ours() -> None:
    assert len(COMMANDS) >= 3
    assert all(line.startswith("worldwright ") for line in COMMANDS)


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_works(line: str, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    done = CliRunner().invoke(command, shlex.split(line)[1:], standalone_mode=False)
    assert done.exception is None and not done.return_value, (line, done.output, done.exception)
    assert done.output.strip()
