"""A world while it runs: what somebody who watches is shown.

Takes what a worker says in between, gives frozen values. Touches nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Progress:
    """How things stand after a tick."""

    tick: int
    entities: int
    """How many live."""
    kinds: Mapping[str, int]
    """How many of each kind live."""
    values: tuple[tuple[int, str, float], ...]
    """(tick, metric, value) since the last time; a metric of a segment is named `adopters[rank=chief]`."""
    errors: int
    """Different errors so far."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Somebody who wants to see a world while it runs."""

    show: Callable[[Progress], None]
    every: float = 0.1
    """Least seconds between two looks; the end is always shown."""
    rate: float | None = None
    """Most ticks a second; None is as fast as it goes."""
    metrics: bool = True
    """Whether to see the metrics' values too."""

    def asked(self) -> dict[str, Any]:
        """What the worker has to know of it."""
        return {"every": self.every, "rate": self.rate, "metrics": self.metrics}


def read_progress(said: Any) -> Progress:
    """What a worker said.

    Raises:
        ValueError: where it is not what a worker says; also KeyError, TypeError and IndexError.
    """
    return Progress(
        tick=int(said["now"]),
        entities=int(said["entities"]),
        kinds={str(name): int(count) for name, count in said["kinds"] or ()},
        values=tuple(
            (
                int(tick),
                f"{name}[{segment}]" if segment else str(name),
                float("nan" if value is None else value),
            )
            for tick, name, segment, value in said["values"] or ()
        ),
        errors=int(said["errors"]),
    )
