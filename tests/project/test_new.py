"""New projects: every template checks, runs and answers, and has the same Dagster project."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from tests.docs.pages import blocks
from worldwright import check, run
from worldwright.cli.commands.new import command
from worldwright.errors import UsageError
from worldwright.project.new import TEMPLATES, new_project

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("template", [name for name in TEMPLATES if name != "all"])
def test_a_template_runs(template: str, tmp_path: Path) -> None:
    folder = tmp_path / "my-town"
    assert {"specs", "assets", "pipelines", "dagster.yaml", ".gitignore"} <= set(
        new_project(folder, template)
    )
    first = TEMPLATES[template]
    assert f"worldwright run {first}" in (folder / "README.md").read_text()
    assert "PROJECT" not in (folder / "pyproject.toml").read_text()
    documents = [*folder.glob("specs/*/*.yaml"), *folder.glob("specs/worlds/*")]
    assert len(documents) >= 2 and not check(*documents)
    for path in folder.glob("specs/experiments/*.yaml"):  # in small: the whole is run by the tutorial's test
        text = path.read_text()
        path.write_text(
            text.replace("agents: 1000", "agents: 50")
            .replace("ticks: 400", "ticks: 5")
            .replace("mean: [301, 400]", "mean: [2, 5]")
            .replace("replicates: 20", "replicates: 2")
        )
    found = run(first, project=folder, workers=1)
    assert found.answer.num_rows and found.failed == 0


def test_the_experiment_is_that_of_the_tutorial(tmp_path: Path) -> None:
    new_project(tmp_path / "town", "experiment")
    shown = {file: text for _, file, text in blocks(DOCS / "tutorial.md") if file}
    written = {
        str(path.relative_to(tmp_path / "town")): path.read_text()
        for path in (tmp_path / "town" / "specs").rglob("*")
        if path.is_file()
    }
    assert written == shown


def test_the_command_offers_every_template() -> None:
    (option,) = [p for p in command.params if p.name == "template"]
    assert isinstance(option.type, click.Choice) and set(option.type.choices) == set(TEMPLATES)


def test_an_unknown_template_lists_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no template"):
        new_project(tmp_path / "town", "everything")
    assert not (tmp_path / "town").exists()
