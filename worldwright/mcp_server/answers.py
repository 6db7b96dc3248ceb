"""What Vivarium's tools take and give: the shapes of their arguments and results."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


class ScriptCfg(BaseModel):
    """A script of a world, as Vivarium writes it."""

    script: str
    id: str = ""
    kind: str = "lua"


class EntityCfg(BaseModel):
    """An entity a world begins with."""

    id: str
    script_id: str
    initial_state: dict[str, Any] | None = None


class Done(BaseModel):
    """What was done."""

    message: str


class Listed(BaseModel):
    """The worlds there are."""

    worlds: list[str]


class EntityInfo(BaseModel):
    """An entity; its state is empty where it was not asked for."""

    id: str
    state: dict[str, Any]


class Entities(BaseModel):
    """The entities of a world."""

    entities: list[EntityInfo]


class Advanced(BaseModel):
    """What happened on the way."""

    delivered_messages: list[str]
    number_of_messages: int
    simulation_time: int
    printed: list[str] | None = None
    errors: list[str] | None = None


class WorldState(BaseModel):
    """How a world stands."""

    simulation_time: int
    entities_count: int
    pending_messages_count: int


class EntityState(BaseModel):
    """What an entity remembers."""

    state: dict[str, Any]


class MetricNames(BaseModel):
    """The metrics there are."""

    metrics: list[str]


class Metric(BaseModel):
    """A metric over time; null is no number."""

    name: str
    total: float | None
    average: float | None
    min: float | None
    max: float | None
    count: int
    values_over_time: list[list[Any]]


class Metrics(BaseModel):
    """Several metrics, in the order they were asked for."""

    metrics: list[Metric]


class Snapshot(BaseModel):
    """A world as Vivarium writes it, and what that cannot hold."""

    snapshot: dict[str, Any]
    notes: list[str] | None = None


class Saved(BaseModel):
    """Where a world was saved, and what the format could not hold."""

    file_path: str
    notes: list[str] | None = None
