"""Reports: plots and one self-contained page per experiment.

Takes tables and plain records, gives PNG and HTML.
Touches nothing: whoever calls writes the bytes.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from worldwright.report.data import ReportCell, ReportData, ReportOutcome

if TYPE_CHECKING:
    from worldwright.report.elements import first_pictures
    from worldwright.report.page import render
    from worldwright.report.plots import answer, curves, effects, population, ranking, segments
    from worldwright.report.reading import answer_table
    from worldwright.report.words import kind_and_unit, sentences

__all__ = [
    "ReportCell",
    "ReportData",
    "ReportOutcome",
    "answer",
    "answer_table",
    "curves",
    "effects",
    "first_pictures",
    "kind_and_unit",
    "population",
    "ranking",
    "render",
    "segments",
    "sentences",
]

_HOMES = {
    "answer_table": "reading",
    "first_pictures": "elements",
    "kind_and_unit": "words",
    "render": "page",
    "sentences": "words",
}
_PLOTS = ("answer", "curves", "effects", "population", "ranking", "segments")


def __getattr__(name: str) -> Any:
    """Load pages and plots when they are asked for: they are heavy, and most commands draw nothing."""
    home = "plots" if name in _PLOTS else _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
