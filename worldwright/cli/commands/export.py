"""`worldwright export`."""

from __future__ import annotations

from pathlib import Path

import click

from worldwright.cli.output import OK, echo_json, open_project


@click.command("export")
@click.argument("experiment")
@click.option("--out", "-o", type=click.Path(dir_okay=False), required=True, help="The DuckDB file to write.")
@click.option("--json", "as_json", is_flag=True, help="Give the result as JSON.")
@click.pass_context
def command(ctx: click.Context, experiment: str, out: str, as_json: bool) -> int:
    """Write an experiment's results into one DuckDB file that needs nothing else.

    Its tables have the names they have in the catalog; any DuckDB from 1.0 on reads it.

    \b
      worldwright export ai-diagnostic-adoption --out adoption-results.duckdb
    """
    from worldwright.project.export import export_experiment

    done = export_experiment(open_project(ctx), experiment, Path(out))
    if as_json:
        facts = {"experiment": experiment, "version": done.version, "file": out, "bytes": done.bytes}
        echo_json({**facts, "rows": done.rows})
    else:
        rows = sum(done.rows.values())
        told = f"{rows:,} rows in {len(done.rows)} tables, {done.bytes:,} bytes"
        click.echo(f"{out}: version {done.version}, {told}")
    return OK
