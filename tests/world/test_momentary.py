"""Values from birth: what the check refuses is really lost in a snapshot, and what it lets pass is not."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from worldwright.world import Record, RunRequest, Worker, WorldProgram
from worldwright.world.program import Script

from .worlds import solo

PLAIN = "state = {n = 0}\nfunction update(now, msgs) end\n"
SCRIPT = """%s
state = {n = 0}
function update(now, msgs)
  state.n = %s
  if now == 1 then self.spawn_entity(self.id .. "x", "a") end
end"""


def with_script(script: str) -> WorldProgram:
    """A world that runs a script unchecked."""
    program = solo(PLAIN, count=3)
    return dataclasses.replace(program, scripts={"a.lua": Script("a.lua", script)})


def states(worker: Worker, program: WorldProgram, stop: int | None) -> list[dict[str, Any]]:
    """The states after four ticks, run straight or stopped and restored on the way."""
    last = Record(("last",))
    if stop is None:
        return worker.run(RunRequest(program, 4, 1, record=last)).agents.to_pylist()
    snapshot = worker.run(RunRequest(program, stop, 1, save_at="last")).snapshot
    assert snapshot is not None
    return worker.run(dataclasses.replace(snapshot.request(4 - stop), record=last)).agents.to_pylist()


@pytest.mark.parametrize(
    ("top", "value", "kept"),
    [
        ("local n = world.count()", "n", False),
        ("local n = #world.list_entities()", "n", False),
        ("local there = world.exists('a_1x')", "there and 1 or 2", False),
        ("local n = self.random() + world.time", "n", True),
        ("local me = self.id", "#me", True),
    ],
)
def test_a_snapshot_loses_what_the_check_says(worker: Worker, top: str, value: str, kept: bool) -> None:
    program = with_script(SCRIPT % (top, value))
    assert (states(worker, program, None) == states(worker, program, 2)) is kept
    if kept:
        assert solo(SCRIPT % (top, value))
    else:
        with pytest.raises(AssertionError, match="WW0721"):
            solo(SCRIPT % (top, value))
