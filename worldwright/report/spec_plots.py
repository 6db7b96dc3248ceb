"""Pictures of a spec before an agent exists: every distribution with its modifiers, and what these reach.

Takes what `population.inspection.preview` finds, gives PNG or SVG bytes, the same for the same spec.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from worldwright.report.numbers import percent
from worldwright.report.style import Theme, ThemeName, clipped, drawable, picture
from worldwright.spec.plan import how
from worldwright.spec.population import AttributeType

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from worldwright.population.inspection.preview import AttributePreview, Branch, Reach

_COLUMNS = 3
_WIDTH = 12.0
_SIDE, _GAP = 0.3, 0.45
"""Inches at the page's sides and between columns."""
_TITLE, _TICKS, _LINE, _ROW_GAP = 0.5, 0.3, 0.17, 0.25
_CURVE, _BAR = 1.25, 0.21
_LABELS = 1.25
"""Inches for the names of options, left of their bars."""
_MOST_OPTIONS, _MOST_BRANCHES = 9, 6
_ROWS = 0.5
"""The part of a bar that dots of several modifiers are spread over, so that none hides another."""
_HEAD = 0.75
"""Inches of the page's heading."""


def distributions(
    items: Sequence[AttributePreview], heading: str, *, theme: ThemeName = "light", vector: bool = False
) -> bytes:
    """Every attribute: what its distribution is among all agents, and among those each modifier reaches."""
    rows = [items[at : at + _COLUMNS] for at in range(0, len(items), _COLUMNS)]
    heights = [max(_height(item) for item in row) for row in rows]
    total = _HEAD + sum(heights)

    def draw(figure: Figure, theme: Theme) -> None:
        figure.set_layout_engine("none")
        page = _Page(figure, total, theme)
        page.heading(heading, _KEY)
        top = _HEAD
        for row, height in zip(rows, heights, strict=True):
            for column, item in enumerate(row):
                page.attribute(item, column, top)
            top += height

    return picture(draw, total, theme, width=_WIDTH, vector=vector)


_KEY = "grey: all agents · coloured: agents a modifier reaches, with their share · ~ counted in a sample"


def modifiers(
    items: Sequence[AttributePreview], heading: str, *, theme: ThemeName = "light", vector: bool = False
) -> bytes:
    """The share of agents that each modifier reaches: filled where computed, hollow where counted."""
    rows = [(item, branch) for item in items for branch in item.branches]
    total = _HEAD + 0.24 * len(rows) + 0.14 * len({id(item) for item, _ in rows}) + 0.5

    def draw(figure: Figure, theme: Theme) -> None:
        figure.set_layout_engine("none")
        page = _Page(figure, total, theme)
        page.heading(
            heading, "share of agents · filled: computed from the spec · hollow: counted in a sample"
        )
        _reach_axes(page.axes(6.6, _HEAD, _WIDTH - 7.5, total - _HEAD - 0.4), rows, theme)

    return picture(draw, total, theme, width=_WIDTH, vector=vector)


def _reach_axes(ax: Axes, rows: Sequence[tuple[AttributePreview, Branch]], theme: Theme) -> None:
    place, labels, places = 0.0, list[str](), list[float]()
    before = None
    for item, branch in rows:
        if before is not None and before is not item:
            place += 0.6
        name = item.attribute.name if before is not item else ""
        before = item
        reach = branch.reach
        colour = theme.lines[0]
        ax.barh(
            place,
            reach.share,
            0.62,
            facecolor=colour if reach.exact else theme.surface,
            edgecolor=colour,
            linewidth=1.2,
        )
        if reach.error:
            ax.plot(
                [reach.share - reach.error, reach.share + reach.error],
                [place, place],
                color=theme.text,
                linewidth=1,
            )
        shown = reach.share + reach.error + 0.012
        ax.text(shown, place, _share(reach), va="center", fontsize=9, color=theme.text)
        labels.append(f"{clipped(branch.label, 58)}")
        places.append(place)
        if name:
            ax.annotate(
                clipped(name, 26),
                (0, place),
                (-6.3 * 72, 0),
                xycoords="data",
                textcoords="offset points",
                va="center",
                fontsize=9.5,
                fontweight="bold",
                color=theme.text,
                annotation_clip=False,
            )
        place += 1.0
    ax.set_yticks(places, labels, fontsize=9)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(place - 0.4, -0.6)
    ax.set_xlim(0, 1.12)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
    ax.grid(visible=False, axis="y")


class _Page:
    """A page laid out in inches from its upper left corner."""

    def __init__(self, figure: Figure, height: float, theme: Theme) -> None:
        self._figure = figure
        self._height = height
        self._theme = theme
        self._width = (_WIDTH - 2 * _SIDE - (_COLUMNS - 1) * _GAP) / _COLUMNS

    def heading(self, text: str, key: str) -> None:
        """The page's heading, and below it how to read the page."""
        self.text(_SIDE, 0.28, clipped(text, 110), size=14, weight="bold")
        self.text(_SIDE, 0.5, key, size=9, colour=self._theme.muted)

    def text(
        self, x: float, y: float, text: str, *, size: float, weight: str = "normal", colour: str | None = None
    ) -> None:
        """Text whose baseline begins at a place."""
        self._figure.text(
            x / _WIDTH,
            1 - y / self._height,
            drawable(text),
            fontsize=size,
            fontweight=weight,
            va="baseline",
            color=colour or self._theme.text,
        )

    def axes(self, x: float, y: float, width: float, height: float) -> Axes:
        """Axes in a rectangle."""
        return self._figure.add_axes(
            (x / _WIDTH, 1 - (y + height) / self._height, width / _WIDTH, height / self._height)
        )

    def attribute(self, item: AttributePreview, column: int, top: float) -> None:
        """One attribute: its name, its law, its picture, and its modifiers."""
        theme, left = self._theme, _SIDE + column * (self._width + _GAP)
        attribute = item.attribute
        self.text(left, top + 0.16, clipped(attribute.name, 30), size=11, weight="bold")
        unit = f" ({attribute.unit})" if attribute.unit else ""
        note = f"{how(attribute)}{unit}"
        if item.known < 1:
            have = percent(round(item.known, 3)).replace("\u202f", " ")
            note = f"{have} have it · {note}"
        self.text(left, top + 0.34, clipped(note, 58), size=8.5, colour=theme.muted)
        plot = _plot_height(item)
        if item.edges:
            _curves(self.axes(left, top + _TITLE, self._width, plot), item, theme)
        elif item.shares:
            _bars(self.axes(left + _LABELS, top + _TITLE, self._width - _LABELS, plot), item, theme)
        y = top + _TITLE + plot + _TICKS + 0.12
        for branch in item.branches[:_MOST_BRANCHES]:
            share = _share(branch.reach)
            self.text(left, y, "●" if branch.shares else "○", size=9, colour=_hue(branch, theme))
            self.text(left + 0.16, y, share, size=8.5, weight="bold")
            self.text(left + 0.8, y, clipped(branch.label, 42), size=8.5, colour=theme.muted)
            y += _LINE
        more = len(item.branches) - _MOST_BRANCHES
        if more > 0:
            self.text(left + 0.16, y, f"and {more} more modifiers", size=8.5, colour=theme.muted)


def _height(item: AttributePreview) -> float:
    lines = min(len(item.branches), _MOST_BRANCHES + 1)
    return _TITLE + _plot_height(item) + _TICKS + 0.12 + _LINE * lines + _ROW_GAP


def _plot_height(item: AttributePreview) -> float:
    if item.edges:
        return _CURVE
    return _BAR * min(max(len(item.options), 1), _MOST_OPTIONS) + 0.06


def _hue(branch: Branch, theme: Theme) -> str:
    return theme.lines[(branch.position - 1) % len(theme.lines)]


def _share(reach: Reach) -> str:
    return f"{'' if reach.exact else '~'}{percent(round(reach.share, 3))}".replace("\u202f", " ")


def _curves(ax: Axes, item: AttributePreview, theme: Theme) -> None:
    """Densities: whole numbers as steps, other numbers as curves."""
    edges, stepped = item.edges, item.attribute.type is not AttributeType.FLOAT or item.counted
    middles = [(a + b) / 2 for a, b in pairwise(edges)]
    widths = [b - a for a, b in pairwise(edges)]
    if stepped:
        ax.stairs(_heights(item.shares, widths), edges, fill=True, color=theme.faint)
    else:
        ax.fill_between(middles, item.shares, color=theme.faint, linewidth=0)
    for branch in item.branches[:_MOST_BRANCHES]:
        if branch.shares is None:
            continue
        if stepped:
            ax.stairs(
                _heights(branch.shares, widths),
                edges,
                color=_hue(branch, theme),
                linewidth=1.5,
                baseline=None,
            )
        else:
            ax.plot(middles, branch.shares, color=_hue(branch, theme), linewidth=1.7)
    ax.set_yticks([])
    ax.set_ylim(bottom=0)
    ax.spines["left"].set_visible(False)
    ax.grid(visible=False, axis="y")
    ax.margins(x=0.01)
    if item.attribute.type is AttributeType.DATE:
        from worldwright.report.portrait import date_axis

        date_axis(ax)
    else:
        from worldwright.report.portrait import compact_axis

        compact_axis(ax, item.attribute.type is AttributeType.INT)
    ax.tick_params(labelsize=8.5)


def _heights(shares: Sequence[float], widths: Sequence[float]) -> list[float]:
    return [share / width for share, width in zip(shares, widths, strict=True)]


def _bars(ax: Axes, item: AttributePreview, theme: Theme) -> None:
    """Shares of options as bars, and those among the agents of a modifier as dots on them."""
    options = [(option, i) for i, option in enumerate(item.options)] or [("true", 0)]
    if len(options) > _MOST_OPTIONS:
        ranked = sorted(options, key=lambda part: -item.shares[part[1]])[: _MOST_OPTIONS - 1]
        others = len(options) - len(ranked)
        options = [part for part in options if part in ranked]
        rest = 1 - sum(item.shares[i] for _, i in options)
        ax.barh(len(options), rest, 0.66, color=theme.faint, alpha=0.6)
        labels = [*(clipped(option, 18) for option, _ in options), f"{others} others"]
    else:
        labels = [clipped(option, 18) for option, _ in options]
    for place, (_, i) in enumerate(options):
        ax.barh(place, item.shares[i], 0.66, color=theme.faint)
        shown = [branch for branch in item.branches[:_MOST_BRANCHES] if branch.shares is not None]
        for row, branch in enumerate(shown):
            if branch.shares is not None:
                ax.plot(
                    branch.shares[i],
                    place + _ROWS * ((row + 0.5) / len(shown) - 0.5),
                    "o",
                    color=_hue(branch, theme),
                    markersize=6,
                    markeredgecolor=theme.surface,
                    markeredgewidth=0.8,
                    clip_on=False,
                )
    ax.set_yticks(range(len(labels)), [drawable(label) for label in labels], fontsize=8.5)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    shown = [s for b in item.branches if b.shares for s in b.shares]
    ax.set_xlim(0, min(1.0, 1.05 * max([*item.shares, *shown, 0.05])) if item.options else 1)
    ax.tick_params(axis="y", length=0)
    ax.grid(visible=False, axis="y")
    ticks = [tick for tick in ax.get_xticks() if 0 <= tick <= ax.get_xlim()[1]]
    every = math.ceil(len(ticks) / 4)
    ax.set_xticks(ticks[::every], [percent(tick) for tick in ticks[::every]], fontsize=8.5)
