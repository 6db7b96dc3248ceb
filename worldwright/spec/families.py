"""Distributions as documents write them: one family with its parameters.

Each parameter and weight is a number or the text of an expression.
"""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainValidator, model_validator

from worldwright.spec.binding import one_of, refused, reserved
from worldwright.spec.complaints import described


class Document(BaseModel):
    """Keys that nothing reads are errors, values are not converted, and nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, defer_build=True)


def check_value(value: Any) -> Any:
    """A number or the text of an expression, as it is; refused otherwise."""
    if isinstance(value, float) and not math.isfinite(value):
        raise refused(f"a finite number is wanted, not {value}")
    if isinstance(value, (bool, int, float, str)):
        return value
    raise refused(f"a number or an expression is wanted, not {described(value)}")


def check_weights(value: Any) -> Any:
    """Values by option, as they are; refused where there are none."""
    if not isinstance(value, dict):
        raise refused(f"weights by option are wanted, such as {{a: .3, b: .7}}, not {described(value)}")
    if not value:
        raise refused("there are no options")
    return {str(key): check_value(item) for key, item in value.items()}


def _empirical(value: Any) -> Any:
    raise reserved(
        "`empirical` distributions are not built yet", "describe the data by another family for now"
    )


def _mixture(value: Any) -> Any:
    help = "draw a categorical attribute for the component and let the parameters read it"
    raise reserved("`mixture` distributions are not built yet", help)


Value = Annotated[float | str | bool, PlainValidator(check_value)]
"""A number, or the text of an expression."""
Weights = Annotated[dict[str, float | str | bool], PlainValidator(check_weights)]
"""Weights by option."""


class Truncated(Document):
    """Bounds that truncate a distribution; with `clamp`, what lies beyond them is put on them instead."""

    min: Value | None = None
    max: Value | None = None
    clamp: bool = False


class Normal(Truncated):
    """Normal distribution; mean and sd before truncation."""

    mean: Value
    sd: Value


class Lognormal(Truncated):
    """Lognormal distribution; mean and sd of the variable itself."""

    mean: Value
    sd: Value


class Uniform(Document):
    """Uniform distribution; for whole numbers, every one from min to max (with `clamp`, a rounded number)."""

    min: Value
    max: Value
    clamp: bool = False


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
