"""The experiment document, as written."""

from __future__ import annotations

import builtins
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, StringConstraints, Tag

from worldwright.experiment.outcomes import How, Outcome
from worldwright.spec.binding import refused

Scalar = bool | int | float | str
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,99}$")]

_STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)
_WINDOWED = ("mean", "max", "min")
_LEVELLED = ("rises_to", "falls_to")
_WAYS = "last, mean, max, min, {mean: [FROM, TO]}, {rises_to: VALUE} or {falls_to: VALUE}"


class At(BaseModel):
    """How an outcome is read from the metric's ticks: `last`, `{mean: [300, 400]}`, `{rises_to: .5}`."""

    model_config = _STRICT
    how: How = "last"
    window: tuple[int, int] | None = None
    level: float | None = None


def _at(value: Any) -> At:
    """Read a word, or a mapping of one word to its window or its level."""
    if isinstance(value, At):
        return value
    if value == "last":
        return At()
    for word in _WINDOWED:
        if value == word:
            return At(how=word)
    if not isinstance(value, dict) or len(value) != 1:
        raise refused("`at` is one way of reading the metric", f"it is one of: {_WAYS}")
    ((word, given),) = value.items()
    if word in _WINDOWED:
        return At(how=word, window=_window(given))
    if word in _LEVELLED:
        if isinstance(given, bool) or not isinstance(given, (int, float)):
            raise refused(f"`{word}` needs the value that is waited for", f"such as `{{{word}: 0.5}}`")
        return At(how=word, level=float(given))
    raise refused(f"`at` cannot be {word!r}", f"it is one of: {_WAYS}")


def _window(given: Any) -> tuple[int, int]:
    match given:
        case [int(first), int(last)] if 0 <= first <= last and not isinstance(first, bool):
            return first, last
        case _:
            raise refused("a window is its first and its last tick", "such as `{mean: [300, 400]}`")


def _at_the_end(value: Any) -> Any:
    if value != "last":
        raise refused(
            "stopping reads a metric at the last tick, or an outcome",
            "name what you mean under `outcomes:`, and write `until: {outcome: NAME, …}`",
        )
    return value


class OutcomeUse(BaseModel):
    """One entry of `outcomes:`: a number that every run comes to."""

    model_config = _STRICT
    metric: str
    at: Annotated[At, BeforeValidator(_at)] = At()
    description: str | None = None


class PopulationUse(BaseModel):
    """One population of the experiment's world: a document, an optional scenario, and how many agents."""

    model_config = _STRICT
    population: str
    scenario: str | None = None
    agents: Annotated[int, Field(ge=1, le=100_000_000)] | None = None


class Range(BaseModel):
    """What a factor is varied over; whole numbers for a parameter that is one."""

    model_config = _STRICT
    min: int | float
    max: int | float
    log: bool = False
    """Whether equal ratios count as equal steps."""


class Sampled(BaseModel):
    """Cells spread over ranges."""

    model_config = _STRICT
    cells: Annotated[int, Field(ge=2, le=100_000)]
    ranges: dict[str, Range]


class Morris(BaseModel):
    """Trajectories that change one factor at a time, for screening many factors: factors + 1 cells each."""

    model_config = _STRICT
    trajectories: Annotated[int, Field(ge=4, le=10_000)] = 10
    levels: Annotated[int, Field(ge=4, le=100, multiple_of=2)] = 4
    ranges: dict[str, Range]


class SobolIndices(BaseModel):
    """Points from which Sobol' indices are estimated: factors + 2 cells each."""

    model_config = _STRICT
    points: Annotated[int, Field(ge=16, le=2**16)]
    ranges: dict[str, Range]


class Design(BaseModel):
    """The cells: every combination of a `grid`, the settings of a `list`, or points spread over ranges."""

    model_config = _STRICT
    grid: dict[str, builtins.list[Scalar]] | None = None
    list: builtins.list[dict[str, Scalar]] | None = None
    latin_hypercube: Sampled | None = None
    sobol: Sampled | None = None
    morris: Morris | None = None
    sobol_indices: SobolIndices | None = None

    @property
    def sampled(self) -> dict[str, Sampled | Morris | SobolIndices]:
        """The designs over ranges that are asked for, by their word; a valid document has one at most."""
        words = ("latin_hypercube", "sobol", "morris", "sobol_indices")
        return {word: of for word in words if (of := getattr(self, word)) is not None}

    @property
    def ranges(self) -> dict[str, Range]:
        """The ranges of the design's factors; none in a grid or a list."""
        return {name: found for of in self.sampled.values() for name, found in of.ranges.items()}

    @property
    def given(self) -> tuple[str, ...]:
        """The words of the design that are used."""
        crossed = [word for word in ("grid", "list") if getattr(self, word) is not None]
        return (*crossed, *self.sampled)


class Until(BaseModel):
    """When to stop adding replicates: intervals of a metric or outcome are narrow enough.

    Those of every cell, or (`of: effect`) those of the differences between cells, paired by replicate.
    """

    model_config = _STRICT
    metric: str | None = None
    outcome: str | None = None
    at: Annotated[Literal["last"], BeforeValidator(_at_the_end)] = "last"
    of: Literal["cell", "effect"] = "cell"
    half_width: Annotated[float, Field(gt=0)] | None = None
    relative_half_width: Annotated[float, Field(gt=0)] | None = None
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95


class Replicates(BaseModel):
    """How many replicates: from `min`, in rounds, up to `max` or `until` the answer is precise enough."""

    model_config = _STRICT
    min: Annotated[int, Field(ge=1)] = 20
    max: Annotated[int, Field(ge=1, le=100_000)] | None = None
    until: Until | None = None


def _number_or_rule(value: Any) -> str:
    """Which of the two is meant, so that what is wrong is said of that one."""
    return "rule" if isinstance(value, (dict, Replicates)) else "number"


class RecordAgents(BaseModel):
    """Which final or intermediate states of agents are kept, and for how many replicates."""

    model_config = _STRICT
    ticks: list[Annotated[int, Field(ge=0)] | Literal["last"]] = ["last"]
    replicates: Annotated[int, Field(ge=0)] = 1


EventKind = Literal["message", "undelivered", "spawn", "death", "link", "unlink", "error"]


class RecordEvents(BaseModel):
    """Which events (messages, births, deaths, links, errors) are kept, and for how many replicates."""

    model_config = _STRICT
    replicates: Annotated[int, Field(ge=0)] = 1
    ticks: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=2, max_length=2)] | None = None
    """The first and the last tick whose events are kept; all, unless given."""
    only: list[EventKind] = []
    """The kinds that are kept; all, unless given."""
    rows: Annotated[int, Field(ge=1, le=10_000_000)] = 1_000_000
    """Most rows for each run; a last one then counts those that had no room."""


class Record(BaseModel):
    """What a run leaves behind beside its metrics."""

    model_config = _STRICT
    agents: RecordAgents = RecordAgents()
    events: RecordEvents | None = None


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
    outcomes: dict[Name, OutcomeUse] = {}
    ticks: Annotated[int, Field(ge=1, le=10_000_000)]
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    design: Design = Design()
    replicates: Annotated[
        Annotated[int, Field(ge=1, le=100_000), Tag("number")] | Annotated[Replicates, Tag("rule")],
        Discriminator(_number_or_rule),
    ] = Replicates()
    population: Literal["per_replicate", "fixed"] = "per_replicate"
    record: Record = Record()
    schedule: str | None = None


def factors(document: ExperimentDocument) -> tuple[str, ...]:
    """The names of all factors, in the order of the document."""
    if document.design.grid:
        return tuple(document.design.grid)
    if document.design.ranges:
        return tuple(document.design.ranges)
    return tuple(dict.fromkeys(name for setting in document.design.list or [] for name in setting))


def outcomes(document: ExperimentDocument) -> tuple[Outcome, ...]:
    """The outcomes that the document names, the main one first."""
    return tuple(
        Outcome(name, use.metric, use.at.how, use.at.window, use.at.level, use.description)
        for name, use in document.outcomes.items()
    )
