"""Vivarium's documented behaviour, case by case; where ours differs on purpose, docs/vivarium.md says why."""

from __future__ import annotations

from typing import Any

from worldwright.world import Record, RunRequest, Worker, WorldResult
from worldwright.world.contents import Contents

from .worlds import vivarium

LISTENER = """heard, first = {}, nil
function update(now, msgs)
  first = first or now
  for _, m in ipairs(msgs) do heard[#heard + 1] = now .. m.kind end
end
function get_state() return {heard = table.concat(heard, " "), first = first} end
function set_state(s) end"""
TAIL = "\nfunction get_state() return {} end\nfunction set_state(s) end"


def run(
    worker: Worker, sender: str, ticks: int, others: tuple[str, ...] = ("ear",), **fields: Any
) -> WorldResult:
    """A sender called `mouth` beside listeners."""
    entities = [{"id": name, "script_id": "listener"} for name in others]
    program = vivarium(
        {"sender": sender + TAIL, "listener": LISTENER}, [{"id": "mouth", "script_id": "sender"}, *entities]
    )
    return worker.run(RunRequest(program, ticks, 1, record=Record(("last",)), **fields))


def heard(result: WorldResult, who: str = "ear") -> str | None:
    assert result.status == "ok", result.failure
    return {row["entity_id"]: row["heard"] for row in result.agents.to_pylist()}.get(who)


def test_delays_count_from_the_step_of_sending_and_zero_is_the_next(worker: Worker) -> None:
    sender = """function update(now, msgs)
      if now ~= 1 then return end
      for _, delay in ipairs({5, 1, 0, 2, 1.9}) do self.send_msg("ear", "d" .. delay, {}, delay) end
      self.send_msg("ear", "none", {})
    end"""
    # delay 0 goes before delay 1 in one step; fractions are cut off; left out it is 1
    assert heard(run(worker, sender, 7)) == "2d0 2d1 2d1.9 2none 3d2 6d5"


def test_a_bad_delay_is_an_error_that_a_script_can_catch(worker: Worker) -> None:
    sender = """function update(now, msgs)
      for _, delay in ipairs({-1, 0/0, "soon", {}}) do
        if pcall(self.send_msg, "ear", "no", {}, delay) then error("taken: " .. tostring(delay)) end
      end
    end"""
    assert heard(run(worker, sender, 2)) == ""


def test_equal_arrivals_keep_the_order_of_sending(worker: Worker) -> None:
    """At home the order of equal arrivals is undefined."""
    sender = """function update(now, msgs)
      if now > 2 then return end
      for i = 1, 30 do self.send_msg("ear", "k" .. i, {}, 3 - now) end
    end"""
    assert heard(run(worker, sender, 4)) == " ".join(f"3k{i}" for _ in range(2) for i in range(1, 31))


def test_whoever_lives_at_delivery_gets_it(worker: Worker) -> None:
    sender = """function update(now, msgs)
      if now == 1 then
        self.send_msg("later", "born", {}, 3)
        self.send_msg("ear", "dead", {}, 3)
        self.send_msg("nobody", "lost", {}, 1)
        self.destroy("ear")
      elseif now == 2 then
        self.spawn_entity("later", "listener")
      end
    end"""
    result = run(worker, sender, 5)
    assert heard(result, "later") == "4born"
    assert heard(result, "ear") is None
    assert (result.counts["delivered"], result.counts["undelivered"]) == (1, 2)


def test_a_newborn_is_there_and_runs_from_the_next_step(worker: Worker) -> None:
    sender = """function update(now, msgs)
      if now == 2 then self.spawn_entity("child", "listener") end
      world.record_metric("n", #world.list_entities())
    end"""
    result = run(worker, sender, 4)
    assert [row["value"] for row in result.metrics.to_pylist()] == [2, 2, 3, 3]
    assert {row["entity_id"]: row["first"] for row in result.agents.to_pylist()}["child"] == 3


def test_the_destroyed_still_run_in_that_step_and_are_gone_in_the_next(worker: Worker) -> None:
    sender = """function update(now, msgs)
      if now == 1 then self.destroy("ear") self.destroy(self.id) self.send_msg("other", "after", {}) end
    end"""
    result = run(worker, sender, 3, others=("ear", "other"))
    assert heard(result, "other") == "2after"  # destroying itself does not stop the commands that follow
    assert result.counts["entities"] == 1
    assert result.counts["updates"] == 3 + 1 + 1


def test_metrics_add_up_within_a_step_and_append_across(worker: Worker) -> None:
    sender = """function update(now, msgs)
      world.record_metric("m", now) world.record_metric("m", "0.5") world.record_metric("odd", 0/0)
    end"""
    rows = run(worker, sender, 2).metrics.to_pylist()
    assert [(r["tick"], r["value"]) for r in rows if r["metric"] == "m"] == [(1, 1.5), (2, 2.5)]


def test_null_in_a_state_is_nil_instead_of_an_error(worker: Worker) -> None:
    script = """got = "none"
    function update(now, msgs) end
    function get_state() return {got = got} end
    function set_state(s) got = tostring(s.gone) .. #s.list .. tostring(s.deep.x) end"""
    state = {"gone": None, "list": [1, 2], "deep": {"x": None}}
    program = vivarium({"s": script}, [{"id": "a", "script_id": "s", "initial_state": state}])
    result = worker.run(RunRequest(program, 1, 1, record=Record(("last",))))
    assert result.agents["got"].to_pylist() == ["nil2nil"]


def test_a_nan_in_a_message_does_not_poison_its_receiver(worker: Worker) -> None:
    sender = """function update(now, msgs)
      self.send_msg("ear", "k", {x = 0/0, f = print, y = {1/0}})
    end"""
    assert heard(run(worker, sender, 4)) == "2k 3k 4k"


def test_a_failed_step_loses_no_commands_of_others(worker: Worker) -> None:
    """At home those of whoever ran before the failing one are lost; here the whole step is undone."""
    sender = """function update(now, msgs)
      self.send_msg("ear", "k", {})
      if now == 3 then error("no") end
    end"""
    failed = run(worker, sender, 5)
    assert (failed.status, failed.final_tick) == ("failed", 2)
    again = run(worker, sender, 2, save_at="last")
    assert again.snapshot is not None
    assert [(m.kind, m.due) for m in Contents(again.snapshot).messages] == [("k", 3)]


def test_calls_made_while_loading_count_for_the_first_step(worker: Worker) -> None:
    sender = """self.send_msg("ear", "early", {})
    self.spawn_entity("child", "listener")
    world.record_metric("loaded", 1)
    function update(now, msgs) end"""
    result = run(worker, sender, 2)
    assert heard(result) == "1early"
    assert [(r["tick"], r["metric"]) for r in result.metrics.to_pylist()] == [(1, "loaded")]
    assert result.counts["spawned"] == 1


def test_numbers_keep_their_kind(worker: Worker) -> None:
    script = """n, x = nil, nil
    function update(now, msgs)
      local same = math.type(n) == "integer" and math.type(x) == "float"
      world.record_metric("same", same and 1 or 0)
    end
    function get_state() return {n = n, x = x} end
    function set_state(s) n, x = s.n, s.x end"""
    program = vivarium({"s": script}, [{"id": "a", "script_id": "s", "initial_state": {"n": 150, "x": 80.0}}])
    assert worker.run(RunRequest(program, 1, 1)).metrics["value"].to_pylist() == [1]


def test_a_copy_keeps_its_name_and_draws_what_the_original_draws(worker: Worker) -> None:
    """At home every run draws anew, and a snapshot holds no seed."""
    sender = "function update(now, msgs) world.record_metric('u', math.random()) end"
    first = run(worker, sender, 3, save_at=1)
    assert first.snapshot is not None
    copy = worker.run(first.snapshot.request(2))
    assert first.snapshot.program.name == "test"
    assert copy.metrics == first.metrics
