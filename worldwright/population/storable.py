"""Which numbers can be stored as what they are: whole numbers that doubles hold, and days of the calendar."""

from __future__ import annotations

import datetime as dt
import math

from worldwright.spec.population import AttributeType

_EPOCH = dt.date(1970, 1, 1)
_EXACT = 2.0**53
_ALL = (-math.inf, math.inf)
_ENDS = {
    AttributeType.INT: (-_EXACT, _EXACT),
    AttributeType.DATE: (float((dt.date.min - _EPOCH).days), float((dt.date.max - _EPOCH).days)),
}


def ends(kind: AttributeType) -> tuple[float, float]:
    """The least and the greatest number that an attribute of a type can have."""
    return _ENDS.get(kind, _ALL)


def unstorable(kind: AttributeType, value: float) -> tuple[str, str, str]:
    """What is wrong with a number beyond these, why, and what to do."""
    if kind is AttributeType.DATE:
        return (
            f"its value is {value:.12g} days after 1970-01-01",
            "dates are those of the years 1 to 9999",
            "correct what is added to a date: numbers count days",
        )
    return (
        f"its value is {value:.12g}, which is beyond 2⁵³",
        "whole numbers are exact up to 9,007,199,254,740,992 alone; beyond, some cannot be told apart",
        "use a larger unit, or `type: float`",
    )
