"""One self-contained HTML page per experiment: the answer first, then what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from importlib.resources import files

from worldwright.report import evidence, importance, sections
from worldwright.report.data import ReportData
from worldwright.report.elements import Section
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

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""What a browser may load for the page: nothing but what it carries. Backs up the escaping of texts."""


def render(data: ReportData) -> str:
    """The report of an experiment as one HTML page.

    It asks for nothing from outside, follows the reader's light or dark setting, and is a function of `data`
    alone: the same data gives the same bytes, and no time of making is written into it.
    """
    shown = [section for make in SECTIONS if (section := make(data)) is not None]
    heading = data.question or data.name
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{data.name}: {heading}" if data.question else data.name),
        tag("link", rel="icon", href="data:,"),
        tag("style", Markup(files("worldwright.report").joinpath("page.css").read_text("utf-8"))),
    )
    body = tag(
        "body",
        _header(data, heading, shown),
        tag("main", join((_section(section) for section in shown), "\n")),
        tag("footer", tag("p", "Made by Worldwright from the tables of this experiment and nothing else.")),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


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


def _section(section: Section) -> Markup:
    title = tag("h2", section.title, id=f"{section.anchor}-title")
    return tag(
        "section",
        title,
        *section.body,
        id=section.anchor,
        class_="answer" if section.anchor == "answer" else None,
        aria_labelledby=f"{section.anchor}-title",
    )
