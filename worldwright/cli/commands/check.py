"""`worldwright check`."""

from __future__ import annotations

from pathlib import Path

import click

from worldwright.cli.output import DIAGNOSTICS, OK, echo_diagnostics, echo_json
from worldwright.render import count, to_json


@click.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Give the diagnostics as JSON.")
@click.pass_context
def command(ctx: click.Context, files: tuple[str, ...], as_json: bool) -> int:
    """Check documents: populations, scenarios, worlds (a folder or its world.yaml) and experiments.

    All problems of all files are shown at once. Exit code 0 when there are no errors, 1 when there are.

    \b
      worldwright check specs/populations/german-surgeons.yaml
      worldwright check specs/experiments/*.yaml --json
    """
    from worldwright.project.check import check_files

    checked = check_files([Path(file) for file in files])
    failed = any(d.is_error for d in checked.diagnostics)
    if as_json:
        echo_json(
            {"ok": not failed, "files": sorted(checked.checked), "diagnostics": to_json(checked.diagnostics)}
        )
    else:
        echo_diagnostics(checked.diagnostics, checked.texts)
        if not checked.diagnostics:
            number = len(checked.checked)
            click.echo(f"{number} document{'' if number == 1 else 's'} checked: {count([])}")
    return DIAGNOSTICS if failed else OK
