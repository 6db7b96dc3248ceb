"""The resolved experiment: its cells and replicates, with every document it needs bound."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from worldwright.experiment.documents import (
    Design,
    ExperimentDocument,
    RecordEvents,
    Scalar,
    Until,
    factors,
    outcomes,
)
from worldwright.experiment.factors import (
    NO_SCENARIO,
    LawFactor,
    WorldFactor,
    factor_of,
    scenario_factors,
    short,
    used_by,
)
from worldwright.experiment.outcomes import Outcome, at_the_end
from worldwright.experiment.sampling import setting, unit_points
from worldwright.hashing import digest
from worldwright.spec import Population
from worldwright.spec.vary import Variation, varied
from worldwright.streams import derive_seed
from worldwright.world import WorldProgram

if TYPE_CHECKING:
    from worldwright.world import EventLog

Tick = int | Literal["last"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One setting of the factors. `settings` maps factor names as written (`world.price`) to values."""

    index: int
    settings: dict[str, Scalar]

    @property
    def parameters(self) -> dict[str, Scalar]:
        """The settings of world parameters, by the parameter's own name."""
        return {
            factor.parameter: value
            for name, value in self.settings.items()
            if isinstance(factor := factor_of(name), WorldFactor)
        }

    @property
    def label(self) -> str:
        """Such as `peer_weight=0.3, price=500`; `default` where nothing is varied."""
        return (
            ", ".join(f"{short(name)}={spell(value)}" for name, value in self.settings.items()) or "default"
        )


@dataclass(frozen=True, slots=True)
class Members:
    """One population of the world: what is sampled for it, and how many agents."""

    population: Population
    base: Population
    """The population without its scenario; the same object where there is none."""
    agents: int
    scenarios: dict[str, Population] = field(default_factory=dict[str, Population])
    """Where cells choose a scenario: the population under each, by its name; `none` is the base."""

    @property
    def choices(self) -> dict[str, Population]:
        """Every population that a cell can have, by its scenario."""
        return self.scenarios or {self.population.scenario or NO_SCENARIO: self.population}

    @property
    def absent(self) -> tuple[str, ...]:
        """Columns that only other scenarios have; here every agent misses a value."""
        known = (name for one in self.scenarios.values() for name in one.columns)
        return tuple(name for name in dict.fromkeys(known) if name not in self.population.columns)

    def under(self, scenario: str) -> Members:
        """The same members under one of the scenarios."""
        return replace(self, population=self.scenarios[scenario])

    def moved(self, changes: Mapping[str, Variation]) -> Members:
        """The same members with laws of their population moved."""
        return replace(self, population=varied(self.population, changes))


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment with its closure: everything needed to run it anywhere."""

    name: str
    question: str | None
    description: str | None
    world: WorldProgram
    members: dict[str, Members]
    ticks: int
    seed: int
    factors: tuple[str, ...]
    cells: tuple[Cell, ...]
    minimum: int
    maximum: int
    until: Until | None
    fixed_population: bool
    record_ticks: tuple[Tick, ...]
    record_replicates: int
    record_events: RecordEvents | None = None
    """Which events are kept; none, unless given."""
    schedule: str | None = None
    metric: str | None = None
    """The metric the question is about, where the document names one."""
    design: Design = field(default_factory=Design)
    """How the cells were chosen."""
    outcomes: tuple[Outcome, ...] = ()
    """The outcomes the document names; every metric at the last tick is one without being named."""

    def members_in(self, cell: Cell) -> dict[str, Members]:
        """The populations of one cell: under its scenario, with its laws moved."""
        found = dict(self.members)
        for use, factor in scenario_factors(self.factors, self.members).items():
            found[use] = found[use].under(str(cell.settings[factor]))
        for use, changes in self._moves(cell).items():
            found[use] = found[use].moved(changes)
        return found

    @property
    def samples(self) -> dict[str, Members]:
        """The populations that are kept and shown: of each, one for each scenario that cells choose from.

        Laws that a design moves are as the documents have them here.
        """
        chosen = scenario_factors(self.factors, self.members)
        found: dict[str, Members] = {}
        for use, members in self.members.items():
            if use not in chosen:
                found[use] = members
                continue
            for scenario in dict.fromkeys(str(cell.settings[chosen[use]]) for cell in self.cells):
                found[f"{use}_{scenario}".replace("-", "_")] = members.under(scenario)
        return found

    def _moves(self, cell: Cell) -> dict[str, dict[str, Variation]]:
        moves: dict[str, dict[str, Variation]] = {}
        for name, value in cell.settings.items():
            factor = factor_of(name)
            if isinstance(factor, LawFactor) and (use := used_by(factor, self.members)):
                before = moves.setdefault(use, {}).get(factor.attribute, Variation())
                moves[use][factor.attribute] = replace(before, **{factor.change: float(value)})
        return moves

    @property
    def crossed(self) -> bool:
        """Whether cells are compared factor by factor: in a grid or a list."""
        return not self.design.sampled

    @property
    def stopping(self) -> Outcome | None:
        """The outcome whose precision decides about more replicates."""
        if self.until is None:
            return None
        if self.until.metric is not None:
            return at_the_end(self.until.metric)
        return next(outcome for outcome in self.outcomes if outcome.name == self.until.outcome)

    def population_seed(self, replicate: int) -> int:
        """The seed of a replicate's populations; replicate 0 has the experiment's own, and so is cached."""
        if self.fixed_population or replicate == 0:
            return self.seed
        return derive_seed(self.seed, "replicate", replicate)

    def event_log(self, replicate: int) -> EventLog | None:
        """Which events of a replicate are kept."""
        from worldwright.world import EventLog

        wanted = self.record_events
        if wanted is None or replicate >= wanted.replicates:
            return None
        ticks = (wanted.ticks[0], wanted.ticks[1]) if wanted.ticks else None
        return EventLog(wanted.rows, ticks, tuple(sorted(set(wanted.only))))

    @property
    def digest(self) -> str:
        """Identity of the question asked: all that can change a result, and nothing else."""
        asked: dict[str, Any] = {}
        if self.outcomes:
            asked["outcomes"] = [outcome.identity() for outcome in self.outcomes]
        if self.record_events is not None:
            asked["events"] = self.record_events.model_dump()
        if self.design.sampled:
            asked["design"] = self.design.model_dump(exclude_none=True)
        if any(use.scenarios for use in self.members.values()):
            asked["scenarios"] = {
                name: {scenario: laid.digest for scenario, laid in use.scenarios.items()}
                for name, use in self.members.items()
            }
        return digest(
            "experiment",
            {
                **asked,
                "name": self.name,
                "world": self.world.digest,
                "populations": {
                    name: [use.population.digest, use.agents] for name, use in self.members.items()
                },
                "ticks": self.ticks,
                "seed": self.seed,
                "cells": [cell.settings for cell in self.cells],
                "replicates": [self.minimum, self.maximum, _identity(self.until)],
                "fixed_population": self.fixed_population,
                "record": [list(self.record_ticks), self.record_replicates],
            },
        )


def design_cells(document: ExperimentDocument, whole: Collection[str] = ()) -> tuple[Cell, ...]:
    """The cells of a design: a grid in row-major order, a list as written, or the one cell of defaults.

    Designs over ranges give their points in order; `whole` names the factors that are whole numbers.
    """
    design, names = document.design, factors(document)
    if design.grid:
        settings = [dict(zip(names, row, strict=True)) for row in itertools.product(*design.grid.values())]
    elif design.list:
        settings = [{name: cell[name] for name in names} for cell in design.list]
    elif design.sampled:
        ranges = design.ranges
        settings = [
            {
                name: setting(ranges[name], float(u), whole=name in whole)
                for name, u in zip(names, point, strict=True)
            }
            for point in unit_points(design, document.seed)
        ]
    else:
        settings = [{}]
    return tuple(Cell(index, setting) for index, setting in enumerate(settings))


def whole_factors(world: WorldProgram) -> set[str]:
    """The factors of a world that are whole numbers."""
    return {f"world.{name}" for name, parameter in world.parameters.items() if parameter.type == "int"}


def resolve(document: ExperimentDocument, world: WorldProgram, members: dict[str, Members]) -> Experiment:
    """Bind a checked experiment document to the world and the populations it names."""
    replicates = document.replicates
    if isinstance(replicates, int):
        minimum, maximum, until = replicates, replicates, None
    else:
        until = replicates.until
        minimum = replicates.min
        maximum = (
            replicates.max if replicates.max is not None else (minimum if until is None else 20 * minimum)
        )
    return Experiment(
        name=document.name,
        question=document.question,
        description=document.description,
        world=world,
        members=members,
        ticks=document.ticks,
        seed=document.seed,
        factors=factors(document),
        cells=design_cells(document, whole_factors(world)),
        design=document.design,
        minimum=minimum,
        maximum=maximum,
        until=until,
        fixed_population=document.population == "fixed",
        record_ticks=tuple(dict.fromkeys(document.record.agents.ticks)),
        record_replicates=document.record.agents.replicates,
        record_events=document.record.events,
        schedule=document.schedule,
        metric=document.metric,
        outcomes=outcomes(document),
    )


def _identity(until: Until | None) -> dict[str, Any] | None:
    """The stopping rule as plain data; a key that came later is left out where it is not used."""
    if until is None:
        return None
    later = {"outcome": None, "of": "cell"}
    return until.model_dump(
        exclude={name for name, unused in later.items() if getattr(until, name) == unused}
    )


def spell(value: Scalar) -> str:
    """A setting as labels and tables show it."""
    return f"{value:g}" if isinstance(value, float) else str(value)
