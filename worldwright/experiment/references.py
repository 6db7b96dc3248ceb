"""What can be wrong between an experiment and the world it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from worldwright.diagnostics import Diagnostic
from worldwright.experiment.checks import span_at
from worldwright.experiment.codes import OUTCOME_SHAPE, UNKNOWN_FACTOR, UNKNOWN_METRIC
from worldwright.experiment.documents import ExperimentDocument, factors
from worldwright.spec.tree import MappingNode


def unknown_factors(
    document: ExperimentDocument, node: MappingNode, parameters: Mapping[str, Any]
) -> list[Diagnostic]:
    """Factors that name no parameter of the world."""
    listed = ", ".join(sorted(parameters)) or "none"
    return [
        UNKNOWN_FACTOR.at(
            span_at(node, "design", "grid" if document.design.grid else "list", factor),
            f"the world has no parameter {factor.removeprefix('world.')!r}",
            help=f"its parameters are: {listed}",
        )
        for factor in factors(document)
        if factor.removeprefix("world.") not in parameters
    ]


def unknown_metrics(
    document: ExperimentDocument, node: MappingNode, declared: Iterable[str], scripts: Iterable[str]
) -> list[Diagnostic]:
    """Metrics the experiment is about that its world does not declare and no script can record.

    Args:
        document: The experiment.
        node: Its tree.
        declared: The names of the metrics the world declares.
        scripts: The sources of its scripts, which may record metrics of their own.
    """
    known, sources = list(declared), list(scripts)
    wanted: dict[tuple[str, ...], str | None] = {("metric",): document.metric}
    wanted |= {("outcomes", name, "metric"): use.metric for name, use in document.outcomes.items()}
    if not isinstance(document.replicates, int) and document.replicates.until is not None:
        wanted["replicates", "until", "metric"] = document.replicates.until.metric
    found: list[Diagnostic] = []
    for place, metric in wanted.items():
        if metric is None or metric in known or any(_spells(source, metric) for source in sources):
            continue
        near = get_close_matches(metric, known, 1)
        offer = f"did you mean {near[0]!r}? " if near else ""
        found.append(
            UNKNOWN_METRIC.at(
                span_at(node, *place),
                f"the world has no metric {metric!r}",
                help=f"{offer}it declares: {', '.join(known) or 'none'}",
            )
        )
    for name, use in document.outcomes.items():
        if name in known and (name != use.metric or use.at.how != "last"):
            found.append(
                OUTCOME_SHAPE.at(
                    span_at(node, "outcomes", name),
                    f"the outcome {name!r} has the name of a metric and is something else",
                    help=f"tables show {name!r} at the last tick under that name; choose another",
                )
            )
    return found


def _spells(source: str, metric: str) -> bool:
    return f'"{metric}"' in source or f"'{metric}'" in source
