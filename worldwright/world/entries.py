"""One row of the table of what scripts can call; the rows themselves are in the `api_*` modules.

Takes and touches nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

SETTINGS = ("plain", "event", "grid", "space")
"""The small worlds that the examples run in; `reference` describes them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A function or value of `self` or `world`."""

    name: str
    takes: str | None
    """Names of its values in order, `?` after those that may be left out; None for what is no function."""
    text: str
    """What it does, what it gives, and what it refuses."""
    example: str
    """Lua for the body of `update` that shows it and would fail if it did something else."""
    setting: str = "plain"
    solid: str | None = None
    """What it takes in three dimensions, where that is something else."""

    @property
    def signature(self) -> str:
        """As it is written in a script."""
        return self.name if self.takes is None else f"{self.name}({self.takes})"

    @property
    def owner(self) -> str:
        """The table it is in, such as `world.grid`."""
        return self.name.rpartition(".")[0]

    @property
    def field(self) -> str:
        """Its name in that table."""
        return self.name.rpartition(".")[2]
