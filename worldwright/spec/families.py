"""Distributions as documents write them: one family with its parameters.

Each parameter and weight is a number or the text of an expression.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, model_validator

from worldwright.spec.binding import one_of, refused
from worldwright.spec.complaints import described

_TABLES = ("values", "quantiles", "file")


class Document(BaseModel):
    """Keys that nothing reads are errors, values are not converted, and nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, defer_build=True)

    @classmethod
    def alternatives(cls) -> tuple[tuple[str, ...], ...]:
        """Groups of keys of which at most one is given; no misspelt key is taken for a second."""
        return ()


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


def _check_table(value: Any) -> Any:
    if not isinstance(value, (dict, list)):
        help = "write {0: .5, 1: .3, 2: .2}, or a list of values that are equally likely"
        raise refused(f"values with weights are wanted, not {described(value)}", help)
    if not value:
        raise refused("there are no values")
    items = list(value.values()) if isinstance(value, dict) else value
    for item in items:
        if isinstance(item, (dict, list)) or item is None:
            raise refused(f"a single value is wanted, not {described(item)}")
    return value


def _check_quantiles(value: Any) -> Any:
    if not isinstance(value, dict) or len(value) < 2:
        help = "write {0: 18, .5: 42, 1: 90}: the least, the middle and the greatest"
        raise refused("quantiles are values by probability, at least two", help)
    return _check_table(value)


Value = Annotated[float | str | bool, PlainValidator(check_value)]
"""A number, or the text of an expression."""
Weights = Annotated[dict[str, float | str | bool], PlainValidator(check_weights)]
"""Weights by option."""
Table = Annotated[dict[str, Any] | list[Any], PlainValidator(_check_table)]
"""Constant weights by value, or a list of values."""
Quantiles = Annotated[dict[str, Any], PlainValidator(_check_quantiles)]
"""Constant values by probability."""


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


class Empirical(Truncated):
    """Values of a table: written out with weights, as quantiles, or a column of a CSV or Parquet file."""

    values: Table | None = None
    quantiles: Quantiles | None = None
    file: str | None = None
    column: str | None = None
    weights: str | None = None
    nulls: Literal["error", "drop"] = "error"

    @classmethod
    def alternatives(cls) -> tuple[tuple[str, ...], ...]:
        """Where the values are."""
        return (_TABLES,)

    @model_validator(mode="after")
    def _has_one_table(self) -> Empirical:
        given = [name for name in _TABLES if name in self.model_fields_set]
        if len(given) != 1:
            found = f"both {' and '.join(given)}" if given else "no table"
            raise one_of(f"the empirical distribution has {found}", "give values, quantiles or a file")
        odd = [name for name in ("column", "weights", "nulls") if name in self.model_fields_set]
        if odd and self.file is None:
            raise one_of(f"`{odd[0]}` is about a file, and there is none", "name the file, or remove it")
        return self


class Families(Document):
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
    empirical: Empirical | None = None

    @classmethod
    def alternatives(cls) -> tuple[tuple[str, ...], ...]:
        """The families."""
        return (tuple(name for name in cls.model_fields if name != "share"),)

    @model_validator(mode="after")
    def _has_one_family(self) -> Self:
        given = sorted(self._families())
        if len(given) != 1:
            families = ", ".join(name for name in type(self).model_fields if name != "share")
            found = f"two families: {', '.join(given)}" if given else "no family"
            raise one_of(f"the distribution names {found}", f"name one of {families}")
        return self

    def _families(self) -> set[str]:
        return self.model_fields_set - {"share"}

    @property
    def family(self) -> str:
        """The name of the family."""
        return next(iter(self._families()))


class Component(Families):
    """A part of a mixture: the share of the agents that it is for, and their distribution."""

    share: Value

    @model_validator(mode="after")
    def _is_truncated_if_anything(self) -> Self:
        if getattr(getattr(self, self.family), "clamp", False):
            raise refused("a component of a mixture cannot clamp", "truncate it, or clip the attribute")
        return self


class Distribution(Families):
    """One family with its parameters, or a mixture of several."""

    mixture: list[Component] | None = Field(default=None, min_length=1)
