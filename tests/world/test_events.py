"""The event log: every kind of event once, bounded, nothing when off, and queried with DuckDB."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import duckdb
from pyarrow import parquet

from worldwright.world import EventLog, RunRequest, Worker
from worldwright.world.events import EVENTS, EVENTS_SCHEMA

from .worlds import solo

SCRIPT = """state = {n = 0}
function update(now, msgs)
  if self.id ~= "a_1" then return end
  if now == 1 then
    self.send_msg("a_2", "hello", {x = 1, y = "two"}, 2)
    self.send_msg("nobody", "lost", nil)
    self.spawn_entity("child", "a")
    world.link("a_1", "a_2")
  elseif now == 2 then
    world.unlink("a_1", "a_2")
    self.destroy("child")
    error("broken")
  elseif now == 3 then
    world.unlink("a_1", "a_2")
    self.destroy("child")
  end
end"""
PROGRAM = solo(SCRIPT, count=2, errors="ignore")


def test_every_event_is_a_row(worker: Worker, runtime: str, tmp_path: Path) -> None:
    program = dataclasses.replace(PROGRAM, runtime=runtime)
    result = worker.run(RunRequest(program, 3, 1, events=EventLog(100)))
    assert result.events is not None
    assert result.events.schema == EVENTS_SCHEMA
    assert [tuple(row.values()) for row in result.events.to_pylist()] == [
        (1, "spawn", "child", "a_1", "a", None, None, None),
        (1, "link", "a_1", "a_2", None, None, None, None),
        (1, "message", "a_1", "a_2", "hello", 3, None, '{"x":1,"y":"two"}'),
        (1, "message", "a_1", "nobody", "lost", 2, None, None),
        (2, "undelivered", "a_1", "nobody", "lost", None, None, None),
        (2, "error", "a_1", None, "a.lua", None, 12, "broken"),
        (3, "unlink", "a_1", "a_2", None, None, None, None),
        (3, "death", "child", "a_1", "a", None, None, None),
    ]  # fmt: skip
    assert {row["event"] for row in result.events.to_pylist()} == set(EVENTS)
    path = tmp_path / "events.parquet"
    parquet.write_table(result.events, path)
    counted = (
        duckdb.connect()
        .execute(f"select event, count(*) from '{path}' group by 1 having count(*) > 1")
        .fetchall()
    )
    assert counted == [("message", 2)]


def test_it_is_bounded_and_says_what_it_lost(worker: Worker) -> None:
    flood = """state = {}
    function update(now, msgs) for i = 1, 50 do self.send_msg(self.id, "k", i) end end"""
    result = worker.run(RunRequest(solo(flood), 10, 1, events=EventLog(120)))
    assert result.events is not None
    assert result.events.num_rows == 120
    assert result.counts["events_lost"] == 10 * 50 - 120


def test_a_log_changes_nothing_else(worker: Worker) -> None:
    plain, logged = (worker.run(RunRequest(PROGRAM, 3, 1, events=most)) for most in (None, EventLog(100)))
    assert plain.events is None
    assert "events_lost" not in plain.counts
    assert (plain.agents, plain.metrics, plain.errors) == (logged.agents, logged.metrics, logged.errors)
    assert {**logged.counts} == {**plain.counts, "events_lost": 0}
