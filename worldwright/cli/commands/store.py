"""`worldwright store`."""

from __future__ import annotations

import click

from worldwright.cli.output import FAILED, OK, echo_json, open_project


@click.group("store")
def command() -> None:
    """Look after the results."""


@command.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Give the problems as JSON.")
@click.pass_context
def verify(ctx: click.Context, as_json: bool) -> int:
    """Read every stored file and compare it with its checksum. Exit code 3 when one is damaged."""
    project = open_project(ctx)
    problems = project.store.verify()
    if as_json:
        echo_json({"ok": not problems, "problems": [str(problem) for problem in problems]})
    else:
        for problem in problems:
            click.echo(str(problem))
        click.echo("everything is as it was written" if not problems else f"{len(problems)} problems")
    return FAILED if problems else OK


@command.command("clean")
@click.pass_context
def clean(ctx: click.Context) -> int:
    """Remove what stopped runs left half-written; finished datasets are never touched."""
    removed = open_project(ctx).store.clean_staging()
    click.echo(f"{removed} unfinished folder{'' if removed == 1 else 's'} removed")
    return OK
