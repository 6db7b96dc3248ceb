"""`worldwright run`."""

from __future__ import annotations

import os

import click

from worldwright.cli.output import FAILED, OK, console, echo_json, open_project


@click.command("run")
@click.argument("experiment")
@click.option(
    "--workers",
    "-w",
    type=click.IntRange(1),
    default=os.cpu_count() or 1,
    show_default="the number of CPUs",
    help="Processes to run worlds in; results do not depend on it.",
)
@click.option(
    "--ray", metavar="ADDRESS", help="Run worlds on this Ray cluster: HOST:PORT, ray://HOST:PORT or auto."
)
@click.option("--retry-failed", is_flag=True, help="Run again what failed; else it stays a failure.")
@click.option("--json", "as_json", is_flag=True, help="Give the answer as JSON.")
@click.pass_context
def command(
    ctx: click.Context, experiment: str, workers: int, ray: str | None, retry_failed: bool, as_json: bool
) -> int:
    """Run an experiment; whatever is already in the store is not run again.

    Stopping it loses nothing: the same command goes on where it stopped. Exit code 3 when runs failed. A run
    that a clock or memory limit ended is tried again each time; one that failed in a script would fail again,
    and is run again only with --retry-failed.

    \b
      worldwright run ai-diagnostic-adoption
      worldwright run predator-prey --workers 1
    """
    from worldwright.cli.progress import run_progress
    from worldwright.executors import executor_of
    from worldwright.project.run import run_experiment

    project = open_project(ctx)
    with (
        run_progress(console(err=True), experiment, quiet=as_json) as progress,
        executor_of(workers, ray) as executor,
    ):
        outcome = run_experiment(project, experiment, executor, progress, retry_failed=retry_failed)
    if as_json:
        from worldwright.cli.answer import answer_json

        echo_json({**answer_json(outcome.answer), "cached": outcome.cached})
    else:
        from worldwright.cli.answer import echo_answer, echo_next_steps

        echo_answer(outcome.answer)
        if outcome.cached:
            click.echo("Everything was there already; nothing was run.")
        echo_next_steps(outcome.answer, outcome.chain.project, outcome.chain.closure)
    return FAILED if outcome.failed else OK
