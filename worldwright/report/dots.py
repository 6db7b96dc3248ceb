"""Values with their intervals, one row each: the answer's cells and the effects of factors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from worldwright.experiment.factors import short
from worldwright.report.axes import heading_above, nothing, number_axis
from worldwright.report.data import Cell
from worldwright.report.numbers import fitting
from worldwright.report.reading import Effect, Point, effects_of, ends_of
from worldwright.report.style import Theme, ThemeName, clipped, picture, wrapped

if TYPE_CHECKING:
    import pyarrow as pa
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROWS = 40
"""Rows of one picture; beyond it the highest and the lowest are shown, and the picture says so."""
_LAST = "at the last tick"
_FIGURE_SPACE = "\u2007"
_STARRED = "      * no interval"


def answer(
    summary: pa.Table,
    cells: Sequence[Cell],
    metric: str,
    *,
    kind: str | None = None,
    unit: str = "",
    when: str = _LAST,
    theme: ThemeName = "light",
) -> bytes:
    """The end value of every cell with its interval, one row each, in the cells' order.

    Beyond 40 cells the 20 highest and the 20 lowest, in order of their values.
    """
    ends = ends_of(summary, metric)
    if not ends:
        return nothing(f"{metric}: no run has recorded it", theme)
    rows: list[tuple[str, Point | None]] = [(cell.label, ends.get(i)) for i, cell in enumerate(cells)]
    heading = f"{metric} {when}" if when == _LAST else f"{metric}: {when}"
    if len(rows) > MOST_ROWS:
        ranked = sorted(((la, p) for la, p in rows if p), key=lambda row: -row[1].mean)
        half = MOST_ROWS // 2
        if len(ranked) > MOST_ROWS:
            heading += f": the {half} highest and the {half} lowest of {len(ranked)}"
            ranked = ranked[:half] + ranked[-half:]
        rows = [*ranked]
    points = [point for _, point in rows if point]
    form = fitting((p.mean for p in points), (p.half_width for p in points), kind, clipped(unit, 16))
    labels = [wrapped(label, 27) for label, _ in rows]
    places = _places(labels)
    starred = any(point.low is None for point in points)

    def draw(figure: Figure, theme: Theme) -> None:
        ax = figure.subplots()
        values: list[tuple[str, bool]] = []
        for place, (_, point) in zip(places, rows, strict=True):
            if point is None:
                values.append(("no finished run", False))
                continue
            sure = point.low is not None
            _dot(ax, place, point.mean, point.low, point.high, theme.lines[0], theme, filled=sure)
            values.append((form.value(point.mean), not sure))
        _rows(ax, places, labels)
        _beside(ax, places, values, theme)
        number_axis(ax, "x", kind)
        ax.margins(x=0.08)
        ax.set_xlabel(("" if form.percent else form.unit) + (_STARRED if starred else ""))
        heading_above(figure, heading)

    return picture(draw, 0.9 + 0.30 * (places[-1] + 1) + 0.2 * starred, theme)


def effects(
    effects: pa.Table,
    metric: str,
    *,
    kind: str | None = None,
    unit: str = "",
    when: str = _LAST,
    theme: ThemeName = "light",
) -> bytes:
    """What each factor changes in a metric or outcome: paired differences with intervals, around a zero line.

    Filled dots are effects over everything else, hollow ones hold the other factors at a setting. Where there
    would be more than 40 rows, only the former are drawn.
    """
    found = effects_of(effects, metric)
    if len(found) > MOST_ROWS:
        found = [effect for effect in found if effect.averaged]
    left_out = max(0, len(found) - MOST_ROWS)
    found = found[:MOST_ROWS]
    if not found:
        return nothing(f"{metric}: no effects, nothing is varied", theme)
    form = fitting((e.difference for e in found), (e.half_width for e in found), kind, clipped(unit, 16))
    labels = [_named(effect) for effect in found]
    places = _places(labels, [effect.averaged for effect in found])
    starred = any(effect.low is None for effect in found)

    def draw(figure: Figure, theme: Theme) -> None:
        ax = figure.subplots()
        ax.axvline(0, color=theme.muted, linewidth=1.2)
        for place, effect in zip(places, found, strict=True):
            colour = theme.lines[0] if effect.averaged else theme.muted
            _dot(ax, place, effect.difference, effect.low, effect.high, colour, theme, filled=effect.averaged)
        _rows(ax, places, labels)
        for text, effect in zip(ax.get_yticklabels(), found, strict=True):
            text.set_color(theme.text if effect.averaged else theme.muted)
        values = [(form.difference(e.difference), e.low is None) for e in found]
        _beside(ax, places, values, theme)
        number_axis(ax, "x", kind, signed=True)
        measured = f", {form.difference_unit}" if form.difference_unit else ""
        read = f" {_LAST}" if when == _LAST else ""
        ax.set_xlabel(f"difference{read}{measured}{_STARRED if starred else ''}")
        heading_above(
            figure, f"What changes {metric}" + (f"; {left_out} more in the tables" if left_out else "")
        )

    return picture(draw, 1.05 + 0.30 * (places[-1] + 1), theme)


def _named(effect: Effect) -> str:
    change = f"{short(effect.factor)} {effect.from_value} → {effect.to_value}"
    return wrapped(change if effect.averaged else f"at {effect.held}", 27)


def _dot(
    ax: Axes,
    y: float,
    value: float,
    low: float | None,
    high: float | None,
    colour: str,
    theme: Theme,
    *,
    filled: bool,
) -> None:
    if low is not None and high is not None:
        ax.plot([low, high], [y, y], "|-", color=colour, linewidth=1.8 if filled else 1.2, markersize=9)
    face = colour if filled else theme.surface
    ax.plot([value], [y], "o", color=colour, markerfacecolor=face, markersize=5.5)


def _places(labels: Sequence[str], leads: Sequence[bool] = ()) -> list[float]:
    """Where rows stand: one apart, more around labels of several lines and before the lead of a group."""
    places: list[float] = []
    groups = any(leads) and not all(leads)
    for index, label in enumerate(labels):
        room = 0.3 * label.count("\n")
        before = places[-1] + 1 + 0.3 * labels[index - 1].count("\n") if places else 0.0
        places.append(before + room + (0.5 if places and groups and leads[index] else 0.0))
    return places


def _rows(ax: Axes, places: Sequence[float], labels: Sequence[str]) -> None:
    ax.set_yticks(places, labels)
    ax.set_ylim(places[-1] + 0.6 + 0.3 * labels[-1].count("\n"), -0.6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(visible=False, axis="y")


def _beside(ax: Axes, places: Sequence[float], values: Sequence[tuple[str, bool]], theme: Theme) -> None:
    """Each row's number to the right of the axes, with a star where it has no interval."""
    longest = max(len(value) for value, _ in values)
    texts = [value.rjust(longest, _FIGURE_SPACE) + (" *" if starred else "") for value, starred in values]
    right = ax.secondary_yaxis("right")
    right.set_yticks(places, texts)
    right.tick_params(axis="y", length=0, labelcolor=theme.text)
    right.spines["right"].set_visible(False)
