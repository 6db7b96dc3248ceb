"""What an experiment would run, before it does."""

from __future__ import annotations

from dataclasses import dataclass

from worldwright.project.locate import Project
from worldwright.project.stages import main_outcome, open_chain


@dataclass(frozen=True)
class ExperimentPlan:
    """An experiment as it would be run."""

    name: str
    question: str | None
    world: str
    ticks: int
    outcome: str
    """The main one, in words."""
    factors: tuple[str, ...]
    cells: tuple[str, ...]
    """The label of each."""
    replicates: tuple[int, int]
    """Of each cell: the fewest and the most."""
    agents: dict[str, int]
    """By population of the world."""
    version: int | None
    """Of the results there are already."""

    @property
    def runs(self) -> tuple[int, int]:
        """How many runs there are at least and at most."""
        low, high = self.replicates
        return len(self.cells) * low, len(self.cells) * high


def experiment_plan(project: Project, name: str) -> ExperimentPlan:
    """The plan of an experiment.

    Raises:
        DocumentError: when a document of it has errors.
    """
    experiment = open_chain(project, name).experiment
    main, current = main_outcome(experiment), project.store.current(experiment.name)
    return ExperimentPlan(
        name=experiment.name,
        question=experiment.question,
        world=experiment.world.name,
        ticks=experiment.ticks,
        outcome=f"{main.metric} {main.words}",
        factors=experiment.factors,
        cells=tuple(cell.label for cell in experiment.cells),
        replicates=(experiment.minimum, max(experiment.maximum, experiment.minimum)),
        agents={key: use.agents for key, use in experiment.members.items()},
        version=current[0] if current else None,
    )
