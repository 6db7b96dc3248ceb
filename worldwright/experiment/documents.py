"""The experiment document, as written, and its checks that need nothing but itself."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from worldwright.diagnostics import Code, Diagnostic, Severity, Span
from worldwright.spec import bind, read
from worldwright.spec.heading import expect_kind
from worldwright.spec.tree import MappingNode, Node

Scalar = bool | int | float | str
_EXAMPLE = "worldwright: experiment/1\nname: example\nworld: adoption\nticks: 52\nseed: 1\n"

UNKNOWN_FACTOR = Code(
    "WW0801",
    "factor-unknown",
    Severity.ERROR,
    "A factor that changes nothing would give equal cells that look like a finding.",
)
DESIGN_SHAPE = Code(
    "WW0802",
    "design-shape",
    Severity.ERROR,
    "A design is one way of naming cells; two at once, or none, leave it open which cells are meant.",
    bad=_EXAMPLE + "design: {grid: {world.price: [0, 0, 500]}}\nreplicates: 20\n",
    good=_EXAMPLE + "design: {grid: {world.price: [0, 250, 500]}}\nreplicates: 20\n",
)
REPLICATE_RANGE = Code(
    "WW0803",
    "replicates-range",
    Severity.ERROR,
    "An interval needs at least two replicates, and stopping needs a room between `min` and `max`.",
    bad=_EXAMPLE + "design: {grid: {world.price: [0, 500]}}\nreplicates: {min: 20, max: 10}\n",
    good=_EXAMPLE + "design: {grid: {world.price: [0, 500]}}\nreplicates: {min: 10, max: 10}\n",
)
NOT_BUILT = Code(
    "WW0804",
    "not-built-yet",
    Severity.ERROR,
    "The word is part of the language; what it means is not built yet, and nothing else is done instead.",
)
UNKNOWN_METRIC = Code(
    "WW0806",
    "metric-unknown",
    Severity.ERROR,
    "An experiment about a metric that no run records would end without an answer.",
)
SCHEDULE_SHAPE = Code(
    "WW0805",
    "schedule-shape",
    Severity.ERROR,
    "A schedule that cannot be read would never start, without anybody being told.",
    bad=_EXAMPLE + "design: {grid: {world.price: [0, 500]}}\nreplicates: 20\nschedule: every Monday\n",
    good=_EXAMPLE + 'design: {grid: {world.price: [0, 500]}}\nreplicates: 20\nschedule: "0 5 * * 1"\n',
)

_STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)
_CRON = re.compile(r"^\S+(\s+\S+){4}$")
_FACTOR = re.compile(r"^world\.[A-Za-z_][A-Za-z0-9_]*$")
_LATER = ("latin_hypercube", "sobol")


class PopulationUse(BaseModel):
    """One population of the experiment's world: a document, an optional scenario, and how many agents."""

    model_config = _STRICT
    population: str
    scenario: str | None = None
    agents: Annotated[int, Field(ge=1, le=100_000_000)] | None = None


class Design(BaseModel):
    """The cells: every combination of a `grid`, or the settings of a `list`."""

    model_config = _STRICT
    grid: dict[str, builtins.list[Scalar]] | None = None
    list: builtins.list[dict[str, Scalar]] | None = None
    latin_hypercube: Any = None
    sobol: Any = None


class Until(BaseModel):
    """When to stop adding replicates: the interval of `metric` is narrow enough in every cell."""

    model_config = _STRICT
    metric: str
    at: Literal["last"] = "last"
    half_width: Annotated[float, Field(gt=0)] | None = None
    relative_half_width: Annotated[float, Field(gt=0)] | None = None
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95


class Replicates(BaseModel):
    """How many replicates: from `min`, in rounds, up to `max` or `until` the answer is precise enough."""

    model_config = _STRICT
    min: Annotated[int, Field(ge=1)] = 20
    max: Annotated[int, Field(ge=1, le=100_000)] | None = None
    until: Until | None = None


class RecordAgents(BaseModel):
    """Which final or intermediate states of agents are kept, and for how many replicates."""

    model_config = _STRICT
    ticks: list[Annotated[int, Field(ge=0)] | Literal["last"]] = ["last"]
    replicates: Annotated[int, Field(ge=0)] = 1


class Record(BaseModel):
    """What a run leaves behind beside its metrics."""

    model_config = _STRICT
    agents: RecordAgents = RecordAgents()


class ExperimentDocument(BaseModel):
    """`worldwright: experiment/1`."""

    model_config = _STRICT
    worldwright: str
    name: str
    description: str | None = None
    question: str | None = None
    world: str
    populations: dict[str, PopulationUse] = {}
    metric: str | None = None
    ticks: Annotated[int, Field(ge=1, le=10_000_000)]
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    design: Design = Design()
    replicates: Annotated[int, Field(ge=1, le=100_000)] | Replicates = Replicates()
    population: Literal["per_replicate", "fixed"] = "per_replicate"
    record: Record = Record()
    schedule: str | None = None


def read_experiment(
    text: str, file: str
) -> tuple[ExperimentDocument | None, MappingNode | None, list[Diagnostic]]:
    """An experiment document from its text, with the tree it was read from for later places."""
    node, found = read(text, file)
    if not isinstance(node, MappingNode):
        return None, None, found
    kind, heading = expect_kind(node, "experiment")
    found += heading
    if kind is None or any(d.is_error for d in heading):
        return None, node, found
    document, problems = bind(ExperimentDocument, node)
    found += problems
    if document is not None:
        found += _checks(document, node)
    if any(d.is_error for d in found):
        return None, node, found
    return document, node, found


def span_at(node: Node, *path: str | int) -> Span:
    """The place of the deepest part of `path` that is in the document."""
    for step in path:
        inner = node.get(step) if isinstance(node, MappingNode) and isinstance(step, str) else None
        if inner is None:
            break
        node = inner
    return node.span


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
    return found


def _spells(source: str, metric: str) -> bool:
    return f'"{metric}"' in source or f"'{metric}'" in source


def factors(document: ExperimentDocument) -> tuple[str, ...]:
    """The names of all factors, in the order of the document."""
    if document.design.grid:
        return tuple(document.design.grid)
    return tuple(dict.fromkeys(name for setting in document.design.list or [] for name in setting))


def _checks(document: ExperimentDocument, node: MappingNode) -> list[Diagnostic]:
    return [
        *_design_checks(document, node),
        *_replicate_checks(document, node),
        *_schedule_checks(document, node),
    ]


def _design_checks(document: ExperimentDocument, node: MappingNode) -> list[Diagnostic]:
    design, found = document.design, list[Diagnostic]()
    for word in _LATER:
        if getattr(design, word) is not None:
            found.append(
                NOT_BUILT.at(
                    span_at(node, "design", word),
                    f"`{word}` designs are not built yet",
                    help="name the cells with `grid:` or `list:`",
                )
            )
    if design.grid is not None and design.list is not None:
        found.append(
            DESIGN_SHAPE.at(span_at(node, "design"), "the design has both a grid and a list", help="keep one")
        )
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
        NOT_BUILT.at(
            span_at(node, "design", "grid" if design.grid else "list", factor),
            f"the factor {factor!r} is not one that can be varied yet",
            help="only parameters of the world can be, as `world.NAME`",
        )
        for factor in factors(document)
        if not _FACTOR.match(factor)
    ]
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
        if (until.half_width is None) == (until.relative_half_width is None):
            found.append(
                REPLICATE_RANGE.at(
                    span_at(node, "replicates", "until"),
                    "`until` needs one of half_width and relative_half_width",
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
