"""What population and scenario documents look like: frozen models of their keys.

Takes plain data from `binding`. Meaning is given to it by `resolve`; names and figures are judged there.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, model_validator

from worldwright.spec.binding import one_of, refused, reserved
from worldwright.spec.complaints import described


class Document(BaseModel):
    """Keys that nothing reads are errors, values are not converted, and nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, defer_build=True)


def _value(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        raise refused(f"a finite number is wanted, not {value}")
    if isinstance(value, (bool, int, float, str)):
        return value
    raise refused(f"a number or an expression is wanted, not {described(value)}")


def _weights(value: Any) -> Any:
    if not isinstance(value, dict):
        raise refused(f"weights by option are wanted, such as {{a: .3, b: .7}}, not {described(value)}")
    if not value:
        raise refused("there are no options")
    return {str(key): _value(item) for key, item in value.items()}


def _scale(value: Any) -> Any:
    return _weights(value) if isinstance(value, dict) else _value(value)


def _assumption(value: Any) -> Any:
    if isinstance(value, (bool, str)):
        return value
    raise refused(f"`assumption` is true or a reason, not {described(value)}")


def _group_level(value: Any) -> Any:
    if value in ("person", "agent", "individual"):
        return value
    raise reserved(f"`level: {value}` is not built yet", "every attribute belongs to one agent for now")


def _marginals(value: Any) -> Any:
    raise reserved("`marginals:` is not built yet", "declare the figures as distributions for now")


def _empirical(value: Any) -> Any:
    raise reserved(
        "`empirical` distributions are not built yet", "describe the data by another family for now"
    )


def _mixture(value: Any) -> Any:
    help = "draw a categorical attribute for the component and let the parameters read it"
    raise reserved("`mixture` distributions are not built yet", help)


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


Value = Annotated[float | str | bool, PlainValidator(_value)]
"""A number, or the text of an expression."""
Weights = Annotated[dict[str, float | str | bool], PlainValidator(_weights)]
"""Weights by option."""
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


class Truncated(Document):
    """Bounds that truncate a distribution."""

    min: Value | None = None
    max: Value | None = None


class Normal(Truncated):
    """Normal distribution; mean and sd before truncation."""

    mean: Value
    sd: Value


class Lognormal(Truncated):
    """Lognormal distribution; mean and sd of the variable itself."""

    mean: Value
    sd: Value


class Uniform(Document):
    """Uniform distribution; for whole numbers, every one from min to max."""

    min: Value
    max: Value


class Beta(Truncated):
    """Beta distribution on 0 to 1."""

    alpha: Value
    beta: Value


class Gamma(Truncated):
    """Gamma distribution; the mean is shape times scale."""

    shape: Value
    scale: Value


class Exponential(Truncated):
    """Exponential distribution."""

    mean: Value


class Triangular(Document):
    """Triangular distribution."""

    min: Value
    mode: Value
    max: Value


class Poisson(Truncated):
    """Poisson distribution."""

    mean: Value


class Binomial(Truncated):
    """Binomial distribution: successes among n."""

    n: Value
    p: Value


class Distribution(Document):
    """One family with its parameters."""

    normal: Normal | None = None
    lognormal: Lognormal | None = None
    uniform: Uniform | None = None
    beta: Beta | None = None
    gamma: Gamma | None = None
    exponential: Exponential | None = None
    triangular: Triangular | None = None
    poisson: Poisson | None = None
    binomial: Binomial | None = None
    categorical: Weights | None = None
    boolean: Value | None = None
    empirical: Annotated[None, PlainValidator(_empirical)] = None
    mixture: Annotated[None, PlainValidator(_mixture)] = None

    @model_validator(mode="after")
    def _has_one_family(self) -> Distribution:
        given = sorted(self.model_fields_set)
        if len(given) != 1:
            families = ", ".join(type(self).model_fields)
            found = f"two families: {', '.join(given)}" if given else "no family"
            raise one_of(f"the distribution names {found}", f"name one of {families}")
        return self

    @property
    def family(self) -> str:
        """The name of the family."""
        return next(iter(self.model_fields_set))


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


class Attribute(Document):
    """One attribute."""

    type: Literal["int", "float", "categorical", "boolean", "date", "text"]
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
    clip: Clip | None = None
    level: Annotated[str, PlainValidator(_group_level)] | None = None

    @model_validator(mode="after")
    def _comes_about_in_one_way(self) -> Attribute:
        ways = [way for way in ("distribution", "formula", "template") if way in self.model_fields_set]
        if len(ways) > 1:
            raise one_of(f"the attribute has a {' and a '.join(ways)}", "keep one of them")
        if not ways:
            raise one_of(
                "the attribute has no distribution", "give it a distribution, a formula or a template"
            )
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
    marginals: Annotated[None, PlainValidator(_marginals)] = None


class PopulationDocument(Layer):
    """A population: `worldwright: population/1`."""

    agents: int = Field(default=1000, ge=1, le=2**40)


class ScenarioDocument(Layer):
    """A scenario: `worldwright: scenario/1`; adds attributes to the population it extends."""

    extends: str
