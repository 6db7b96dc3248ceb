"""Grids, space, broadcasts, layers and resources, against a plain account of the same in Python."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import numpy as np
import pytest

from worldwright.world import Record, RunRequest, Worker, WorldProgram, WorldResult

from .worlds import load, solo, world


def run(worker: Worker, program: WorldProgram, ticks: int = 1, seed: int = 1) -> WorldResult:
    return worker.run(RunRequest(program, ticks, seed, record=Record(("last",))))


def ok(worker: Worker, program: WorldProgram, ticks: int = 1, seed: int = 1) -> WorldResult:
    result = run(worker, program, ticks, seed)
    assert result.status == "ok", result.failure
    return result


def asked(worker: Worker, body: str, runtime: str, **document: Any) -> Any:
    """What a script puts into `out`, asked by one entity."""
    script = f"state = {{}}\nfunction update(now, msgs)\nlocal out = {{0}}\n{body}\nstate.out = out\nend"
    return json.loads(ok(worker, solo(script, runtime=runtime, **document)).agents["out"][0].as_py())[1:]


# Neighbourhoods ---------------------------------------------------------------------------------------------
def near(
    size: list[int], torus: bool, moore: bool, radius: int, centre: tuple[int, ...]
) -> list[tuple[int, ...]]:
    """The cells of a neighbourhood by looking at every cell of the board."""
    found: list[tuple[int, ...]] = []
    for cell in itertools.product(*(range(1, n + 1) for n in size)):
        apart = [abs(a - b) for a, b in zip(cell, centre, strict=True)]
        if torus:
            apart = [min(d, n - d) for d, n in zip(apart, size, strict=True)]
        distance = max(apart) if moore else sum(apart)
        if 0 < distance <= radius:
            found.append(cell)
    return sorted(found)


@pytest.mark.parametrize("size", [[6, 5], [3, 3], [2, 4], [1, 7], [4, 3, 5], [2, 2, 2]])
@pytest.mark.parametrize("torus", [False, True])
@pytest.mark.parametrize("moore", [False, True])
def test_neighbouring_cells_are_those_at_a_distance(
    worker: Worker, runtime: str, size: list[int], torus: bool, moore: bool
) -> None:
    grid = {"size": size, "torus": torus, "neighbourhood": "moore" if moore else "von_neumann"}
    for radius in (1, 2, 4):
        for centre in (tuple([1] * len(size)), tuple(size), tuple((n + 1) // 2 for n in size)):
            where = ", ".join(map(str, centre))
            body = f"""for x, y, z in world.grid.cells({radius}, {where}) do out[#out + 1] = {{x, y, z}} end
            for x, y, z in world.grid.cells({radius}, {where}) do
              world.grid.place("a", {where})
              if now == 1 then world.layer.add("l", 1, x, y, z) end
            end"""
            layers = {"l": {"initial": 0}}
            cells = [tuple(c) for c in asked(worker, body, runtime, grid=grid, layers=layers)]
            expected = near(size, torus, moore, radius, centre)
            assert sorted(cells) == expected
            if min(size) > 2 * radius + 1:  # else steps and coordinates go round in another order
                assert torus or cells == sorted(cells, key=lambda c: c[::-1])


CROWD = """state = {at = {0, 0}, near = "", far = "", count = 0}
function update(now, msgs)
  if now == 1 then
    local x, y = self.random(9), self.random(7)
    state.at = {x, y}
    world.grid.move(x, y)
  else
    state.near = table.concat(world.grid.neighbors(), " ")
    state.far = table.concat(world.grid.neighbors(2), " ")
    state.count = world.grid.count_neighbors("a", 2) + 1000 * world.grid.count()
  end
end"""


@pytest.mark.parametrize("torus", [False, True])
@pytest.mark.parametrize("order", ["simultaneous", "random"])
def test_those_near_are_found_in_their_order(worker: Worker, runtime: str, torus: bool, order: str) -> None:
    program = solo(CROWD, count=60, runtime=runtime, order=order, grid={"size": [9, 7], "torus": torus})
    rows = ok(worker, program, 2).agents.to_pylist()
    places = {row["entity_id"]: tuple(json.loads(row["at"])) for row in rows}
    for row in rows:
        at = places[row["entity_id"]]
        close = set(near([9, 7], torus, True, 1, at))
        wide = set(near([9, 7], torus, True, 2, at))
        assert sorted(row["near"].split()) == sorted(i for i, place in places.items() if place in close)
        assert sorted(row["far"].split()) == sorted(i for i, place in places.items() if place in wide)
        shared = sum(place == at for place in places.values())
        assert row["count"] == len(row["far"].split()) + 1000 * shared
        # cell by cell, in each the oldest first
        cells = [places[i] for i in row["near"].split()]
        assert [cell for cell, _ in itertools.groupby(cells)] == list(dict.fromkeys(cells))
        for _, group in itertools.groupby(row["near"].split(), key=lambda i: places[i]):
            numbers = [int(i[2:]) for i in group]
            assert numbers == sorted(numbers)


def test_a_full_cell_refuses(worker: Worker, runtime: str) -> None:
    script = """state = {ok = -1, told = 0}
    function update(now, msgs)
      for _, m in ipairs(msgs) do
        assert(m.kind == "move" and m.sender == "world" and m.content.id == self.id and m.content.x == 2)
        state.ok, state.told = m.content.ok and 1 or 0, state.told + 1
      end
      if now == 1 then
        local answer = world.grid.move(2, 2)
        if answer ~= nil then state.ok = answer and 1 or 0 end
      end
      if now == 2 then assert(world.grid.count("a", 2, 2) == 2) end
    end"""
    for order, told in (("simultaneous", 1), ("random", 0)):
        grid = {"size": [3, 3], "capacity": 2}
        rows = ok(worker, solo(script, count=5, runtime=runtime, order=order, grid=grid), 2).agents
        assert sorted(rows["ok"].to_pylist()) == [0, 0, 0, 1, 1]
        assert set(rows["told"].to_pylist()) == {told}


def test_empty_cells_are_equally_likely(worker: Worker, runtime: str) -> None:
    script = """state = {}
    function update(now, msgs)
      for _ = 1, 2000 do
        local x, y = world.grid.random_empty()
        world.record_metric(x .. "," .. y, 1)
      end
      assert(world.grid.empty() == 40)
    end"""
    program = world(
        {
            "runtime": runtime,
            "entities": [
                {"name": "a", "script": "a.lua", "count": 1},
                {"name": "b", "script": "b.lua", "count": 90, "place": "random"},
            ],
            "grid": {"size": [13, 10], "capacity": 1},
        },
        {"a.lua": script, "b.lua": "function update(now, msgs) end"},
    )
    result = ok(worker, program)
    counts = [row["value"] for row in result.metrics.to_pylist()]
    assert len(counts) == 40
    chi = sum((n - 50) ** 2 / 50 for n in counts)
    assert chi < 39 + 4 * math.sqrt(2 * 39)


def test_one_stands_on_each_cell(worker: Worker, runtime: str) -> None:
    script = """local x, y, z = world.grid.position()
    state = {at = x + 10 * y + 100 * z}
    function update(now, msgs) end"""
    entities = [{"name": "c", "script": "a.lua", "place": "each_cell"}]
    document = {"runtime": runtime, "entities": entities, "grid": {"size": [3, 2, 2]}}
    places = ok(worker, world(document, {"a.lua": script})).agents["at"].to_pylist()
    assert places == [x + 10 * y + 100 * z for z in (1, 2) for y in (1, 2) for x in (1, 2, 3)]


# Space ------------------------------------------------------------------------------------------------------
CLOUD = """state = {at = {0}, within = "", nearest = "", far = 0, heard = 0}
function update(now, msgs)
  if now == 1 then
    state.at = {self.random() * 20 * self.random(), self.random() * 10, SOLID and self.random() * 5 or nil}
    world.space.move(state.at[1], state.at[2], state.at[3])
  elseif now == 2 then
    state.within = table.concat(world.space.within(RADIUS), " ")
    state.nearest, state.far = world.space.nearest()
    assert(world.space.count_within(RADIUS, "a") == #world.space.within(RADIUS))
    if self.id == "a_1" then CALL end
  else
    state.heard = #msgs
  end
end"""


@pytest.mark.parametrize("solid", [False, True])
@pytest.mark.parametrize("torus", [False, True])
@pytest.mark.parametrize("radius", [0.5, 2.0, 7.0, 30.0])
def test_those_within_a_radius_are_found(
    worker: Worker, runtime: str, solid: bool, torus: bool, radius: float
) -> None:
    size = [20.0, 10.0, 5.0] if solid else [20.0, 10.0]
    call = f"self.broadcast_msg(3, 9, {'4, ' if solid else ''}{radius}, 'k', {{list = {{1}}}})"
    script = CLOUD.replace("RADIUS", str(radius)).replace("SOLID", "true" if solid else "false")
    program = solo(
        script.replace("CALL", call), count=120, runtime=runtime, space={"size": size, "torus": torus}
    )
    rows = ok(worker, program, 3).agents.to_pylist()
    points = np.array([json.loads(row["at"]) for row in rows])
    names = [row["entity_id"] for row in rows]

    def distances(origin: Any) -> Any:
        apart = np.abs(points - np.asarray(origin))
        if torus:
            apart = np.minimum(apart, np.array(size) - apart)
        return np.sqrt((apart**2).sum(axis=1))

    for i, row in enumerate(rows):
        d = distances(points[i])
        assert row["within"].split() == [n for j, n in enumerate(names) if d[j] <= radius and j != i]
        d[i] = np.inf
        assert row["nearest"] == names[int(d.argmin())]
        assert row["far"] == pytest.approx(d.min())
    heard = distances([3, 9, 4] if solid else [3, 9]) <= radius
    assert [row["heard"] for row in rows] == heard.astype(int).tolist()


def test_the_edge_of_a_radius_belongs_to_it(worker: Worker, runtime: str) -> None:
    body = """world.space.place("a", 1, 1) out[2] = world.space.count_within(5, nil, 4, 5)"""
    script = f"world.space.move(1, 1)\nstate = {{}}\nfunction update(now, msgs)\nlocal out = {{0}} {body}"
    script += """
      if self.id == "a_2" then return end
      assert(world.space.count_within(5, nil, 4, 5) == 1 and world.space.count_within(4.999, nil, 4, 5) == 0)
    end"""
    program = solo(script.replace('"a"', "self.id"), count=2, runtime=runtime, space={"size": [10, 10]})
    ok(worker, program)


def test_a_broadcast_on_a_grid_goes_by_straight_lines(worker: Worker, runtime: str) -> None:
    script = """state = {x = 0, y = 0, heard = 0}
    state.x, state.y = world.grid.position()
    function update(now, msgs)
      if now == 1 and self.id == "c_1" then self.broadcast_msg(2, 9, 2.5, "k") end
      if now == 2 then state.heard = #msgs end
    end"""
    entities = [{"name": "c", "script": "a.lua", "place": "each_cell"}]
    for torus in (False, True):
        grid = {"size": [9, 10], "torus": torus, "neighbourhood": "von_neumann"}
        document = {"runtime": runtime, "entities": entities, "grid": grid}
        for row in ok(worker, world(document, {"a.lua": script}), 2).agents.to_pylist():
            dx, dy = abs(row["x"] - 2), abs(row["y"] - 9)
            if torus:
                dx, dy = min(dx, 9 - dx), min(dy, 10 - dy)
            assert row["heard"] == (dx * dx + dy * dy <= 2.5 * 2.5)


# Layers and resources ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("torus", [False, True])
def test_diffusion_and_decay_are_those_of_netlogo(worker: Worker, runtime: str, torus: bool) -> None:
    size, rate, loss = (7, 6), 0.6, 0.1
    script = """state = {}
    function update(now, msgs)
      if now == 1 then world.layer.set("heat", 100, 1, 1) world.layer.add("heat", 50, 4, 3) end
    end"""
    watcher = """local x, y = world.grid.position()
    state = {heat = 0}
    function update(now, msgs) state.heat = world.layer.get("heat") end"""
    program = world(
        {
            "runtime": runtime,
            "entities": [
                {"name": "a", "script": "a.lua", "count": 1},
                {"name": "w", "script": "w.lua", "place": "each_cell"},
            ],
            "grid": {"size": list(size), "torus": torus},
            "layers": {"heat": {"diffuse": rate, "decay": loss}},
            "metrics": {"heat": {"sum": "layer.heat"}, "warm": {"count": "layer.heat"}},
        },
        {"a.lua": script, "w.lua": watcher},
    )
    heat = np.zeros((size[1], size[0]))
    heat[0, 0], heat[2, 3] = 100, 50
    for _ in range(3):
        new = np.zeros_like(heat)
        for y, x in np.ndindex(heat.shape):
            kept = heat[y, x]
            for dy, dx in itertools.product((-1, 0, 1), repeat=2):
                v, u = y + dy, x + dx
                if (dy, dx) == (0, 0) or (not torus and not (0 <= v < size[1] and 0 <= u < size[0])):
                    continue
                new[v % size[1], u % size[0]] += heat[y, x] * rate / 8
                kept -= heat[y, x] * rate / 8
            new[y, x] += kept
        heat = new * (1 - loss)
    result = ok(worker, program, 4)
    seen = [row["heat"] for row in result.agents.to_pylist() if row["script"] == "w"]
    assert seen == pytest.approx(heat.ravel().tolist())
    sums = [row["value"] for row in result.metrics.to_pylist() if row["metric"] == "heat"]
    assert sums == pytest.approx([150 * (1 - loss) ** t for t in range(1, 5)])


def test_of_several_who_set_a_cell_a_keyed_draw_says_who_stands(worker: Worker, runtime: str) -> None:
    script = """local me = tonumber(string.match(self.id, "%d+"))
    state = {seen = 0}
    function update(now, msgs)
      if now == 1 then world.layer.set("l", me, 1, 1) world.layer.add("l", 100, 1, 1) end
      state.seen = world.layer.get("l", 1, 1)
    end"""
    document: dict[str, Any] = {"grid": {"size": [2, 2]}, "layers": {"l": {}}, "runtime": runtime}
    stood: list[int] = []
    for seed in range(40):
        (seen,) = set(ok(worker, solo(script, count=4, **document), 2, seed).agents["seen"].to_pylist())
        assert 401 <= seen <= 404
        stood.append(seen - 400)
    assert all(4 <= stood.count(i) <= 20 for i in (1, 2, 3, 4))  # 10 each; four standard errors are 11


def test_stocks_grow_and_are_bounded(worker: Worker, runtime: str) -> None:
    script = """state = {}
    function update(now, msgs)
      if now == 1 then world.resource.take("sugar", 4, 2, 1) world.resource.give("food", 100) end
      world.record_metric("left", world.resource.stock("sugar", 2, 1))
    end"""
    program = solo(
        script, runtime=runtime, grid={"size": [2, 1]},
        resources={"sugar": {"per_cell": True, "initial": 5, "max": 6, "regrow": 2}, "food": {"max": 30}},
        metrics={"all": {"sum": "resource.sugar"}, "food": {"sum": "resource.food"}},
    )  # fmt: skip
    rows = ok(worker, program, 5).metrics.to_pylist()
    assert [r["value"] for r in rows if r["metric"] == "left"] == [5, 3, 5, 6, 6]
    assert [r["value"] for r in rows if r["metric"] == "all"] == [9, 11, 12, 12, 12]
    assert {r["value"] for r in rows if r["metric"] == "food"} == {30}


# Misuse -----------------------------------------------------------------------------------------------------
PARTS: dict[str, Any] = {
    "grid": {"size": [4, 4]},
    "space": {"size": [4, 4]},
    "layers": {"l": {}},
    "resources": {"r": {"initial": 3}},
}
MISUSE = {
    "world.grid.move(0/0, 1)": "x must be the whole number of a cell, not nan",
    "world.grid.move(1, math.huge)": "y must be the whole number of a cell",
    "world.grid.move(1.5, 1)": "x must be the whole number of a cell, not 1.5",
    "world.grid.move('1', 1)": "x must be the whole number of a cell",
    "world.grid.move(5, 1)": "x = 5 is outside of the grid, which goes from 1 to 4",
    "world.grid.move(1, 2, 3)": "two dimensions",
    "world.grid.place('nobody', 1, 1)": "no entity 'nobody' lives",
    "world.grid.neighbors(nil, 1e9, 1, 1)": "the radius must be a whole number from 1 to 1000",
    "world.grid.neighbors(nil, 0, 1, 1)": "the radius must be a whole number from 1 to 1000",
    "world.grid.neighbors(nil, 0/0, 1, 1)": "the radius must be a whole number",
    "world.grid.neighbors()": "'a' is not on the grid; say where",
    "world.grid.count('b', 1, 1)": "named 'b'",
    "world.space.move(0/0, 1)": "x must be a finite number, not nan",
    "world.space.move(1, -math.huge)": "y must be a finite number, not -inf",
    "world.space.move(1, 4.5)": "y = 4.5 is outside of the space, which goes from 0 to 4",
    "world.space.within(math.huge, nil, 1, 1)": "the radius must be a number from 0 on",
    "world.space.within(-1, nil, 1, 1)": "the radius must be a number from 0 on",
    "world.space.within(1)": "'a' is not in the space; say where",
    "self.broadcast_msg(1, 1, 0/0, 'k')": "the radius must be a number from 0 on, not nan",
    "self.broadcast_msg(1, 1, 2, {})": "the kind must be text",
    "self.broadcast_msg(0/0, 1, 2, 'k')": "x must be a finite number",
    "world.layer.set('l', 0/0, 1, 1)": "the value must be a finite number, not nan",
    "world.layer.add('l', math.huge, 1, 1)": "the amount must be a finite number",
    "world.layer.diffuse('l', 2)": "the rate must lie between 0 and 1",
    "world.resource.take('r', -1)": "the amount must be a whole number, 0 or more, not -1",
    "world.resource.take('r', .5)": "the amount must be a whole number",
    "world.resource.take('r', 1, 1, 1)": "one stock for the whole world",
}


@pytest.mark.parametrize("call", MISUSE)
def test_misuse_is_told_with_its_line(worker: Worker, runtime: str, call: str) -> None:
    checked = call.replace("'b'", "('b')")  # what the checks cannot see
    script = f"state = {{}}\nfunction update(now, msgs)\n  {checked}\nend"
    result = run(worker, solo(script, runtime=runtime, **PARTS))
    assert result.failure is not None
    assert result.failure.startswith("a: a.lua:3: ")
    assert MISUSE[call] in result.failure


@pytest.mark.parametrize(
    "body",
    [
        "while true do world.grid.neighbors('a', 3, 2, 2) end",
        "while true do world.space.within(9, nil, 1, 1) end",
        "while true do world.layer.diffuse('l', .5) end",
        "while true do world.grid.move(1, 1) end",
        "while true do self.broadcast_msg(1, 1, 9, 'k') end",
    ],
)
def test_endless_questions_meet_a_limit(worker: Worker, runtime: str, body: str) -> None:
    script = f"world.space.move(1, 1)\nstate = {{}}\nfunction update(now, msgs)\n  {body}\nend"
    limits = {"steps": 20_000, "messages": 5_000}
    result = run(worker, solo(script, runtime=runtime, limits=limits, **PARTS))
    assert "limit of" in (result.failure or "")


def test_what_is_not_declared_is_told_before_a_run() -> None:
    entities: list[dict[str, Any]] = [{"name": "a", "script": "a.lua", "count": 1, "place": "random"}]
    quiet = {"a.lua": "state = {}\nfunction update(now, msgs) end"}
    plain = [{**entities[0], "place": None}]
    cells = [{"name": "a", "script": "a.lua", "place": "each_cell"}]
    documents: list[dict[str, Any]] = [
        {"entities": plain, "layers": {"l": {}}},
        {"entities": plain, "resources": {"r": {"per_cell": True}}},
        {"entities": cells},
        {"entities": entities},
    ]
    for document in documents:
        _, found = load(document, quiet)
        assert [d.code for d in found] == ["WW0716"], document
    names = {"a.lua": "state = {}\nfunction update(now, msgs) world.layer.get('gras') end"}
    _, found = load({"entities": entities, "grid": {"size": [2, 2]}, "layers": {"grass": {}}}, names)
    assert found[0].help == "did you mean 'grass'?"
    document = {"entities": entities, "grid": {"size": [2, 2]}, "layers": {"grass": {}}}
    _, found = load({**document, "metrics": {"m": {"mean": "layer.gras"}}}, quiet)
    assert [(d.code, d.help) for d in found] == [("WW0714", "did you mean `layer.grass`?")]


def test_a_program_with_places_survives_json() -> None:
    program = solo("state = {}\nfunction update(now, msgs) end", **PARTS)
    assert WorldProgram.from_json(json.loads(json.dumps(program.to_json()))) == program
