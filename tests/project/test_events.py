"""The event log of an experiment: which replicates, ticks and kinds it keeps, and how it is shown."""

from __future__ import annotations

import pytest

from worldwright.diagnostics import DocumentError
from worldwright.executors import serial
from worldwright.project.locate import Project
from worldwright.project.query import run_query
from worldwright.project.run import run_experiment


def run(project: Project, name: str) -> None:
    with serial() as executor:
        run_experiment(project, name, executor, lambda _: None)


def rewrite(project: Project, name: str, record: str) -> None:
    path = project.specs / "experiments" / f"{name}.yaml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("record:")]
    path.write_text("\n".join([*lines, f"record: {record}", ""]))


def rows(project: Project, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in run_query(project, sql).to_pylist()]


def test_births_of_the_chosen_replicates_and_ticks_are_in_the_catalog(tiny: Project) -> None:
    rewrite(tiny, "growth", "{events: {replicates: 2, ticks: [1, 3], only: [spawn]}}")
    run(tiny, "growth")
    found = rows(tiny, "select distinct event, kind, replicate from growth.events order by all")
    assert found == [("spawn", "cell", 0), ("spawn", "cell", 1)]
    births = "select birth, replicate, tick, count(*) as births from growth.events group by all order by all"
    counted = (
        "select birth, replicate, tick, value - before as births from (select *, coalesce(lag(value) over"
        " (partition by cell, replicate order by tick), 20) as before from growth.metrics"
        " where metric = 'cells') where tick <= 3 and replicate < 2 and value > before order by all"
    )
    assert rows(tiny, births) == rows(tiny, counted)


def test_messages_are_all_there_and_a_full_log_says_so(tiny: Project) -> None:
    rewrite(tiny, "rumour", "{events: {replicates: 3, only: [message]}}")
    run(tiny, "rumour")
    sent = "select cell, replicate, count(*) as n from rumour.events group by all order by all"
    told = (
        "select cell, replicate, round(60 * value) as n from rumour.metrics where metric = 'told'"
        " and tick = 10 order by all"
    )
    assert rows(tiny, sent) == rows(tiny, told)
    rewrite(tiny, "rumour", "{events: {only: [message], rows: 5}}")
    run(tiny, "rumour")
    full = rows(
        tiny, "select event, count(*) as n from rumour.events where cell = 3 group by all order by all"
    )
    assert full == [("lost", 1), ("message", 5)]
    (words,) = rows(tiny, "select text from rumour.events where cell = 3 and event = 'lost'")
    assert str(words[0]).endswith("more events had no room")


def test_the_catalog_says_what_the_columns_hold(tiny: Project) -> None:
    rewrite(tiny, "growth", "{events: {}}")
    run(tiny, "growth")
    silent = rows(
        tiny,
        "select column_name from duckdb_columns() where table_name = 'events' and schema_name = 'growth'"
        " and comment is null",
    )
    assert silent == []
    (comment,) = rows(tiny, "select comment from duckdb_views() where view_name = 'events'")
    example = str(comment[0]).splitlines()[-1]
    assert "growth.events" in example
    assert [row[:2] for row in rows(tiny, example)] == [("spawn", "cell")]


def test_a_log_changes_only_the_runs_it_is_of(tiny: Project) -> None:
    run(tiny, "growth")
    plain = rows(tiny, "select run from runs where experiment = 'growth' order by all")
    assert rows(tiny, "select view_name from duckdb_views() where view_name = 'events'") == []
    rewrite(tiny, "growth", "{events: {replicates: 1}}")
    run(tiny, "growth")
    logged = rows(tiny, "select run from runs where experiment = 'growth' order by all")
    assert len(set(plain) - set(logged)) == 2  # of each cell only the logged replicate was run again


def test_ticks_that_never_come_are_told(tiny: Project) -> None:
    rewrite(tiny, "growth", "{events: {ticks: [5, 13]}, agents: {ticks: [40]}}")
    with pytest.raises(DocumentError) as refused:
        run(tiny, "growth")
    assert [d.code for d in refused.value.diagnostics] == ["WW0809", "WW0809"]
