"""`worldwright reproduce`."""

from __future__ import annotations

import click

from worldwright.cli.output import FAILED, OK, echo_json, open_project


@click.command("reproduce")
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="Give the comparison as JSON.")
@click.pass_context
def command(ctx: click.Context, run: str, as_json: bool) -> int:
    """Run a stored RUN again, in a store of its own, and compare the bytes.

    Exit code 3 when something came out differently; it says which part, and where.

    \b
      worldwright query "select run from runs limit 1"
      worldwright reproduce run:5010bce0a2c9abd65397201cfdb5a5d0
    """
    from worldwright.project.reproduce import reproduce

    found = reproduce(open_project(ctx), run)
    if as_json:
        facts = {"run": found.run, "experiment": found.experiment, "cell": found.cell, "same": found.same}
        facts |= {"replicate": found.replicate, "digest": found.digest, "again": found.again}
        echo_json({**facts, "parts": [{"name": p.name, "difference": p.difference} for p in found.parts]})
    else:
        click.echo(f"{found.experiment}, {found.cell}, replicate {found.replicate}")
        for part in found.parts:
            click.echo(f"  {part.name}: {part.difference or 'the same bytes'}")
        verdict = "reproduced" if found.same else "NOT reproduced"
        click.echo(f"{verdict}: {found.digest} is stored, {found.again} came out")
    return OK if found.same else FAILED
