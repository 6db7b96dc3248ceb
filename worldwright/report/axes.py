"""What all pictures of metrics share: their axes of numbers, their headings, and having nothing to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worldwright.report.style import Theme, ThemeName, picture, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def number_axis(ax: Axes, axis: str, kind: str | None, *, signed: bool = False) -> None:
    """Few round numbers along `axis` ("x" or "y"): in percent for a share, with signs for differences."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    which = ax.xaxis if axis == "x" else ax.yaxis
    scale = 100 if kind == "share" else 1
    suffix = "\u202f%" if kind == "share" and not signed else ""

    def spelled(value: float, _: int | None = None) -> str:
        text = f"{value * scale:,.10g}".replace("-", "−")
        return f"+{text}{suffix}" if signed and value > 0 else f"{text}{suffix}"

    which.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    which.set_major_formatter(FuncFormatter(spelled))


def heading_above(figure: Figure, text: str) -> None:
    """The picture's heading, flush left."""
    figure.suptitle(wrapped(text, 54), x=0.01, ha="left", fontsize=11, fontweight="bold")


def nothing(text: str, theme: ThemeName) -> bytes:
    """A small picture that says why there is no other."""

    def draw(figure: Figure, theme: Theme) -> None:
        figure.text(0.5, 0.5, wrapped(text, 50), ha="center", va="center", color=theme.muted)

    return picture(draw, 1.2, theme)
