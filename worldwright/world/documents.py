"""What a world document looks like: frozen models of its keys.

Takes plain data from `spec.binding`. Meaning is given to it by `load`. Touches nothing.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from worldwright.spec.binding import one_of, refused
from worldwright.world.aggregates import AGGREGATES
from worldwright.world.network_documents import NetworkDocument
from worldwright.world.place_documents import GridDocument, LayerDocument, ResourceDocument, SpaceDocument

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,99}$")]


StateField = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")]


class Document(BaseModel):
    """Keys that nothing reads are errors, values are not converted, and nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def _plain_state(value: Any) -> Any:
    if not isinstance(value, dict):
        raise refused("`state` is a mapping of names to values")
    pending: list[Any] = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, float) and not math.isfinite(item):
            raise refused("`state` holds a number that is not finite")
        if isinstance(item, dict):
            pending += item.values()
        elif isinstance(item, list):
            pending += item
    return value


class ParameterDocument(Document):
    """One entry of `parameters:`."""

    type: Literal["float", "int", "boolean", "choice"]
    default: float | int | bool | str
    min: float | int | None = None
    max: float | int | None = None
    options: list[str] = []
    unit: str | None = None
    description: str | None = None


class EntityDocument(Document):
    """One entry of `entities:`."""

    name: Name
    script: str
    population: Name | None = None
    count: Annotated[int, Field(ge=0)] | None = None
    state: Annotated[dict[str, Any], BeforeValidator(_plain_state)] = {}
    place: Literal["random", "each_cell"] | None = None
    public: list[StateField] = []

    @model_validator(mode="after")
    def _one_size(self) -> EntityDocument:
        if self.place == "each_cell":
            if self.population is not None or self.count is not None:
                raise one_of(
                    f"the entity `{self.name}` is one for each cell: it has no `population` and no `count`",
                    "leave those out",
                )
        elif (self.population is None) == (self.count is None):
            raise one_of(
                f"the entity `{self.name}` needs either a `population` or a `count`",
                "`population: main` makes one entity of each agent; `count: 10` makes ten",
            )
        return self


class MetricDocument(Document):
    """One entry of `metrics:`."""

    share: str | None = None
    mean: str | None = None
    sum: str | None = None
    count: str | None = None
    min: str | None = None
    max: str | None = None
    sd: str | None = None
    q01: str | None = None
    q05: str | None = None
    q10: str | None = None
    q25: str | None = None
    median: str | None = None
    q75: str | None = None
    q90: str | None = None
    q95: str | None = None
    q99: str | None = None
    of: str | None = None
    by: list[str] = []
    where: str | None = None

    @model_validator(mode="after")
    def _one_how(self) -> MetricDocument:
        if len(self.given()) != 1:
            raise one_of(
                f"a metric needs one of {', '.join(AGGREGATES)}",
                "such as `{share: state.adopted, of: surgeon}`",
            )
        return self

    def given(self) -> list[tuple[str, str]]:
        """The aggregates that are given, with what they aggregate."""
        pairs = ((how, getattr(self, how)) for how in AGGREGATES)
        return [(how, path) for how, path in pairs if path is not None]


class LimitsDocument(Document):
    """`limits:`."""

    steps: Annotated[int, Field(ge=1, le=10**12)] | None = None
    messages: Annotated[int, Field(ge=0, le=10**9)] | None = None
    entities: Annotated[int, Field(ge=1, le=10**8)] | None = None
    metrics: Annotated[int, Field(ge=0, le=10**6)] | None = None
    seconds: Annotated[float, Field(gt=0, le=86_400)] | None = None
    memory: Annotated[int, Field(ge=16, le=10**7)] | None = None


class WorldDocument(Document):
    """A world document."""

    worldwright: str
    name: Name
    description: str = ""
    order: Literal["simultaneous", "random", "event"] = "simultaneous"
    errors: Literal["stop", "remove", "ignore"] = "stop"
    runtime: Literal["auto", "luajit", "lua54"] = "auto"
    parameters: dict[Name, ParameterDocument] = {}
    entities: Annotated[list[EntityDocument], Field(min_length=1)]
    network: NetworkDocument | None = None
    grid: GridDocument | None = None
    space: SpaceDocument | None = None
    layers: dict[Name, LayerDocument] = {}
    resources: dict[Name, ResourceDocument] = {}
    metrics: dict[Name, MetricDocument] = {}
    limits: LimitsDocument = LimitsDocument()
