"""Differences of specs as text: one change a line, removals red, additions green."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from worldwright.spec.diff import Added, Change, Removed, Replaced, enters_the_digest

if TYPE_CHECKING:
    from worldwright.project.spec_tools import SpecDiff

_WIDEST = 90


def echo_spec_diff(done: SpecDiff) -> None:
    """Print what changed, and what is drawn otherwise because of it."""
    if not done.changes:
        click.echo(f"{done.old} and {done.new} mean the same")
        return
    click.echo(f"from {done.old} to {done.new}")
    for change in done.changes:
        echo_change(change)
    if done.changed:
        click.echo(f"changed: {', '.join(done.changed)}")
    if done.affected:
        click.echo(f"drawn otherwise because of it: {', '.join(done.affected)}")
    if not any(enters_the_digest(change) for change in done.changes):
        click.echo("no drawn value changes")


def change_json(change: Change) -> dict[str, Any]:
    """A change as plain data."""
    kind = type(change).__name__.lower()
    old, new = getattr(change, "old", None), getattr(change, "new", None)
    return {
        "kind": kind,
        "path": list(change.path),
        "old": old,
        "new": new,
        "draws": enters_the_digest(change),
    }


def echo_change(change: Change, indent: str = "") -> None:
    """Print a change: removals red, additions green."""
    place = ".".join(str(part) for part in change.path)
    match change:
        case Added(_, new):
            click.secho(f"{indent}+ {place}: {_shown(new)}", fg="green")
        case Removed(_, old):
            click.secho(f"{indent}- {place}: {_shown(old)}", fg="red")
        case Replaced(_, old, new):
            arrow = f"{click.style(_shown(old), fg='red')} → {click.style(_shown(new), fg='green')}"
            click.echo(f"{indent}~ {place}: {arrow}")
        case _:
            click.secho(f"{indent}~ {place}: the order is now {', '.join(change.new)}", fg="yellow")


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
