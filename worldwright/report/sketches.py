"""Small pictures inside a page, as SVG in its own colours: declared as a line or mark, achieved as bars."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from worldwright.report.markup import Markup, tag

_WIDTH, _HEIGHT, _FOOT, _ROW = 300.0, 92.0, 18.0, 21.0
_EPOCH = date(1970, 1, 1)
_MOST_OPTIONS = 20


def histogram(
    edges: Sequence[float],
    achieved: Sequence[float],
    declared: Sequence[float] | None,
    *,
    dates: bool,
    alt: str,
) -> Markup:
    """Shares of bins: bars for the achieved ones, a stepped line for the declared ones."""
    widths = [right - left for left, right in pairwise(edges)]
    heights = [share / width for share, width in zip(achieved, widths, strict=True)]
    line = [share / width for share, width in zip(declared or (), widths, strict=False)]
    top = max([*heights, *line, 1e-300])
    low, span = edges[0], edges[-1] - edges[0]

    def across(value: float) -> float:
        return 4 + (value - low) / span * (_WIDTH - 8)

    def up(value: float) -> float:
        return _HEIGHT - 4 - value / top * (_HEIGHT - 10)

    parts = [
        _rectangle(
            across(left), up(height), (right - left) / span * (_WIDTH - 8) - 0.6, _HEIGHT - 4 - up(height)
        )
        for (left, right), height in zip(pairwise(edges), heights, strict=True)
        if height > 0
    ]
    if line:
        points: list[str] = []
        for (left, right), height in zip(pairwise(edges), line, strict=True):
            points += [f"{across(left):.1f},{up(height):.1f}", f"{across(right):.1f},{up(height):.1f}"]
        parts.append(tag("polyline", points=" ".join(points), class_="declared"))
    parts.append(_rule(4, _WIDTH - 4, _HEIGHT - 4))
    beside = 0.5 if all(edge % 1 == 0.5 for edge in edges) else 0.0  # whole numbers
    first, last = edges[0] + beside, edges[-1] - beside
    ticks = [(first, "start"), (last, "end")]
    if not beside or (first + last) % 2 == 0:
        ticks.insert(1, ((first + last) / 2, "middle"))
    parts += [_text(across(at), _HEIGHT + 11, _spell(at, span, dates=dates), anchor) for at, anchor in ticks]
    return _svg(_HEIGHT + _FOOT, parts, alt)


def bars(
    labels: Sequence[str], achieved: Sequence[float], declared: Sequence[float] | None, *, alt: str
) -> Markup:
    """Shares of labels: a bar for each achieved one, a mark at each declared one; the largest come first."""
    order = list(range(len(labels)))
    if len(order) > _MOST_OPTIONS:
        order = sorted(order, key=lambda i: -achieved[i])[:_MOST_OPTIONS]
    top = max([*(achieved[i] for i in order), *((declared or ())[i] for i in order if declared), 1e-9])
    left, room = 118.0, _WIDTH - 118.0 - 44.0
    parts: list[Markup] = []
    for row, i in enumerate(order):
        y = row * _ROW + 3
        parts.append(_text(left - 6, y + 11, _short(labels[i]), "end", full=labels[i]))
        parts.append(_rectangle(left, y + 1, max(achieved[i] / top * room, 0.5), _ROW - 9))
        if declared is not None:
            x = left + declared[i] / top * room
            parts.append(
                tag(
                    "line",
                    x1=f"{x:.1f}",
                    x2=f"{x:.1f}",
                    y1=f"{y - 1:.1f}",
                    y2=f"{y + _ROW - 6:.1f}",
                    class_="declared",
                )
            )
        parts.append(_text(_WIDTH - 2, y + 11, f"{achieved[i]:.1%}", "end"))
    hidden = len(labels) - len(order)
    if hidden:
        parts.append(_text(left, len(order) * _ROW + 14, f"and {hidden} smaller ones", "start"))
    return _svg(len(order) * _ROW + (20 if hidden else 4), parts, alt)


def dots(rows: Sequence[tuple[str, float, float | None]], *, alt: str) -> Markup:
    """Declared (a mark) and achieved (a dot) correlations on an axis from −1 to 1."""
    width, left = 560.0, 210.0

    def across(value: float) -> float:
        return left + (value + 1) / 2 * (width - left - 12)

    height = len(rows) * _ROW
    parts = [
        tag("line", x1=f"{across(at):.1f}", x2=f"{across(at):.1f}", y1="0", y2=f"{height:.1f}", class_="rule")
        for at in (-1.0, -0.5, 0.0, 0.5, 1.0)
    ]
    for row, (label, declared, achieved) in enumerate(rows):
        y = row * _ROW + _ROW / 2
        parts.append(_text(left - 8, y + 4, _short(label, 34), "end", full=label))
        x = f"{across(declared):.1f}"
        parts.append(tag("line", x1=x, x2=x, y1=f"{y - 7:.1f}", y2=f"{y + 7:.1f}", class_="declared"))
        if achieved is not None:
            parts.append(
                tag("circle", cx=f"{across(achieved):.1f}", cy=f"{y:.1f}", r="4.5", class_="achieved")
            )
    parts += [
        _text(across(at), height + 12, f"{at:g}".replace("-", "−"), "middle")
        for at in (-1.0, -0.5, 0.0, 0.5, 1.0)
    ]
    return _svg(height + _FOOT, parts, alt, width)


def _svg(height: float, parts: Sequence[Markup], alt: str, width: float = _WIDTH) -> Markup:
    return tag("svg", *parts, viewBox=f"0 0 {width:g} {height:g}", role="img", aria_label=alt)


def _rectangle(x: float, y: float, width: float, height: float) -> Markup:
    return tag(
        "rect",
        x=f"{x:.1f}",
        y=f"{y:.1f}",
        width=f"{max(width, 0.4):.1f}",
        height=f"{height:.1f}",
        class_="achieved",
    )


def _rule(left: float, right: float, y: float) -> Markup:
    return tag("line", x1=f"{left:.1f}", x2=f"{right:.1f}", y1=f"{y:.1f}", y2=f"{y:.1f}", class_="rule")


def _text(x: float, y: float, text: str, anchor: str, full: str | None = None) -> Markup:
    title = tag("title", full) if full is not None and full != text else None
    return tag("text", title, text, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor)


def _short(text: str, length: int = 17) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def _spell(value: float, span: float, *, dates: bool) -> str:
    if dates:
        return (_EPOCH + timedelta(days=round(value))).isoformat()
    value = 0.0 if abs(value) < 1e-3 * span else value
    if span >= 10:
        return f"{value:,.0f}".replace("-", "−")
    return f"{value:.3g}".replace("-", "−")
