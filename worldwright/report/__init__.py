"""Reports: plots and one self-contained page per experiment.

Takes tables and plain records, gives PNG and HTML.
Touches nothing: whoever calls writes the bytes.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from worldwright.report.data import ReportCell, ReportData

if TYPE_CHECKING:
    from worldwright.report import plots as plots
    from worldwright.report.page import render
    from worldwright.report.words import sentences

__all__ = ["ReportCell", "ReportData", "plots", "render", "sentences"]

_HOMES = {"render": "worldwright.report.page", "sentences": "worldwright.report.words"}


def __getattr__(name: str) -> Any:
    """Load the page and the plots when they are asked for: they are heavy, and most commands draw nothing."""
    if name == "plots":
        return import_module("worldwright.report.plots")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
