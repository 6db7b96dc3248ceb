"""What can be wrong between an experiment and the world it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from worldwright.diagnostics import Diagnostic
from worldwright.errors import UsageError
from worldwright.experiment.checks import factor_place, span_at
from worldwright.experiment.codes import FACTOR_VALUE, OUTCOME_SHAPE, UNKNOWN_FACTOR, UNKNOWN_METRIC
from worldwright.experiment.documents import ExperimentDocument, Scalar, factors
from worldwright.spec.tree import MappingNode
from worldwright.world import WorldProgram, resolve_parameters


def unknown_factors(
    document: ExperimentDocument, node: MappingNode, parameters: Mapping[str, Any]
) -> list[Diagnostic]:
    """Factors that name no parameter of the world."""
    listed = ", ".join(sorted(parameters)) or "none"
    return [
        UNKNOWN_FACTOR.at(
            span_at(node, "design", *factor_place(document, factor)),
            f"the world has no parameter {factor.removeprefix('world.')!r}",
            help=f"its parameters are: {listed}",
        )
        for factor in factors(document)
        if factor.removeprefix("world.") not in parameters
    ]


def unfit_values(document: ExperimentDocument, node: MappingNode, world: WorldProgram) -> list[Diagnostic]:
    """Values of factors that their parameter cannot have, each told once."""
    found: dict[str, Diagnostic] = {}
    for factor, value in _values(document):
        name = factor.removeprefix("world.")
        if name not in world.parameters or factor in found:
            continue
        try:
            resolve_parameters(world, {name: value})
            problem = None
            if factor in document.design.ranges and world.parameters[name].type not in ("int", "float"):
                problem = f"the parameter {name!r} is no number, and has no range"
        except UsageError as error:
            problem = error.what
        if problem:
            found[factor] = FACTOR_VALUE.at(span_at(node, "design", *factor_place(document, factor)), problem)
    return list(found.values())


def _values(document: ExperimentDocument) -> Iterator[tuple[str, Scalar]]:
    """Every value of every factor; of a range its ends."""
    for factor, values in (document.design.grid or {}).items():
        yield from ((factor, value) for value in values)
    for setting in document.design.list or []:
        yield from setting.items()
    for factor, over in document.design.ranges.items():
        yield from ((factor, over.min), (factor, over.max))


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
