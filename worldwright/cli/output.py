"""How the command line speaks: text for people, JSON for programs, errors with a way out."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from worldwright.cli.stopping import Stopped
from worldwright.diagnostics import Diagnostic, DocumentError
from worldwright.errors import UsageError, WorldwrightError
from worldwright.render import render_text

if TYPE_CHECKING:
    from rich.console import Console

    from worldwright.project.locate import Project

OK, DIAGNOSTICS, USAGE, FAILED = 0, 1, 2, 3
EXIT_CODES = (
    "0 fine, 1 a document has errors, 2 wrong usage, 3 something failed while running, "
    "130 stopped (143 by SIGTERM)"
)


def open_project(ctx: click.Context) -> Project:
    """The project the command was called in."""
    from worldwright.project.locate import find_project, system_clock

    data, address = ctx.obj["data"], ctx.obj["mirror"]
    mirror = None
    if address:
        from worldwright.store import Mirror

        mirror = Mirror(address, ctx.obj["endpoint"])
    return find_project(Path(ctx.obj["folder"]), Path(data) if data else None, system_clock, mirror)


def console(*, err: bool = False) -> Console:
    """A terminal; plain where output is piped, without colour where NO_COLOR is set."""
    from rich.console import Console

    stream = sys.stderr if err else sys.stdout
    width = None if stream.isatty() else int(os.environ.get("COLUMNS", "100"))
    return Console(stderr=err, highlight=False, markup=False, emoji=False, soft_wrap=True, width=width)


def echo_json(value: Any) -> None:
    """Print plain data as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def echo_diagnostics(
    diagnostics: Iterable[Diagnostic], files: Mapping[str, str], *, err: bool = False
) -> None:
    """Print diagnostics with their lines."""
    stream = sys.stderr if err else sys.stdout
    columns = shutil.get_terminal_size().columns if stream.isatty() else None
    text = render_text(diagnostics, files.get, columns)
    if text:
        click.echo(text, err=err)


def echo_rows(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str | None = None) -> None:
    """Print a table."""
    from rich import box
    from rich.table import Table

    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    numeric = [True] * len(columns)
    cells = [list(row) for row in rows]
    for row in cells:
        for index, value in enumerate(row):
            numeric[index] = numeric[index] and isinstance(value, (int, float, type(None)))
    for index, column in enumerate(columns):
        number = numeric[index] and bool(cells)  # a number that is broken over two lines is read as another
        table.add_column(column, justify="right" if number else "left", overflow="fold", no_wrap=number)
    for row in cells:
        table.add_row(*(_cell(value) for value in row))
    console().print(table)


def fail(error: BaseException) -> int:
    """Say what went wrong on standard error and give the exit code for it."""
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.Abort | KeyboardInterrupt):  # click turns the second into the first
        click.echo(
            "stopped; nothing is left half made, and what an experiment had finished is kept", err=True
        )
        cause = error if isinstance(error, Stopped) else error.__cause__ or error.__context__
        return 128 + (cause.number if isinstance(cause, Stopped) else 2)
    if isinstance(error, click.ClickException):
        error.show()
        return USAGE
    if isinstance(error, DocumentError):
        echo_diagnostics(error.diagnostics, _Files(), err=True)
        return DIAGNOSTICS
    if isinstance(error, WorldwrightError):
        click.echo(f"error: {error}", err=True)
        return USAGE if isinstance(error, UsageError) else FAILED
    if isinstance(error, BrokenPipeError):
        # The reader, such as `head`, has had enough; Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    import traceback

    click.echo("".join(traceback.format_exception(error)), err=True)
    click.echo(
        "error: this is a defect in Worldwright, not in your documents; please report the text above",
        err=True,
    )
    return FAILED


class _Files(dict[str, str]):
    """Texts of files by name, read when asked for."""

    def get(self, key: str, default: Any = None) -> Any:
        try:
            return Path(key).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return default


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)
