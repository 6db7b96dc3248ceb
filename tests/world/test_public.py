"""What entities read of each other's states."""

from __future__ import annotations

import json
from typing import Any

import pytest

from worldwright.world import Record, RunRequest, Worker, WorldProgram, WorldResult

from .worlds import load, world


def made(script: str, *, count: int = 4, public: list[str] | None = None, **document: Any) -> WorldProgram:
    entity = {"name": "a", "script": "a.lua", "count": count, "public": public or ["n"]}
    return world({"entities": [entity], **document}, {"a.lua": script})


def run(worker: Worker, program: WorldProgram, ticks: int = 1, **more: Any) -> WorldResult:
    return worker.run(RunRequest(program, ticks, 1, record=Record(("last",)), **more))


def states(worker: Worker, program: WorldProgram, ticks: int = 1, **more: Any) -> list[dict[str, Any]]:
    result = run(worker, program, ticks, **more)
    assert result.status == "ok", result.failure
    return result.agents.to_pylist()


COUNTING = """state = {n = 0, seen = 0}
function update(now, msgs)
  state.seen = 0
  for i = 1, 4 do state.seen = state.seen + world.read("a_" .. i, "n") end
  REPLACE state.n = now
end"""
TABLES = "state = {n = 0, seen = state.seen}"


@pytest.mark.parametrize("replace", ["", TABLES])
def test_simultaneous_entities_read_what_stood_when_the_tick_began(
    worker: Worker, runtime: str, replace: str
) -> None:
    program = made(COUNTING.replace("REPLACE", replace), runtime=runtime)
    assert [row["seen"] for row in states(worker, program, 5)] == [16] * 4


@pytest.mark.parametrize("replace", ["", TABLES])
def test_one_after_another_they_read_what_stands_there_now(
    worker: Worker, runtime: str, replace: str
) -> None:
    """The first of them sees 4 old values, the last 1, its own."""
    program = made(COUNTING.replace("REPLACE", replace), runtime=runtime, order="random")
    assert sorted(row["seen"] for row in states(worker, program, 5)) == [16, 17, 18, 19]


def test_an_entity_reads_its_own_state_as_it_is(worker: Worker, runtime: str) -> None:
    script = """state = {n = 1}
    function update(now, msgs)
      state = {n = state.n + 1}
      assert(world.read(self.id, "n") == state.n)
    end"""
    states(worker, made(script, runtime=runtime, order="random"), 3)


@pytest.mark.parametrize("order", ["simultaneous", "random"])
def test_kinds_absence_death_and_birth(worker: Worker, runtime: str, order: str) -> None:
    script = """state = {n = "text", flag = true}
    function update(now, msgs)
      if self.name == "b" then
        assert(world.read("a_1", "n") == "text" and world.read("a_2", "flag") == true)
        assert(world.read("nobody", "n") == nil and world.read(7, "n") == nil)
        if now > 2 then assert(world.read("a_3", "n") == nil and world.read("child", "n") == 5) end
        if now > 3 then assert(world.read("a_1", "gone") == nil) end
      elseif now == 2 and self.id == "a_3" then
        self.destroy("a_3")
        self.spawn_entity("child", "a", {n = 5})
      end
    end"""
    entities = [
        {
            "name": "a",
            "script": "a.lua",
            "count": 3,
            "public": ["n", "flag", "gone"],
            "state": {"gone": None},
        },
        {"name": "b", "script": "a.lua", "count": 1},
    ]
    program = world({"runtime": runtime, "order": order, "entities": entities}, {"a.lua": script})
    states(worker, program, 4)


@pytest.mark.parametrize("order", ["simultaneous", "random", "event"])
def test_a_restored_world_reads_the_same(worker: Worker, runtime: str, order: str) -> None:
    script = """self_wake
    state = {n = self.random(), sum = 0}
    function update(now, msgs)
      local id = "a_" .. self.random(20)
      if self.random() < .2 then self.spawn_entity(self.id .. "x" .. now, "a") end
      state.n = (state.n + (world.read(id, "n") or 0)) * .7
      self_wake
    end""".replace("self_wake", "self.wake(1)" if order == "event" else "")
    program = made(script, count=20, runtime=runtime, order=order)
    whole = states(worker, program, 9)
    half = run(worker, program, 4, save_at=4).snapshot
    assert states(worker, program, 5, resume=half) == whole
    assert len(whole) > 25


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ("world.read('a_2', ('m'))", "read: 'a' has no public 'm'; add `public: [m]` to the entity"),
        ("world.read('a_2', nil)", "has no public 'nil'"),
        ("world.read({}, 'n')", "read: the id must be text, not table"),
        ("world.read('a_2', 'list')", "read: 'list' of 'a_2' is a table; only numbers, texts and booleans"),
        ("world.read('a_2', 'f')", "read: 'f' of 'a_2' is a function"),
    ],
)
@pytest.mark.parametrize("order", ["simultaneous", "random"])
def test_misuse_is_told_with_its_line(
    worker: Worker, runtime: str, order: str, call: str, problem: str
) -> None:
    script = f"""state = {{n = 1, list = {{1}}}}
function update(now, msgs)
  state.f = print
  if now == 2 then {call} end
end"""
    program = made(script, public=["n", "list", "f"], runtime=runtime, order=order)
    failure = run(worker, program, 2).failure or ""
    assert "a.lua:4: " in failure
    assert problem in failure


def test_reading_runs_nothing_of_who_is_read(worker: Worker, runtime: str) -> None:
    script = """local meta = {__index = function() error("run by another") end}
    state = setmetatable({n = 1, list = {1}}, meta)
    function update(now, msgs)
      world.read("a_2", "m")
    end"""
    entity = {"name": "a", "script": "a.lua", "count": 3, "public": ["n", "m"], "state": {"m": None}}
    program = world({"runtime": runtime, "order": "random", "entities": [entity]}, {"a.lua": script})
    assert run(worker, program, 2).status == "ok"


def test_a_world_without_public_fields_is_the_same_as_ever() -> None:
    plain = {"name": "a", "script": "a.lua", "count": 4}
    script = {"a.lua": "state = {n = 1}\nfunction update(now, msgs) end"}
    none, some = (
        world({"entities": [plain]}, script),
        world({"entities": [{**plain, "public": ["n"]}]}, script),
    )
    assert "public" not in json.dumps(none.to_json())
    assert none.digest != some.digest
    for program in (none, some):
        assert WorldProgram.from_json(json.loads(json.dumps(program.to_json()))) == program


def test_the_checks_know_what_is_public() -> None:
    def found(script: str, public: list[str]) -> list[tuple[str, str | None]]:
        entity = {"name": "a", "script": "a.lua", "count": 4, "public": public}
        text = f"state = {{heading = 1}}\nfunction update(now, msgs)\n  {script}\nend"
        return [(d.code, d.help) for d in load({"entities": [entity]}, {"a.lua": text})[1]]

    assert found("world.read('a_1', 'heading')", ["heading"]) == []
    assert found("world.read('a_1', 'headnig')", ["heading"]) == [("WW0711", "did you mean 'heading'?")]
    assert found("", ["headnig"]) == [("WW0723", "did you mean `state.heading`?")]
    assert [code for code, _ in found("world.read('a_1', 'heading')", [])] == ["WW0716"]
    assert [code for code, _ in found("world.read('a_1')", ["heading"])] == ["WW0719"]


@pytest.mark.parametrize("order", ["simultaneous", "random"])
@pytest.mark.parametrize("torus", [False, True])
def test_neighbours_are_counted_by_what_they_show(
    worker: Worker, runtime: str, order: str, torus: bool
) -> None:
    """Those of kind b show nothing called `n`; several stand in one cell."""
    script = """state = {n = self.random(2), flag = true, x = 0, y = 0, seen = {}}
    state.x, state.y = world.grid.position()
    function update(now, msgs)
      for radius = 1, 2 do state.seen[radius] = world.grid.count_where("n", 2, radius) end
      assert(world.grid.count_where("flag", true) == world.grid.count_neighbors())
    end"""
    entities = [
        {"name": "a", "script": "a.lua", "count": 30, "place": "random", "public": ["n", "flag"]},
        {"name": "b", "script": "a.lua", "count": 20, "place": "random", "public": ["flag"]},
    ]
    grid = {"size": [6, 5], "torus": torus}
    program = world(
        {"runtime": runtime, "order": order, "entities": entities, "grid": grid}, {"a.lua": script}
    )
    rows = states(worker, program)
    for row in rows:
        for radius in (1, 2):
            apart = [(abs(o["x"] - row["x"]), abs(o["y"] - row["y"]), o) for o in rows]
            if torus:
                apart = [(min(dx, 6 - dx), min(dy, 5 - dy), o) for dx, dy, o in apart]
            near = [o for dx, dy, o in apart if 0 < max(dx, dy) <= radius]
            wanted = sum(o["n"] == 2 and o["entity_id"].startswith("a_") for o in near)
            assert json.loads(row["seen"])[radius - 1] == wanted


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ("('m'), 1, 1", "nobody has a public 'm'; add `public: [m]` to an entity"),
        ("'n', nil, 1", "the value must be a number, text or boolean, not nil"),
        ("'n', {}, 1", "the value must be a number, text or boolean, not table"),
        ("'n', 1, 0", "the radius must be a whole number from 1 to 1000, not 0"),
    ],
)
def test_misuse_of_a_count_is_told(worker: Worker, runtime: str, call: str, problem: str) -> None:
    script = f"""state = {{n = 1}}
function update(now, msgs)
  world.grid.count_where({call}, 1, 1)
end"""
    program = made(script, runtime=runtime, grid={"size": [3, 3]})
    assert problem in (run(worker, program).failure or "")
