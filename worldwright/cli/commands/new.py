"""`worldwright new`."""

from __future__ import annotations

from pathlib import Path

import click

from worldwright.cli.output import OK, echo_json


@click.command("new")
@click.argument("folder", type=click.Path())
@click.option(
    "--template",
    "-t",
    type=click.Choice(["all", "population", "world", "experiment"]),
    default="all",
    show_default=True,
    help="What to begin with: everything that is shipped, a population and a census of it, a world without "
    "a population, or the experiment of the tutorial.",
)
@click.option("--json", "as_json", is_flag=True, help="Give what was written as JSON.")
def command(folder: str, template: str, as_json: bool) -> int:
    """Make a new project in FOLDER: documents to edit, and a Dagster project over them.

    \b
      worldwright new my-question
      cd my-question && worldwright run adoption-quick
      worldwright new my-town --template experiment
    """
    from worldwright.project.new import TEMPLATES, new_project

    written = new_project(Path(folder), template)
    if as_json:
        echo_json({"folder": folder, "written": written, "experiment": TEMPLATES[template]})
        return OK
    click.echo(f"{folder}: {', '.join(written)}")
    click.echo(f"Next:  cd {folder} && worldwright run {TEMPLATES[template]}")
    return OK
