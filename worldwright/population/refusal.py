"""How the sampler refuses: which attribute, which agent, which numbers."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable

import numpy as np

from worldwright.errors import SamplingError
from worldwright.population.block import Block
from worldwright.population.values import Mask
from worldwright.spec.population import Attribute, AttributeType

_EPOCH = dt.date(1970, 1, 1)


def number_text(value: float) -> str:
    """A number as a person would write it."""
    if math.isnan(value):
        return "undefined"
    return f"{value:.12g}" if math.isfinite(value) else "infinite"


def value_text(attribute: Attribute, block: Block, row: int) -> str:
    """One agent's value of an attribute, as a person would write it."""
    if attribute.only_if is not None and block.null(attribute.name)[row]:
        return "missing"
    value = block.value(attribute.name)[row]
    match attribute.type:
        case AttributeType.CATEGORICAL:
            return repr(attribute.options[int(value)]) if value >= 0 else "missing"
        case AttributeType.BOOLEAN:
            return "true" if value else "false"
        case AttributeType.DATE:
            return str(_EPOCH + dt.timedelta(days=int(value))) if np.isfinite(value) else number_text(value)
        case AttributeType.TEXT:
            return repr(str(value))
        case _:
            return number_text(float(value))


def refuse(
    attribute: Attribute,
    block: Block,
    row: int,
    what: str,
    *,
    reads: Iterable[Attribute] = (),
    why: str | None = None,
    help: str | None = None,
) -> SamplingError:
    """The error for one agent's attribute, with the values it was computed from."""
    values = [f"{other.name} = {value_text(other, block, row)}" for other in reads]
    given = f" (with {', '.join(values)})" if values else ""
    return SamplingError(
        f"{what}{given}",
        where=f"attribute {attribute.name}, agent {block.agent(row)}",
        why=why,
        help=help,
    )


def first_row(mask: Mask) -> int:
    """The first row where a mask is true, −1 where there is none."""
    return int(np.argmax(mask)) if mask.any() else -1
