"""Our own tools on living worlds: start one from a document, add and remove entities, send, compare."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from worldwright.mcp_server.doors import Door, Visit
from worldwright.mcp_server.pages import Cursor, Paged, cut, fitting, start_of
from worldwright.project.worlds import looking, making
from worldwright.project.worlds.registry import Held
from worldwright.render import render_text
from worldwright.world.interventions import AddEntity, RemoveEntity, SendMessage

MOST_ACTS = 10_000


class Standing(BaseModel):
    """How a world stands."""

    simulation_time: int
    entities: dict[str, int]
    pending_messages: int
    notes: str | None = None


class NewEntity(BaseModel):
    """An entity to be born."""

    id: str
    kind: str
    state: dict[str, Any] | None = None
    place: list[float] | None = None


class Differences(Paged):
    """What the second world differs in from the first."""

    total: int
    counts: dict[str, int]
    changes: list[dict[str, Any]]


def start_world(
    visit: Visit,
    name: str,
    document: Annotated[str, Field(description="a world document: its name or path")],
    parameters: dict[str, Any] = {},  # noqa: B006
    populations: Annotated[
        dict[str, str], Field(description="the spec of each population of the world")
    ] = {},  # noqa: B006
    agents: Annotated[int | None, Field(ge=1)] = None,
    seed: Annotated[int, Field(ge=0)] = 0,
) -> Standing:
    """Start a world from a document of the project, to advance and look at as any other."""
    held, found, texts = making.start(
        visit.worlds,
        name,
        document,
        seed=seed,
        parameters=parameters,
        populations=populations,
        agents=agents,
        call=visit.call,
    )
    return _standing(held, cut(render_text(found, texts.get))[0] or None)


def add_entities(
    visit: Visit,
    world_name: str,
    entities: Annotated[
        list[NewEntity],
        Field(
            min_length=1,
            max_length=MOST_ACTS,
            description="kind: a script id, or an entity of the world document; place: x, y in its space",
        ),
    ],
) -> Standing:
    """Add entities to a world between two steps: all of them or, if one cannot be, none."""
    acts = tuple(AddEntity(one.id, one.kind, one.state, one.place) for one in entities)
    return _standing(visit.worlds.change(world_name, acts, visit.call))


def remove_entities(
    visit: Visit,
    world_name: str,
    entity_ids: Annotated[list[str], Field(min_length=1, max_length=MOST_ACTS)],
) -> Standing:
    """Remove entities from a world between two steps: all of them or none."""
    acts = tuple(RemoveEntity(one) for one in entity_ids)
    return _standing(visit.worlds.change(world_name, acts, visit.call))


def send_message(
    visit: Visit,
    world_name: str,
    entity_id: str,
    kind: str,
    content: Any = None,
    delay: Annotated[int, Field(ge=0)] = 1,
    sender: str = "",
) -> Standing:
    """Send a message to an entity from outside; it arrives in the next step at the earliest."""
    act = SendMessage(entity_id, kind, content, sender or None, delay)
    return _standing(visit.worlds.change(world_name, (act,), visit.call))


def compare_worlds(visit: Visit, one: str, other: str, cursor: Cursor = "") -> Differences:
    """Say what one world differs in from another, such as its copy: settings, entities, states, messages."""
    found = looking.compare(visit.worlds, one, other)
    counts: dict[str, int] = {}
    for change in found:
        counts[change.what] = counts.get(change.what, 0) + 1
    rows = [
        {
            "what": f"{change.entity} {change.field}".strip() or change.what,
            "before": looking.short(change.before),
            "after": looking.short(change.after),
        }
        for change in found
    ]
    shown, rest = fitting(rows, start_of(cursor))
    return Differences(
        total=len(found), counts=counts, changes=shown, truncated=rest is not None, cursor=rest
    )


LIVING_TOOLS = (
    Door(start_world),
    Door(add_entities),
    Door(remove_entities, destroys=True),
    Door(send_message),
    Door(compare_worlds, reads=True),
)


def _standing(held: Held, notes: str | None = None) -> Standing:
    return Standing(
        simulation_time=held.snapshot.tick,
        entities=looking.kinds(held),
        pending_messages=held.snapshot.sizes["messages"],
        notes=notes,
    )
