"""`worldwright query`."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import click

from worldwright.cli.output import OK, echo_json, echo_rows, open_project

if TYPE_CHECKING:
    import pyarrow as pa


@click.command("query")
@click.argument("sql", required=False)
@click.option("--json", "as_json", is_flag=True, help="Give the rows as JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="Give the rows as CSV.")
@click.pass_context
def command(ctx: click.Context, sql: str | None, as_json: bool, as_csv: bool) -> int:
    """Ask the results a question in SQL (DuckDB, read-only); without SQL, list the tables.

    \b
      worldwright query
      worldwright query "select label, mean, low, high from metric_summary where metric = 'adopters'" --csv
    """
    from worldwright.project.query import list_tables, run_query

    project = open_project(ctx)
    if sql is None:
        tables = list_tables(project)
        if as_json:
            echo_json(tables)
        else:
            echo_rows(
                ["table", "columns", "what it holds"],
                [
                    [
                        t["table"],
                        ", ".join(c["name"] for c in t["columns"]),
                        (t["comment"] or "").split("\n")[0],
                    ]
                    for t in tables
                ],
            )
        return OK
    table = run_query(project, sql)
    if as_json:
        echo_json(table.to_pylist())
    elif as_csv:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(table.column_names)
        writer.writerows(_rows(table))
        click.echo(text.getvalue(), nl=False)
    else:
        echo_rows(table.column_names, _rows(table))
    return OK


def _rows(table: pa.Table) -> list[tuple[Any, ...]]:
    """Row by row; not by name, since a query may give two columns the same one."""
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))
