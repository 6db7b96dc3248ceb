"""Templates of texts: words with places, `{attribute}`, or `{attribute:.2f}` for two decimals."""

from __future__ import annotations

import re
from dataclasses import dataclass

BRACES = re.compile(r"\{([^{}]*)\}")
"""A place, with what stands in its braces."""
_PLACE = re.compile(r"[ ]*([^\s:]*)[ ]*(?::[ ]*\.([0-9])f[ ]*)?")


@dataclass(frozen=True, slots=True)
class Place:
    """What stands in the braces."""

    name: str
    offset: int
    """Where the name begins, counted from the brace."""
    decimals: int | None
    """Of a number, how many are written; as many as it has where None."""


def place(inner: str) -> Place | None:
    """A place by what stands in its braces; None where it is none."""
    found = _PLACE.fullmatch(inner)
    if found is None:
        return None
    return Place(found[1], found.start(1), None if found[2] is None else int(found[2]))


def fixed(value: float, decimals: int) -> str:
    """A number with some decimals, rounded half to even; nothing is below zero that is written as zero."""
    text = f"{value:.{decimals}f}"
    return text.removeprefix("-") if float(text) == 0.0 else text
