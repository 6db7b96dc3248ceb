"""What two states of worlds differ in: by entity and by field.

Takes two `Snapshot`s, gives changes as plain values. Touches nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from worldwright.world.contents import Contents, EntityState, Message
from worldwright.world.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Change:
    """One difference."""

    what: str
    """world, parameter, script, entity, field or messages."""
    entity: str
    """Whose it is; empty for the world's own."""
    field: str
    """A place such as `state.likes[2]`, or a name."""
    before: Any
    """None where it was not there."""
    after: Any


def differences(one: Snapshot, other: Snapshot) -> list[Change]:
    """Where the second differs from the first: the world's own, then entities by id, then messages."""
    first, second = Contents(one), Contents(other)
    return [
        *_worlds(one, other),
        *_entities(first.entities, second.entities),
        *_messages(first.messages, second.messages),
    ]


def _worlds(one: Snapshot, other: Snapshot) -> Iterator[Change]:
    for name in ("tick", "seed", "replicate", "runtime"):
        if getattr(one, name) != getattr(other, name):
            yield Change("world", "", name, getattr(one, name), getattr(other, name))
    if one.program.name != other.program.name:
        yield Change("world", "", "name", one.program.name, other.program.name)
    for name in sorted({*one.parameters, *other.parameters}):
        before, after = one.parameters.get(name), other.parameters.get(name)
        if before != after:
            yield Change("parameter", "", name, before, after)
    before, after = ({n: s.source for n, s in s.program.scripts.items()} for s in (one, other))
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            yield Change("script", "", name, _lines(before.get(name)), _lines(after.get(name)))


def _lines(source: str | None) -> str | None:
    return None if source is None else f"{len(source.splitlines())} lines"


def _entities(first: tuple[EntityState, ...], second: tuple[EntityState, ...]) -> Iterator[Change]:
    before, after = {e.id: e for e in first}, {e.id: e for e in second}
    for id in sorted({*before, *after}):
        old, new = before.get(id), after.get(id)
        if old is None or new is None:
            yield Change("entity", id, "", old and old.kind, new and new.kind)
            continue
        for name in ("kind", "incarnation"):
            if getattr(old, name) != getattr(new, name):
                yield Change("field", id, name, getattr(old, name), getattr(new, name))
        yield from (
            Change("field", id, path, was, now)
            for path, was, now in _values("state", old.state, new.state, set())
        )
        if old.neighbors != new.neighbors:
            yield Change("field", id, "neighbors", list(old.neighbors), list(new.neighbors))


def _values(path: str, old: Any, new: Any, seen: set[tuple[int, int]]) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(old, dict | list) and isinstance(new, dict | list):
        if (id(old), id(new)) in seen:  # tables that hold themselves
            return
        seen.add((id(old), id(new)))
        before, after = _fields(old), _fields(new)
        for key in [*before, *(key for key in after if key not in before)]:
            place = f"{path}.{key}" if isinstance(key, str) else f"{path}[{key}]"
            yield from _values(place, before.get(key), after.get(key), seen)
    elif not _same(old, new):
        yield path, old, new


def _fields(table: Any) -> dict[Any, Any]:
    return dict(enumerate(table, start=1)) if isinstance(table, list) else table


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, float) and isinstance(new, float) and old != old and new != new:
        return True
    return type(old) is type(new) and old == new


def _messages(first: tuple[Message, ...], second: tuple[Message, ...]) -> Iterator[Change]:
    before, after = Counter(map(_shown, first)), Counter(map(_shown, second))
    for shown, n in (before - after).items():
        yield Change("messages", "", shown, n, after.get(shown, 0) or None)
    for shown, n in (after - before).items():
        yield Change("messages", "", shown, before.get(shown, 0) or None, n)


def _shown(message: Message) -> str:
    return (
        f"{message.kind} from {message.sender} to {message.to}, due {message.due}: {short(message.content)}"
    )


def short(value: Any, width: int = 80) -> str:
    """A value in a line; tables within tables that hold themselves are cut like all long ones."""
    text = "nil" if value is None else _written(value, 0)
    return text if len(text) <= width else text[: width - 1] + "…"


def _written(value: Any, depth: int) -> str:
    if depth > 4:
        return "…"
    if isinstance(value, list):
        return "{" + ", ".join(_written(item, depth + 1) for item in value[:20]) + "}"
    if isinstance(value, dict):
        pairs = list(value.items())[:20]
        return "{" + ", ".join(f"{key} = {_written(item, depth + 1)}" for key, item in pairs) + "}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value) if isinstance(value, str) else str(value)
