"""`python -m pipelines.run EXPERIMENT`: run an experiment through Dagster in this process, show its answer.

The run is kept in the same history that the UI shows. Stopping it loses nothing: the same command goes on
where it stopped.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from worldwright.cli.output import DIAGNOSTICS, FAILED, OK, console, echo_diagnostics, fail

if TYPE_CHECKING:
    import dagster as dg

    from worldwright.project.answer import Answer
    from worldwright.project.locate import Project


@click.command("python -m pipelines.run")
@click.argument("experiment")
@click.option(
    "--workers",
    "-w",
    type=click.IntRange(1),
    default=os.cpu_count() or 1,
    show_default="the number of CPUs",
    help="Processes to run worlds in; results do not depend on it.",
)
def command(experiment: str, workers: int) -> int:
    """Run an experiment through Dagster; whatever is already in the store is not made again.

    Exit codes are those of `worldwright run`.
    """
    from pipelines.location import workspace_here
    from worldwright.project.documents import experiment_path

    workspace = workspace_here()
    project = workspace.project()
    name = experiment_path(project, experiment).stem  # an unknown name leaves no trace in the history
    result = execute(project, name, workers, workspace.ray)
    if not result.success:
        return explain(project, name, result)
    answer = show_answer(project, name, cached=everything_was_there(result))
    return FAILED if answer.failed else OK


def execute(
    project: Project, experiment: str, workers: int, ray: str | None = None
) -> dg.ExecuteInProcessResult:
    """Run the job `experiment` for one experiment in this process, in the project's own history."""
    from assets.partitions import experiments
    from assets.processes import this_process
    from assets.resources import PROCESS_TAG
    from pipelines.definitions import build_definitions
    from pipelines.location import open_instance
    from pipelines.orphans import end_orphans
    from pipelines.terminal import TerminalWorkspace, stage_lines

    workspace = TerminalWorkspace(root=str(project.root), data=str(project.data), workers=workers, ray=ray)
    definitions = build_definitions(workspace, loggers={"console": stage_lines(console(err=True))})
    with open_instance(project.root) as instance:
        end_orphans(instance)
        instance.add_dynamic_partitions(experiments.name or "", [experiment])
        return definitions.resolve_job_def("experiment").execute_in_process(
            instance=instance,
            partition_key=experiment,
            run_config={"loggers": {"console": {}}},
            tags={PROCESS_TAG: this_process()},
            raise_on_error=False,
        )


def explain(project: Project, experiment: str, result: dg.ExecuteInProcessResult) -> int:
    """Say why a run failed, as the command line would, and give the exit code for it.

    Raises:
        KeyboardInterrupt: when it did not fail but was stopped.
    """
    from worldwright.project.documents import load_closure

    failures = [event for event in result.all_events if event.is_step_failure]
    if any(_was_stopped(event) for event in failures):
        raise KeyboardInterrupt
    closure = load_closure(project, experiment)
    if closure.experiment is None:
        echo_diagnostics(closure.diagnostics, closure.files, err=True)
        return DIAGNOSTICS
    for check in result.get_asset_check_evaluations():
        if check.blocking and not check.passed:
            click.echo(f"error: {check.description}", err=True)
            return FAILED
    for event in failures:
        click.echo(f"error: {_failure(event)}", err=True)
        return FAILED
    click.echo("error: the run ended without a result; `make ui` shows its log", err=True)
    return FAILED


def everything_was_there(result: dg.ExecuteInProcessResult) -> bool:
    """Whether no stage had to make anything."""
    made = [
        event.step_materialization_data.materialization
        for event in result.all_events
        if event.is_step_materialization
    ]
    hits = [one.metadata["cache hit"].value for one in made if "cache hit" in one.metadata]
    return bool(hits) and all(hits)


def show_answer(project: Project, experiment: str, *, cached: bool) -> Answer:
    """Print the answer, the path of the report and what to do next."""
    from worldwright.cli.answer import echo_answer, echo_next_steps
    from worldwright.project.answer import answer_of
    from worldwright.project.documents import load_closure

    closure = load_closure(project, experiment)
    answer = answer_of(project, closure.name)
    echo_answer(answer)
    if cached:
        click.echo("Everything was there already; nothing was run.")
    echo_next_steps(answer, project, closure)
    return answer


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with one of the documented codes."""
    try:
        code = command.main(args=arguments, prog_name="python -m pipelines.run", standalone_mode=False)
    except Exception as error:  # noqa: BLE001 (the last line of defence: a person never sees a traceback)
        code = fail(error)
    except KeyboardInterrupt as error:
        code = fail(error)
    sys.exit(code if isinstance(code, int) else OK)


def _was_stopped(event: dg.DagsterEvent) -> bool:
    error = event.step_failure_data.error
    return error is not None and error.cls_name == "DagsterExecutionInterruptedError"


def _failure(event: dg.DagsterEvent) -> str:
    data = event.step_failure_data
    said = data.user_failure_data
    if said is not None and said.description:
        return said.description
    trouble = "this is a defect in Worldwright, not in your documents; please report the text above"
    return f"{data.error_display_string}\n{trouble}"


if __name__ == "__main__":
    main()
