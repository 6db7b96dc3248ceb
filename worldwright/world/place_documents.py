"""What `grid:`, `space:`, `layers:` and `resources:` of a world document look like, as frozen models.

Takes plain data from `spec.binding`. Meaning is given to it by `places`. Touches nothing.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from worldwright.spec.binding import one_of, refused

MOST_CELLS = 10_000_000
Share = Annotated[float, Field(ge=0, le=1)]
Length = Annotated[float, Field(gt=0, le=1e9)]
Count = Annotated[int, Field(ge=0, le=2**53)]


class Part(BaseModel):
    """Keys that nothing reads are errors, values are not converted, and nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class GridDocument(Part):
    """`grid:`: cells in two or three dimensions, counted from 1."""

    size: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=2, max_length=3)]
    torus: bool = False
    neighbourhood: Literal["moore", "von_neumann"] = "moore"
    radius: Annotated[int, Field(ge=1, le=1000)] = 1
    capacity: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _not_too_large(self) -> GridDocument:
        if math.prod(self.size) > MOST_CELLS:
            raise refused(f"a grid has at most {MOST_CELLS:,} cells, not {math.prod(self.size):,}")
        return self


class SpaceDocument(Part):
    """`space:`: points in two or three dimensions, from 0 to the size."""

    size: Annotated[list[Length], Field(min_length=2, max_length=3)]
    torus: bool = False


class RandomValues(Part):
    """Values drawn for each cell: `uniform: [low, high]`, or 1 with the probability `bernoulli`, else 0."""

    uniform: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    bernoulli: Share | None = None

    @model_validator(mode="after")
    def _one(self) -> RandomValues:
        if (self.uniform is None) == (self.bernoulli is None):
            raise one_of("`initial` is a number, or one of `uniform` and `bernoulli`")
        if self.uniform is not None and self.uniform[0] > self.uniform[1]:
            raise refused("`uniform` is [low, high], and the first is above the second")
        return self


class LayerDocument(Part):
    """One entry of `layers:`."""

    initial: float | RandomValues = 0.0
    diffuse: Share = 0.0
    decay: Share = 0.0


class RandomStock(Part):
    """A whole number drawn for each cell, from low to high."""

    uniform: Annotated[list[Count], Field(min_length=2, max_length=2)]

    @model_validator(mode="after")
    def _ordered(self) -> RandomStock:
        if self.uniform[0] > self.uniform[1]:
            raise refused("`uniform` is [low, high], and the first is above the second")
        return self


class ResourceDocument(Part):
    """One entry of `resources:`."""

    initial: Count | RandomStock = 0
    per_cell: bool = False
    max: Count | None = None
    regrow: Count = 0

    @model_validator(mode="after")
    def _within(self) -> ResourceDocument:
        most = self.initial.uniform[1] if isinstance(self.initial, RandomStock) else self.initial
        if self.max is not None and most > self.max:
            raise refused(f"`initial` is {most}, above `max`, which is {self.max}")
        return self
