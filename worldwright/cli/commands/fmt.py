"""`worldwright fmt`."""

from __future__ import annotations

from pathlib import Path

import click

from worldwright.cli.output import DIAGNOSTICS, OK, echo_diagnostics, echo_json
from worldwright.render import to_json


@click.command("fmt")
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 where a document would change.")
@click.option("--upgrade", is_flag=True, help="Also bring documents to the newest version of the language.")
@click.option("--json", "as_json", is_flag=True, help="Give the result as JSON.")
def command(files: tuple[str, ...], check: bool, upgrade: bool, as_json: bool) -> int:
    """Write documents in the canonical form: populations, scenarios, worlds and experiments.

    What they say does not change, and every comment and blank line is kept. Exit code 1 where a document
    cannot be read and, with --check, where one is not in canonical form.

    \b
      worldwright fmt specs/populations/german-surgeons.yaml
      worldwright fmt specs/*/*.yaml --check
    """
    from worldwright.cli.changes import echo_changes
    from worldwright.project.fmt import format_files

    done = format_files([Path(file) for file in files], write=not check, upgrade=upgrade)
    failed = bool(done.diagnostics or done.refused or (check and done.changed))
    if as_json:
        echo_json(
            {
                "ok": not failed,
                "changed": done.changed,
                "diagnostics": to_json(done.diagnostics),
                "refused": [{"file": error.where, "message": error.what} for error in done.refused],
            }
        )
        return DIAGNOSTICS if failed else OK
    echo_diagnostics(done.diagnostics, done.before)
    for error in done.refused:
        click.echo(f"error: {error}")
    for file in done.changed:
        if check:
            echo_changes(file, done.before[file], done.after[file])
        click.echo(f"{file}: {'would be' if check else 'is'} written anew")
    as_they_are = len(done.after) - len(done.changed)
    if as_they_are:
        click.echo(f"{as_they_are} in canonical form already")
    return DIAGNOSTICS if failed else OK
