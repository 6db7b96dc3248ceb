"""docs/cli.md is what the commands say of themselves, and what it says of completion works."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


@pytest.fixture(scope="module")
def page() -> str:
    """The page as its module writes it; in a process of its own, for click keeps parts of earlier calls."""
    line = [sys.executable, "-m", "worldwright.cli.reference"]
    return subprocess.run(line, capture_output=True, text=True, check=True).stdout


def test_the_page_is_the_one_that_the_commands_write(page: str) -> None:
    again = "write it: python -m worldwright.cli.reference > docs/cli.md"
    assert PAGE.read_text(encoding="utf-8") == page, again


def test_every_command_teaches_by_example(page: str) -> None:
    parts = re.split(r"^#{2,3} (worldwright.*)$", page, flags=re.MULTILINE)[1:]
    helps = dict(zip(parts[::2], parts[1::2], strict=True))
    leaves = [name for name, text in helps.items() if "\nCommands:\n" not in text]
    assert len(leaves) > 30
    assert [name for name in leaves if not re.search(rf"^    {name}\b", helps[name], re.MULTILINE)] == []


@pytest.mark.parametrize(
    ("words", "offered"), [("worldwright sam", "sample"), ("worldwright spec pl", "plan")]
)
def test_completion(words: str, offered: str) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "worldwright")],
        env={
            **os.environ,
            "_WORLDWRIGHT_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(words.count(" ")),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert offered in [line.split(",")[-1] for line in done.stdout.split()]
