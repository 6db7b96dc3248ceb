"""One self-contained HTML page per experiment: the answer first, then what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from worldwright.report import evidence, importance, sections
from worldwright.report.data import ReportData
from worldwright.report.elements import Section, section_markup, whole_page
from worldwright.report.markup import Child, Markup, join, tag
from worldwright.report.reading import failed_cells

SECTIONS: tuple[Callable[[ReportData], Section | None], ...] = (
    sections.answer,
    sections.over_time,
    sections.effects,
    importance.sensitivity,
    sections.segments,
    evidence.population,
    sections.other_metrics,
    evidence.failures,
    evidence.provenance,
    evidence.queries,
)
"""The page from top to bottom."""


def render(data: ReportData) -> str:
    """The report of an experiment as one HTML page.

    It asks for nothing from outside, follows the reader's light or dark setting, and is a function of `data`
    alone: the same data gives the same bytes, and no time of making is written into it.
    """
    shown = [section for make in SECTIONS if (section := make(data)) is not None]
    heading = data.question or data.name
    body = tag(
        "body",
        _header(data, heading, shown),
        tag("main", join((section_markup(section) for section in shown), "\n")),
        tag("footer", tag("p", "Made by Worldwright from the tables of this experiment and nothing else.")),
    )
    return whole_page(f"{data.name}: {heading}" if data.question else data.name, body)


def _header(data: ReportData, heading: str, shown: list[Section]) -> Markup:
    facts = [tag("li", *parts) for parts in _facts(data)]
    links = [tag("li", tag("a", section.title, href=f"#{section.anchor}")) for section in shown[1:]]
    return tag(
        "header",
        tag("p", f"Experiment {data.name}", class_="kicker"),
        tag("h1", heading),
        tag("p", data.description) if data.description else None,
        tag("ul", *facts, class_="facts"),
        tag("nav", tag("ul", *links), aria_label="Sections"),
    )


def _facts(data: ReportData) -> list[tuple[Child, ...]]:
    runs = data.runs.num_rows
    replicates = Counter(data.runs.column("cell").to_pylist()).values()
    fewest, most = (min(replicates), max(replicates)) if replicates else (0, 0)
    span = f"{fewest:,}" if fewest == most else f"{fewest:,}–{most:,}"
    failed = sum(failed_cells(data.runs).values())
    counted = [
        (f"{data.ticks:,}", "tick" if data.ticks == 1 else "ticks"),
        (f"{len(data.cells):,}", "cell" if len(data.cells) == 1 else "cells"),
        (span, "replicate of each" if span == "1" else "replicates of each"),
        (f"{runs:,}", "run" if runs == 1 else "runs"),
    ]
    if failed:
        counted.append((f"{failed:,}", "failed"))
    return [(tag("b", number), f" {thing}") for number, thing in counted]
