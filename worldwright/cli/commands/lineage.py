"""`worldwright lineage`."""

from __future__ import annotations

from typing import Any

import click

from worldwright.cli.output import OK, echo_json, open_project

_SHOWN = 3


@click.command("lineage")
@click.argument("name", metavar="KEY|EXPERIMENT")
@click.option("--json", "as_json", is_flag=True, help="Give the datasets as JSON.")
@click.pass_context
def command(ctx: click.Context, name: str, as_json: bool) -> int:
    """Show what a dataset, or an experiment's report, was made from.

    \b
      worldwright lineage ai-diagnostic-adoption
      worldwright lineage "$(worldwright query 'select run from runs limit 1' --csv | tail -1)"
    """
    from worldwright.project.lineage import lineage

    project = open_project(ctx)
    found = lineage(project, name)
    rows: list[dict[str, Any]] = [
        {
            "key": ancestor.key,
            "stage": ancestor.dataset.stage if ancestor.dataset else "missing",
            "digest": ancestor.dataset.digest if ancestor.dataset else None,
            "depth": ancestor.depth,
            "parents": list(ancestor.dataset.parents) if ancestor.dataset else [],
        }
        for ancestor in found
    ]
    if as_json:
        echo_json(rows)
        return OK
    runs = [row["key"] for row in rows if row["stage"] == "run"]
    for row in rows:
        if row["key"] not in runs[_SHOWN:]:
            click.echo(f"{'  ' * row['depth']}{row['stage']}  {row['key']}  {row['digest'] or ''}".rstrip())
    if len(runs) > _SHOWN:
        click.echo(f"… and {len(runs) - _SHOWN} more runs (--json lists all)")
    return OK
