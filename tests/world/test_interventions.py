"""What is done to a world from outside between two ticks, and steps of more than one tick."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from worldwright.errors import UsageError
from worldwright.world import Record, RunRequest, Snapshot, Worker, WorldResult
from worldwright.world.contents import Contents
from worldwright.world.interventions import AddEntity, Intervention, RemoveEntity, SendMessage, SetState
from worldwright.world.program import Entity, Grid, Script, WorldProgram

from .worlds import vivarium

EAR = """state = {heard = ""}
function update(now, msgs)
  for _, m in ipairs(msgs) do
    state.heard = state.heard .. now .. m.kind .. (m.sender or "-") .. tostring(m.content) .. " "
  end
end"""


def program(**fields: Any) -> WorldProgram:
    return WorldProgram("w", {"ear": Script("ear.lua", EAR)}, (Entity("ear", "ear", count=2),), **fields)


def begun(worker: Worker, of: WorldProgram) -> Snapshot:
    result = worker.run(RunRequest(of, 3, 1, save_at="last"))
    assert result.snapshot is not None
    return result.snapshot


def after(worker: Worker, snapshot: Snapshot, *acts: Intervention, ticks: int = 0) -> WorldResult:
    return worker.run(snapshot.request(ticks, interventions=acts, save_at="last", record=Record(("last",))))


def states(result: WorldResult) -> dict[str, Any]:
    assert result.snapshot is not None, result.failure
    return {one.id: one.state for one in Contents(result.snapshot).entities}


@pytest.mark.parametrize("runtime", ["luajit", "lua54"])
def test_states_births_ends_and_messages(worker: Worker, runtime: str) -> None:
    held = begun(worker, program(runtime=runtime))
    result = after(
        worker,
        held,
        SetState("ear_1", {"heard": "set "}),
        RemoveEntity("ear_2"),
        AddEntity("new", "ear", {"heard": "born "}),
        SendMessage("ear_1", "a", 7, sender="me"),
        SendMessage("new", "b", "x", delay=3),
        ticks=4,
    )
    assert states(result) == {"ear_1": {"heard": "set 4ame7 "}, "new": {"heard": "born 6b-x "}}


def test_an_intervention_between_ticks_is_kept_by_the_snapshot(worker: Worker) -> None:
    held = begun(worker, program())
    acts = (SendMessage("ear_2", "late", 1, delay=2), RemoveEntity("ear_1"))
    at_once = after(worker, held, *acts, ticks=3)
    kept = after(worker, held, *acts)
    assert kept.snapshot is not None
    assert states(after(worker, kept.snapshot, ticks=3)) == states(at_once)
    assert [m.due for m in Contents(kept.snapshot).messages] == [5]


def test_what_cannot_be_done_leaves_the_world_alone(worker: Worker) -> None:
    held = begun(worker, program())
    for act, why in (
        (RemoveEntity("nobody"), "no entity 'nobody'"),
        (SetState("nobody", {}), "no entity 'nobody'"),
        (AddEntity("ear_1", "ear"), "lives here already"),
        (AddEntity("new", "ear", place=(1, 1)), "neither a space nor a grid"),
    ):
        result = after(worker, held, SetState("ear_2", {"heard": "!"}), act)
        assert result.status == "failed"
        assert why in (result.failure or ""), result.failure
    with pytest.raises(UsageError, match="no kind of entity 'nose'"):
        after(worker, held, AddEntity("new", "nose"))
    with pytest.raises(UsageError, match="delay"):
        after(worker, held, SendMessage("ear_1", "a", delay=-1))


def test_a_place_on_the_grid(worker: Worker) -> None:
    here = Script("ear.lua", "state = {}\nfunction update() state.at = {world.grid.position()} end")
    held = begun(
        worker,
        WorldProgram("g", {"ear": here}, (Entity("ear", "ear", count=1, place="random"),), grid=Grid((4, 4))),
    )
    result = after(worker, held, AddEntity("new", "ear", place=(2, 3)), ticks=1)
    assert states(result)["new"] == {"at": [2, 3]}
    outside = after(worker, held, AddEntity("new", "ear", place=(9, 9)))
    assert outside.status == "failed"


COUNTER = """n, sets = 0, 0
function update(now, msgs) n = n + #msgs end
function get_state() return {n = n, sets = sets} end
function set_state(s)
  if s.wrong then error("not this one") end
  n, sets = s.n, sets + 1
  self.send_msg(self.id, "echo", {}, 1)
end"""


def test_a_script_of_vivarium_takes_its_state_by_set_state(worker: Worker) -> None:
    held = begun(worker, vivarium({"c": COUNTER}, [{"id": "one", "script_id": "c"}]))
    result = after(worker, held, SetState("one", {"n": 40}))
    assert states(result) == {"one": {"n": 40, "sets": 2}}  # once to stand again, once now
    assert result.snapshot is not None
    assert states(after(worker, result.snapshot, ticks=1))["one"]["n"] == 41  # what set_state sent
    refused = after(worker, held, SetState("one", {"wrong": True}))
    assert "not this one" in (refused.failure or "")
    assert "c:5" in (refused.failure or "")


SENDER = """function update(now, msgs)
  if now > 10 then return end
  for _, delay in ipairs({15, 5, 0, 30}) do self.send_msg("ear", "d" .. delay, {}, delay) end
end
function get_state() return {} end
function set_state(s) end"""
LISTENER = """heard = ""
function update(now, msgs)
  for _, m in ipairs(msgs) do heard = heard .. now .. m.kind .. " " end
end
function get_state() return {heard = heard} end
function set_state(s) heard = s.heard end"""


def test_a_step_may_last_longer_than_one_tick(worker: Worker) -> None:
    world = vivarium(
        {"s": SENDER, "l": LISTENER},
        [{"id": "mouth", "script_id": "s"}, {"id": "ear", "script_id": "l"}],
    )
    request = RunRequest(world, 5, 1, stride=10, save_at="last", record=Record(("last",)))
    result = worker.run(request)
    assert result.final_tick == 50
    # sent at 10: due at 10, 15, 25 and 40; a step takes all that has come due, in that order
    assert states(result)["ear"]["heard"] == "20d0 20d5 30d15 40d30 "
    for stride in (0, -3):
        with pytest.raises(UsageError, match="duration of a step is 1 or more"):
            worker.run(replace(request, stride=stride))
    with pytest.raises(UsageError, match="unit is the tick"):
        worker.run(RunRequest(program(), 2, 1, stride=2))


def test_steps_of_other_lengths_deliver_the_same(worker: Worker) -> None:
    world = vivarium(
        {"s": SENDER, "l": LISTENER},
        [{"id": "mouth", "script_id": "s"}, {"id": "ear", "script_id": "l"}],
    )
    begun = worker.run(RunRequest(world, 1, 1, stride=10, save_at="last", record=Record(("last",)))).snapshot
    assert begun is not None
    by_ones = worker.run(begun.request(30, save_at="last", record=Record(("last",))))
    assert states(by_ones)["ear"]["heard"] == "11d0 15d5 25d15 40d30 "
    by_sevens = worker.run(begun.request(5, stride=7, save_at="last", record=Record(("last",))))
    assert states(by_sevens)["ear"]["heard"] == "17d0 17d5 31d15 45d30 "
