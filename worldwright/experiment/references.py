"""What can be wrong between an experiment and the world and populations it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from worldwright.diagnostics import Diagnostic
from worldwright.errors import UsageError
from worldwright.experiment.checks import factor_place, span_at
from worldwright.experiment.codes import FACTOR_VALUE, OUTCOME_SHAPE, UNKNOWN_FACTOR, UNKNOWN_METRIC
from worldwright.experiment.design import spell
from worldwright.experiment.documents import ExperimentDocument, Scalar, factors
from worldwright.experiment.factors import (
    LawFactor,
    ScenarioFactor,
    WorldFactor,
    factor_of,
    used_by,
)
from worldwright.spec import Population
from worldwright.spec.tree import MappingNode
from worldwright.spec.vary import Variation, varied
from worldwright.world import WorldProgram, resolve_parameters

_RECORDS = re.compile(r"\brecord_metric\b")
_RECORDS_LITERAL = re.compile(r"""\brecord_metric\s*\(\s*("[^"\\\n]*"|'[^'\\\n]*')\s*,""")


def unknown_parameters(
    document: ExperimentDocument, node: MappingNode, parameters: Mapping[str, Any]
) -> list[Diagnostic]:
    """Factors that name no parameter of the world."""
    found: list[Diagnostic] = []
    for name in factors(document):
        factor = factor_of(name)
        if not isinstance(factor, WorldFactor) or factor.parameter in parameters:
            continue
        near = get_close_matches(factor.parameter, list(parameters), 1)
        offer = f"did you mean {near[0]!r}? " if near else ""
        found.append(
            UNKNOWN_FACTOR.at(
                span_at(node, "design", *factor_place(document, name)),
                f"the world has no parameter {factor.parameter!r}",
                help=f"{offer}its parameters are: {', '.join(sorted(parameters)) or 'none'}",
            )
        )
    return found


def unfit_values(document: ExperimentDocument, node: MappingNode, world: WorldProgram) -> list[Diagnostic]:
    """Values of factors that their parameter cannot have, each told once."""
    found: dict[str, Diagnostic] = {}
    for name, value in _values(document):
        factor = factor_of(name)
        if not isinstance(factor, WorldFactor) or factor.parameter not in world.parameters or name in found:
            continue
        parameter = factor.parameter
        try:
            resolve_parameters(world, {parameter: value})
            problem = None
            if name in document.design.ranges and world.parameters[parameter].type not in ("int", "float"):
                problem = f"the parameter {parameter!r} is no number, and has no range"
        except UsageError as error:
            problem = error.what
        if problem:
            found[name] = FACTOR_VALUE.at(span_at(node, "design", *factor_place(document, name)), problem)
    return list(found.values())


def unfit_uses(document: ExperimentDocument, node: MappingNode) -> list[Diagnostic]:
    """Factors about populations that the experiment has not, or that leave open which of several is meant."""
    found: list[Diagnostic] = []
    uses = document.populations
    for name in factors(document):
        factor = factor_of(name)
        if not isinstance(factor, (LawFactor, ScenarioFactor)):
            continue
        span = span_at(node, "design", *factor_place(document, name))
        use = used_by(factor, uses)
        if use is None:
            what = "has no populations" if not uses else f"has the populations {', '.join(uses)}"
            say = (
                f"write `scenario.{next(iter(uses), 'USE')}`"
                if isinstance(factor, ScenarioFactor)
                else f"write `population.{next(iter(uses), 'USE')}.{factor.attribute}.{factor.change}`"
            )
            help = say if uses else "vary parameters of the world, or give it `populations:`"
            found.append(
                UNKNOWN_FACTOR.at(
                    span, f"{name!r} leaves open what is meant: the experiment {what}", help=help
                )
            )
        elif isinstance(factor, ScenarioFactor):
            found += _unfit_scenarios(document, node, name, use)
    return found


def _unfit_scenarios(
    document: ExperimentDocument, node: MappingNode, name: str, use: str
) -> list[Diagnostic]:
    span = span_at(node, "design", *factor_place(document, name))
    if name in document.design.ranges:
        help = "use `grid:` or `list:` with the scenarios' names, and `none`"
        return [FACTOR_VALUE.at(span, "scenarios have no range", help=help)]
    found: list[Diagnostic] = []
    if document.populations[use].scenario is not None:
        found.append(
            FACTOR_VALUE.at(
                span_at(node, "populations", use, "scenario"),
                f"the scenario of {use!r} is given here, and the design varies it",
                help="leave it out here, and name it among the values of the factor",
            )
        )
    for value in values_of(document, name):
        if not isinstance(value, str):
            help = "write `none`, or the name of a scenario"
            found.append(FACTOR_VALUE.at(span, f"{spell(value)} is no scenario", help=help))
    return found


def values_of(document: ExperimentDocument, name: str) -> list[Scalar]:
    """The values of a factor, each once."""
    return list(dict.fromkeys(value for factor, value in _values(document) if factor == name))


def unfit_moves(
    document: ExperimentDocument, node: MappingNode, populations: Mapping[str, Sequence[Population]]
) -> list[Diagnostic]:
    """Laws that cannot be moved as the design asks, each told once.

    Args:
        document: The experiment.
        node: Its tree.
        populations: For each use, every population that a cell can have, as far as they could be resolved.
    """
    found: dict[str, Diagnostic] = {}
    for name, value in _values(document):
        factor = factor_of(name)
        if not isinstance(factor, LawFactor) or name in found:
            continue
        span = span_at(node, "design", *factor_place(document, name))
        if isinstance(value, (bool, str)):
            found[name] = FACTOR_VALUE.at(span, f"a {factor.change} is a number, not {value!r}")
            continue
        change = Variation(shift=value) if factor.change == "shift" else Variation(scale=value)
        for population in populations.get(used_by(factor, document.populations) or "", ()):
            try:
                varied(population, {factor.attribute: change})
            except UsageError as error:
                under = f" under the scenario {population.scenario!r}" if population.scenario else ""
                found.setdefault(name, UNKNOWN_FACTOR.at(span, error.what + under, help=error.help))
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
        if metric is None or metric in known or any(_may_record(source, metric) for source in sources):
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


def _may_record(source: str, metric: str) -> bool:
    """Whether a script names a metric, or makes names of metrics that nobody can know before it runs."""
    spelt = f'"{metric}"' in source or f"'{metric}'" in source
    return spelt or len(_RECORDS.findall(source)) > len(_RECORDS_LITERAL.findall(source))
