"""Explanations in words: a line for each attribute, or a labelled line for each step of one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from worldwright.population.explanation.reading import shown
from worldwright.population.explanation.record import (
    AttributeExplanation,
    Bounds,
    Cell,
    Change,
    Chosen,
    Draw,
    Read,
    Redraw,
    Score,
    Taken,
    Term,
    Value,
)

_EPOCH = dt.date(1970, 1, 1)
Line = tuple[str, str]
"""A label and what it says."""


def value_text(attribute: AttributeExplanation) -> str:
    """The final value with its unit."""
    value = shown(attribute.value)
    return f"{value} {attribute.unit}" if attribute.unit and attribute.value is not None else value


def summary(attribute: AttributeExplanation) -> str:
    """How the attribute came about, in one line."""
    if attribute.only_if is not None and not attribute.only_if.holds:
        return f"only if {attribute.only_if.text}"
    parts: list[str] = []
    if attribute.taken is not None:
        parts.append(f"row {attribute.taken.row:,} of {attribute.taken.file}")
    if attribute.cell is not None:
        others = [name for name in attribute.cell.members if name != attribute.name]
        with_others = f" with {', '.join(others)}" if others else ""
        parts.append(f"raked{with_others}: cell of share {attribute.cell.share:.4g}")
    elif attribute.draw is not None:
        parts.append(f"{_law(attribute.draw, attribute.type)} at {attribute.draw.uniform:.4f}")
        if attribute.draw.component is not None:
            parts.append(_component(attribute.draw.component))
        if attribute.draw.score is not None:
            parts.append("correlated")
    elif attribute.formula is not None:
        parts.append(f"= {attribute.formula.text}")
    fired = sum(change.when.holds for change in attribute.modifiers)
    if attribute.modifiers:
        parts.append(f"{fired} of {len(attribute.modifiers)} modifiers")
    if attribute.clipped is not None or attribute.clamped is not None:
        parts.append("clipped" if attribute.clipped is not None else "clamped")
    if attribute.redraws:
        parts.append(f"redrawn {attribute.redraws[-1].count}×")
    return ", ".join(parts)


def steps(attribute: AttributeExplanation) -> list[Line]:
    """Every step that led to the value, in order."""
    lines: list[Line] = []
    if attribute.only_if is not None:
        held = "holds" if attribute.only_if.holds else "does not hold: missing"
        lines.append(("only if", f"{attribute.only_if.text}{_given(attribute.only_if.reads)}: {held}"))
    for redraw in attribute.redraws:
        lines += _redraw(redraw)
    if attribute.taken is not None:
        lines += _taken(attribute.taken)
    if attribute.cell is not None and attribute.draw is not None:
        lines += _cell(attribute.cell, attribute.draw)
    elif attribute.draw is not None:
        lines += _draw(attribute.draw, attribute.type)
    if attribute.formula is not None:
        formula = attribute.formula
        lines.append(("formula", f"{formula.text}{_given(formula.reads)} = {shown(formula.value)}"))
    lines += [("modifier", _change(change)) for change in attribute.modifiers]
    if attribute.draw is not None and attribute.draw.shares:
        after = " after modifiers" if attribute.modifiers else ""
        if attribute.cell is not None:
            earlier = attribute.cell.members[: attribute.cell.members.index(attribute.name)]
            after = f" given {', '.join(earlier)}" if earlier else ""
        lines.append(("shares", ", ".join(f"{s.label} {s.share:.4f}" for s in attribute.draw.shares) + after))
        lines.append(("drawn", _placed(attribute.draw)))
    if attribute.modified is not None:
        lines.append(("modified", f"{attribute.modified:.6g}"))
    if attribute.clamped is not None:
        lines.append(("clamped", _bounds(attribute.clamped)))
    if attribute.rounded is not None:
        lines.append(("rounded", f"{attribute.rounded:.0f}"))
    if attribute.clipped is not None:
        lines.append(("clipped", _bounds(attribute.clipped)))
    return [*lines, ("value", value_text(attribute))]


def _draw(draw: Draw, kind: str) -> list[Line]:
    tried = f", attempt {draw.attempt}" if draw.attempt else ""
    lines: list[Line] = [("draw", f"u = {draw.keyed:.6f} of stream {draw.stream}{tried}")]
    if draw.left is not None:
        lines.append(("left", f"the constraint leaves {draw.left[0]:.6g} … {draw.left[1]:.6g}"))
        lines.append(("", f"the draw is placed there, at {draw.placed:.9g}"))
    if draw.score is not None:
        lines.append(("score", _score(draw.score)))
        lines.append(("", f"the law is read at its probability, {draw.uniform:.6f}"))
    if draw.shares:
        return lines + [("law", f"{draw.family}, {term.name} = {_term(term)}") for term in draw.parameters]
    if draw.component is not None:
        chosen, below = (
            draw.component,
            sum(s.share for s in draw.component.shares[: draw.component.number - 1]),
        )
        upper = below + chosen.shares[chosen.number - 1].share
        lines.append(("component", f"{_component(chosen)}, which takes {below:.4f} … {upper:.4f}"))
        lines.append(("", f"its law is read at {chosen.uniform:.6f}, where u lies in that part"))
    lines.append(("law", _law(draw, kind)))
    lines += [("", f"{term.name} = {_term(term)}") for term in _computed(draw)]
    return [*lines, ("base draw", _spelled(draw.value, kind))]


def _cell(cell: Cell, draw: Draw) -> list[Line]:
    labels = ", ".join(f"{n} {label}" for n, label in zip(cell.members, cell.labels, strict=True))
    if cell.place is None or cell.first is None or cell.count is None:
        lines: list[Line] = [("draw", f"u = {draw.keyed:.6f} of stream {draw.stream}")]
        reach = f"{cell.below:.6f} … {cell.below + cell.share:.6f}"
        return [*lines, ("cell", f"{labels}: fitted share {cell.share:.6f}, which takes {reach}")]
    lines = [("place", f"{cell.place:,} of {cell.agents:,}, in the keyed order of stream {draw.stream}")]
    last = cell.first + cell.count - 1
    counted = f"{cell.count:,} agents, places {cell.first:,} … {last:,}"
    return [*lines, ("cell", f"{labels}: fitted share {cell.share:.6f}, {counted}")]


def _taken(taken: Taken) -> list[Line]:
    how = "agents are rows in order" if taken.keyed is None else f"u = {taken.keyed:.6f}"
    return [
        ("row", f"{taken.row:,} of {taken.rows:,} in {taken.file} ({how})"),
        ("column", f"{taken.column}: {shown(taken.value)}"),
    ]


def _component(chosen: Chosen) -> str:
    return f"component {chosen.number} of {len(chosen.shares)}"


def _law(draw: Draw, kind: str) -> str:
    if draw.family == "boolean":
        return f"boolean({draw.shares[-1].share:.4g})"
    parameters = ", ".join(f"{term.name} {_spelled(term.value, kind)}" for term in draw.parameters)
    text = f"{draw.family}({parameters})" if parameters else draw.family
    ends = (draw.minimum, draw.maximum)
    if draw.clamp:
        return f"{text} clamped to " + " and ".join(f"{t.name} {t.value:.6g}" for t in ends if t is not None)
    low, high = draw.interval
    if low is None and high is None:
        return text
    least = "−∞" if low is None else _spelled(low, kind)
    return f"{text} on [{least}, {'∞' if high is None else _spelled(high, kind)}]"


def _computed(draw: Draw) -> Iterable[Term]:
    terms = (*draw.parameters, draw.minimum, draw.maximum)
    return (term for term in terms if term is not None and term.reads)


def _placed(draw: Draw) -> str:
    below = 0.0
    for share in draw.shares:
        if share.label == shown(draw.value):
            return f"{share.label}, which takes {below:.4f} … {below + share.share:.4f}"
        below += share.share
    return shown(draw.value)


def _score(score: Score) -> str:
    parts = [
        f"{part.coefficient:+.4f} × {'own draw' if part.fresh else 'score'} of {part.name} ({part.score:.4f})"
        for part in score.parts
    ]
    return f"z = {score.value:.4f} = " + " ".join(parts)


def _change(change: Change) -> str:
    when = f"{change.when.text}{_given(change.when.reads)}"
    if not change.when.holds:
        return f"– {when}: does not apply"
    return f"✓ {when}: " + ", ".join(f"{term.name} {_term(term)}" for term in change.effects)


def _redraw(redraw: Redraw) -> list[Line]:
    lines = [("constraint", text) for text in redraw.constraints]
    for attempt in redraw.attempts:
        if attempt.number == redraw.count and redraw.count >= len(redraw.attempts):
            lines.append(("", "…"))
        values = ", ".join(f"{read.name} = {shown(read.value)}" for read in attempt.values)
        outcome = "kept" if attempt.broken is None else f"breaks {attempt.broken}"
        lines.append(("", f"attempt {attempt.number}: {values}: {outcome}"))
    return lines


def _bounds(bounds: Bounds) -> str:
    low, high = bounds.low, bounds.high
    ends = f"{'−∞' if low is None else f'{low:.6g}'} … {'∞' if high is None else f'{high:.6g}'}"
    return f"to {ends}: {bounds.value:.6g}"


def _term(term: Term) -> str:
    if not term.reads:
        return term.text
    return f"{term.text} = {term.value:.6g}{_given(term.reads)}"


def _given(reads: tuple[Read, ...]) -> str:
    return f" ({', '.join(f'{read.name} = {shown(read.value)}' for read in reads)})" if reads else ""


def _spelled(value: Value, kind: str) -> str:
    """A number of an attribute; a day where it is a date."""
    if kind == "date" and isinstance(value, float):
        return str(_EPOCH + dt.timedelta(days=int(value)))
    return shown(value)
