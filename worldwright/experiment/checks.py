"""What can be wrong in an experiment document by itself."""

from __future__ import annotations

import re

from worldwright.diagnostics import Diagnostic, Span
from worldwright.experiment.codes import (
    DESIGN_SHAPE,
    OUTCOME_SHAPE,
    RECORD_RANGE,
    REPLICATE_RANGE,
    SCHEDULE_SHAPE,
    UNKNOWN_FACTOR,
)
from worldwright.experiment.documents import Design, ExperimentDocument, factors
from worldwright.experiment.factors import FORMS, factor_of
from worldwright.spec.tree import MappingNode, Node

_CRON = re.compile(r"^\S+(\s+\S+){4}$")


def checks(document: ExperimentDocument, node: MappingNode) -> list[Diagnostic]:
    """Everything that is wrong with a document whose keys and values are of the right kinds."""
    return [
        *_design_checks(document, node),
        *_outcome_checks(document, node),
        *_replicate_checks(document, node),
        *_schedule_checks(document, node),
        *_record_checks(document, node),
    ]


def _design_checks(document: ExperimentDocument, node: MappingNode) -> list[Diagnostic]:
    design, found = document.design, list[Diagnostic]()
    if len(design.given) > 1:
        words = " and ".join(f"`{word}`" for word in design.given)
        found.append(
            DESIGN_SHAPE.at(span_at(node, "design"), f"the design has {words}", help="keep one of them")
        )
    found += _range_checks(document, node)
    for factor, values in (design.grid or {}).items():
        span = span_at(node, "design", "grid", factor)
        if not values:
            found.append(DESIGN_SHAPE.at(span, f"{factor} has no values", help="give it at least one value"))
        if len(set(map(repr, values))) != len(values):
            found.append(DESIGN_SHAPE.at(span, f"{factor} repeats a value", help="name each value once"))
    if design.list is not None and not design.list:
        found.append(DESIGN_SHAPE.at(span_at(node, "design", "list"), "the list of cells is empty"))
    if design.list and len({frozenset(setting) for setting in design.list}) > 1:
        found.append(
            DESIGN_SHAPE.at(
                span_at(node, "design", "list"),
                "the cells of the list name different factors",
                help="let every cell name the same ones",
            )
        )
    found += [
        UNKNOWN_FACTOR.at(
            span_at(node, "design", *factor_place(document, factor)),
            f"{factor!r} is nothing that can be varied",
            help=f"a factor is {FORMS}",
        )
        for factor in factors(document)
        if factor_of(factor) is None
    ]
    return found


def _range_checks(document: ExperimentDocument, node: MappingNode) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    for word, of in document.design.sampled.items():
        count = "points" if word == "sobol_indices" else "cells"
        number = getattr(of, count, None)
        if word in ("sobol", "sobol_indices") and number is not None and number & (number - 1):
            near = 1 << (number.bit_length() - 1)
            found.append(
                DESIGN_SHAPE.at(
                    span_at(node, "design", word, count),
                    f"{number} is not a power of 2, and Sobol' points are balanced only then",
                    help=f"write {near} or {2 * near}",
                )
            )
        if not of.ranges:
            found.append(DESIGN_SHAPE.at(span_at(node, "design", word), "the design has no ranges"))
        for factor, over in of.ranges.items():
            span = span_at(node, "design", word, "ranges", factor)
            if not over.min < over.max:
                found.append(
                    DESIGN_SHAPE.at(span, f"{factor} has no range: min is {over.min:g}, max {over.max:g}")
                )
            if over.log and over.min <= 0:
                found.append(
                    DESIGN_SHAPE.at(span, f"{factor} is varied by ratios, and these need a min above 0")
                )
    return found


def factor_place(document: ExperimentDocument, factor: str) -> tuple[str, ...]:
    """Where a factor stands below `design:`."""
    for word in document.design.sampled:
        return word, "ranges", factor
    return ("grid", factor) if document.design.grid else ("list",)


def _outcome_checks(document: ExperimentDocument, node: MappingNode) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    if document.metric is not None and document.outcomes:
        found.append(
            OUTCOME_SHAPE.at(
                span_at(node, "metric"),
                "`metric:` and `outcomes:` both say what the experiment is about",
                help="keep `outcomes:`; the first of them is what the answer is about",
            )
        )
    for name, use in document.outcomes.items():
        window = use.at.window
        if window is not None and (window[1] > document.ticks or window[1] < 1):
            found.append(
                OUTCOME_SHAPE.at(
                    span_at(node, "outcomes", name, "at"),
                    f"the window {window[0]} to {window[1]} is not within the ticks, which are 1 to "
                    f"{document.ticks}",
                    help="end it at the last tick, or run more `ticks:`",
                )
            )
    return found


def _replicate_checks(document: ExperimentDocument, node: MappingNode) -> list[Diagnostic]:
    replicates, span = document.replicates, span_at(node, "replicates")
    if isinstance(replicates, int):
        return []
    found: list[Diagnostic] = []
    if replicates.max is not None and replicates.max < replicates.min:
        found.append(
            REPLICATE_RANGE.at(
                span, f"`max` ({replicates.max}) is below `min` ({replicates.min})", help="swap or raise them"
            )
        )
    until = replicates.until
    if until is not None:
        if (until.metric is None) == (until.outcome is None):
            found.append(
                REPLICATE_RANGE.at(
                    span_at(node, "replicates", "until"), "`until` needs one of metric and outcome"
                )
            )
        if until.outcome is not None and until.outcome not in document.outcomes:
            known = ", ".join(document.outcomes) or "none"
            found.append(
                OUTCOME_SHAPE.at(
                    span_at(node, "replicates", "until", "outcome"),
                    f"there is no outcome {until.outcome!r}",
                    help=f"`outcomes:` has: {known}",
                )
            )
        if (until.half_width is None) == (until.relative_half_width is None):
            found.append(
                REPLICATE_RANGE.at(
                    span_at(node, "replicates", "until"),
                    "`until` needs one of half_width and relative_half_width",
                )
            )
        if until.of == "effect" and not _compares(document.design):
            found.append(
                REPLICATE_RANGE.at(
                    span_at(node, "replicates", "until", "of"),
                    "there are no effects to be precise about",
                    help="effects are differences between the cells of a `grid:` or `list:` of two or more; "
                    "write `of: cell`",
                )
            )
        if replicates.min < 2:
            found.append(REPLICATE_RANGE.at(span, "stopping at a width needs `min` of at least 2"))
    elif replicates.max is not None and replicates.max > replicates.min:
        found.append(
            REPLICATE_RANGE.at(
                span,
                "`max` says how far to go, and nothing says when to stop",
                help="add `until:`, or give one number of replicates",
            )
        )
    return found


def _compares(design: Design) -> bool:
    """Whether there are cells that differ in one factor."""
    return any(len(values) > 1 for values in (design.grid or {}).values()) or len(design.list or []) > 1


def _schedule_checks(document: ExperimentDocument, node: MappingNode) -> list[Diagnostic]:
    if document.schedule is None or _CRON.match(document.schedule):
        return []
    return [
        SCHEDULE_SHAPE.at(
            span_at(node, "schedule"),
            f"{document.schedule!r} is not a cron expression",
            help="five fields: minute hour day month weekday, such as '0 5 * * 1'",
        )
    ]


def _record_checks(document: ExperimentDocument, node: MappingNode) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    late = [tick for tick in document.record.agents.ticks if tick != "last" and tick > document.ticks]
    if late:
        found.append(
            RECORD_RANGE.at(
                span_at(node, "record", "agents", "ticks"),
                f"agents cannot be recorded at tick {late[0]}: the ticks are 0 to {document.ticks}",
                help="write ticks up to the last, or `last`",
            )
        )
    events = document.record.events
    if events is not None and events.ticks and not events.ticks[0] <= events.ticks[1] <= document.ticks:
        first, last = events.ticks
        found.append(
            RECORD_RANGE.at(
                span_at(node, "record", "events", "ticks"),
                f"the events of ticks {first} to {last} are not within the ticks, 0 to {document.ticks}",
                help="write the first and the last tick, such as `ticks: [0, 10]`",
            )
        )
    return found


def span_at(node: Node, *path: str | int) -> Span:
    """The place of the deepest part of `path` that is in the document."""
    for step in path:
        inner = node.get(step) if isinstance(node, MappingNode) and isinstance(step, str) else None
        if inner is None:
            break
        node = inner
    return node.span
