"""`worldwright results`."""

from __future__ import annotations

import click

from worldwright.cli.output import OK, echo_json, echo_rows, open_project


@click.command("results")
@click.argument("experiment", required=False)
@click.option("--json", "as_json", is_flag=True, help="Give the answer as JSON.")
@click.pass_context
def command(ctx: click.Context, experiment: str | None, as_json: bool) -> int:
    """Show the answer of an EXPERIMENT, or list what has results.

    \b
      worldwright results
      worldwright results ai-diagnostic-adoption --json
    """
    from worldwright.cli.answer import answer_json, echo_answer
    from worldwright.project.answer import answer_of

    project = open_project(ctx)
    if experiment is not None:
        answer = answer_of(project, experiment)
        if as_json:
            echo_json(answer_json(answer))
        else:
            echo_answer(answer)
            click.echo(f"Report:   {answer.report}")
        return OK
    answers = [answer_of(project, name) for name in project.store.experiments()]
    if as_json:
        echo_json([answer_json(answer) for answer in answers])
    elif not answers:
        click.echo("no results yet; run an experiment: " + (", ".join(project.names("experiment")) or "none"))
    else:
        echo_rows(
            ["experiment", "version", "cells", "failed runs", "question"],
            [[a.experiment, a.version, len(a.rows), a.failed, a.question] for a in answers],
        )
    return OK
