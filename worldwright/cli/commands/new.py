"""`worldwright new`."""

from __future__ import annotations

from pathlib import Path

import click

from worldwright.cli.output import OK


@click.command("new")
@click.argument("folder", type=click.Path())
def command(folder: str) -> int:
    """Make a new project in FOLDER: documents to edit, and a Dagster project over them.

    \b
      worldwright new my-question
      cd my-question && worldwright run adoption-quick
    """
    from worldwright.project.new import new_project

    written = new_project(Path(folder))
    click.echo(f"{folder}: {', '.join(written)}")
    click.echo(f"Next:  cd {folder} && worldwright run adoption-quick")
    return OK
