"""The commands of the pages work, one after another, in a copy of the project's documents."""

from __future__ import annotations

import shlex
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from worldwright.cli.main import command

from .pages import commands

ROOT = Path(__file__).parents[2]
PAGES = {"sampling": 3, "spec-tools": 5, "store": 7}
"""Each page with the least number of commands that it shows."""


@pytest.mark.parametrize(("page", "least"), PAGES.items(), ids=PAGES)
def test_the_commands_of_a_page_work(
    page: str, least: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    monkeypatch.chdir(tmp_path)
    lines = commands(ROOT / "docs" / f"{page}.md")
    assert len(lines) >= least
    for line in lines:
        if "file://" in line and find_spec("obstore") is None:
            pytest.skip("obstore is not installed: pip install 'worldwright[s3]'")
        ours, *arguments = shlex.split(line.replace("$PWD", str(tmp_path)))
        assert ours == "worldwright", line
        done = CliRunner().invoke(command, arguments, standalone_mode=False)
        assert done.exception is None and not done.return_value, (line, done.output, done.exception)
        assert done.output.strip(), line
