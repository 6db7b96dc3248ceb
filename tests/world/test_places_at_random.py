"""Worlds that do anything anywhere: the same on both Luas, and the same from a snapshot on."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

from worldwright.world import Record, RunRequest, Worker, WorldProgram, WorldResult

from .worlds import world

TICKS = 12
SCRIPT = """state = {n = 0, log = 0, born = 0}
WAKE
local g, s, l, r = world.grid, world.space, world.layer, world.resource
local function note(value) if value then state.log = (state.log * .7 + value) % 1e6 end end
local function cell() return CELL end
local function point() return POINT end
local function pick(list) if #list > 0 then return list[self.random(#list)] end return self.id end
local function there(act, x, ...) if x then note(act(x, ...) and 1) end end
local does = {
  function(id) note(g.move(cell()) and 1) end,
  function(id) g.place(id, cell()) end,
  function(id) if self.random() < .3 then g.remove(id) end end,
  function() there(g.move, g.random_neighbor()) end,
  function() there(g.move, g.random_empty()) note(g.empty()) end,
  function() for _, dx, dy, a in g.near(nil, 2) do note(dx * 3 + dy + a) end end,
  function()
    note(g.count_neighbors("a", 1) + g.count_neighbors(2) + g.count("a") + #g.at())
    for _, other in ipairs(g.neighbors()) do note(#other) end
    note(#(g.occupant("a") or ""))
  end,
  function() s.move(point()) end,
  function(id) s.place(id, point()) end,
  function(id) if self.random() < .3 then s.remove(id) end end,
  function() for id, dx, dy, d in s.near(self.random() * 9) do note(dx * 1.5 + dy * .3 + d + #id) end end,
  function()
    local other, distance = s.nearest()
    if other then note(distance + (s.velocity(other) or 0) + s.distance(other)) end
    for _, id in ipairs(s.within(4)) do note(#id) end
  end,
  function()
    l.add("h", self.random())
    l.set("h", 2, cell())
    note(l.get("h") + l.neighbor_sum("h") + l.uphill("h"))
  end,
  function() note(r.take("c", 2, cell())) r.give("c", 1, cell()) end,
  function(id)
    if self.random() < .5 and world.count() < 60 then
      state.born = state.born + 1
      self.spawn_entity(self.id .. "x" .. state.born, "a", nil, point())
    elseif self.random() < .3 then self.destroy(id) end
  end,
  function(id) note(world.read(id, "n")) end,
}
function update(now, msgs)
  for i, m in ipairs(msgs) do
    note(i * #m.kind)
    for _, v in pairs(m.content) do note(v == true and 3 or tonumber(v)) end
  end
  if not g.position() then g.move(cell()) end
  if not s.position() then s.move(point()) end
  if g.position() and s.position() then
    for _ = 1, self.random(4) do does[self.random(#does)](pick(world.entities("a"))) end
  end
  state.n = state.n + 1
  if self.random() < .04 then error("no") end
  WAKE
end"""


def anything(seed: int, runtime: str) -> WorldProgram:
    draw = random.Random(seed)
    order = draw.choice(["simultaneous", "random", "event"])
    size = draw.choice([[5, 4], [3, 3], [2, 9], [1, 6], [4, 3, 2], [2, 2, 2], [12, 12]])
    torus, capacity = draw.random() < 0.5, draw.choice([None, 1, 2, 3])
    lengths = [20, 10, 8][: len(size)]
    script = SCRIPT.replace("CELL", ", ".join(f"self.random({n})" for n in size))
    script = script.replace("POINT", ", ".join(f"self.random() * {n}" for n in lengths))
    grid: dict[str, Any] = {"size": size, "torus": torus}
    if capacity is not None and math.prod(size) * capacity >= 25:
        grid["capacity"] = capacity
    document = {
        "runtime": runtime, "order": order, "errors": "ignore", "grid": grid,
        "entities": [{"name": "a", "script": "a.lua", "count": 25, "place": "random", "public": ["n"]}],
        "space": {"size": lengths, "torus": torus},
        "layers": {"h": {"initial": {"uniform": [0, 1]}, "diffuse": 0.3, "decay": 0.1}},
        "resources": {"c": {"per_cell": True, "initial": 3, "max": 5, "regrow": 1}},
        "metrics": {"log": {"mean": "state.log"}, "h": {"sum": "layer.h"}, "c": {"sum": "resource.c"}},
    }  # fmt: skip
    wake = "self.wake(self.random(2))" if order == "event" else ""
    return world(document, {"a.lua": script.replace("WAKE", wake)})


def content(result: WorldResult) -> tuple[Any, ...]:
    assert result.status == "ok", result.failure
    last = [row for row in result.agents.to_pylist() if row["tick"] == TICKS]
    return result.metrics.to_pylist(), last, result.errors.to_pylist(), result.counts


def agreed(worker: Worker, seed: int) -> None:
    found: list[Any] = []
    for runtime in ("luajit", "lua54"):
        program, record = anything(seed, runtime), Record(("last",))
        whole = content(worker.run(RunRequest(program, TICKS, seed, record=record)))
        for at in (0, 1 + seed % (TICKS - 1)):
            half = worker.run(RunRequest(program, at, seed, save_at=at)).snapshot
            assert half is not None
            rest = worker.run(RunRequest(program, TICKS - at, seed, record=record, resume=half))
            assert content(rest) == whole, (runtime, at)
        found.append(whole)
    assert found[0] == found[1]


@pytest.mark.parametrize("seed", [0, 1, 2, 9, 40])  # two of them take moves back in three dimensions
def test_worlds_agree_on_both_luas_and_go_on_from_a_snapshot(worker: Worker, seed: int) -> None:
    agreed(worker, seed)


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", range(45))
def test_many_worlds_agree(worker: Worker, seed: int) -> None:
    agreed(worker, seed)


@pytest.mark.parametrize("size", [[1e9, 1e-9], [1e-9, 1e9], [1e9, 1e-3, 1e-3], [1e-3, 1e-3, 1e9], [1e9] * 3])
def test_long_and_thin_spaces_have_no_more_buckets_than_entities(
    worker: Worker, runtime: str, size: list[float]
) -> None:
    script = """state = {n = 0}
    function update(now, msgs)
      for id in world.space.near(1e8) do state.n = state.n + 1 end
      assert(state.n == #world.space.within(1e8))
      world.space.move(0, 0, SOLID)
    end""".replace(", SOLID", ", 0" if len(size) == 3 else "")
    entities = [{"name": "a", "script": "a.lua", "count": 300, "place": "random"}]
    program = world(
        {"runtime": runtime, "entities": entities, "space": {"size": size, "torus": True}}, {"a.lua": script}
    )
    assert worker.run(RunRequest(program, 1, 1)).status == "ok"


@pytest.mark.parametrize("order", ["simultaneous", "random"])
def test_a_birth_that_fails_leaves_others_where_they_were(worker: Worker, runtime: str, order: str) -> None:
    child = """world.space.place("a", 9, 9)
    world.grid.place("a", 3, 3)
    world.layer.set("l", 7, 1, 1)
    error("not born")
    function update(now, msgs) end"""
    script = """world.space.move(1, 2)
    world.grid.move(1, 1)
    state = {seen = 0}
    function update(now, msgs)
      if now == 1 then self.spawn_entity("b_1", "b") return end
      local x, y = world.space.position()
      local vx, vy = world.space.velocity()
      assert(x == 1 and y == 2 and vx == 0 and vy == 0 and world.grid.position() == 1)
      assert(world.layer.get("l") == 0 and not world.exists("b_1"))
      state.seen = state.seen + 1
    end"""
    entities = [{"name": "a", "script": "a.lua", "count": 1}, {"name": "b", "script": "b.lua", "count": 0}]
    program = world(
        {
            "runtime": runtime, "order": order, "errors": "ignore", "entities": entities,
            "grid": {"size": [3, 3]}, "space": {"size": [9, 9]}, "layers": {"l": {}},
        },
        {"a.lua": script, "b.lua": child},
    )  # fmt: skip
    result = worker.run(RunRequest(program, 3, 1, record=Record(("last",))))
    assert result.agents["seen"].to_pylist() == [2]
