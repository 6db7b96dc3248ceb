"""What is in a snapshot, as plain Python values: entities with their states, messages under way, metrics.

Takes a `Snapshot`, gives frozen values. Reads the streams that lua/values.lua writes; touches nothing.

A Lua table is a list where its keys are 1, 2, …, n, else a dictionary; an empty one is a dictionary. A table
that appears twice is one object twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from worldwright.world.snapshot import ARRAYS, Snapshot

_NIL, _FALSE, _TRUE, _NUMBER, _INTEGER, _LONG, _TEXT, _TABLE, _AGAIN, _KIND = range(10)


@dataclass(frozen=True, slots=True)
class EntityState:
    """One living entity."""

    id: str
    kind: str
    incarnation: int
    """How many of this id lived before it."""
    born: int
    """The tick it was born in."""
    state: Any
    """What it remembers: its `state`, or what its get_state gives."""
    neighbors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """One message under way."""

    sender: str
    to: str
    kind: str
    content: Any
    due: int
    """The tick it arrives in."""


class Contents:
    """A snapshot opened.

    Args:
        snapshot: What to read.

    Raises:
        ValueError: where the streams do not fit themselves.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._numbers: dict[str, Any] = {
            name: np.frombuffer(snapshot.arrays[name], dtype=kind).tolist()
            for name, (kind, _) in ARRAYS.items()
            if name not in ("texts",)
        }
        program = snapshot.program
        self.kinds = list(program.scripts) if program.vivarium else [e.name for e in program.entities]
        self._texts = list(self._cut())
        try:
            self._read()
        except (IndexError, KeyError, RecursionError, TypeError) as problem:
            raise ValueError(f"the snapshot does not fit itself ({type(problem).__name__})") from None

    def _cut(self) -> Iterator[str]:
        content, start = self.snapshot.arrays["texts"], 0
        for size in self._numbers["lengths"]:
            yield content[start : start + size].decode("utf-8", "surrogateescape")
            start += size

    def _read(self) -> None:
        numbers = self._numbers
        stream = _Stream(numbers, self._texts, self.kinds)
        states = [(stream.next(), stream.next()) for _ in numbers["entity_id"]]
        ids = [self._texts[number] for number in numbers["entity_id"]]
        at = 0
        entities: list[EntityState] = []
        for i, (memory, own) in enumerate(states):
            degree = numbers["degree"][i]
            linked = numbers["neighbor"][at : at + degree]
            at += degree
            entities.append(
                EntityState(
                    id=ids[i],
                    kind=self.kinds[numbers["entity_kind"][i] - 1],
                    incarnation=numbers["incarnation"][i],
                    born=int(numbers["born_at"][i]),
                    state=memory if own is None else own,
                    neighbors=tuple(ids[other - 1] for other in linked if other),
                )
            )
        self.entities = tuple(entities)
        self.messages = tuple(
            Message(
                sender="" if sender < 0 else self._texts[sender],
                to=self._texts[to],
                kind=self._texts[kind],
                content=stream.next(),
                due=int(due),
            )
            for sender, to, kind, due in zip(
                numbers["message_from"],
                numbers["message_to"],
                numbers["message_kind"],
                numbers["message_due"],
                strict=True,
            )
        )
        self.kernel: dict[str, Any] = stream.next()
        """What the kernel keeps besides: counts, errors, printed lines, and its parts' own memory."""

    @cached_property
    def metrics(self) -> dict[str, list[tuple[int, float]]]:
        """The metrics so far by name; a metric of a segment is named `adopters[rank=chief]`."""
        names, segments = _items(self.kernel["metric_names"]), _items(self.kernel["segments"])
        found: dict[str, list[tuple[int, float]]] = {
            name: list(points) for name, points in self.snapshot.program.history.items()
        }
        numbers = self._numbers
        for tick, name, segment, value in zip(
            numbers["metric_tick"],
            numbers["metric_name"],
            numbers["metric_segment"],
            numbers["metric_value"],
            strict=True,
        ):
            label = f"{names[name - 1]}[{segments[segment - 1]}]" if segment > 1 else names[name - 1]
            found.setdefault(label, []).append((int(tick), value))
        return found


def _items(table: Any) -> list[Any]:
    return table if isinstance(table, list) else []


class _Stream:
    """Values one after another."""

    def __init__(self, numbers: dict[str, Any], texts: list[str], kinds: list[str]) -> None:
        self._tags, self._doubles, self._words = numbers["tags"], numbers["numbers"], numbers["words"]
        self._texts, self._kinds = texts, kinds
        self._tables: list[Any] = []
        self._t, self._n, self._x = numbers["starts"]
        self._shapes: list[list[Any]] = [[self.next() for _ in range(size)] for size in numbers["shapes"]]
        self._t = self._n = self._x = 0

    def next(self) -> Any:
        """The next value; None is nil."""
        tag = self._tags[self._t]
        self._t += 1
        match tag:
            case 3:
                self._n += 1
                return self._doubles[self._n - 1]
            case 4:
                self._n += 1
                return int(self._doubles[self._n - 1])
            case 6:
                return self._texts[self._word()]
            case 7:
                return self._table()
            case 1 | 2:
                return tag == _TRUE
            case 8:
                return self._tables[self._word()]
            case 5:
                return int(self._texts[self._word()])
            case 9:
                return self._kinds[self._word() - 1]
            case _:
                return None

    def _word(self) -> int:
        self._x += 1
        return self._words[self._x - 1]

    def _table(self) -> Any:
        size, shape = self._word(), self._shapes[self._word()]
        place = len(self._tables)
        if size > 0 and not shape:
            items: list[Any] = []
            self._tables.append(items)
            items.extend(self.next() for _ in range(size))
            return items
        fields: dict[Any, Any] = {}
        self._tables.append(fields)
        for i in range(1, abs(size) + 1):
            value = self.next()
            if value is not None:
                fields[i] = value
        for key in shape:
            fields[_key(key)] = self.next()
        assert self._tables[place] is fields
        return fields


def _key(key: Any) -> Any:
    """True and 1 are one key of a dictionary in Python and two in Lua."""
    if isinstance(key, bool):
        return "true" if key else "false"
    return int(key) if isinstance(key, float) and key.is_integer() else key
