"""`worldwright report`."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from worldwright.cli.output import OK, echo_json, open_project
from worldwright.errors import UsageError


@click.command("report")
@click.argument("experiment")
@click.option("--out", "-o", type=click.Path(dir_okay=False), help="Copy the page here.")
@click.option("--json", "as_json", is_flag=True, help="Give the path as JSON.")
@click.pass_context
def command(ctx: click.Context, experiment: str, out: str | None, as_json: bool) -> int:
    """Show where an experiment's report is; it is one page that needs nothing else.

    \b
      worldwright report ai-diagnostic-adoption --out adoption.html
    """
    from worldwright.project.answer import answer_of

    project = open_project(ctx)
    page = project.root / answer_of(project, experiment).report
    if out is not None:
        try:
            shutil.copyfile(page, out)
        except OSError as error:
            raise UsageError(f"cannot be written: {error.strerror}", where=out) from None
    shown = out or project.show(Path(page))
    if as_json:
        echo_json({"experiment": experiment, "report": shown})
    else:
        click.echo(shown)
    return OK
