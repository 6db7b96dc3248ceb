"""Run an experiment from its documents to a published version and a fresh catalog."""

from __future__ import annotations

from dataclasses import dataclass

from worldwright.executors import Executor
from worldwright.experiment import Progress
from worldwright.project import stages
from worldwright.project.answer import Answer, answer_of
from worldwright.project.catalog import refresh_catalog
from worldwright.project.locate import Project
from worldwright.project.publish import experiment_report, report_path, unmet_expectations
from worldwright.project.stages import Chain, Staged, open_chain


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of an experiment left: its version, its answer, and which stages had to work."""

    chain: Chain
    version: int
    staged: tuple[Staged, ...]
    answer: Answer
    report: str
    """The path of the report's page, as a person in the project would write it."""
    failed: int
    """Runs that failed."""

    @property
    def cached(self) -> bool:
        """Whether everything was there already."""
        return all(stage.hit for stage in self.staged)


def run_experiment(
    project: Project, name: str, executor: Executor, progress: Progress, *, retry_failed: bool = False
) -> Outcome:
    """Run every stage of an experiment; what the store has is not made again.

    Args:
        project: Where it is.
        name: The experiment.
        executor: What does the work.
        progress: Told how many runs are done.
        retry_failed: Run again also what failed, though the store has it.

    Raises:
        DocumentError: when a document of the experiment has errors; nothing is run then.
        ExperimentError: when the population misses what its spec expects.
    """
    chain = open_chain(project, name)
    staged = [stages.population_spec(chain), stages.base_population(chain)]
    staged += [stages.scenario_spec(chain), stages.population(chain), stages.world_program(chain)]
    unmet_expectations(chain, staged[3])
    runs = stages.simulation_runs(chain, executor, progress, retry_failed=retry_failed)
    metrics = stages.metrics(chain, runs.only.key)
    summary = stages.metric_summary(chain, runs.only.key, metrics.only.key)
    report = experiment_report(chain, runs.only.key, metrics.only.key, summary.only.key)
    refresh_catalog(project)
    return Outcome(
        chain=chain,
        version=report.facts["version"],
        staged=(*staged, runs, metrics, summary, report),
        answer=answer_of(project, chain.experiment.name),
        report=project.show(report_path(project, chain.experiment.name)),
        failed=runs.facts["failed"],
    )
