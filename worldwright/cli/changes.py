"""What a command did to a document, as a person reads it: removed and added lines."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

import click

_COLOURS = {"-": "red", "+": "green", "@": "cyan"}


def echo_changes(file: str, before: str, after: str) -> None:
    """Print the difference of two texts, a line of context around each change."""
    for line in changes(file, before, after):
        click.secho(line, fg=_COLOURS.get(line[:1]), bold=line.startswith(("---", "+++")))


def changes(file: str, before: str, after: str) -> Iterator[str]:
    """The difference of two texts in the unified form."""
    old, new = before.splitlines(), after.splitlines()
    return difflib.unified_diff(old, new, f"{file} (before)", f"{file} (after)", n=1, lineterm="")
