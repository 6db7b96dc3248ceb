"""How pictures look: one width, two themes, the Okabe–Ito palette, bytes that depend on the drawing alone.

The palette is that of Okabe and Ito, "Color Universal Design" (2008), told apart with every common kind of
colour vision; its yellow is left out, which is too faint on white.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ThemeName = Literal["light", "dark"]

WIDTH = 5.4
"""Inches; with `DPI` 1,080 pixels. At a phone's 366 CSS pixels, text of 10 points is 9.4 pixels high."""
DPI = 200


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of one theme. `lines` are seven hues, each with its own marker in `MARKERS`."""

    surface: str
    text: str
    muted: str
    grid: str
    faint: str
    lines: tuple[str, ...]


MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_HUES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")

THEMES: dict[ThemeName, Theme] = {
    "light": Theme("#ffffff", "#1b1f24", "#57606a", "#e4e7eb", "#c6ccd3", (*_HUES, "#000000")),
    "dark": Theme("#1a1e23", "#e8eaed", "#a3acb6", "#30363d", "#4a525c", ("#2A93D5", *_HUES[1:], "#f0f2f4")),
}


def picture(
    draw: Callable[[Figure, Theme], None],
    height: float,
    theme: ThemeName,
    *,
    width: float = WIDTH,
    vector: bool = False,
) -> bytes:
    """A PNG of a drawing, `width` inches wide and `height` inches high; an SVG where `vector`.

    The same drawing gives the same bytes: the reader's own matplotlib settings are set aside, and neither
    program nor time is written into the file.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    colours = THEMES[theme]
    with matplotlib.rc_context(_settings(colours)):
        figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
        buffer = io.BytesIO()
        if vector:
            canvas = FigureCanvasSVG(figure)
            draw(figure, colours)
            canvas.print_svg(buffer, metadata={"Date": None, "Creator": None})
        else:
            canvas = FigureCanvasAgg(figure)
            draw(figure, colours)
            # savefig() would draw everything once more, for a layout that the canvas finds while it draws.
            canvas.print_png(buffer, metadata={"Software": None})
    return buffer.getvalue()


def wrapped(text: str, width: int) -> str:
    """Text that the picture's font can show, in lines of `width` characters, three at most."""
    import textwrap

    lines = textwrap.wrap(drawable(text), width, break_on_hyphens=False, max_lines=3, placeholder=" …")
    return "\n".join(lines)


def clipped(text: str, width: int) -> str:
    """Text that the picture's font can show, cut at `width` characters."""
    shown = drawable(text)
    return shown if len(shown) <= width else f"{shown[: width - 1].rstrip()}…"


def drawable(text: str) -> str:
    """The text in one line, with □ for what the font has no glyph for.

    Other fonts of the machine are not asked, so that pictures do not depend on what is installed.
    """
    from matplotlib.font_manager import get_font

    faces = [get_font(path) for path in _font_files()]
    known = {c for c in set(text) if all(face.get_char_index(ord(c)) for face in faces)}
    return "".join(c if c in known else "□" for c in " ".join(text.split()))


def _font_files() -> list[str]:
    from pathlib import Path

    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return [str(folder / name) for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")]


def _settings(theme: Theme) -> dict[Any, Any]:
    import matplotlib
    from cycler import cycler

    kept = {"backend", "backend_fallback", "interactive", "toolbar", "timezone", "webagg.open_in_browser"}
    defaults = {name: value for name, value in matplotlib.rcParamsDefault.items() if name not in kept}
    return defaults | {
        "axes.axisbelow": True,
        "axes.edgecolor": theme.faint,
        "axes.facecolor": theme.surface,
        "axes.grid": True,
        "axes.labelcolor": theme.muted,
        "axes.labelsize": 10,
        "axes.linewidth": 0.8,
        "axes.prop_cycle": cycler(color=theme.lines),
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlecolor": theme.text,
        "axes.titlesize": 10.5,
        "axes.titleweight": "bold",
        "axes.unicode_minus": True,
        "figure.facecolor": theme.surface,
        "font.family": "DejaVu Sans",
        "font.size": 10.5,
        "grid.color": theme.grid,
        "grid.linewidth": 0.7,
        "legend.fontsize": 9.5,
        "legend.frameon": False,
        "legend.handlelength": 1.8,
        "legend.labelcolor": theme.text,
        "lines.linewidth": 2.0,
        "svg.hashsalt": "worldwright",
        "text.color": theme.text,
        "text.parse_math": False,
        "xtick.color": theme.faint,
        "xtick.labelcolor": theme.muted,
        "xtick.labelsize": 9.5,
        "ytick.color": theme.faint,
        "ytick.labelcolor": theme.muted,
        "ytick.labelsize": 9.5,
    }
