"""Where an agent's draws fell: the law of each attribute with the agent's own place in it."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

from worldwright.report.axes import heading_above, nothing
from worldwright.report.style import Theme, ThemeName, clipped, picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from worldwright.population.explanation.record import AttributeExplanation, Draw, Explanation

MOST_ATTRIBUTES = 16
MOST_OPTIONS = 8
"""The one that was drawn, and the most probable others."""
_BINS = 40
_EPOCH = dt.date(1970, 1, 1)


def draws(explanation: Explanation, *, theme: ThemeName = "light") -> bytes:
    """One small picture per drawn attribute, the first 16: its law in grey, the agent's draw in blue.

    A number's law is a histogram of its quantiles, with the base draw as a line and the final value, where
    modifiers, rounding or clip have moved it, as a second one. Options are bars; the one drawn is blue.

    Args:
        explanation: Made with quantiles.
        theme: The colours.
    """
    drawn = [a for a in explanation.attributes if a.draw is not None]
    shown = drawn[:MOST_ATTRIBUTES]
    heading = f"agent {explanation.agent}, seed {explanation.seed}: where its draws fell"
    if len(drawn) > len(shown):
        heading += f" ({len(shown)} of {len(drawn)})"
    if not shown:
        return nothing(f"agent {explanation.agent}: nothing is drawn here", theme)
    columns = 1 if len(shown) == 1 else 2
    rows = math.ceil(len(shown) / columns)

    def draw(figure: Figure, theme: Theme) -> None:
        axes = list(figure.subplots(rows, columns, squeeze=False).flat)
        for ax, attribute in zip(axes, shown, strict=False):
            assert attribute.draw is not None
            ax.set_title(clipped(attribute.name, 28), loc="left", fontsize=9.5)
            if attribute.draw.shares:
                _options(ax, attribute.draw, theme)
            else:
                _number(ax, attribute, attribute.draw, theme)
        for ax in axes[len(shown) :]:
            ax.set_visible(False)
        heading_above(figure, heading)

    return picture(draw, 0.6 + (2.4 if columns == 1 else 1.9) * rows, theme)


def _options(ax: Axes, draw: Draw, theme: Theme) -> None:
    taken = str(draw.value).lower() if isinstance(draw.value, bool) else draw.value
    possible = [share for share in draw.shares if share.share > 0.0]
    ranked = sorted(possible, key=lambda share: (share.label != taken, -share.share))[:MOST_OPTIONS]
    shares = [share for share in possible if share in ranked]
    colours = [theme.lines[0] if share.label == taken else theme.faint for share in shares]
    ax.barh(range(len(shares)), [share.share for share in shares], color=colours, height=0.7)
    ax.set_yticks(range(len(shares)), [clipped(share.label, 17) for share in shares])
    ax.set_ylim(len(shares) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0, labelsize=8.5)
    ax.grid(visible=False, axis="y")
    more = f", {len(possible) - len(shares)} options not shown" if len(possible) > len(shares) else ""
    ax.set_xlabel(f"probability; u = {draw.uniform:.4f}{more}", fontsize=8.5)


def _number(ax: Axes, attribute: AttributeExplanation, draw: Draw, theme: Theme) -> None:
    import numpy as np

    dated = attribute.type == "date"
    law = np.array(draw.quantiles)
    base = float(draw.value) if isinstance(draw.value, (int, float)) else math.nan
    final = _as_number(attribute.value)
    if len(law):
        counts, edges = np.histogram(law, _edges(law, whole=attribute.type in ("int", "date")))
        ax.stairs(counts / len(law), edges, fill=True, color=theme.faint)
    ax.axvline(base, color=theme.lines[0], linewidth=1.8)
    label = f"u = {draw.uniform:.4f} → {_spelled(base, dated)}"
    if final != base:
        ax.axvline(final, color=theme.lines[1], linewidth=1.8, linestyle=(0, (3, 1.5)))
        label += f", then {_spelled(final, dated)}"
    ax.set_xlabel(clipped(label, 46), fontsize=8.5)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.grid(visible=False, axis="y")
    _axis(ax, dated)


def _edges(law: Any, *, whole: bool) -> Any:
    import numpy as np

    low, high = float(law[0]), float(law[-1])
    if whole:
        step = max(1, math.ceil((high - low + 1) / _BINS))
        return low - 0.5 + step * np.arange(math.ceil((high - low + 1) / step) + 1)
    room = 0.0 if high > low else 0.5
    return np.linspace(low - room, high + room, _BINS + 1)


def _as_number(value: Any) -> float:
    return float((value - _EPOCH).days) if isinstance(value, dt.date) else float(value)


def _spelled(value: float, dated: bool) -> str:
    if dated:
        return str(_EPOCH + dt.timedelta(days=int(value)))
    return f"{value:.5g}".replace("-", "−")


def _axis(ax: Axes, dated: bool) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    def spelled(value: float, _: int | None = None) -> str:
        return _spelled(value, dated)[: 7 if dated else None]

    ax.xaxis.set_major_locator(MaxNLocator(3 if dated else 4, steps=[1, 2, 2.5, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(spelled))
