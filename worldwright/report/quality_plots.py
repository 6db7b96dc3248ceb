"""Pictures of a population's quality: its known figures, and its attributes as declared and as sampled."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from worldwright.report.axes import heading_above, nothing
from worldwright.report.numbers import count, percent
from worldwright.report.portrait import compact_axis, date_axis
from worldwright.report.style import Theme, ThemeName, clipped, drawable, picture, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from worldwright.population.inspection.profiles import Profile

Row = Mapping[str, Any]

MOST_FIGURES = 40
MOST_PANELS = 24
_MOST_OPTIONS = 7
_COLUMNS = 3
_ROW, _WIDE, _WIDER = 1.7, 7.0, 8.1
"""Inches."""
_EDGE = 3.0
"""Deviations are drawn as far as this many times what is allowed; what lies further is drawn there."""


def expectations(rows: Sequence[Row], *, theme: ThemeName = "light") -> bytes:
    """How far each known figure is from what is expected, in units of what its document allows.

    Args:
        rows: Findings of the kind `expectation`; 40 are drawn at most, those that are not met first.
        theme: Light or dark.
    """
    if not rows:
        return nothing("no figure is stated under expect:", theme)
    shown = sorted(rows, key=lambda row: row["verdict"] == "pass")[:MOST_FIGURES]
    unmet = sum(row["verdict"] != "pass" for row in rows)
    heading = f"{len(rows) - unmet} of {count(len(rows), 'known figure')} met"
    labels = [wrapped(row["branch"].partition(" is ")[0], 36) for row in shown]
    lines = sum(1 + 0.55 * label.count("\n") for label in labels)

    def draw(figure: Figure, theme: Theme) -> None:
        ax = figure.subplots()
        ax.axvspan(-1, 1, color=theme.grid, linewidth=0)
        ax.axvline(0, color=theme.muted, linewidth=1.2)
        places: list[float] = []
        place = 0.0
        for label, row in zip(labels, shown, strict=True):
            place += 0.275 * label.count("\n")
            places.append(place)
            place += 1 + 0.275 * label.count("\n")
            _figure(ax, places[-1], row, theme)
        ax.set_yticks(places, labels)
        ax.set_ylim(place - 0.4, -0.6)
        ax.set_xlim(-_EDGE - 0.2, _EDGE + 0.2)
        ax.set_xticks([-2, 0, 2], ["too low", "as expected", "too high"])
        ax.tick_params(axis="x", length=0)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.grid(visible=False)
        right = ax.secondary_yaxis("right")
        right.set_yticks(places, [_found(row) for row in shown])
        right.tick_params(axis="y", length=0, labelcolor=theme.text)
        right.spines["right"].set_visible(False)
        heading_above(figure, heading)

    return picture(draw, 0.8 + 0.3 * lines, theme, width=_WIDE)


def attributes(profiles: Sequence[Profile], rows: Sequence[Row], *, theme: ThemeName = "light") -> bytes:
    """Attributes branch by branch: bars for what agents have, a line or marks for what is declared.

    Args:
        profiles: The branches; 24 are drawn at most: those with a warning, each attribute's largest, others.
        rows: All findings, of which p-values and warnings are told.
        theme: Light or dark.
    """
    tests = {(row["attribute"], row["branch"]): row for row in rows if row["kind"] == "branch"}
    drawn = [profile for profile in profiles if profile.declared is not None]
    if not drawn:
        return nothing("no attribute has a declared law to compare with", theme)
    shown = _chosen(drawn, tests)
    warned = sum(tests[key]["verdict"] == "warn" for key in tests)
    heading = f"Declared (line) and sampled (bars): {count(warned, 'warning') if warned else 'no warning'}"
    if len(shown) < len(drawn):
        heading += f"; {len(shown)} of {len(drawn)} branches"

    def draw(figure: Figure, theme: Theme) -> None:
        axes = list(figure.subplots(math.ceil(len(shown) / _COLUMNS), _COLUMNS, squeeze=False).flat)
        for ax, profile in zip(axes, shown, strict=False):
            _panel(ax, profile, tests.get((profile.attribute, profile.branch)), theme)
        for ax in axes[len(shown) :]:
            ax.set_visible(False)
        heading_above(figure, heading)

    height = 0.6 + _ROW * math.ceil(len(shown) / _COLUMNS)
    return picture(draw, height, theme, width=_WIDER)


def _figure(ax: Axes, place: float, row: Row, theme: Theme) -> None:
    """One known figure; a cross where it is not met, an arrow where it lies beyond the picture."""
    met = row["verdict"] == "pass"
    colour = theme.lines[0] if met else theme.lines[1]
    if row["achieved"] is None:
        ax.text(0, place, "nobody to measure it on", ha="center", va="center", fontsize=8.5, color=colour)
        return
    off, allowed = row["achieved"] - row["declared"], row["tolerance"]
    deviation = off / allowed if allowed else math.copysign(math.inf, off) if off else 0.0
    at = min(max(deviation, -_EDGE), _EDGE)
    beyond = ">" if deviation > _EDGE else "<"
    ax.plot([0, at], [place, place], color=colour, linewidth=1.4)
    ax.plot([at], [place], "o" if met else "X" if at == deviation else beyond, color=colour, markersize=6.5)


def _found(row: Row) -> str:
    achieved = "–" if row["achieved"] is None else _number(row["achieved"])
    return f"{achieved} ({_number(row['declared'])} ± {_number(row['tolerance'])})"


def _number(value: float) -> str:
    form = ",.0f" if 1e4 <= abs(value) < 1e12 else ",.4g"
    return f"{value:{form}}".replace("-", "−")


def _chosen(profiles: Sequence[Profile], tests: Mapping[tuple[str, str], Row]) -> list[Profile]:
    def rank(item: tuple[int, Profile]) -> tuple[int, int]:
        place, profile = item
        test = tests.get((profile.attribute, profile.branch))
        if test is not None and test["verdict"] == "warn":
            return 0, place
        first = place == 0 or profiles[place - 1].attribute != profile.attribute
        return 1 if first else 2, place

    kept = sorted(enumerate(profiles), key=rank)[:MOST_PANELS]
    return [profile for _, profile in sorted(kept, key=lambda item: item[0])]


def _panel(ax: Axes, profile: Profile, test: Row | None, theme: Theme) -> None:
    wrong = test is not None and test["verdict"] == "warn"
    unit = f" ({profile.unit})" if profile.unit else ""
    ax.set_title(clipped(f"{profile.attribute}{unit}", 22), loc="left", fontsize=9.5)
    notes = [*([profile.branch] if profile.branch else []), f"n = {profile.n:,}"]
    if test is not None and test["p_value"] is not None:
        notes.append(f"p = {test['p_value']:.1g}")
    if profile.moved:
        notes.append("constrained")
    bars = theme.lines[1] if wrong else theme.lines[5]
    _histogram(ax, profile, bars, theme) if profile.edges else _bars(ax, profile, bars, theme)
    ax.set_xlabel(clipped(", ".join(notes), 34), fontsize=7.5, loc="left")
    ax.tick_params(labelsize=8.5)


def _histogram(ax: Axes, profile: Profile, bars: str, theme: Theme) -> None:
    widths = [right - left for left, right in pairwise(profile.edges)]

    def heights(shares: Sequence[float]) -> list[float]:
        return [share / width for share, width in zip(shares, widths, strict=True)]

    ax.stairs(heights(profile.achieved), profile.edges, fill=True, color=bars, alpha=0.6)
    ax.stairs(heights(profile.declared or ()), profile.edges, color=theme.text, linewidth=1.3, baseline=None)
    ax.set_yticks([])
    ax.set_ylim(bottom=0)
    ax.margins(x=0.01)
    ax.spines["left"].set_visible(False)
    ax.grid(visible=False, axis="y")
    whole = all(edge % 1 == 0.5 for edge in profile.edges)
    date_axis(ax) if profile.dates else compact_axis(ax, whole)


def _bars(ax: Axes, profile: Profile, bars: str, theme: Theme) -> None:
    labels, declared = profile.options or ("true",), profile.declared or ()
    order = sorted(range(len(labels)), key=lambda i: -max(profile.achieved[i], declared[i]))[:_MOST_OPTIONS]
    order.sort()
    for place, i in enumerate(order):
        ax.barh(place, profile.achieved[i], 0.64, color=bars, alpha=0.6)
        ax.plot([declared[i]] * 2, [place - 0.42, place + 0.42], color=theme.text, linewidth=1.6)
    ax.set_yticks(range(len(order)), [drawable(clipped(labels[i], 14)) for i in order])
    ax.set_ylim(max(len(order), 3) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.grid(visible=False, axis="y")
    ax.set_xlim(0, 1.06 * max(0.05, *(max(profile.achieved[i], declared[i]) for i in order)))
    ticks = [tick for tick in ax.get_xticks() if 0 <= tick <= ax.get_xlim()[1]]
    every = math.ceil(len(ticks) / 4)
    ax.set_xticks(ticks[::every], [percent(round(tick, 3)) for tick in ticks[::every]])
