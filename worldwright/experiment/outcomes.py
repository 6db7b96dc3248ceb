"""Outcomes: what a run comes to, one number for each, read from a metric over its ticks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

How = Literal["last", "mean", "max", "min", "rises_to", "falls_to"]
IN_TICKS = ("rises_to", "falls_to")
"""The ways whose outcome is a tick and not a value of the metric."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A number per run: a metric at the last tick, over a window, or the tick at which it gets somewhere."""

    name: str
    metric: str
    how: How = "last"
    window: tuple[int, int] | None = None
    """First and last tick that count; all of them where it is None."""
    level: float | None = None
    """What `rises_to` and `falls_to` wait for."""
    description: str | None = None

    def value(self, ticks: Sequence[int], values: Sequence[float], final_tick: int) -> float | None:
        """What one run comes to.

        Args:
            ticks: The ticks at which the metric was recorded, ascending.
            values: Its values there.
            final_tick: The tick the run ended at.

        Returns:
            None where the run has no such value: nothing was recorded in the window, the level was never
            reached, or what was recorded is not finite.
        """
        first, last = self.window or (0, final_tick)
        found = [(t, v) for t, v in zip(ticks, values, strict=True) if first <= t <= last]
        if not all(math.isfinite(value) for _, value in found):
            return None
        kept = [value for _, value in found]
        match self.how:
            case "last":
                return kept[-1] if found and found[-1][0] == final_tick else None
            case "mean":
                return math.fsum(kept) / len(kept) if kept else None
            case "max":
                return max(kept, default=None)
            case "min":
                return min(kept, default=None)
            case "rises_to" | "falls_to":
                level = self.level or 0.0
                reached = (t for t, v in found if (v >= level if self.how == "rises_to" else v <= level))
                tick = next(reached, None)
                return None if tick is None else float(tick)

    @property
    def in_ticks(self) -> bool:
        """Whether the outcome is a tick, and not a value of the metric in the metric's unit."""
        return self.how in IN_TICKS

    @property
    def words(self) -> str:
        """When or how the metric is read, such as `mean over ticks 301 to 400`."""
        window = f"ticks {self.window[0]} to {self.window[1]}" if self.window else "all ticks"
        match self.how:
            case "last":
                return "at the last tick"
            case "mean":
                return f"mean over {window}"
            case "max" | "min":
                return f"{'largest' if self.how == 'max' else 'smallest'} value over {window}"
            case "rises_to":
                return f"first tick at {self.level:g} or above"
            case "falls_to":
                return f"first tick at {self.level:g} or below"

    def identity(self) -> dict[str, Any]:
        """What it means, as plain data; descriptions do not enter."""
        window = list(self.window) if self.window else None
        return {
            "name": self.name,
            "metric": self.metric,
            "how": self.how,
            "window": window,
            "level": self.level,
        }


def at_the_end(metric: str) -> Outcome:
    """The outcome that every metric has without being named: its value at the last tick."""
    return Outcome(metric, metric)
