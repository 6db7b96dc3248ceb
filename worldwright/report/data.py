"""What a report is made of: plain data, so that the same input gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

Scalar = bool | int | float | str


class Cell(Protocol):
    """One setting of the factors; its number is its position in the list of cells."""

    @property
    def label(self) -> str:
        """Such as `peer_weight=0.3, price=500`."""
        ...

    @property
    def settings(self) -> Mapping[str, Scalar]:
        """Factor as written (`world.price`) to value."""
        ...


@dataclass(frozen=True, slots=True)
class ReportCell:
    """A cell as plain values, for whoever has no `experiment.Cell` at hand."""

    label: str
    settings: Mapping[str, Scalar] = field(default_factory=dict[str, Scalar])


@dataclass(frozen=True, slots=True)
class ReportOutcome:
    """What the answer is about where it is not a metric at the last tick."""

    name: str
    words: str
    """When or how the metric is read, such as `mean over ticks 301 to 400`."""
    in_ticks: bool
    """Whether it is a tick, and not a value in the metric's unit."""
    summary: pa.Table
    """Its mean with interval by cell and segment; the columns are those of the table `outcomes`."""


@dataclass(frozen=True, slots=True)
class ReportData:
    """One experiment, ready to be shown. Any table may have 0 rows.

    The columns of `summary`, `effects` and `runs` are those of `worldwright.experiment`. `quality` has one
    row per test of the population: kind (branch, expectation, modifier, correlation, clip or constraint),
    attribute, branch, declared, achieved, tolerance, p_value, verdict (pass, warn or fail), n and text.
    """

    name: str
    ticks: int
    cells: tuple[Cell, ...]
    main_metric: str
    summary: pa.Table
    effects: pa.Table
    runs: pa.Table
    quality: pa.Table
    population: pa.Table
    """Agents with their attributes, all of them or a sample; drawn, never listed."""
    outcome: ReportOutcome | None = None
    """What the answer is about; None is `main_metric` at the last tick."""
    sensitivity: pa.Table | None = None
    """How much each factor matters, with the columns of the table `sensitivity`."""
    question: str | None = None
    description: str | None = None
    units: Mapping[str, str] = field(default_factory=dict[str, str])
    """Unit of a metric, factor (without `world.`) or attribute, such as `price: EUR/month`."""
    kinds: Mapping[str, str] = field(default_factory=dict[str, str])
    """How a metric was declared: `share`, `mean`, `count` and so on. Shares are shown in percent."""
    metric_descriptions: Mapping[str, str] = field(default_factory=dict[str, str])
    provenance: tuple[tuple[str, str], ...] = ()
    """Digests, seeds, algorithm numbers and versions, each with its label."""
    fixed_population: bool = False
    """Replicates share one population, so that intervals do not cover its sampling; every table says so."""
    confidence: float = 0.95
    catalog: str = "catalog.duckdb"
    """Path of the catalog as a reader would type it."""

    @property
    def asked(self) -> str:
        """The name of what the answer is about: the outcome's, or the main metric's."""
        return self.outcome.name if self.outcome else self.main_metric

    @property
    def when(self) -> str:
        """When or how the main metric is read for the answer."""
        return self.outcome.words if self.outcome else "at the last tick"
