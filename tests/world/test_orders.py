"""Who runs when, and when what they do takes effect; known answers are in test_known_answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from worldwright.world import Record, RunRequest, Worker, WorldProgram, WorldResult

from .worlds import load, solo, world


def run(worker: Worker, program: WorldProgram, ticks: int, seed: int = 1) -> WorldResult:
    return worker.run(RunRequest(program, ticks, seed, record=Record(("last",))))


def ok(worker: Worker, program: WorldProgram, ticks: int, seed: int = 1) -> WorldResult:
    result = run(worker, program, ticks, seed)
    assert result.status == "ok", result.failure
    return result


def runs(result: WorldResult) -> list[list[Any]]:
    return [json.loads(text) for text in result.agents["runs"].to_pylist()]


RUNS = "state.runs[#state.runs + 1] = now"


def timers(runtime: str, body: str, head: str = "", count: int = 1) -> WorldProgram:
    script = f"state = {{runs = {{0}}}}\n{head}\nfunction update(now, msgs)\n{RUNS}\n{body}\nend\n"
    return solo(script, count=count, runtime=runtime, order="event")


def test_a_timer_is_due_after_its_delay(worker: Worker, runtime: str) -> None:
    body = "if now == 1 then self.wake(3) self.wake(5) self.wake(5) self.wake(2.9) self.wake(0) end"
    assert runs(ok(worker, timers(runtime, body, "self.wake(1)"), 20)) == [[0, 1, 2, 3, 4, 6]]


def test_a_message_and_a_timer_of_one_tick_are_one_run(worker: Worker, runtime: str) -> None:
    body = """if now == 1 then self.wake(4) self.send_msg("a", "k", 7, 4) self.send_msg("a", "k", 8, 4) end
    if now == 5 then assert(#msgs == 2 and msgs[1].content == 7) elseif now > 1 then assert(#msgs == 0) end"""
    result = ok(worker, timers(runtime, body, "self.wake(1)"), 9)
    assert runs(result) == [[0, 1, 5]]
    assert result.counts["updates"] == 2


def test_only_those_with_something_due_run(worker: Worker, runtime: str) -> None:
    """Of a thousand entities over ten thousand ticks two run, and each run is counted."""
    body = (
        'if #state.runs <= 50 then self.send_msg(self.id == "a_1" and "a_2" or "a_1", "ball", nil, 150) end'
    )
    head = 'if self.id == "a_1" then self.wake(1) end'
    result = ok(worker, timers(runtime, body, head, 1000), 10_000)
    assert result.counts["updates"] == 67
    assert [len(r) - 1 for r in runs(result)] == [34, 33] + [0] * 998


def test_the_dead_are_not_woken_nor_who_takes_their_name(worker: Worker, runtime: str) -> None:
    body = """if now == 1 then self.wake(5) self.destroy("a_2") self.spawn_entity("a_2", "a") end"""
    result = ok(
        worker,
        timers(runtime, body, 'if world.time == 0 then self.wake(self.id == "a_1" and 1 or 3) end', 2),
        9,
    )
    assert result.agents["entity_id"].to_pylist() == ["a_1", "a_2"]
    assert runs(result) == [[0, 1, 6], [0]]


def test_a_newborn_may_wake_itself(worker: Worker, runtime: str) -> None:
    body = 'if now == 4 then self.spawn_entity("child", "a") end'
    result = ok(worker, timers(runtime, body, "self.wake(world.time + 4)"), 20)
    assert runs(result) == [[0, 4], [0, 12]]


def test_a_failed_update_sets_no_timers(worker: Worker, runtime: str) -> None:
    script = """state = {runs = {0}}
    self.wake(1)
    function update(now, msgs)
      state.runs[#state.runs + 1] = now
      self.wake(2)
      if now == 3 then self.wake(7) self.wake(4) error("no") end
    end"""
    result = ok(worker, solo(script, runtime=runtime, order="event", errors="ignore"), 30)
    assert runs(result) == [[0, 1, 3]]


def test_timers_are_limited(worker: Worker, runtime: str) -> None:
    script = "self.wake(1)\nfunction update(now, msgs) while true do self.wake(9) end end"
    result = run(worker, solo(script, runtime=runtime, order="event", limits={"messages": 50}), 3)
    assert "the limit of 50 timers set in one tick" in (result.failure or "")


@pytest.mark.parametrize("delay", ["0/0", "math.huge", "-1", "'soon'", "nil"])
def test_a_delay_that_is_none_is_told_with_its_line(worker: Worker, runtime: str, delay: str) -> None:
    result = run(worker, timers(runtime, f"self.wake({delay})", "self.wake(1)"), 3)
    assert "a.lua:5: wake: the delay must be a number of ticks" in (result.failure or "")


def test_waking_belongs_to_events() -> None:
    script = {"a.lua": "function update(now, msgs) self.wake(2) end"}
    entities = [{"name": "a", "script": "a.lua", "count": 1}]
    _, found = load({"entities": entities}, script)
    assert [d.code for d in found] == ["WW0716"]
    assert "this world's order is simultaneous" in found[0].message


def test_a_world_in_which_nobody_ever_runs_is_told() -> None:
    entities = [{"name": "a", "script": "a.lua", "count": 1}]
    quiet = "state = {n = 0}\nfunction update(now, msgs) self.wake(2) end"
    _, found = load({"entities": entities, "order": "event"}, {"a.lua": quiet})
    assert [(d.code, d.is_error) for d in found] == [("WW0720", False)]
    assert load({"entities": entities, "order": "event"}, {"a.lua": "self.wake(1)\n" + quiet})[1] == []


def test_metrics_stand_still_while_nobody_runs(worker: Worker, runtime: str) -> None:
    script = "state = {n = 0}\nself.wake(3)\nfunction update(now, msgs) state.n = now self.wake(3) end"
    program = solo(script, runtime=runtime, order="event", metrics={"n": {"sum": "state.n"}})
    values = [row["value"] for row in ok(worker, program, 8).metrics.to_pylist()]
    assert values == [0, 0, 3, 3, 3, 6, 6, 6]


# Those who are due in one tick run in an order of their own, and see what the one before has done.
RACE = """state = {got = 0}
if self.name == "a" then self.wake(1) end
function update(now, msgs)
  local got = world.resource.take("cake", 2)
  if got then state.got = got end
  for _, msg in ipairs(msgs) do state.got = msg.content.got end
end"""


@pytest.mark.parametrize("order", ["simultaneous", "random", "event"])
def test_a_contested_stock_goes_to_anybody(worker: Worker, runtime: str, order: str) -> None:
    """Five want two of a stock of five: two get two, one gets one; each is as likely to be early."""
    early = [0.0] * 5
    script = RACE.replace('if self.name == "a" then', "if true then") if order == "event" else RACE
    if order != "event":
        script = script.replace('if self.name == "a" then self.wake(1) end', "")
    program = solo(
        script, count=5, runtime=runtime, order=order, resources={"cake": {"initial": 5}},
    )  # fmt: skip
    ticks = 2 if order == "simultaneous" else 1
    for seed in range(60):
        got = ok(worker, program, ticks, seed).agents["got"].to_pylist()
        assert sorted(got) == [0, 0, 1, 2, 2]
        for i, n in enumerate(got):
            early[i] += n / 5
    assert sum(early) == pytest.approx(60)
    # each share has mean .2 and standard deviation .18; four standard errors over 60 seeds
    assert all(abs(share / 60 - 0.2) < 4 * 0.18 / 60**0.5 for share in early)


def test_an_update_that_fails_leaves_nothing_behind(worker: Worker, runtime: str) -> None:
    script = """state = {}
    function update(now, msgs)
      world.resource.take("food", 3)
      world.resource.give("food", 1)
      world.layer.set("grass", 9, 1, 1)
      world.layer.add("grass", 9, 2, 2)
      world.layer.decay("grass", .5)
      world.grid.move(3, 3)
      world.grid.place("b", 2, 3)
      world.space.move(7, 7)
      error("after all")
    end"""
    quiet = "function update(now, msgs) end"
    for order in ("simultaneous", "random"):
        program = world(
            {
                "runtime": runtime,
                "order": order,
                "errors": "ignore",
                "entities": [
                    {"name": "a", "script": "a.lua", "count": 3},
                    {"name": "b", "script": "b.lua", "count": 1},
                    {"name": "c", "script": "c.lua", "count": 1},
                ],
                "grid": {"size": [4, 4], "capacity": 1},
                "space": {"size": [9, 9]},
                "layers": {"grass": {"initial": 1}},
                "resources": {"food": {"initial": 10}},
            },
            {
                "a.lua": "if self.id == 'a_1' then world.grid.move(1, 1) world.space.move(1, 1) end\n"
                + script,
                "b.lua": quiet,
                "c.lua": """state = {}
                function update(now, msgs)
                  assert(world.resource.stock("food") == 10 and world.layer.sum("grass") == 16)
                  local x, y = world.grid.position("a_1")
                  assert(x == 1 and y == 1 and world.grid.empty() == 15 and world.grid.position("b") == nil)
                  local u, v = world.space.position("a_1")
                  assert(u == 1 and v == 1 and world.space.count_within(20, nil, 5, 5) == 1)
                  state.seen = now
                end""",
            },
        )
        result = ok(worker, program, 4)
        assert result.errors.num_rows == 3
        assert result.agents["seen"].to_pylist()[-1] == 4
