"""Tools on experiments and their results: plan, run, compare, query, lineage."""

from __future__ import annotations

import os
from typing import Annotated, Any

from pydantic import Field

from worldwright.executors import executor_of
from worldwright.experiment import Progressed
from worldwright.mcp_server.doors import Door, Visit
from worldwright.mcp_server.pages import Cursor, Paged, fitting, start_of
from worldwright.project.answer import Answer, answer_of
from worldwright.project.effects import effects_of
from worldwright.project.experiment_plan import experiment_plan
from worldwright.project.find_spec import known_experiment
from worldwright.project.lineage import lineage as ancestors
from worldwright.project.query import list_tables, run_query
from worldwright.project.run import run_experiment as run

MOST_ROWS = 10_000
QUERY_SECONDS = 20.0
Name = Annotated[str, Field(description="the experiment's name")]


class Plan(Paged):
    """What an experiment would run."""

    question: str | None = None
    world: str
    ticks: int
    outcome: str
    factors: list[str]
    replicates: list[int]
    runs: list[int]
    agents: dict[str, int]
    cells: list[str]
    version: int | None = None


class Answered(Paged):
    """The main outcome of an experiment, by cell."""

    question: str | None = None
    outcome: str
    at: str
    version: int
    cached: bool | None = None
    failed: int
    report: str
    cells: list[dict[str, Any]]


class Effects(Paged):
    """What each factor changes, paired by replicate."""

    outcome: str
    effects: list[dict[str, Any]]


class Rows(Paged):
    """Rows of a table."""

    columns: list[str]
    rows: list[list[Any]]
    total: int


class Ancestry(Paged):
    """What something was made from, nearest first."""

    datasets: list[dict[str, Any]]


def plan_experiment(visit: Visit, experiment: Name, cursor: Cursor = "") -> Plan:
    """Say what an experiment would run: cells, least and most replicates and runs, factors, main outcome."""
    plan = experiment_plan(visit.project, known_experiment(visit.project, experiment))
    cells, rest = fitting(plan.cells, start_of(cursor))
    return Plan(
        question=plan.question,
        world=plan.world,
        ticks=plan.ticks,
        outcome=plan.outcome,
        factors=list(plan.factors),
        replicates=list(plan.replicates),
        runs=list(plan.runs),
        agents=plan.agents,
        cells=cells,
        version=plan.version,
        truncated=rest is not None,
        cursor=rest,
    )


def run_experiment(
    visit: Visit, experiment: Name, workers: Annotated[int, Field(ge=1, le=64)] = os.cpu_count() or 1
) -> Answered:
    """Run an experiment and give its answer with intervals. What was run before is not run again."""
    call, name = visit.call, known_experiment(visit.project, experiment)

    def told(state: Progressed) -> None:
        call.stop.check()
        if call.show is not None:
            call.show(state.done, state.needed, f"{state.done} of {state.needed} runs, {state.failed} failed")

    with executor_of(workers) as executor:
        outcome = run(visit.project, name, executor, told)
    return _answered(outcome.answer, 0, outcome.cached)


def get_results(visit: Visit, experiment: Name, cursor: Cursor = "") -> Answered:
    """Get the answer of an experiment that was run: the main outcome of each cell, with its interval."""
    return _answered(answer_of(visit.project, experiment), start_of(cursor))


def compare_cells(
    visit: Visit,
    experiment: Name,
    outcome: Annotated[str, Field(description="the main one, if empty")] = "",
    cursor: Cursor = "",
) -> Effects:
    """Say what each factor of an experiment changes: differences paired by replicate, with intervals."""
    asked, found = effects_of(visit.project, experiment, outcome or None)
    rows = [{key: _short(value) for key, value in row.items() if value not in ("", None)} for row in found]
    shown, rest = fitting(rows, start_of(cursor))
    return Effects(outcome=asked, effects=shown, truncated=rest is not None, cursor=rest)


def query(
    visit: Visit,
    sql: Annotated[str, Field(max_length=20_000, description="one DuckDB SELECT")] = "",
    cursor: Cursor = "",
) -> Rows:
    """Ask the results of all experiments in SQL, read-only; without a statement, list the tables."""
    if not sql.strip():
        tables = list_tables(visit.project)
        columns = ["table", "columns", "comment"]
        rows = [
            [one["table"], ", ".join(c["name"] for c in one["columns"]), one["comment"]] for one in tables
        ]
    else:
        table = run_query(visit.project, sql, most=MOST_ROWS, seconds=QUERY_SECONDS)
        columns = list(table.column_names)
        values = [column.to_pylist() for column in table.columns]
        rows = [[_plain(value) for value in row] for row in zip(*values, strict=True)]
    shown, rest = fitting(rows, start_of(cursor))
    return Rows(columns=columns, rows=shown, total=len(rows), truncated=rest is not None, cursor=rest)


def lineage(
    visit: Visit,
    name: Annotated[str, Field(description="an experiment, or the key of a dataset such as run:3f9a…")],
    cursor: Cursor = "",
) -> Ancestry:
    """Show what a result was made from, up to the documents: keys, digests, parents."""
    found = [
        {
            "stage": one.dataset.stage if one.dataset else "missing",
            "key": one.key,
            "digest": one.dataset.digest if one.dataset else None,
            "depth": one.depth,
        }
        for one in ancestors(visit.project, name)
    ]
    shown, rest = fitting(found, start_of(cursor))
    return Ancestry(datasets=shown, truncated=rest is not None, cursor=rest)


EXPERIMENT_TOOLS = (
    Door(plan_experiment, reads=True),
    Door(run_experiment, repeats=True),
    Door(get_results, reads=True),
    Door(compare_cells, reads=True),
    Door(query, reads=True),
    Door(lineage, reads=True),
)


def _answered(answer: Answer, begin: int, cached: bool | None = None) -> Answered:
    rows = [
        {
            "cell": row.label,
            "mean": _short(row.mean),
            "low": _short(row.low),
            "high": _short(row.high),
            "replicates": row.replicates,
        }
        | ({"missing": row.missing} if row.missing else {})
        for row in answer.rows
    ]
    shown, rest = fitting(rows, begin)
    return Answered(
        question=answer.question,
        outcome=answer.outcome,
        at=answer.at,
        version=answer.version,
        cached=cached,
        failed=answer.failed,
        report=answer.report,
        cells=shown,
        truncated=rest is not None,
        cursor=rest,
    )


def _short(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if value - value == 0 else None
    return value if isinstance(value, (int, str, bool, type(None), list, dict)) else str(value)
