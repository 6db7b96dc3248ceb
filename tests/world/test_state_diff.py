"""What two states differ in, by entity and field."""

from __future__ import annotations

from worldwright.world import Record, RunRequest, Snapshot, Worker
from worldwright.world.state_diff import differences

from .worlds import solo

SCRIPT = """state = {n = 0, list = {1, 2}, deep = {x = {y = 1}}, nan = 0/0, own = {}}
state.own.itself = state.own
function update(now, msgs)
  if self.id == "a_1" then
    state.n, state.list[3], state.deep.x.y, state.fresh, state.own.more = now, "three", nil, true, 1
    self.destroy("a_2")
    self.spawn_entity("child", "a")
    self.send_msg("a_3", "hello", {v = 1}, 4)
    self.send_msg("a_3", "hello", {v = 1}, 4)
  end
  if self.id == "a_3" then world.link("a_1", "a_3") end
end"""


def at(worker: Worker, ticks: int, seed: int = 1) -> Snapshot:
    result = worker.run(RunRequest(solo(SCRIPT, count=3), ticks, seed, record=Record(()), save_at="last"))
    assert result.snapshot is not None, result.snapshot_problem or result.failure
    return result.snapshot


def test_every_change_is_named_once(worker: Worker) -> None:
    found = [
        (c.what, c.entity, c.field, c.before, c.after) for c in differences(at(worker, 0), at(worker, 1))
    ]
    assert found == [
        ("world", "", "tick", 0, 1),
        ("field", "a_1", "state.deep.x.y", 1.0, None),
        ("field", "a_1", "state.list[3]", None, "three"),
        ("field", "a_1", "state.n", 0.0, 1.0),
        ("field", "a_1", "state.own.more", None, 1.0),
        ("field", "a_1", "state.fresh", None, True),
        ("field", "a_1", "neighbors", [], ["a_3"]),
        ("entity", "a_2", "", "a", None),
        ("field", "a_3", "neighbors", [], ["a_1"]),
        ("entity", "child", "", None, "a"),
        ("messages", "", "hello from a_1 to a_3, due 5: {v = 1}", None, 2),
    ]


def test_equal_states_do_not_differ(worker: Worker) -> None:
    assert differences(at(worker, 1), at(worker, 1)) == []


def test_a_branch_differs_in_its_seed_alone(worker: Worker) -> None:
    snapshot = at(worker, 1)
    (change,) = differences(snapshot, snapshot.branch(seed=9))
    assert (change.what, change.field, change.before, change.after) == ("world", "seed", 1, 9)
