"""What population and scenario documents look like: frozen models of their keys.

Takes plain data from `binding`. Meaning is given to it by `resolve`; names and figures are judged there.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, model_validator

from worldwright.spec.binding import one_of, refused, reserved
from worldwright.spec.complaints import described
from worldwright.spec.families import Distribution, Document, Value, Weights, check_value, check_weights


def _scale(value: Any) -> Any:
    return check_weights(value) if isinstance(value, dict) else check_value(value)


def _assumption(value: Any) -> Any:
    if isinstance(value, (bool, str)):
        return value
    raise refused(f"`assumption` is true or a reason, not {described(value)}")


def _group_level(value: Any) -> Any:
    if value in ("person", "agent", "individual"):
        return value
    raise reserved(
        f"`level: {value}` is not built yet",
        "leave it out: every attribute belongs to one agent for now",
    )


def _names(value: Any) -> Any:
    names = [value] if isinstance(value, str) else value
    if isinstance(names, list) and names and all(isinstance(name, str) for name in names):
        return names
    raise refused("the names of attributes are wanted", "write `of: sex` or `of: [sex, rank]`")


def _table(value: Any) -> Any:
    if isinstance(value, dict) and value:
        return value
    help = "give each option a number, and of two attributes each option of the first a table of the second"
    raise refused(f"a table of numbers by option is wanted, not {described(value)}", help)


def _correlation(value: Any) -> Any:
    if isinstance(value, list) and len(value) == 3:
        return {"first": value[0], "second": value[1], "value": value[2]}
    raise refused("a correlation is a list of two attributes and a number", "write [age, income, .3]")


def _constraint(value: Any) -> Any:
    return {"require": value} if isinstance(value, (str, bool, int, float)) else value


def _pair(value: Any) -> Any:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(name, str) for name in value):
        return value
    raise refused("a correlation is expected between two attributes", "write correlation: [age, income]")


Assumption = Annotated[bool | str, PlainValidator(_assumption)]
"""That a figure has no source, or why it is assumed."""


class Source(Document):
    """Where figures come from."""

    title: str
    url: str | None = None
    author: str | None = None
    publisher: str | None = None
    year: int | None = None
    accessed: str | None = None
    license: str | None = None
    note: str | None = None


class Modifier(Document):
    """A change that applies where a condition holds."""

    when: Value
    multiply: Value | None = None
    add: Value | None = None
    weights: Weights | None = None
    scale: Annotated[float | str | dict[str, Any], PlainValidator(_scale)] | None = None
    probability: Value | None = None
    description: str | None = None
    source: str | None = None
    assumption: Assumption | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Modifier:
        if not self.model_fields_set & {"multiply", "add", "weights", "scale", "probability"}:
            help = (
                "give multiply, add (numbers), weights, scale (labels) or probability, scale (true or false)"
            )
            raise one_of("the modifier changes nothing", help)
        return self


class Clip(Document):
    """Bounds that act last, after modifiers and rounding."""

    min: float | None = None
    max: float | None = None


_WAYS = ("distribution", "formula", "template", "column")


class Attribute(Document):
    """One attribute; `type` may be left out where the way it comes about determines it."""

    type: Literal["int", "float", "categorical", "boolean", "date", "text"] | None = None
    ordered: bool = False
    options: list[str] | None = None
    unit: str | None = None
    description: str | None = None
    source: str | None = None
    assumption: Assumption | None = None
    stream: str | None = None
    only_if: Value | None = None
    distribution: Distribution | None = None
    modifiers: list[Modifier] = Field(default_factory=list[Modifier])
    formula: Value | None = None
    template: str | None = None
    column: str | None = None
    clip: Clip | None = None
    level: Annotated[str, PlainValidator(_group_level)] | None = None

    @classmethod
    def alternatives(cls) -> tuple[tuple[str, ...], ...]:
        """The ways in which it comes about, and what a column takes from the table."""
        return (_WAYS, ("column", "only_if"), ("column", "clip"))

    @model_validator(mode="after")
    def _comes_about_in_one_way(self) -> Attribute:
        ways = [way for way in _WAYS if way in self.model_fields_set]
        if len(ways) > 1:
            raise one_of(f"the attribute has a {' and a '.join(ways)}", "keep one of them")
        if not ways:
            raise one_of(
                "the attribute has no distribution",
                "give it a distribution, a formula, a template, or a column of the table",
            )
        if self.column is not None and self.only_if is not None:
            raise one_of("a column has its own empty fields", "remove only_if, or take it in a formula")
        if self.column is not None and self.clip is not None:
            raise one_of("a column is taken as it is", "clip it in a formula: clip(x, 0, 100)")
        return self


class Table(Document):
    """A file whose rows are agents: what is taken from it stays together as it is there."""

    file: str
    rows: Literal["draw", "in_order"] = "draw"
    weights: str | None = None
    nulls: Literal["error", "drop", "keep"] = "error"
    source: str | None = None
    description: str | None = None

    @model_validator(mode="after")
    def _weighs_what_is_drawn(self) -> Table:
        if self.weights is not None and self.rows == "in_order":
            raise one_of("rows in order have no weights", "say `rows: draw`, or remove them")
        return self


class Correlation(Document):
    """Two attributes and the Spearman correlation of their base draws."""

    first: str
    second: str
    value: float


class Constraint(Document):
    """A condition that every agent meets."""

    require: Value
    redraw: list[str] | None = None
    on_fail: Literal["error", "drop"] = "error"
    description: str | None = None


class Expectation(Document):
    """A figure that is known of the population."""

    mean: str | None = None
    sd: str | None = None
    median: str | None = None
    share: Value | None = None
    correlation: Annotated[list[str], PlainValidator(_pair)] | None = None
    is_: float = Field(alias="is")
    within: float = Field(ge=0)
    where: Value | None = None
    source: str | None = None
    assumption: Assumption | None = None
    description: str | None = None

    @classmethod
    def alternatives(cls) -> tuple[tuple[str, ...], ...]:
        """The statistics."""
        return (STATISTICS,)

    @model_validator(mode="after")
    def _is_of_one_statistic(self) -> Expectation:
        given = [name for name in STATISTICS if name in self.model_fields_set]
        if len(given) != 1:
            found = " and ".join(given) if given else "nothing"
            raise one_of(f"the expectation is about {found}", f"name one of {', '.join(STATISTICS)}")
        return self

    @property
    def statistic(self) -> str:
        """Which statistic it is about."""
        return next(name for name in STATISTICS if name in self.model_fields_set)


class Margin(Document):
    """A known table of one or more attributes."""

    of: Annotated[list[str], PlainValidator(_names)]
    shares: Annotated[dict[str, Any], PlainValidator(_table)] | None = None
    totals: Annotated[dict[str, Any], PlainValidator(_table)] | None = None
    description: str | None = None
    source: str | None = None
    assumption: Assumption | None = None

    @classmethod
    def alternatives(cls) -> tuple[tuple[str, ...], ...]:
        """How its figures are given."""
        return (("shares", "totals"),)

    @model_validator(mode="after")
    def _has_one_table(self) -> Margin:
        if len(self.model_fields_set & {"shares", "totals"}) != 1:
            found = "shares and totals" if self.model_fields_set & {"shares"} else "no table"
            raise one_of(
                f"the target has {found}", "give it `shares:` (which sum to 1) or `totals:` (counts)"
            )
        return self


class SeedTable(Document):
    """How attributes hang together, whatever their margins: counts or weights of combinations."""

    of: Annotated[list[str], PlainValidator(_names)]
    table: Annotated[dict[str, Any], PlainValidator(_table)]
    description: str | None = None
    source: str | None = None
    assumption: Assumption | None = None


class Marginals(Document):
    """Known tables that the joint table of some attributes is fitted to; agents are drawn from it."""

    targets: list[Margin] = Field(min_length=1)
    seed: SeedTable | None = None
    counts: Literal["drawn", "exact"] = "drawn"
    description: str | None = None


STATISTICS = ("mean", "sd", "median", "share", "correlation")
CorrelationItem = Annotated[Correlation, BeforeValidator(_correlation)]
ConstraintItem = Annotated[Constraint, BeforeValidator(_constraint)]


class Layer(Document):
    """What a population and a scenario have in common."""

    worldwright: str
    name: str = Field(min_length=1)
    description: str | None = None
    sources: dict[str, Source] = Field(default_factory=dict[str, Source])
    attributes: dict[str, Attribute]
    correlations: list[CorrelationItem] = Field(default_factory=list[Correlation])
    constraints: list[ConstraintItem] = Field(default_factory=list[Constraint])
    expect: list[Expectation] = Field(default_factory=list[Expectation])
    marginals: Marginals | None = None


class PopulationDocument(Layer):
    """A population: `worldwright: population/1`."""

    table: Table | None = None
    agents: int = Field(default=1000, ge=1, le=2**40)


class ScenarioDocument(Layer):
    """A scenario: `worldwright: scenario/1`; adds attributes to the population it extends."""

    extends: str
