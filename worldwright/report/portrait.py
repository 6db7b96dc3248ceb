"""A population at a glance: one small picture per attribute."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from worldwright.report.numbers import count, percent
from worldwright.report.style import Theme, ThemeName, clipped, picture

if TYPE_CHECKING:
    import pyarrow as pa
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ATTRIBUTES = 16
MOST_OPTIONS = 8
"""Bars of one categorical attribute; what is rarer is drawn as one bar."""
_BINS = 30
_SPAN = 0.995
"""Share of the values, from below, that a histogram shows where a long tail would flatten it."""
_COLUMNS = 2
_ROW = 1.8
"""Inches."""
_EPOCH = datetime.date(1970, 1, 1)
_FIRST, _LAST = (datetime.date.min - _EPOCH).days, (datetime.date.max - _EPOCH).days
_MOST_DATES = 4
_DAYS = (1, 2, 3, 4, 7, 14, 28, 56)
_WEEKS = 100
"""Up to so many days, days are named; above, months or years."""
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1_200, 2_400, 6_000, 12_000, 24_000, 60_000)
"""Steps between dates, in months."""


def population(
    table: pa.Table, *, units: Mapping[str, str] | None = None, theme: ThemeName = "light"
) -> bytes:
    """The distribution of each attribute: bars for options, histograms for numbers and dates.

    The first 16 attributes are drawn, without text. Nulls are left out of the bars and named below them.
    """
    names = [name for name in table.column_names if _drawable(table.schema.field(name).type)]
    shown = names[:MOST_ATTRIBUTES] if table.num_rows else []
    heading = count(table.num_rows, "agent")
    if len(names) > len(shown) > 0:
        heading += f", {len(shown)} of {len(names)} attributes"
    if not shown:
        return picture(lambda figure, theme: _empty(figure, theme), 1.2, theme)

    def draw(figure: Figure, theme: Theme) -> None:
        rows = math.ceil(len(shown) / _COLUMNS)
        axes = list(figure.subplots(rows, _COLUMNS, squeeze=False).flat)
        for ax, name in zip(axes, shown, strict=False):
            _attribute(ax, table.column(name), name, (units or {}).get(name, ""), theme)
        for ax in axes[len(shown) :]:
            ax.set_visible(False)
        figure.suptitle(heading, x=0.01, ha="left", fontsize=11, fontweight="bold")

    return picture(draw, 0.5 + _ROW * math.ceil(len(shown) / _COLUMNS), theme)


def _attribute(ax: Axes, column: pa.ChunkedArray, name: str, unit: str, theme: Theme) -> None:
    import pyarrow as pa

    known = column.drop_null()
    missing = f"{percent(round(column.null_count / len(column), 3))} none" if column.null_count else ""
    notes = ", ".join(note for note in (unit, missing) if note)
    ax.set_title(clipped(name, 28), loc="left", fontsize=9.5)
    ax.set_xlabel(clipped(notes, 32), fontsize=8.5)
    if len(known) == 0:
        ax.set_xticks([])
        ax.set_yticks([])
    elif pa.types.is_dictionary(column.type) or pa.types.is_boolean(column.type):
        _bars(ax, known, theme)
    else:
        _histogram(ax, known, theme)


def _bars(ax: Axes, known: pa.ChunkedArray, theme: Theme) -> None:
    import pyarrow as pa

    if pa.types.is_boolean(known.type):
        yes = int(known.cast(pa.int64()).to_numpy().sum())
        named = {"yes": yes, "no": len(known) - yes}
    else:
        named = _options(known)
    labels = [clipped(label, 17) for label in named]
    shares = [number / len(known) for number in named.values()]
    ax.barh(range(len(labels)), shares, color=theme.lines[0], height=0.7)
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0, labelsize=8.5)
    ax.grid(visible=False, axis="y")
    _percent_axis(ax)


def _options(known: pa.ChunkedArray) -> dict[str, int]:
    """Counts in the options' own order; beyond eight the most frequent seven, and the others as one."""
    unified = known.unify_dictionaries()
    options = unified.chunk(0).dictionary.to_pylist()
    counts = unified.cast(unified.type.value_type).value_counts().to_pylist()
    counted = {row["values"]: row["counts"] for row in counts}
    named = {str(option): int(counted.get(option, 0)) for option in options}
    if len(named) <= MOST_OPTIONS:
        return named
    largest = sorted(named, key=lambda option: -named[option])[: MOST_OPTIONS - 1]
    kept = {option: number for option, number in named.items() if option in largest}
    return kept | {f"{len(named) - len(kept)} others": sum(named.values()) - sum(kept.values())}


def _histogram(ax: Axes, known: pa.ChunkedArray, theme: Theme) -> None:
    import numpy as np
    import pyarrow as pa

    dates = pa.types.is_date(known.type)
    values: Any = known.cast(pa.int32()).to_numpy() if dates else known.to_numpy()
    whole = dates or pa.types.is_integer(known.type)
    low, high = float(values.min()), float(values.max())
    reach = float(np.quantile(values, _SPAN))
    if reach - low < 0.6 * (high - low):
        high = math.ceil(reach) if whole else reach
    if whole:
        step = max(1, math.ceil((high - low + 1) / _BINS))
        bins = math.ceil((high - low + 1) / step)
        edges: Any = low - 0.5 + step * np.arange(bins + 1)
    else:
        room = 0.0 if high > low else 0.5
        edges = np.linspace(low - room, high + room, _BINS + 1)
    counts, edges = np.histogram(values, edges)
    ax.stairs(counts / len(values), edges, fill=True, color=theme.lines[0])
    beyond = 1 - counts.sum() / len(values)
    if beyond > 0:
        note = f"{percent(round(beyond, 3))} beyond"
        ax.text(
            0.98, 0.95, note, transform=ax.transAxes, ha="right", va="top", fontsize=8.5, color=theme.muted
        )
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.grid(visible=False, axis="y")
    date_axis(ax) if dates else compact_axis(ax, whole)


def compact_axis(ax: Axes, whole: bool) -> None:
    """Few round numbers along the x axis, in thousands and millions where they are large."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10], integer=whole))
    ax.xaxis.set_major_formatter(FuncFormatter(_compact))


def _compact(value: float, _: int | None = None) -> str:
    for least, size, letter in ((1e9, 1e9, "bn"), (1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if abs(value) >= least:
            return f"{value / size:g}{letter}".replace("-", "−")
    return f"{value:,.6g}".replace("-", "−")


def date_axis(ax: Axes) -> None:
    """Few dates along the x axis, whose numbers are days since 1970-01-01; no two labels are the same."""
    low, high = ax.get_xlim()
    days, form = date_ticks(low, high)
    ax.set_xticks(days, [(_EPOCH + datetime.timedelta(days=day)).strftime(form) for day in days])
    ax.set_xlim(low, high)


def date_ticks(low: float, high: float) -> tuple[list[int], str]:
    """Up to four round dates between two, as days since 1970-01-01, and how they are written.

    Days of a few weeks are written whole, and the firsts of months and of years as much as tells them apart.
    """
    first, last = (min(max(day, _FIRST), _LAST) for day in (math.ceil(low), math.floor(high)))
    if last - first <= _WEEKS:
        step = next(size for size in _DAYS if (last - first) // size < _MOST_DATES - 1)
        return [day for day in range(first, last + 1, step) if low <= day <= high], "%Y-%m-%d"
    start, end = (_EPOCH + datetime.timedelta(days=day) for day in (first, last))
    begin, finish = (12 * day.year + day.month - 1 for day in (start, end))
    for step in _MONTHS:
        months = range(-(-max(begin, 12) // step) * step, finish + 1, step)
        if len(months) <= _MOST_DATES + 1:
            firsts = [(datetime.date(n // 12, n % 12 + 1, 1) - _EPOCH).days for n in months]
            found = [day for day in firsts if low <= day <= high]
            if len(found) <= _MOST_DATES:
                return found, "%Y" if step >= 12 else "%Y-%m"
    return [first], "%Y-%m-%d"


def _percent_axis(ax: Axes) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 2.5, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(_as_percent))


def _as_percent(value: float, _: int | None = None) -> str:
    return percent(value)


def _drawable(kind: pa.DataType) -> bool:
    import pyarrow as pa

    types = pa.types
    return any(
        holds(kind)
        for holds in (
            types.is_integer,
            types.is_floating,
            types.is_dictionary,
            types.is_boolean,
            types.is_date32,
        )
    )


def _empty(figure: Figure, theme: Theme) -> None:
    figure.text(0.5, 0.5, "no population to draw", ha="center", va="center", color=theme.muted)
