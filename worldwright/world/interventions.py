"""What somebody outside does to a world between two ticks.

Takes plain values, gives frozen ones that a request carries and lua/interventions.lua does. Touches nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from worldwright.errors import UsageError
from worldwright.world.program import WorldProgram

LONGEST_NAME = 1000


@dataclass(frozen=True, slots=True)
class SetState:
    """Let an entity remember something else: through its set_state where it has one, else as its `state`."""

    entity: str
    state: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AddEntity:
    """Let an entity be born."""

    entity: str
    kind: str
    """The name of an entity of the world document; in a world of Vivarium, of a script."""
    state: Mapping[str, Any] | None = None
    place: Sequence[float] | None = None
    """Where, in a world with a grid (whole numbers from 1) or a space."""


@dataclass(frozen=True, slots=True)
class RemoveEntity:
    """End an entity."""

    entity: str


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Send a message from outside; the next tick is the earliest it arrives in."""

    to: str
    kind: str
    content: Any = None
    sender: str | None = None
    delay: int = 1


Intervention = SetState | AddEntity | RemoveEntity | SendMessage


def kinds_of(program: WorldProgram) -> list[str]:
    """What can be born in a world, in the order of its numbers."""
    return list(program.scripts) if program.vivarium else [entity.name for entity in program.entities]


def as_job(program: WorldProgram, interventions: Sequence[Intervention]) -> list[dict[str, Any]]:
    """Interventions in the kernel's terms.

    Raises:
        UsageError: for a kind that the world does not have, a name without letters, or a delay before now.
    """
    return [_one(program, one) for one in interventions]


def _one(program: WorldProgram, one: Intervention) -> dict[str, Any]:
    match one:
        case SetState(entity, state):
            return {"act": "state", "id": entity, "state": dict(state)}
        case RemoveEntity(entity):
            return {"act": "remove", "id": entity}
        case AddEntity(entity, kind, state, place):
            kinds = kinds_of(program)
            if kind not in kinds:
                raise UsageError(
                    f"the world {program.name!r} has no kind of entity {kind!r}",
                    help=f"there are {', '.join(kinds) or 'none'}",
                )
            if not 0 < len(entity) <= LONGEST_NAME or "\0" in entity:
                raise UsageError(f"the id of an entity has 1 to {LONGEST_NAME} characters")
            given = None if state is None else dict(state)
            where = None if place is None else list(place)
            return {"act": "add", "id": entity, "kind": kinds.index(kind) + 1, "state": given, "place": where}
        case SendMessage(to, kind, content, sender, delay):
            if delay < 0:
                raise UsageError(f"the delay of a message is 0 or more, not {delay}")
            return {
                "act": "send",
                "id": to,
                "kind": kind,
                "content": content,
                "sender": sender,
                "delay": delay,
            }
