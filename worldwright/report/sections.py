"""The page's sections about the answer, one function each; each gives None where it has nothing to say."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from worldwright.experiment.factors import short
from worldwright.report import plots
from worldwright.report.data import Cell, ReportData
from worldwright.report.elements import Section, figure, more
from worldwright.report.markup import Child, Markup, table, tag
from worldwright.report.numbers import count, fitting, percent
from worldwright.report.reading import (
    Point,
    answer_table,
    answers_of,
    curves_of,
    effects_of,
    ends_of,
    factors_of,
    failed_cells,
    metrics_of,
    segment_attributes,
    spell,
)
from worldwright.report.words import effect_format, ending_format, kind_and_unit, sentences

MOST_OTHER_CURVES = 6
"""Other metrics whose curves are drawn; the others are tables alone."""
MOST_OPEN_ROWS = 12
"""Cells whose end values are shown unfolded."""
FIXED = "All replicates share one population, so the intervals leave out that it was sampled."


def answer(data: ReportData) -> Section:
    """The answer in words, and the end value of every cell."""
    said = [tag("p", sentence, class_="said") for sentence in sentences(data)]
    meaning = data.metric_descriptions.get(data.main_metric)
    explained = tag("p", tag("code", data.main_metric), f": {meaning}", class_="note") if meaning else None
    ends = answers_of(data)
    if not ends:
        return Section("answer", "Answer", (*said, explained))
    drawn = None
    if len(data.cells) > 1:
        drawn = figure(
            partial(
                plots.answer,
                answer_table(data),
                data.cells,
                data.asked,
                when=data.when,
                **_measured(data, data.asked),
            ),
            alt=f"Dot plot: {data.asked} {data.when} for each cell, with intervals. "
            "The table below has the same numbers.",
            caption=None,
        )
    values = _end_table(data, data.asked, ends)
    if len(data.cells) > MOST_OPEN_ROWS:
        values = more(f"The values of all {count(len(data.cells), 'cell')}", values)
    return Section("answer", "Answer", (*said, explained, drawn, values))


def over_time(data: ReportData) -> Section | None:
    """The curves of the main metric."""
    if not ends_of(data.summary, data.main_metric):
        return None
    return Section("over-time", "Over time", (_curves(data, data.main_metric),))


def effects(data: ReportData) -> Section | None:
    """What each factor changes."""
    found = effects_of(data.effects, data.asked)
    if not found:
        return None
    form = effect_format(data, data.asked, found)
    measured = f", {form.difference_unit}" if form.difference_unit else ""
    rows: list[list[Child]] = [
        [
            _factor(data, e.factor),
            f"{e.from_value} → {e.to_value}",
            e.held or "–",
            form.difference(e.difference),
            form.difference_interval(e.low, e.high) if e.low is not None else "none",
            f"{e.n:,}",
        ]
        for e in found
    ]
    columns = ["factor", "change", "others held at", "difference", _interval_name(data), "pairs"]
    caption = _caption(data, f"Differences of {data.asked} {data.when}{measured}, paired by replicate.")
    return Section(
        "effects",
        "What changes it",
        (
            figure(
                partial(
                    plots.effects, data.effects, data.asked, when=data.when, **_measured(data, data.asked)
                ),
                alt=f"Paired differences of {data.asked} for each factor, with intervals. "
                "The table that follows has the same numbers.",
                caption=f"Each value of a factor against its first, replicate by replicate, with "
                f"{percent(data.confidence)} intervals. One that crosses zero leaves the direction open.",
            ),
            more(
                f"All {count(len(rows), 'difference')}",
                table(caption, columns, rows, heads=2, numeric=(3, 4, 5)),
            ),
        ),
    )


def segments(data: ReportData) -> Section | None:
    """The main metric split by attributes of the agents."""
    attributes = segment_attributes(data.summary, data.main_metric)
    if not attributes:
        return None
    body: list[Child] = []
    for attribute in attributes:
        draw = partial(
            plots.segments,
            data.summary,
            data.cells,
            data.main_metric,
            attribute=attribute,
            **_measured(data, data.main_metric),
        )
        alt = (
            f"{data.main_metric} over ticks by {attribute}, one panel per cell. End values are in the table."
        )
        body += [
            figure(draw, alt=alt, caption=f"{data.main_metric} by {attribute}{_bands(data)}."),
            more(f"End values by {attribute}", _segment_table(data, attribute)),
        ]
    return Section("segments", "By group", tuple(body))


def other_metrics(data: ReportData) -> Section | None:
    """Every other metric: its curves and its end values."""
    others = [metric for metric in metrics_of(data.summary) if metric != data.main_metric]
    body: list[Child] = []
    for index, metric in enumerate(others):
        ends = ends_of(data.summary, metric)
        if not ends:
            continue
        meaning = data.metric_descriptions.get(metric)
        body += [
            tag("h3", metric),
            tag("p", meaning, class_="note") if meaning else None,
            _curves(data, metric) if index < MOST_OTHER_CURVES else None,
            more(f"End values of {metric}", _end_table(data, metric, ends)),
        ]
    return Section("other-metrics", "Other metrics", tuple(body)) if body else None


def _curves(data: ReportData, metric: str) -> Markup:
    cells = count(len(data.cells), "cell")
    return figure(
        partial(plots.curves, data.summary, data.cells, metric, **_measured(data, metric)),
        alt=f"{metric} over {count(data.ticks, 'tick')} for {cells}: means over replicates with bands.",
        caption=f"{metric}, mean over replicates{_bands(data)}.",
    )


def _end_table(data: ReportData, metric: str, ends: dict[int, Point]) -> Markup:
    form = ending_format(data, metric, ends)
    factors = factors_of(data.cells)
    notes = [_note(data, index, ends.get(index)) for index in range(len(data.cells))]
    noted = any(notes)
    rows: list[list[Child]] = []
    for index, (cell, note) in enumerate(zip(data.cells, notes, strict=True)):
        end = ends.get(index)
        values = [
            form.value(end.mean if end else None),
            form.interval(end.low, end.high) if end and end.low is not None else "none",
            f"{end.n if end else 0:,}",
        ]
        rows.append([*_settings(cell, factors), *values, *([note] if noted else [])])
    heads = max(1, len(factors))
    columns = [
        *([_factor(data, factor) for factor in factors] or ["cell"]),
        metric,
        _interval_name(data),
        "runs",
        *(["note"] if noted else []),
    ]
    last = max(end.tick for end in ends.values())
    read = (
        f"{metric} ({data.main_metric}, {data.when})"
        if data.outcome and metric == data.asked
        else f"{metric} after {count(last, 'tick')}"
    )
    caption = _caption(data, f"{read}, mean over replicates.")
    return table(caption, columns, rows, heads=heads, numeric=range(heads, heads + 3))


def _segment_table(data: ReportData, attribute: str) -> Markup:
    metric = data.main_metric
    ends = {key: points[-1] for key, points in curves_of(data.summary, metric).items()}
    ends = {key: end for key, end in ends.items() if key[1].partition("=")[0] == attribute}
    names = list(dict.fromkeys(segment for _, segment in ends))
    form = fitting(
        (end.mean for end in ends.values()),
        (end.half_width for end in ends.values()),
        data.kinds.get(metric),
        data.units.get(metric, ""),
    )
    factors = factors_of(data.cells)
    rows: list[list[Child]] = []
    for index, cell in enumerate(data.cells):
        for name in names:
            end = ends.get((index, name))
            if end is not None:
                interval = form.interval(end.low, end.high) if end.low is not None else "none"
                option = name.partition("=")[2]
                rows.append([*_settings(cell, factors), option, form.value(end.mean), interval, f"{end.n:,}"])
    heads = max(1, len(factors)) + 1
    columns = [*([_factor(data, f) for f in factors] or ["cell"]), attribute]
    columns += [metric, _interval_name(data), "runs"]
    caption = _caption(data, f"{metric} by {attribute} at the last tick, mean over replicates.")
    return table(caption, columns, rows, heads=heads, numeric=range(heads, heads + 3))


def _note(data: ReportData, cell: int, end: Point | None) -> str:
    failed = failed_cells(data.runs).get(cell, 0)
    if failed:
        runs = data.runs.column("cell").to_pylist().count(cell)
        return f"incomplete: {failed:,} of {count(runs, 'run')} failed"
    if end is None:
        return "no finished run"
    if end.low is None:
        return "one replicate" if end.n == 1 else "no interval"
    return ""


def _settings(cell: Cell, factors: Sequence[str]) -> list[str]:
    if not factors:
        return [cell.label]
    return [spell(cell.settings[factor]) if factor in cell.settings else "default" for factor in factors]


def _factor(data: ReportData, factor: str) -> str:
    unit = data.units.get(short(factor))
    return f"{short(factor)} ({unit})" if unit else short(factor)


def _measured(data: ReportData, metric: str) -> dict[str, str]:
    kind, unit = kind_and_unit(data, metric)
    return {"unit": unit} | ({"kind": kind} if kind is not None else {})


def _interval_name(data: ReportData) -> str:
    return f"{percent(data.confidence)} interval"


def _bands(data: ReportData) -> str:
    fixed = f". {FIXED.removesuffix('.')}" if data.fixed_population else ""
    return f", with {percent(data.confidence)} bands; dashed where there is no interval{fixed}"


def _caption(data: ReportData, text: str) -> str:
    return f"{text} {FIXED}" if data.fixed_population else text
