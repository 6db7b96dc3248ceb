"""The answer in plain sentences, computed from the tables."""

from __future__ import annotations

from worldwright.experiment.factors import short
from worldwright.report.data import ReportData
from worldwright.report.numbers import Format, count, fitting, percent
from worldwright.report.reading import AVERAGED, Effect, Point, answers_of, effects_of, failed_cells

_MOST_FACTORS = 3
_PHRASES: dict[str, tuple[str, frozenset[str]]] = {
    "share": ("share of", frozenset({"share", "rate", "proportion", "fraction"})),
    "count": ("number of", frozenset({"count", "number"})),
    "mean": ("mean of", frozenset({"mean", "average"})),
    "median": ("median of", frozenset({"median"})),
    "sum": ("sum of", frozenset({"sum", "total"})),
    "min": ("smallest", frozenset({"min", "minimum", "least", "smallest"})),
    "max": ("largest", frozenset({"max", "maximum", "most", "largest"})),
}
"""What a kind of metric is called, and the words of a name that say so already."""


def sentences(data: ReportData) -> list[str]:
    """What the main metric comes to, what the factors change, and what is missing; one sentence each.

    Cells with failed runs are left out of the comparison while any complete cell is there.
    """
    ends = answers_of(data)
    if not ends:
        return ["No run has finished, so there is no answer yet."]
    incomplete = {cell for cell in failed_cells(data.runs) if cell < len(data.cells)}
    complete = {cell: end for cell, end in ends.items() if cell not in incomplete}
    compared = complete or ends
    told = [_answer(data, compared)]
    changes = _changes(data)
    if changes:
        told.append(changes)
    if incomplete:
        told.append(_missing(data, incomplete, left_out=bool(complete)))
    return told


def phrase(metric: str, kind: str | None) -> str:
    """A metric in a sentence: `the share of adopters`, `the mean of wealth`; as named where that says it."""
    words = metric.replace("_", " ").strip()
    lead, synonyms = _PHRASES.get(kind or "", ("", frozenset[str]()))
    if not lead:
        return words
    return f"the {words}" if synonyms & set(words.lower().split()) else f"the {lead} {words}"


def kind_and_unit(data: ReportData, name: str) -> tuple[str | None, str]:
    """How a metric, or the outcome the answer is about, was declared, and its unit."""
    if data.outcome is not None and name == data.outcome.name:
        if data.outcome.in_ticks:
            return None, "ticks"
        name = data.main_metric
    return data.kinds.get(name), data.units.get(name, "")


def ending_format(data: ReportData, metric: str, ends: dict[int, Point]) -> Format:
    """The format for the end values of a metric, common to all cells."""
    points = ends.values()
    kind, unit = kind_and_unit(data, metric)
    return fitting((p.mean for p in points), (p.half_width for p in points), kind, unit)


def effect_format(data: ReportData, metric: str, effects: list[Effect]) -> Format:
    """The format for differences of a metric, common to all effects."""
    kind, unit = kind_and_unit(data, metric)
    return fitting((e.difference for e in effects), (e.half_width for e in effects), kind, unit)


def _answer(data: ReportData, ends: dict[int, Point]) -> str:
    form = ending_format(data, data.asked, ends)
    start = _start(data, max(end.tick for end in ends.values()))
    confidence = f"{percent(data.confidence)} interval "

    def said(end: Point, lead: str = confidence) -> str:
        return (
            f"{form.value(end.mean)} ({lead}{form.interval(end.low, end.high)})"
            if end.low is not None
            else (f"{form.value(end.mean)} (no interval)")
        )

    highest = max(ends, key=lambda cell: ends[cell].mean)
    lowest = min(ends, key=lambda cell: ends[cell].mean)
    if len(ends) == 1:
        where = f" at {data.cells[highest].label}" if len(data.cells) > 1 else ""
        return f"{start}{where} is {said(ends[highest])}."
    if form.value(ends[highest].mean) == form.value(ends[lowest].mean):
        return f"{start} is the same in all {len(ends)} cells: {form.value(ends[highest].mean)}."
    return (
        f"{start} is highest at {data.cells[highest].label}: {said(ends[highest])}, "
        f"and lowest at {data.cells[lowest].label}: {said(ends[lowest], '')}."
    )


def _start(data: ReportData, last: int) -> str:
    measured = phrase(data.main_metric, data.kinds.get(data.main_metric))
    if data.outcome is None:
        return f"After {count(last, 'tick')} {measured}"
    if data.outcome.in_ticks:
        return f"For {measured}, the {data.outcome.words}"
    return f"{measured[0].upper()}{measured[1:]}, {data.outcome.words},"


def _changes(data: ReportData) -> str:
    """The largest contrast of each factor, over everything else."""
    averaged = [e for e in effects_of(data.effects, data.asked) if e.averaged]
    largest: dict[str, Effect] = {}
    for effect in averaged:
        known = largest.get(effect.factor)
        if known is None or abs(effect.difference) > abs(known.difference):
            largest[effect.factor] = effect
    ranked = sorted(largest.values(), key=lambda e: -abs(e.difference))[:_MOST_FACTORS]
    if not ranked:
        return ""
    form = effect_format(data, data.asked, averaged)
    over = "Averaged over the other factors, going" if any(e.held == AVERAGED for e in ranked) else "Going"
    parts: list[str] = []
    for effect in ranked:
        change = f"from {short(effect.factor)}={effect.from_value} to {effect.to_value}"
        parts.append(f"{change} {_effect_said(effect, form, first=not parts, confidence=data.confidence)}")
    return f"{over} {'; '.join(parts)}."


def _effect_said(effect: Effect, form: Format, *, first: bool, confidence: float) -> str:
    unit = f" {form.difference_unit}" if first and form.difference_unit else ""
    lead = f"{percent(confidence)} interval " if first else ""
    amount = f"{form.difference(effect.difference)}{unit}"
    if effect.low is None or effect.high is None:
        return f"changes it by {amount} (no interval)"
    interval = f"({lead}{form.difference_interval(effect.low, effect.high)})"
    if effect.low <= 0 <= effect.high:
        return f"makes no clear difference: {amount} {interval}"
    return f"changes it by {amount} {interval}"


def _missing(data: ReportData, incomplete: set[int], *, left_out: bool) -> str:
    are = "is" if len(incomplete) == 1 else "are"
    said = f"{len(incomplete)} of {count(len(data.cells), 'cell')} {are} incomplete, because runs failed"
    return (
        f"{said}; {'it is' if len(incomplete) == 1 else 'they are'} left out of the comparison."
        if left_out
        else (f"{said}, and shown without an interval.")
    )
