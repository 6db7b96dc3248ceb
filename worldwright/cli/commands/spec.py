"""`worldwright spec`: operations on specs, each pure, each a verb."""

from __future__ import annotations

import click


@click.group("spec")
def command() -> None:
    """Work on specs as on code: see them before an agent exists, compare them, change them."""
