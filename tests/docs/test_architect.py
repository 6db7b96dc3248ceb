"""What the page on the architect says to write is read, and its options and figures are the code's."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from worldwright.architect import REPAIRS, Budget
from worldwright.architect.dry_run import AGENTS, TICKS
from worldwright.cli.commands.author import command
from worldwright.project.locate import Project
from worldwright.project.model import model_settings

from .pages import commands, write_documents

PAGE = Path(__file__).parents[2] / "docs" / "architect.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_its_model_file_is_read_and_its_budget_is_the_default_one(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    write_documents(PAGE, tmp_path)
    settings, budget = model_settings(Project(tmp_path, tmp_path / "data"), {})
    assert settings is not None and settings.prices is not None
    assert (settings.model, settings.wire, settings.prices.output) == ("gpt-large", "responses", 8)
    assert (budget.calls, budget.tokens, budget.money) == (Budget().calls, Budget().tokens, 3)
    plain = type(settings)(model="gpt-large")
    for name in ("timeout", "answer_tokens", "search_tokens", "searches", "concurrent"):
        assert getattr(settings, name) == getattr(plain, name), name


def test_its_commands_have_only_options_there_are() -> None:
    for line in commands(PAGE):
        words = shlex.split(line, comments=True)
        assert words[:2] == ["worldwright", "author"]
        parsed = command.make_context("author", words[2:])
        assert parsed.params["document"] == words[2]


def test_every_option_is_explained() -> None:
    options = {name for parameter in command.params for name in parameter.opts if name.startswith("--")}
    assert {name for name in options if name not in TEXT} <= {"--json", "--ours"}


def test_its_figures_are_those_of_the_code() -> None:
    assert REPAIRS == 3 and "for three rounds" in TEXT
    assert re.search(rf"on {AGENTS} agents for {TICKS} ticks", TEXT)
