"""Applying fixes: the edits that diagnostics carry, carried out on the text they speak of.

Takes a text and edits with places, gives the new text. Everything outside the edits stays to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import accumulate

from worldwright.diagnostics import Diagnostic, Edit, Position

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with every edit carried out; the edits must not overlap."""
    starts = line_starts(text)
    spots = sorted((_index(starts, e.span.start), _index(starts, e.span.end), e.replacement) for e in edits)
    parts: list[str] = []
    at = 0
    for start, end, replacement in spots:
        if start < at:
            raise ValueError("two edits overlap")
        parts += (text[at:start], replacement)
        at = end
    return "".join([*parts, text[at:]])


def compatible(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Those whose fixes can be applied together, the first ones first; a fix is taken whole or not at all."""
    taken: list[tuple[str, Position, Position]] = []
    chosen: list[Diagnostic] = []
    for diagnostic in diagnostics:
        if diagnostic.fix is None or not diagnostic.fix.edits:
            continue
        spots = [(e.span.file, e.span.start, e.span.end) for e in diagnostic.fix.edits]
        if not any(_meet(one, other) for one in spots for other in taken):
            taken += spots
            chosen.append(diagnostic)
    return chosen


def line_starts(text: str) -> list[int]:
    """The index at which each line begins; lines end as YAML's do."""
    return list(accumulate((len(line) for line in _LINE.findall(text)), initial=0))


def _index(starts: list[int], place: Position) -> int:
    return starts[place.line - 1] + place.column - 1


def _meet(one: tuple[str, Position, Position], other: tuple[str, Position, Position]) -> bool:
    """Whether two stretches overlap; two insertions in one place do."""
    if one[0] != other[0]:
        return False
    return (one[1] < other[2] and other[1] < one[2]) or one[1] == other[1]
