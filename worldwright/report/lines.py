"""Metrics over ticks: curves with bands, of cells and of segments."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from worldwright.report.arrange import MOST_PANELS, Panel, panels_of
from worldwright.report.axes import heading_above, nothing, number_axis
from worldwright.report.data import Cell
from worldwright.report.reading import Point, curves_of, segment_attributes
from worldwright.report.style import MARKERS, Theme, ThemeName, picture, wrapped

if TYPE_CHECKING:
    import pyarrow as pa
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_SEGMENT_PANELS = 12
"""Cells whose segments are drawn; beyond it the highest and the lowest, and the picture says so."""
MOST_OPTIONS = 12
"""Segments drawn of one attribute."""


def curves(
    summary: pa.Table,
    cells: Sequence[Cell],
    metric: str,
    segment: str = "",
    *,
    kind: str | None = None,
    unit: str = "",
    theme: ThemeName = "light",
) -> bytes:
    """The mean of a metric over ticks, with its band: all cells in one panel up to six, then small multiples.

    A cell without an interval at its last tick is dashed and marked.
    """
    found = {cell: points for (cell, of), points in curves_of(summary, metric).items() if of == segment}
    if not found:
        return nothing(f"{metric}: no run has recorded it", theme)
    panels = panels_of(cells)
    what = f"{metric} ({segment})" if segment else metric
    if len(panels) > MOST_PANELS:
        ends = [[found[line.cell][-1].mean for line in panel.lines if line.cell in found] for panel in panels]
        chosen = _extremes({index: max(means) for index, means in enumerate(ends) if means}, MOST_PANELS)
        what += f": {_ranked(chosen)} of {len(panels)}"
        panels = [panels[index] for index in chosen]

    shown = [line.cell for panel in panels for line in panel.lines]

    def draw(figure: Figure, theme: Theme) -> None:
        axes = _grid(figure, panels, what, kind, unit)
        alone = len(panels) > 1 and all(len(panel.lines) == 1 for panel in panels)
        for ax, panel in zip(axes, panels, strict=True):
            if alone:
                _among(ax, panel, {cell: found[cell] for cell in shown if cell in found}, theme)
            for line in panel.lines:
                _line(ax, found.get(line.cell, []), line.label, line.colour, theme)
        if not alone:
            _legend(figure, axes)

    return picture(draw, _height(panels, 0 if len(panels) > 1 else len(cells)), theme)


def segments(
    summary: pa.Table,
    cells: Sequence[Cell],
    metric: str,
    *,
    attribute: str | None = None,
    kind: str | None = None,
    unit: str = "",
    theme: ThemeName = "light",
) -> bytes:
    """The segments of a metric over ticks, one panel per cell.

    `attribute` says by what the metric is split, the first one where it is left out.
    """
    known = segment_attributes(summary, metric)
    attribute = attribute or (known[0] if known else "")
    all_curves = curves_of(summary, metric)
    names = list(dict.fromkeys(s for _, s in all_curves if s and s.partition("=")[0] == attribute))
    if not names:
        return nothing(
            f"{metric}: not split by {attribute}" if attribute else f"{metric}: no segments", theme
        )
    chosen = list(range(len(cells)))
    heading = f"{metric} by {attribute}"
    if len(cells) > MOST_SEGMENT_PANELS:
        level = {
            cell: math.fsum(
                all_curves[key][-1].mean for key in all_curves if key[0] == cell and key[1] in names
            )
            for cell in {cell for cell, of in all_curves if of in names}
        }
        chosen = _extremes(level, MOST_SEGMENT_PANELS)
        heading += f": {_ranked(chosen)} of {len(cells)} cells"
    panels = [Panel(cells[index].label if len(cells) > 1 else "", ()) for index in chosen]
    shown = names[:MOST_OPTIONS]
    if len(names) > len(shown):
        heading += f", {len(shown)} of {len(names)} groups"

    def draw(figure: Figure, theme: Theme) -> None:
        axes = _grid(figure, panels, heading, kind, unit)
        for index, ax in zip(chosen, axes, strict=True):
            own = [all_curves.get((index, name), []) for name in shown]
            if any(points and points[-1].low is None for points in own):
                _remark(ax, "no interval where dashed")
            for colour, (name, points) in enumerate(zip(shown, own, strict=True)):
                _line(ax, points, name.partition("=")[2], colour, theme, note=False)
        _legend(figure, axes)

    return picture(draw, _height(panels, len(shown) // 3), theme)


def _extremes(levels: dict[int, float], most: int) -> list[int]:
    """What has the highest and the lowest values, half of each, in its own order."""
    ranked = sorted(levels, key=lambda cell: (-levels[cell], cell))
    half = most // 2
    return sorted(ranked[:half] + ranked[half:][-half:])


def _ranked(chosen: Sequence[int]) -> str:
    lowest = len(chosen) // 2
    return f"the {len(chosen) - lowest} highest and {lowest} lowest"


def _among(ax: Axes, panel: Panel, found: dict[int, list[Point]], theme: Theme) -> None:
    """All other cells' curves in grey behind the panel's own, and in its title what that one lacks."""
    own = panel.lines[0].cell
    for cell, points in found.items():
        if cell != own:
            ax.plot(*_means(points), color=theme.faint, linewidth=0.8)
    points = found.get(own)
    if not points or points[-1].low is None:
        _remark(ax, "no interval" if points else "no finished run")


def _remark(ax: Axes, text: str) -> None:
    """Something about a panel, in its title."""
    heading = ax.get_title(loc="left")
    ax.set_title(f"{heading}\n({text})" if heading else f"({text})", loc="left", fontsize=9.5)


def _grid(figure: Figure, panels: Sequence[Panel], what: str, kind: str | None, unit: str) -> list[Axes]:
    """Axes for the panels, with common scales."""
    shown = len(panels)
    columns = _columns(shown)
    grid = figure.subplots(math.ceil(shown / columns), columns, sharex=True, sharey=True, squeeze=False)
    axes = list(grid.flat)
    for ax in axes[shown:]:
        ax.set_visible(False)
    for index, ax in enumerate(axes[:shown]):
        number_axis(ax, "y", kind)
        if panels[index].title:
            ax.set_title(wrapped(panels[index].title, 64 // columns - 4), loc="left", fontsize=9.5)
        if index >= shown - columns:
            ax.tick_params(labelbottom=True)
        if index // columns == (shown - 1) // columns:
            ax.set_xlabel("tick")
    in_unit = f", {unit}" if unit and kind != "share" else ""
    heading_above(figure, f"{what}{in_unit}")
    return axes[:shown]


def _columns(panels: int) -> int:
    return 1 if panels == 1 else 2 if panels <= 12 else 3


def _height(panels: Sequence[Panel], legend_rows: int) -> float:
    shown = len(panels)
    rows = math.ceil(shown / _columns(shown))
    return (3.4 if shown == 1 else 0.9 + 1.65 * rows) + 0.17 * legend_rows


def _line(
    ax: Axes, points: Sequence[Point], label: str, colour: int, theme: Theme, *, note: bool = True
) -> None:
    hue, marker = theme.lines[colour % len(theme.lines)], MARKERS[colour % len(MARKERS)]
    if not points:
        ax.plot(
            [],
            [],
            label=wrapped(f"{label} (no finished run)", 42),
            linestyle="none",
            color=hue,
            marker=marker,
        )
        return
    sure = points[-1].low is not None
    style = "--" if not sure else ("-", ":", "-.")[colour // len(theme.lines) % 3]
    named = label if sure or not note else f"{label} (no interval)"
    ticks, means = _means(points)
    lows = [math.nan if p.low is None else p.low for p in points]
    highs = [math.nan if p.high is None else p.high for p in points]
    ax.plot(
        ticks,
        means,
        label=wrapped(named, 42),
        linestyle=style,
        markevery=[-1],
        markersize=5.5,
        clip_on=False,
        color=hue,
        marker=marker,
    )
    if len(points) > 1:
        ax.fill_between(ticks, lows, highs, color=hue, alpha=0.18, linewidth=0)
    elif sure:
        ax.vlines(ticks, lows, highs, color=hue, linewidth=2)


def _means(points: Sequence[Point]) -> tuple[list[int], list[float]]:
    return [point.tick for point in points], [point.mean for point in points]


def _legend(figure: Figure, axes: Sequence[Axes]) -> None:
    """One legend under the picture for all panels, in as many columns as its labels leave room for."""
    named = {str(line.get_label()): line for ax in axes for line in ax.get_lines()}
    named = {label: line for label, line in named.items() if not label.startswith("_")}
    if not named or (len(named) == 1 and next(iter(named)) == "default"):
        return
    longest = max(len(row) for label in named for row in label.split("\n"))
    columns = max(1, min(len(named), 4, 62 // (longest + 5)))
    figure.legend(named.values(), named.keys(), loc="outside lower left", ncols=columns)
