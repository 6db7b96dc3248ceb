"""The order in which attributes are drawn: derived from what they read, ties in file order."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from worldwright.diagnostics import Diagnostic
from worldwright.spec.codes.names import CYCLE
from worldwright.spec.population import Attribute

Edges = Mapping[str, Iterable[str]]
"""For each name, the names that come before it."""


@dataclass(frozen=True, slots=True)
class Order:
    """Names so that all come after what they need, and the cycles that stood in the way."""

    names: tuple[str, ...]
    cycles: tuple[tuple[str, ...], ...]


def ordered(names: Sequence[str], edges: Edges) -> Order:
    """The first name whose needs are met comes next; a cycle is broken at its first name in the file."""
    rank = {name: position for position, name in enumerate(names)}
    needs = {name: {need for need in edges.get(name, ()) if need in rank} for name in names}
    serves: dict[str, list[str]] = {name: [] for name in names}
    for name in names:
        for need in needs[name]:
            serves[need].append(name)
    ready = [rank[name] for name in names if not needs[name]]
    left = dict.fromkeys(names)
    placed: list[str] = []
    cycles: list[tuple[str, ...]] = []
    while left:
        if ready:
            name = names[heapq.heappop(ready)]
            placed.append(name)
            del left[name]
            for other in serves[name]:
                needs[other].discard(name)
                if other in left and not needs[other]:
                    heapq.heappush(ready, rank[other])
        else:
            cycle = _cycle(left, needs, rank)
            cycles.append(cycle)
            follower = cycle[1 % len(cycle)]
            needs[cycle[0]].discard(follower)
            serves[follower].remove(cycle[0])
            if not needs[cycle[0]]:
                heapq.heappush(ready, rank[cycle[0]])
    return Order(tuple(placed), tuple(cycles))


def reversed_edges(edges: Edges) -> dict[str, list[str]]:
    """For each name, the names that come after it."""
    found: dict[str, list[str]] = {}
    for name, needs in edges.items():
        for need in needs:
            found.setdefault(need, []).append(name)
    return found


def reachable(names: Iterable[str], edges: Edges) -> set[str]:
    """Everything that names need, directly or not; one of them only where another needs it."""
    found: set[str] = set()
    open_names = [need for name in names for need in edges.get(name, ())]
    while open_names:
        need = open_names.pop()
        if need not in found:
            found.add(need)
            open_names += edges.get(need, ())
    return found


def cycle_diagnostics(
    cycles: Iterable[tuple[str, ...]], attributes: Mapping[str, Attribute]
) -> list[Diagnostic]:
    """One diagnostic a cycle, with its whole path."""
    found: list[Diagnostic] = []
    for cycle in cycles:
        path = " -> ".join((*cycle, cycle[0]))
        message = (
            f"`{cycle[0]}` needs itself: {path}" if len(cycle) == 1 else f"attributes need each other: {path}"
        )
        related = tuple((attributes[name].span, f"`{name}` is declared here") for name in cycle[1:])
        found.append(CYCLE.at(attributes[cycle[0]].span, message, related=related))
    return found


def _cycle(
    left: Mapping[str, None], needs: Mapping[str, set[str]], rank: Mapping[str, int]
) -> tuple[str, ...]:
    """A cycle among the names left, beginning with its first in file order."""
    path: dict[str, None] = {}
    name = next(iter(left))
    while name not in path:
        path[name] = None
        name = min(needs[name], key=lambda need: rank[need])
    cycle = list(path)[list(path).index(name) :]
    first = cycle.index(min(cycle, key=lambda member: rank[member]))
    return tuple(cycle[first:] + cycle[:first])
