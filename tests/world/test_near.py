"""Loops over those who are near, in space and on a grid, against a plain account of the same in Python."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from worldwright.world import Record, RunRequest, Worker, WorldProgram, WorldResult

from .worlds import solo


def ok(worker: Worker, program: WorldProgram, ticks: int = 1, **more: Any) -> WorldResult:
    result = worker.run(RunRequest(program, ticks, 1, record=Record(("last",)), **more))
    assert result.status == "ok", result.failure
    return result


SEEN = """state = {at = {0}, seen = {}, before = {}}
function update(now, msgs)
  local space = world.space
  if now == 1 then
    state.at = {PLACE}
    space.move(unpack(state.at))
  else
    for id, dx, dy, a, b in space.near(RADIUS) do
      local vx, vy, vz = space.vector(id)
      assert(vx == dx and vy == dy and (SOLID and vz == a or not SOLID and b == nil))
      state.seen[#state.seen + 1] = {id, b or a}
    end
    assert(#state.seen == space.count_within(RADIUS))
  end
end"""
SCATTERED = "self.random() * 20 * self.random(), self.random() * 10, SOLID and self.random() * 5 or nil"
CROWDED = "self.random(0, 2) * 10, self.random(0, 1) * 5, SOLID and 5 or nil"


@pytest.mark.parametrize("place", [SCATTERED, CROWDED])
@pytest.mark.parametrize("solid", [False, True])
@pytest.mark.parametrize("torus", [False, True])
@pytest.mark.parametrize("radius", [0.0, 2.0, 5.0, 30.0])
def test_a_loop_sees_those_within_the_radius(
    worker: Worker, runtime: str, radius: float, torus: bool, solid: bool, place: str
) -> None:
    size = [20.0, 10.0, 5.0] if solid else [20.0, 10.0]
    script = SEEN.replace("PLACE", place).replace("RADIUS", str(radius))
    script = script.replace("SOLID", "true" if solid else "false")
    program = solo(script, count=90, runtime=runtime, space={"size": size, "torus": torus})
    rows = ok(worker, program, 2).agents.to_pylist()
    points = np.array([json.loads(row["at"]) for row in rows])
    for i, row in enumerate(rows):
        apart = np.abs(points - points[i])
        if torus:
            apart = np.minimum(apart, np.array(size) - apart)
        distances = np.sqrt((apart**2).sum(axis=1))
        seen = dict(json.loads(row["seen"])) if row["seen"] != "{}" else {}
        assert sorted(seen) == sorted(f"a_{j + 1}" for j, d in enumerate(distances) if d <= radius and j != i)
        assert all(seen[name] == pytest.approx(distances[int(name[2:]) - 1]) for name in seen)


def test_the_order_of_a_loop_is_not_that_of_arrivals(worker: Worker, runtime: str) -> None:
    """Everybody comes to the same few places by other ways, one world goes on from a snapshot: one order."""
    script = """state = {seen = ""}
    local me = tonumber(string.match(self.id, "%d+"))
    function update(now, msgs)
      local space = world.space
      if now <= world.param.wander then
        space.move(self.random() * 20, self.random() * 20)
      else
        space.move(me % 3, me % 2 * 9)
      end
      if now == 9 then
        for id, dx in space.near(4) do state.seen = state.seen .. id .. " " end
      end
    end"""
    seen: list[Any] = []
    for wander in (0, 3, 6):
        program = solo(
            script, count=80, runtime=runtime, order="random", space={"size": [20, 20]},
            parameters={"wander": {"type": "int", "default": wander}},
        )  # fmt: skip
        seen.append(ok(worker, program, 9).agents["seen"].to_pylist())
        half = worker.run(RunRequest(program, 8, 1, save_at=8)).snapshot
        seen.append(ok(worker, program, 1, resume=half).agents["seen"].to_pylist())
    assert seen[1:] == seen[:1] * 5
    assert len(seen[0][0].split()) > 20


def test_loops_lie_in_each_other_and_may_be_left(worker: Worker, runtime: str) -> None:
    script = """state = {pairs = 0, first = 0}
    local me = tonumber(string.match(self.id, "%d+"))
    world.space.move(me, 1)
    function update(now, msgs)
      for id, dx in world.space.near(100) do
        for other, ox in world.space.near(100, "a", 1, 1) do
          state.pairs = state.pairs + 1
          for _ in world.space.near(100) do break end
        end
        world.space.place(id, 50, 50) -- who is near and how far was settled before
        state.first = state.first + dx
      end
      for _ = 1, 100 do
        for id in world.space.near(100) do state.first = state.first + 0 break end
      end
    end"""
    program = solo(script, count=5, runtime=runtime, space={"size": [100, 100]})
    rows = ok(worker, program).agents.to_pylist()
    assert [row["pairs"] for row in rows] == [16] * 5
    assert [row["first"] for row in rows] == [10, 5, 0, -5, -10]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("local f, list = world.space.near(9) for id in f, list do end f(list)", "ends with the update"),
        ("local f = world.space.near(9) f(7)", "this is for a loop"),
        ("local f = world.space.near(9) f()", "this is for a loop"),
        ("local f = world.space.near(9) f('x')", "this is for a loop"),
        ("if now == 1 then state.f, state.l = world.space.near(9) else state.f(state.l) end", "for a loop"),
        ("world.space.near(0/0)", "the radius must be a number"),
        ("world.space.near(1, ('b'))", "named 'b'"),
        ("local f = world.grid.cells(1, 1, 1) f()", "this is for a loop"),
        ("local _, h = world.space.near(9) local f = world.grid.cells(1, 1, 1) f(h)", "this is for a loop"),
        ("world.grid.near(nil, 0, 1, 1)", "the radius must be a whole number"),
        ("world.grid.near()", "'a_1' is not on the grid"),
        ("while true do local f = world.space.near(9) end", "limit of"),
        ("while true do for _ in world.grid.near(nil, 2, 1, 1) do break end end", "limit of"),
    ],
)  # fmt: skip
def test_misuse_of_a_loop_is_told(worker: Worker, runtime: str, body: str, problem: str) -> None:
    script = f"world.space.move(1, 1)\nstate = {{}}\nfunction update(now, msgs)\n  {body}\nend"
    places: dict[str, Any] = {"space": {"size": [5, 5]}, "grid": {"size": [5, 5]}}
    program = solo(script, count=2, runtime=runtime, limits={"steps": 50_000}, **places)
    result = worker.run(RunRequest(program, 2, 1))
    assert problem in (result.failure or "")


@pytest.mark.parametrize("size", [[7, 5], [3, 2], [4, 3, 5]])
@pytest.mark.parametrize("torus", [False, True])
@pytest.mark.parametrize("moore", [False, True])
def test_a_loop_on_a_grid_sees_what_neighbors_lists(
    worker: Worker, runtime: str, size: list[int], torus: bool, moore: bool
) -> None:
    script = """world.grid.move(PLACE)
    state = {n = 0}
    function update(now, msgs)
      local grid = world.grid
      for radius = 1, 2 do
        local listed = grid.neighbors(nil, radius)
        local i = 0
        local x, y, z = grid.position()
        for id, dx, dy, a, b in grid.near(nil, radius) do
          i = i + 1
          assert(id == listed[i])
          local ox, oy, oz = grid.position(id)
          assert((x + dx - ox) % grid.width == 0 and (y + dy - oy) % grid.height == 0)
          assert(not oz or (z + a - oz) % grid.depth == 0)
          local distance = b or a
          assert(distance == grid.distance(ox, oy, oz) and distance <= radius and distance >= 1)
        end
        assert(i == #listed)
        state.n = state.n + i
      end
    end"""
    grid = {"size": size, "torus": torus, "neighbourhood": "moore" if moore else "von_neumann"}
    place = ", ".join(f"self.random({n})" for n in size)
    program = solo(script.replace("PLACE", place), count=40, runtime=runtime, grid=grid)
    assert sum(ok(worker, program).agents["n"].to_pylist()) > 40
