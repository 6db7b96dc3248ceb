"""A picture of what was made from what: boxes from left to right, arrows from each to what was made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from worldwright.report.style import Theme, ThemeName, clipped, picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

State = Literal["plain", "document", "changed", "stale"]

_BOX = (2.15, 0.62)
"""Width and height of a box in inches."""
_GAP = (0.5, 0.2)
_MARGIN = 0.15
_HEADING = 0.75
_LETTERS = 27


@dataclass(frozen=True, slots=True)
class Box:
    """One thing that was made, or a document; `below` are up to two lines of detail."""

    title: str
    below: tuple[str, ...] = ()
    state: State = "plain"


def flow(
    boxes: Mapping[str, Box],
    arrows: Sequence[tuple[str, str]],
    heading: str,
    note: str = "",
    *,
    theme: ThemeName = "light",
    vector: bool = False,
) -> bytes:
    """Draw boxes with arrows between them; an arrow that others together say already is left out.

    Args:
        boxes: By a name that the arrows use.
        arrows: From what something was made of, to what was made; they lead in no circle.
        heading: Above all.
        note: A line below the heading.
        theme: The colours.
        vector: SVG in place of PNG.
    """
    kept = _without_shortcuts(arrows)
    columns = _columns(boxes, kept)
    places = _places(columns)
    tallest = max(len(column) for column in columns)
    width = 2 * _MARGIN + len(columns) * _BOX[0] + (len(columns) - 1) * _GAP[0]
    height = _MARGIN + _HEADING + tallest * (_BOX[1] + _GAP[1])

    def draw(figure: Figure, theme: Theme) -> None:
        figure.set_layout_engine("none")
        ax = figure.add_axes((0, 0, 1, 1))
        ax.set_xlim(0, width)
        ax.set_ylim(0, height)
        ax.set_axis_off()
        ax.text(
            _MARGIN, height - 0.26, heading, fontsize=12, fontweight="bold", color=theme.text, va="center"
        )
        ax.text(_MARGIN, height - 0.53, note, fontsize=9, color=theme.muted, va="center")
        for source, target in kept:
            _arrow(ax, places[source], places[target], boxes[source].state, theme)
        for name, box in boxes.items():
            _box(ax, places[name], box, theme)

    return picture(draw, height, theme, width=width, vector=vector)


def _without_shortcuts(arrows: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The arrows whose ends no longer way connects."""
    after: dict[str, set[str]] = {}
    for source, target in arrows:
        after.setdefault(source, set()).add(target)

    def reaches(start: str, end: str) -> bool:
        waiting, seen = list(after.get(start, set()) - {end}), set[str]()
        while waiting:
            here = waiting.pop()
            if here == end:
                return True
            if here not in seen:
                seen.add(here)
                waiting += after.get(here, set())
        return False

    return [(source, target) for source, target in dict.fromkeys(arrows) if not reaches(source, target)]


def _columns(boxes: Mapping[str, Box], arrows: Sequence[tuple[str, str]]) -> list[list[str]]:
    """The boxes by column, each as far to the right as what is made of it allows, ordered to cross little."""
    depth = dict.fromkeys(boxes, 0)
    for _ in boxes:
        for source, target in arrows:
            depth[source] = max(depth[source], depth[target] + 1)
    last = max(depth.values())
    columns = [[name for name in boxes if depth[name] == last - number] for number in range(last + 1)]
    for number in range(last - 1, -1, -1):  # from right to left: each beside what is made of it
        right = {name: place for place, name in enumerate(columns[number + 1])}
        targets = {
            name: [right[t] for s, t in arrows if s == name and t in right] for name in columns[number]
        }
        columns[number].sort(
            key=lambda name: sum(targets[name]) / len(targets[name]) if targets[name] else 99
        )
    return columns


def _places(columns: Sequence[Sequence[str]]) -> dict[str, tuple[float, float]]:
    """The lower left corner of every box; columns are centred on the tallest."""
    step_x, step_y = _BOX[0] + _GAP[0], _BOX[1] + _GAP[1]
    tallest = max(len(column) for column in columns)
    return {
        name: (
            _MARGIN + number * step_x,
            _MARGIN + (tallest - 1 - row - (tallest - len(column)) / 2) * step_y,
        )
        for number, column in enumerate(columns)
        for row, name in enumerate(column)
    }


def _box(ax: Axes, place: tuple[float, float], box: Box, theme: Theme) -> None:
    from matplotlib.patches import FancyBboxPatch

    accent = theme.lines[1] if box.state in ("changed", "stale") else theme.faint
    x, y = place
    ax.add_patch(
        FancyBboxPatch(
            (x, y),
            *_BOX,
            boxstyle="round,pad=0,rounding_size=0.06",
            facecolor=theme.grid if box.state in ("document", "changed") else theme.surface,
            edgecolor=accent,
            linewidth=1.6 if box.state in ("changed", "stale") else 1.0,
            linestyle="--" if box.state == "stale" else "-",
        )
    )
    lines = (box.title, *box.below)
    for number, line in enumerate(lines):
        ax.text(
            x + 0.1,
            y + _BOX[1] / 2 + ((len(lines) - 1) / 2 - number) * 0.17,
            clipped(line, _LETTERS if number == 0 else _LETTERS + 8),
            fontsize=9 if number == 0 else 7,
            fontweight="bold" if number == 0 else "normal",
            color=theme.text if number == 0 else theme.muted,
            va="center",
        )


def _arrow(
    ax: Axes, source: tuple[float, float], target: tuple[float, float], state: State, theme: Theme
) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    (x, y), (right, to_y) = (
        (source[0] + _BOX[0], source[1] + _BOX[1] / 2),
        (
            target[0],
            target[1] + _BOX[1] / 2,
        ),
    )
    bend = _GAP[0] * 0.8
    colour = theme.lines[1] if state in ("changed", "stale") else theme.muted
    curve = [(x, y), (x + bend, y), (right - 0.06 - bend, to_y), (right - 0.06, to_y)]
    codes = [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]
    ax.add_patch(PathPatch(Path(curve, codes), facecolor="none", edgecolor=colour, linewidth=1.1, zorder=0.5))
    ax.plot([right - 0.04], [to_y], marker=">", color=colour, markersize=4, zorder=0.6)
