"""Which cell goes into which panel, and in which colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from worldwright.experiment.factors import short
from worldwright.report.data import Cell
from worldwright.report.reading import factors_of, spell

MOST_LINES = 6
"""Lines of one panel that are still told apart at a glance."""
MOST_PANELS = 24


@dataclass(frozen=True, slots=True)
class Line:
    """A cell's place in a panel: its label and the number of its colour."""

    cell: int
    label: str
    colour: int


@dataclass(frozen=True, slots=True)
class Panel:
    """One small picture. `title` is "" where there is only one."""

    title: str
    lines: tuple[Line, ...]


def panels_of(cells: Sequence[Cell]) -> list[Panel]:
    """Up to six cells share one panel; more are spread over panels.

    Where several factors vary, the one with most values (six at most) gives the colours and the others the
    panels. Otherwise each cell has its own panel.
    """
    if len(cells) <= MOST_LINES:
        return [Panel("", tuple(Line(i, cell.label, i) for i, cell in enumerate(cells)))]
    varied = {factor: _values(cells, factor) for factor in factors_of(cells)}
    varied = {factor: values for factor, values in varied.items() if len(values) > 1}
    few = [factor for factor, values in varied.items() if len(values) <= MOST_LINES]
    if len(varied) > 1 and few:
        coloured = max(few, key=lambda factor: len(varied[factor]))
        panels = _crossed(cells, coloured, varied[coloured], [f for f in varied if f != coloured])
        if 2 * len(panels) <= len(cells):
            return panels
    return [Panel(cell.label, (Line(i, cell.label, 0),)) for i, cell in enumerate(cells)]


def _crossed(cells: Sequence[Cell], coloured: str, values: list[str], others: list[str]) -> list[Panel]:
    panels: dict[str, list[Line]] = {}
    for index, cell in enumerate(cells):
        title = ", ".join(f"{short(f)}={_setting(cell, f)}" for f in others)
        value = _setting(cell, coloured)
        line = Line(index, f"{short(coloured)}={value}", values.index(value))
        panels.setdefault(title, []).append(line)
    return [Panel(title, tuple(lines)) for title, lines in panels.items()]


def _values(cells: Sequence[Cell], factor: str) -> list[str]:
    return list(dict.fromkeys(_setting(cell, factor) for cell in cells))


def _setting(cell: Cell, factor: str) -> str:
    return spell(cell.settings[factor]) if factor in cell.settings else "default"
