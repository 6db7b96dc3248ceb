"""Look at worlds: entities, states, metrics, and what two of them differ in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from worldwright.errors import UsageError
from worldwright.project.worlds.home import Worlds
from worldwright.project.worlds.registry import Held, Series
from worldwright.spec.suggestions import nearest
from worldwright.world.contents import EntityState
from worldwright.world.interventions import kinds_of
from worldwright.world.snapshot import ARRAYS
from worldwright.world.state_diff import Change, differences, short
from worldwright.world.vivarium_export import plain

__all__ = ["MetricStats", "compare", "entity", "kinds", "metric", "metric_names", "short", "state_of"]


@dataclass(frozen=True)
class MetricStats:
    """One metric over time."""

    name: str
    total: float
    average: float
    min: float
    max: float
    count: int
    values_over_time: Series


def entity(worlds: Worlds, name: str, id: str) -> dict[str, Any]:
    """What an entity remembers.

    Raises:
        UsageError: for a world or entity that is not there.
    """
    held = worlds.registry.read(name)
    found = next((one for one in held.contents.entities if one.id == id), None)
    if found is None:
        near = nearest(id, (one.id for one in held.contents.entities))
        raise UsageError(
            f"Entity with ID '{id[:200]}' not found",
            where=name,
            help=f"did you mean {near!r}?" if near else None,
        )
    return state_of(held, found)


def state_of(held: Held, one: EntityState) -> dict[str, Any]:
    """A state as JSON.

    Raises:
        UsageError: for one that is no table of names and values, or nested too deeply.
    """
    exact = held.snapshot.runtime == "lua54"
    state = plain({} if one.state is None else one.state, exact=exact, what=f"the state of {one.id!r}")
    if not isinstance(state, dict):
        raise UsageError(f"the state of {one.id!r} is no table of names and values")
    return state


def metric_names(worlds: Worlds, name: str) -> list[str]:
    """The metrics of a world, in the order they were first recorded."""
    return list(worlds.registry.read(name).metrics)


def metric(worlds: Worlds, name: str, metric: str) -> MetricStats:
    """One metric of a world.

    Raises:
        UsageError: for a world or metric that is not there.
    """
    found = worlds.registry.read(name).metrics
    points = found.get(metric)
    if points is None:
        raise UsageError(
            f"Metric '{metric[:200]}' not found in world '{name}'",
            help=f"there are {', '.join(list(found)[:40])}" if found else "none has been recorded yet",
        )
    values = [value for _, value in points if not math.isnan(value)] or [math.nan]
    total = math.fsum(values) if all(map(math.isfinite, values)) else sum(values)
    return MetricStats(metric, total, total / len(points), min(values), max(values), len(points), points)


def kinds(held: Held) -> dict[str, int]:
    """How many of each kind live; counted without opening the states."""
    snapshot = held.snapshot
    numbers = np.frombuffer(snapshot.arrays["entity_kind"], dtype=ARRAYS["entity_kind"][0])
    counts = np.bincount(numbers, minlength=1).tolist()
    names = kinds_of(snapshot.program)
    return {name: n for name, n in zip(names, counts[1:], strict=False) if n}


def compare(worlds: Worlds, one: str, other: str) -> list[Change]:
    """What the second differs in from the first."""
    return differences(worlds.registry.read(one).snapshot, worlds.registry.read(other).snapshot)
