"""What an explanation says: frozen records, one for each thing that happened to an agent.

Most are named tuples: some hundreds are made of an agent, and a tuple is made in a fraction of the time.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, NamedTuple, TypeVar

R = TypeVar("R", bound=NamedTuple)
Value = int | float | bool | str | dt.date | None
"""A stored value as Python has it; None where it is null."""


class Read(NamedTuple):
    """An attribute that something read, with this agent's value."""

    name: str
    value: Value


class Term(NamedTuple):
    """A named number: as the document says it, and what it is for this agent."""

    name: str
    text: str
    value: float
    reads: tuple[Read, ...] = ()


class Decision(NamedTuple):
    """A condition and whether it holds for this agent."""

    text: str
    reads: tuple[Read, ...]
    holds: bool


class ScorePart(NamedTuple):
    """What one normal score adds to a correlated one."""

    name: str
    """The attribute whose score it is; for fresh scores, the attribute whose stream drew it."""
    fresh: bool
    """Whether it is an independent score drawn here, or the score an attribute already has."""
    coefficient: float
    score: float


class Score(NamedTuple):
    """A correlated normal score: the sum of its parts; the draw is read at its probability."""

    value: float
    parts: tuple[ScorePart, ...]


class Share(NamedTuple):
    """An option (of a boolean: true or false) with its weight and probability after modifiers."""

    label: str
    weight: float
    share: float


class Chosen(NamedTuple):
    """The component of a mixture that an agent is drawn from."""

    number: int
    """From 1."""
    shares: tuple[Share, ...]
    """All components, in the order in which the uniform runs through them."""
    uniform: float
    """Where the uniform lies in the part of the component; its law is read there."""


class Taken(NamedTuple):
    """A row of the population's table, and the value of one of its columns."""

    file: str
    column: str
    row: int
    """From 1, as a person counts the rows below the names."""
    rows: int
    keyed: float | None
    """The uniform that drew the row; None where agents are rows in their order."""
    value: Value


class Draw(NamedTuple):
    """A keyed uniform and the value at which the law reaches it."""

    stream: str
    attempt: int
    """0 for the first draw; more where a constraint asked for another."""
    keyed: float
    """The uniform of (seed, stream, agent, attempt)."""
    score: Score | None
    """Where correlations shape the draw."""
    uniform: float
    """What the law was read at: the keyed uniform, or the probability below the score."""
    family: str
    parameters: tuple[Term, ...]
    minimum: Term | None
    maximum: Term | None
    clamp: bool
    """Whether values beyond minimum and maximum were put on them, instead of a truncated law."""
    interval: tuple[float | None, float | None]
    """What the law was truncated to, for an integer in whole numbers; None where it is unbounded."""
    shares: tuple[Share, ...]
    """Of a categorical or boolean attribute, in the order in which the uniform runs through them."""
    value: Value
    """The base draw; of a categorical or boolean attribute, the value itself."""
    left: tuple[float, float] | None = None
    """After too many attempts: the least and the greatest uniform that the constraints leave."""
    placed: float | None = None
    """Where in that the keyed uniform is placed; the law is read there."""
    quantiles: tuple[float, ...] = ()
    """Of a number, where asked for: the law at the uniforms (i + ½)/n, for pictures."""
    component: Chosen | None = None
    """Of a mixture; family, parameters and interval are then those of the component."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The cell of a fitted joint table that an agent with marginals was put in."""

    members: tuple[str, ...]
    labels: tuple[str, ...]
    """The option of each member."""
    share: float
    """The fitted share of the cell."""
    below: float
    """The share of the cells before it; drawn agents have a uniform from here up to `below` + `share`."""
    place: int | None
    """With `counts: exact`, the agent's place, from 0, in the keyed order of all agents."""
    first: int | None
    """The first place that belongs to the cell."""
    count: int | None
    """How many places belong to it."""
    agents: int | None
    """How many agents there are."""


class Change(NamedTuple):
    """A modifier: its condition, and what it did where that holds."""

    when: Decision
    effects: tuple[Term, ...]
    """What it says (`multiply`, `add`, `probability`, `scale`, `weight of x`, `scale of x`)."""


class Formula(NamedTuple):
    """A formula (of a text: a template) and its value."""

    text: str
    reads: tuple[Read, ...]
    value: Value


class Bounds(NamedTuple):
    """The bounds of `clip:` (or of a law that clamps) and the value after them."""

    low: float | None
    high: float | None
    value: float


class Attempt(NamedTuple):
    """One try of a constraint's owners: their values, and the first constraint they broke."""

    number: int
    values: tuple[Read, ...]
    broken: str | None


@dataclass(frozen=True, slots=True)
class Redraw:
    """Constraints with common owners, and the tries until they held.

    The first tries and the last are kept: `count` is how many draws were made after the first.
    """

    constraints: tuple[str, ...]
    owners: tuple[str, ...]
    writes: tuple[str, ...]
    """The owners, and what was computed again because it reads them."""
    count: int
    attempts: tuple[Attempt, ...]


class AttributeExplanation(NamedTuple):
    """All that happened to one attribute of one agent, in the order in which it happened."""

    name: str
    type: str
    unit: str | None
    only_if: Decision | None
    draw: Draw | None
    formula: Formula | None
    modifiers: tuple[Change, ...]
    modified: float | None
    """A number after its modifiers, where it has some."""
    clamped: Bounds | None
    rounded: float | None
    """A whole number after rounding, where rounding changed it."""
    clipped: Bounds | None
    value: Value
    redraws: tuple[Redraw, ...] = ()
    cell: Cell | None = None
    """For an attribute with marginals; its draw is then told of the table, given the members before it."""
    taken: Taken | None = None
    """Of an attribute that is a column of the population's table."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One agent, replayed."""

    population: str
    scenario: str | None
    digest: str
    seed: int
    agent: int
    left_out: bool
    """Whether a constraint with `on_fail: drop` left the agent out; its last values are shown."""
    attributes: tuple[AttributeExplanation, ...]
    """In document order."""

    def attribute(self, name: str) -> AttributeExplanation:
        """Look an attribute up by name; a KeyError lists what exists."""
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        raise KeyError(f"no attribute {name!r}; there are {', '.join(a.name for a in self.attributes)}")


def changed(record: R, **changes: Any) -> R:
    """The record with some fields changed."""
    return record._replace(**changes)


def plain(record: Any) -> Any:
    """A record as mappings, lists and scalars for JSON; dates as ISO text, quantiles left out."""
    if is_dataclass(record):
        found = {field.name: getattr(record, field.name) for field in fields(record)}
        return {name: plain(value) for name, value in found.items() if name != "quantiles"}
    if isinstance(record, tuple) and hasattr(record, "_fields"):
        named: dict[str, Any] = record._asdict()  # pyright: ignore
        return {name: plain(value) for name, value in named.items() if name != "quantiles"}
    if isinstance(record, tuple):
        return [plain(part) for part in record]  # pyright: ignore[reportUnknownVariableType]
    return record.isoformat() if isinstance(record, dt.date) else record
