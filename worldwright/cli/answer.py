"""The answer of an experiment as a short table, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from worldwright.cli.output import echo_rows

if TYPE_CHECKING:
    from worldwright.project.answer import Answer
    from worldwright.project.documents import Closure
    from worldwright.project.locate import Project


def echo_answer(answer: Answer) -> None:
    """Print the question and the main outcome, by cell."""
    click.echo()
    if answer.question:
        click.echo(answer.question)
    if answer.outcome != answer.metric:
        click.echo(f"{answer.outcome}: {answer.metric}, {answer.at}")
    rows = [
        [row.label, _value(row.mean, answer.kind), _interval(row.low, row.high, answer.kind), row.replicates]
        for row in answer.rows
    ]
    columns = ["setting", _heading(answer), "95 % interval", "replicates"]
    echo_rows(columns, rows)
    missing = sum(row.missing for row in answer.rows)
    if missing:
        click.echo(
            f"{missing} runs have no such value; they are not in the means, and their cells show no interval."
        )
    if answer.failed:
        click.echo(
            f"{answer.failed} runs failed; their cells show no interval. "
            'See: worldwright query "select * from failures". '
            f"To try them again: worldwright run {answer.experiment} --retry-failed"
        )


def echo_next_steps(answer: Answer, project: Project, closure: Closure) -> None:
    """Print where the report is and what a person would do next."""
    schema = answer.experiment.replace("-", "_")
    documents = [file for file in closure.files if file.endswith((".yaml", ".lua"))]
    click.echo(f"Report:   {answer.report}")
    if (project.root / "dagster.yaml").is_file():
        ui = "make ui" if (project.root / "Makefile").is_file() else "python -m pipelines.ui"
        click.echo(f"Look:     {ui}   (Dagster, with lineage and history)")
    click.echo(
        f'Ask:      worldwright query "select metric, segment, avg(value) from {schema}.metrics '
        f'where tick = {answer.ticks} group by all order by all"'
    )
    click.echo(
        f"Change:   {documents[0] if documents else 'specs/'}, then run again; only what changed is run"
    )


def answer_json(answer: Answer) -> dict[str, Any]:
    """The answer as plain data."""
    return {
        "experiment": answer.experiment,
        "version": answer.version,
        "question": answer.question,
        "metric": answer.metric,
        "outcome": answer.outcome,
        "at": answer.at,
        "ticks": answer.ticks,
        "cells": [
            {
                "cell": row.cell,
                "label": row.label,
                "mean": row.mean,
                "low": row.low,
                "high": row.high,
                "replicates": row.replicates,
                "missing": row.missing,
            }
            for row in answer.rows
        ],
        "failed": answer.failed,
        "report": answer.report,
    }


def _heading(answer: Answer) -> str:
    if answer.outcome == answer.metric:
        return f"{answer.metric} after {answer.ticks} ticks"
    return answer.outcome


def _value(value: float | None, kind: str) -> str:
    if value is None:
        return "–"
    return f"{100 * value:.1f} %" if kind == "share" else f"{value:,.4g}"


def _interval(low: float | None, high: float | None, kind: str) -> str:
    if low is None or high is None:
        return "–"
    if kind == "share":
        return f"{100 * low:.1f} – {100 * high:.1f} %"
    return f"{low:,.4g} – {high:,.4g}"
