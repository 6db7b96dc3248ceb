"""Vivarium's sixteen tools, under their names and with their results."""

from __future__ import annotations

import json
import math
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field

from worldwright.errors import UsageError
from worldwright.mcp_server.answers import (
    Advanced,
    Done,
    Entities,
    EntityCfg,
    EntityInfo,
    EntityState,
    Listed,
    Metric,
    MetricNames,
    Metrics,
    Saved,
    ScriptCfg,
    Snapshot,
    WorldState,
)
from worldwright.mcp_server.doors import Door, Visit
from worldwright.project.worlds import advancing, files, looking, making
from worldwright.project.worlds.looking import MetricStats
from worldwright.world.interventions import SetState

MOST_CHARACTERS = 1_000_000
"""Of one result; beyond that a file is the better way."""
MOST_STEPS = 1_000_000
M = TypeVar("M", bound=BaseModel)
Steps = Annotated[int, Field(ge=0, le=MOST_STEPS, description="number of steps to run")]
Duration = Annotated[int, Field(ge=1, description="duration of each step")]


def create_world(
    visit: Visit,
    name: str,
    script_library: dict[str, ScriptCfg],
    entities: list[EntityCfg],
    seed: Annotated[int, Field(ge=0)] = 0,
) -> Done:
    """Create a simulation world from Lua scripts, by id, and the entities that run them.

    A script defines update(current_time, msgs), get_state() and set_state(state); the resource
    worldwright://world-api says what it can call.
    """
    config = {
        "name": name,
        "script_library": {
            key: {"id": one.id or key, "kind": one.kind, "script": one.script}
            for key, one in script_library.items()
        },
        "entities": [one.model_dump() for one in entities],
    }
    making.create(visit.worlds, config, seed, visit.call)
    return Done(message="World created successfully")


def delete_world(visit: Visit, name: str) -> Done:
    """Delete a world."""
    making.delete(visit.worlds, name, visit.call)
    return Done(message=f"World '{name}' deleted successfully")


def copy_world(
    visit: Visit,
    source_world_name: str,
    target_world_name: str,
    replace_if_exists: bool = False,
    seed: Annotated[int | None, Field(ge=0, description="other chances from here on")] = None,
) -> Done:
    """Copy a world under another name. The copy goes on exactly as the source would, unless given a seed."""
    making.copy(visit.worlds, source_world_name, target_world_name, replace_if_exists, seed, visit.call)
    return Done(message=f"World '{source_world_name}' copied to '{target_world_name}'")


def list_worlds(visit: Visit) -> Listed:
    """List all worlds. They stay when a client leaves."""
    return Listed(worlds=visit.worlds.registry.names())


def list_entities(visit: Visit, world_name: str, include_states: bool = False) -> Entities:
    """List the entities of a world, with their states on request. The ids can be used to send messages."""
    held = visit.worlds.registry.read(world_name)
    found = [
        EntityInfo(id=one.id, state=looking.state_of(held, one) if include_states else {})
        for one in held.contents.entities
    ]
    return _fitting(Entities(entities=found), "query fewer: ask for single entities with get_entity_state")


def advance_simulation(
    visit: Visit,
    world_name: str,
    num_steps: Steps,
    step_duration: Duration = 1,
    include_delivered_messages: bool = False,
) -> Advanced:
    """Advance a world by a number of steps. Each delivers due messages and runs every entity's update()."""
    done = advancing.advance(
        visit.worlds, world_name, num_steps, step_duration, include_delivered_messages, visit.call
    )
    return Advanced(
        delivered_messages=[_written(one) for one in done.messages],
        number_of_messages=done.number_of_messages,
        simulation_time=done.held.snapshot.tick,
        printed=list(done.printed)[:_LINES] or None,
        errors=done.errors[:_LINES] or None,
    )


def get_world_state(visit: Visit, world_name: str) -> WorldState:
    """Get a world's time, and how many entities and pending messages it has."""
    snapshot = visit.worlds.registry.read(world_name).snapshot
    return WorldState(
        simulation_time=snapshot.tick,
        entities_count=snapshot.sizes["entities"],
        pending_messages_count=snapshot.sizes["messages"],
    )


def set_entity_state(visit: Visit, world_name: str, entity_id: str, state: dict[str, Any]) -> Done:
    """Set the state of an entity, through its script's set_state."""
    visit.worlds.change(world_name, (SetState(entity_id, state),), visit.call)
    return Done(message=f"State set for entity '{entity_id}' in world '{world_name}'")


def get_entity_state(visit: Visit, world_name: str, entity_id: str) -> EntityState:
    """Get the state of an entity."""
    return EntityState(state=looking.entity(visit.worlds, world_name, entity_id))


def list_metrics(visit: Visit, world_name: str) -> MetricNames:
    """List the names of a world's metrics."""
    return MetricNames(metrics=looking.metric_names(visit.worlds, world_name))


def get_metric(visit: Visit, world_name: str, metric_name: str) -> Metric:
    """Get a metric: its statistics, and [time, value] for each time it was recorded."""
    return _metric(looking.metric(visit.worlds, world_name, metric_name))


def get_metrics(visit: Visit, world_name: str, metrics: list[str]) -> Metrics:
    """Get several metrics, as get_metric."""
    return Metrics(metrics=[_metric(looking.metric(visit.worlds, world_name, one)) for one in metrics])


def create_world_snapshot(visit: Visit, world_name: str) -> Snapshot:
    """Get a whole world as data: scripts, states, metrics, messages. A file or a copy is often better."""
    content, notes = files.content(visit.worlds, world_name)
    return _fitting(
        Snapshot(snapshot=content, notes=notes or None), "save it with save_world_snapshot_to_file"
    )


def restore_world_snapshot(visit: Visit, world_name: str, snapshot: dict[str, Any]) -> Done:
    """Let a snapshot stand under a world's name, replacing what stood there."""
    program = making.from_vivarium(snapshot, "the snapshot")
    making.restore(visit.worlds, world_name, program, 0, visit.call)
    return Done(message=f"Snapshot restored into world '{world_name}'")


def save_world_snapshot_to_file(
    visit: Visit,
    world_name: str,
    file_path: Annotated[str, Field(description="such as stable.yaml; .arrow keeps everything")],
) -> Saved:
    """Save a world to a file in data/snapshots of the project."""
    where, notes = files.save(visit.worlds, world_name, file_path)
    return Saved(file_path=where, notes=notes or None)


def load_world_snapshot_from_file(visit: Visit, world_name: str, file_path: str) -> Done:
    """Load a world from a file of data/snapshots or specs, replacing what stood under its name."""
    files.load(visit.worlds, world_name, file_path, visit.call)
    return Done(message=f"Snapshot loaded from file '{file_path}' into '{world_name}'")


VIVARIUM_TOOLS = (
    Door(create_world),
    Door(delete_world, destroys=True),
    Door(copy_world, destroys=True),
    Door(list_worlds, reads=True),
    Door(list_entities, reads=True),
    Door(advance_simulation),
    Door(get_world_state, reads=True),
    Door(set_entity_state, destroys=True, repeats=True),
    Door(get_entity_state, reads=True),
    Door(list_metrics, reads=True),
    Door(get_metric, reads=True),
    Door(get_metrics, reads=True),
    Door(create_world_snapshot, reads=True),
    Door(restore_world_snapshot, destroys=True, repeats=True),
    Door(save_world_snapshot_to_file, destroys=True, repeats=True),
    Door(load_world_snapshot_from_file, destroys=True, repeats=True),
)

_LINES = 20


def _metric(stats: MetricStats) -> Metric:
    return Metric(
        name=stats.name,
        total=_number(stats.total),
        average=_number(stats.average),
        min=_number(stats.min),
        max=_number(stats.max),
        count=stats.count,
        values_over_time=[[tick, _number(value)] for tick, value in stats.values_over_time],
    )


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _fitting(answer: M, otherwise: str) -> M:
    size = len(answer.model_dump_json())
    if size > MOST_CHARACTERS:
        raise UsageError(
            f"the result has {size} characters, and at most {MOST_CHARACTERS} are passed on", help=otherwise
        )
    return answer


def _written(message: advancing.Delivered) -> str:
    """As Vivarium writes messages."""
    content: Any = message.content
    if isinstance(content, str):
        try:
            content = json.loads(content)
        except ValueError:  # cut off
            content = message.content
    return (
        f"Message {{ sender: {_text(message.sender)}, receiver: Entity {{ id: {_text(message.to)} }}, "
        f"content: {_value({} if content is None else content, top=True)}, kind: {_text(message.kind)}, "
        f"receive_step: {message.due} }}"
    )


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _value(value: Any, *, top: bool = False) -> str:
    match value:
        case None:
            return "Null"
        case bool():
            return f"Bool({str(value).lower()})"
        case int() | float():
            return f"Number({value!r})"
        case str():
            return f"String({_text(value)})"
        case list():
            return f"Array [{', '.join(_value(item) for item in value)}]"
        case dict():
            inner = ", ".join(f"{_text(str(key))}: {_value(item)}" for key, item in sorted(value.items()))
            return f"{{{inner}}}" if top else f"Object {{{inner}}}"
        case _:
            return repr(value)
