"""Snapshot, restore, go on: the same bytes as without a stop, for a table of worlds at any tick."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from worldwright.errors import UsageError, WorldError
from worldwright.world import Record, RunRequest, Snapshot, Worker, WorldProgram, WorldResult, load_world
from worldwright.world.snapshot_file import from_bytes, read_snapshot, to_bytes, write_snapshot

from .test_determinism import program as walkers
from .worlds import solo, vivarium, world

SPECS = Path(__file__).parents[2] / "specs" / "worlds"
TICKS = 14
RUNTIMES = ("luajit", "lua54")

DELAYS = """state = {heard = {}, n = 0}
function update(now, msgs)
  for _, m in ipairs(msgs) do
    state.heard[#state.heard + 1] = m.sender .. m.kind .. (m.content and m.content.at or "-")
  end
  state.n = state.n + 1
  for delay = 0, 6 do
    local content = self.random() < .5 and {at = now, deep = {list = {1, 2}}} or nil
    self.send_msg("a_" .. self.random(6), "k" .. delay, content, delay)
  end
end"""

REBORN = """state = {generation = 0, got = 0}
function update(now, msgs)
  state.got = state.got + #msgs
  local name = "child_" .. self.random(4)
  if world.exists(name) then self.destroy(name)
  else self.spawn_entity(name, "a", {generation = state.generation + 1, seen = world.count()}) end
  if self.random() < .3 and world.count() > 3 then self.destroy(self.id) end
  self.send_msg(name, "hello", self.random(10), 2)
  for _, id in ipairs(world.list_entities()) do
    world.link(self.id == id and "a_1" or self.id, id == "a_1" and "a_2" or id)
  end
  for _, id in ipairs(self.neighbors()) do world.record_metric("neighbors", #id) end
end"""

OWN_MEMORY = """local n, friends = 0, {}
function update(now, msgs)
  n = n + self.random(3)
  for _, m in ipairs(msgs) do friends[#friends + 1] = m.content end
  self.send_msg("a_" .. self.random(3), "f", {id = self.id, n = n})
end
function get_state() return {n = n, friends = friends} end
function set_state(s) n = s.n friends = s.friends end"""

AT_LOAD = """local speed, luck, born = self.random(), world.random(1000), world.time
state = {sum = 0}
self.send_msg("a_1", "born", self.random(9))
world.record_metric("births", 1)
print("hello")
function update(now, msgs)
  state.sum = state.sum + speed * luck + born + #msgs
  if now % 4 == 0 and self.random() < .5 then self.spawn_entity(self.id .. "x", "a") end
  world.record_metric("sum", state.sum)
end"""

ODD = """state = {shared = {1}, zero = -0.0, nan = 0/0, far = math.huge, bytes = "\\255\\0x"}
state[3], state[false], state[2.5] = "three", 1, "x"
state.again = state.shared
state.itself = state
state.holes = {1, nil, 3, nil, nil, 6}
state.one, state.half, state.big = 1, 1.5, 2^53
function update(now, msgs)
  state.shared[#state.shared + 1] = now
  state.itself.count = #state.again
  state[now + 10] = tostring(state.zero) .. tostring(1 / state.zero) .. tostring(state.nan)
  local text = {}
  for key, value in pairs(state) do text[#text + 1] = tostring(key) .. "=" .. tostring(value) end
  world.record_metric("length", #table.concat(text, ",") + #state.holes)
end"""

WHOLE = """state = {n = 1, x = 1.0, long = math.maxinteger, short = math.mininteger}
function update(now, msgs)
  state.text = state.n .. state.x .. state.long .. state.short
  state.n, state.x = state.n + 1, state.x + 1
end"""

FAILING = """state = {n = 0}
function update(now, msgs)
  state.n = state.n + 1
  if self.random() < .2 then error("unlucky " .. self.random(3)) end
  self.send_msg("a_" .. self.random(8), "k", state.n)
end"""

TICKER = """n = 0
function update(now, msgs)
  n = n + #msgs + 1
  self.send_msg("b", "ping", {n = n}, 3)
  if n % 5 == 0 then self.spawn_entity("b", "ticker", {n = 100}) end
  world.record_metric("n", n)
end
function get_state() return {n = n} end
function set_state(s) n = s.n end"""

WANDERERS = """local x, y = world.grid.position()
if not x then x, y = world.space.position() end
local start = x + y
state = {met = 0, sum = 0}
function update(now, msgs)
  if world.grid.position() then state.met = state.met + #world.grid.neighbors() end
  state.met = state.met + #world.space.within(9) + #msgs
  local near, far = world.space.nearest()
  state.sum = state.sum + start + world.layer.get("scent", 3, 4) + (far or 0)
  if world.grid.position() == nil or self.random() < .5 then world.grid.move(world.grid.random_empty()) end
  local vx, vy = world.space.velocity()
  world.space.move(self.random() * 30 + vx, self.random() * 30 - vy)
  world.layer.add("scent", self.random(), self.random(6), self.random(5))
  if self.random() < .3 then world.layer.set("scent", now, 2, 2) end
  state.sum = state.sum + (world.resource.take("food", self.random(3)) or 0)
  world.resource.give("sugar", 1, 1, 1)
  local child = self.id .. "x" .. now
  if self.random() < .1 then self.spawn_entity(child, "a", nil, self.random(5), self.random(5)) end
  if self.random() < .1 then self.destroy(self.id) end
  self.broadcast_msg(5, 5, 8, "near", now)
  if now % 7 == 0 and world.grid.position() then world.grid.remove() end
end"""


def wanderers(runtime: str, order: str, **places: Any) -> WorldProgram:
    return world(
        {
            "runtime": runtime,
            "order": order,
            "entities": [{"name": "a", "script": "a.lua", "count": 12, "place": "random"}],
            "grid": {"size": [6, 5], "torus": True, "capacity": 2},
            "space": {"size": [30, 30], "torus": True},
            "layers": {"scent": {"initial": {"uniform": [0, 1]}, "diffuse": 0.2, "decay": 0.1}},
            "resources": {
                "food": {"initial": 9, "regrow": 4, "max": 20},
                "sugar": {"per_cell": True, "initial": {"uniform": [0, 4]}, "regrow": 1, "max": 9},
            },
            "metrics": {"scent": {"sum": "layer.scent"}, "sugar": {"mean": "resource.sugar"}},
            **places,
        },
        {"a.lua": WANDERERS},
    )


BY_RANK = """state = {x = 0}
function update(now, msgs)
  state.x = state.x + self.agent.weight * self.random()
  for _, id in ipairs(self.neighbors()) do self.send_msg(id, self.agent.rank or "none", state.x) end
end"""


GRAZER = """local home = {world.grid.position()}
state = {energy = 5, home = home[1], children = 0}
function update(now, msgs)
  for _, m in ipairs(msgs) do state.last = m.kind .. (m.content and (m.content.got or "") or "") end
  state.energy = state.energy + (state.last and 1 or -1) + world.layer.get("scent")
  local x, y = world.grid.random_empty(2)
  if x then world.grid.move(x, y) end
  world.resource.take("grass", 2)
  world.layer.add("scent", .5)
  if now % 3 == 0 and state.energy > 2 then
    state.children = state.children + 1
    local cx, cy = world.grid.position()
    self.spawn_entity(self.id .. "." .. state.children, "a", {energy = 1}, cx, cy)
  elseif state.energy < 0 then self.destroy(self.id) end
end"""

FLYER = """state = {near = 0}
function update(now, msgs)
  state.near = world.space.count_within(3) + #msgs
  local x, y = world.space.position()
  world.space.move((x + self.random() * 2) % 10, (y + self.random()) % 10)
  local vx = world.space.velocity()
  self.broadcast_msg(x, y, 2, "here", {v = vx})
end"""

SLEEPER = """state = {woken = {}, heard = 0}
self.wake(self.random(4))
function update(now, msgs)
  state.woken[#state.woken + 1], state.heard = now, state.heard + #msgs
  self.wake(self.random(1, 5))
  if self.random() < .5 then self.send_msg("a_" .. self.random(4), "up", nil, self.random(3)) end
  if self.random() < .2 then self.spawn_entity(self.id .. "x" .. now, "a") end
end"""


def on_a_grid(runtime: str, order: str) -> WorldProgram:
    return world(
        {
            "runtime": runtime,
            "order": order,
            "entities": [{"name": "a", "script": "a.lua", "count": 12, "place": "random"}],
            "grid": {"size": [8, 6], "torus": True, "capacity": 2},
            "layers": {"scent": {"initial": {"uniform": [0.0, 0.2]}, "diffuse": 0.5, "decay": 0.1}},
            "resources": {"grass": {"initial": {"uniform": [0, 4]}, "per_cell": True, "max": 5, "regrow": 1}},
        },
        {"a.lua": GRAZER},
    )


def in_space(runtime: str, order: str) -> WorldProgram:
    entities = [{"name": "a", "script": "a.lua", "count": 15, "place": "random"}]
    space = {"size": [10.0, 10.0], "torus": True}
    return world({"runtime": runtime, "order": order, "entities": entities, "space": space}, {"a.lua": FLYER})


def population() -> pa.Table:
    return pa.table(
        {
            "rank": pa.array(["low", "high", None, "low"] * 5).dictionary_encode(),
            "weight": [0.5 * i for i in range(20)],
            "unread": list(range(20)),
        }
    )


def with_population(runtime: str) -> RunRequest:
    program = world(
        {
            "runtime": runtime,
            "entities": [{"name": "a", "script": "a.lua", "population": "main"}],
            "network": {"of": "a", "watts_strogatz": {"k": 4, "p": 0.3}},
            "metrics": {"x": {"mean": "state.x", "by": ["rank"]}, "n": {"count": "a"}},
        },
        {"a.lua": BY_RANK},
    )
    return of(program, populations={"main": population()})


def of(program: WorldProgram, **fields: Any) -> RunRequest:
    return dataclasses.replace(RunRequest(program, TICKS, 7, record=Record(("last",))), **fields)


def stored(name: str, runtime: str) -> WorldProgram:
    program, _ = load_world(SPECS / name, Path.read_text)
    assert program is not None
    return dataclasses.replace(program, runtime=runtime)


WORLDS: dict[str, Callable[[str], RunRequest]] = {
    "walkers, all at once": lambda r: of(walkers(r, "simultaneous")),
    "walkers, one by one": lambda r: of(walkers(r, "random")),
    "predators and prey": lambda r: of(stored("predator-prey", r)),
    "delays": lambda r: of(solo(DELAYS, count=6, runtime=r)),
    "reborn": lambda r: of(solo(REBORN, count=5, runtime=r, order="random", errors="ignore")),
    "its own memory": lambda r: of(solo(OWN_MEMORY, count=3, runtime=r)),
    "draws at birth": lambda r: of(solo(AT_LOAD, count=2, runtime=r)),
    "odd values": lambda r: of(solo(ODD, runtime=r), record=Record(())),
    "whole numbers": lambda _: of(solo(WHOLE, runtime="lua54")),
    "errors ignored": lambda r: of(solo(FAILING, count=8, runtime=r, errors="ignore")),
    "errors remove": lambda r: of(solo(FAILING, count=40, runtime=r, errors="remove", order="random")),
    "population and network": with_population,
    "grid, layers and stocks": lambda r: of(on_a_grid(r, "simultaneous")),
    "grid, one by one": lambda r: of(on_a_grid(r, "random")),
    "space": lambda r: of(in_space(r, "simultaneous")),
    "space, one by one": lambda r: of(in_space(r, "random")),
    "timers": lambda r: of(solo(SLEEPER, count=4, runtime=r, order="event")),
    "wanderers, all at once": lambda r: of(wanderers(r, "simultaneous")),
    "wanderers, one by one": lambda r: of(wanderers(r, "random")),
    "vivarium": lambda _: of(
        vivarium({"ticker": TICKER}, [{"id": i, "script_id": "ticker"} for i in ("a", "b")])
    ),
}


def run(worker: Worker, request: RunRequest, **changes: Any) -> WorldResult:
    result = worker.run(dataclasses.replace(request, save_at="last", **changes))
    assert result.status == "ok", result.failure
    assert result.snapshot is not None, result.snapshot_problem
    return result


def everything(result: WorldResult) -> tuple[object, ...]:
    assert result.snapshot is not None
    return (
        to_bytes(result.snapshot), result.agents, result.metrics, result.errors, result.counts,
        result.printed, result.final_tick,
    )  # fmt: skip


def through_a_file(result: WorldResult) -> Snapshot:
    assert result.snapshot is not None
    return from_bytes(to_bytes(result.snapshot), "s.arrow")


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_it_goes_on_as_without_a_stop(worker: Worker, runtime: str, name: str) -> None:
    request = WORLDS[name](runtime)
    straight = everything(run(worker, request))
    for tick in (0, 1, 5, TICKS):
        half = through_a_file(run(worker, request, ticks=tick))
        assert everything(run(worker, half.request(TICKS - tick, record=request.record))) == straight, tick


@pytest.mark.parametrize("name", WORLDS)
def test_a_stop_at_every_tick_changes_nothing(worker: Worker, name: str) -> None:
    request = WORLDS[name]("luajit")
    result = run(worker, request, ticks=0)
    for _ in range(TICKS):
        result = run(worker, through_a_file(result).request(1, record=request.record))
    assert everything(result) == everything(run(worker, request))


def test_taking_a_snapshot_changes_nothing(worker: Worker) -> None:
    request = WORLDS["its own memory"]("luajit")
    plain = worker.run(request)
    kept = worker.run(dataclasses.replace(request, save_at=6))
    assert kept.agents == plain.agents
    assert kept.counts == plain.counts
    assert kept.snapshot is not None
    assert kept.snapshot.tick == 6
    assert to_bytes(kept.snapshot) == to_bytes(through_a_file(run(worker, request, ticks=6)))


def test_it_carries_the_columns_that_are_read(worker: Worker) -> None:
    snapshot = through_a_file(run(worker, with_population("luajit")))
    assert snapshot.populations["main"].column_names == ["rank", "weight"]


def test_a_branch_has_the_state_and_another_future(worker: Worker) -> None:
    script = """local nature = self.random()
    state = {x = 0}
    function update(now, msgs)
      state.x = state.x + self.random() * world.param.pace
      state.nature = nature
    end"""
    program = solo(script, count=3, parameters={"pace": {"type": "float", "default": 1.0, "min": 0}})
    snapshot = through_a_file(run(worker, of(program), ticks=5))

    def after(s: Snapshot, ticks: int) -> list[tuple[float, float]]:
        rows = run(worker, s.request(ticks, record=Record(("last",)))).agents.to_pylist()
        return [(row["x"], row["nature"]) for row in rows]

    same, other = after(snapshot, 5), after(snapshot.branch(seed=8), 5)
    assert after(snapshot.branch(seed=8), 0) == after(snapshot, 0)
    assert [x for x, _ in same] != [x for x, _ in other]
    assert [nature for _, nature in same] == [
        nature for _, nature in other
    ]  # drawn at birth, under the old seed
    again = through_a_file(run(worker, snapshot.branch(seed=8).request(2)))
    assert after(again, 3) == other
    still = after(snapshot.branch(parameters={"pace": 0.0}), 5)
    assert still == after(snapshot, 0)
    with pytest.raises(UsageError, match="no parameter 'peace'"):
        snapshot.branch(parameters={"peace": 1})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("state.deep = {f = function() end}", "a_1: a.lua: state.deep.f is a function"),
        ("state.object = setmetatable({}, {})", "a_1: a.lua: state.object has a metatable"),
        ("state.list = {1, {print}}", "a_1: a.lua: state.list[2][1] is a function"),
        ("state[{}] = 1", "a_1: a.lua: state has a key that is a table"),
        ("local t = state for i = 1, 200 do t.t = {} t = t.t end", "is nested deeper than 150 levels"),
    ],
)
def test_what_cannot_be_kept_is_named(worker: Worker, runtime: str, body: str, words: str) -> None:
    program = solo(f"state = {{}}\nfunction update(now, msgs)\n{body}\nend", count=2, runtime=runtime)
    result = worker.run(RunRequest(program, 1, 1, save_at="last", record=Record(())))
    assert result.status == "ok"
    assert result.snapshot is None
    assert words in (result.snapshot_problem or "")


@pytest.fixture(scope="module")
def content(worker: Worker) -> bytes:
    request = of(solo(DELAYS, count=6))
    return to_bytes(through_a_file(run(worker, request, ticks=3)))


def test_files_are_written_whole_and_read_again(content: bytes, tmp_path: Path) -> None:
    snapshot = from_bytes(content, "x")
    path = tmp_path / "s.arrow"
    write_snapshot(snapshot, path)
    assert path.read_bytes() == content
    assert read_snapshot(path) == snapshot
    assert [file.name for file in tmp_path.iterdir()] == ["s.arrow"]
    with pytest.raises(UsageError, match="cannot be written"):
        write_snapshot(snapshot, tmp_path / "no" / "s.arrow")


def test_every_flipped_bit_is_found(content: bytes) -> None:
    for place in range(0, len(content), max(1, len(content) // 400)):
        damaged = bytearray(content)
        damaged[place] ^= 1 << (place % 8)
        with pytest.raises(UsageError, match=r"damaged|no snapshot"):
            from_bytes(bytes(damaged), "s.arrow")


def test_a_part_of_a_file_is_refused(content: bytes) -> None:
    for size in (0, 3, 100, len(content) // 2, len(content) - 1):
        with pytest.raises(UsageError, match=r"damaged|no snapshot"):
            from_bytes(content[:size], "s.arrow")
    with pytest.raises(UsageError, match="damaged"):
        from_bytes(content + b"\0", "s.arrow")


def sealed(content: bytes) -> bytes:
    """Changed content with a digest that fits it."""
    import hashlib
    import re

    blank = re.sub(rb"(worldwright-sha256:)[0-9a-f]{64}", rb"\g<1>" + b"0" * 64, content)
    digest = hashlib.sha256(blank).hexdigest().encode()
    return blank.replace(b"worldwright-sha256:" + b"0" * 64, b"worldwright-sha256:" + digest)


def test_a_newer_version_is_refused(content: bytes) -> None:
    newer = sealed(content.replace(b"snapshot/1", b"snapshot/2"))
    with pytest.raises(
        UsageError, match=r"this is a `snapshot/2`, and this version .* reads up to `snapshot/1`"
    ):
        from_bytes(newer, "s.arrow")


def test_another_runtime_or_kernel_is_refused(worker: Worker, content: bytes) -> None:
    snapshot = from_bytes(content, "x")
    other = dataclasses.replace(snapshot.program, runtime="lua54")
    with pytest.raises(WorldError, match="made on luajit and cannot go on with lua54"):
        worker.run(snapshot.request(1, program=other))
    with pytest.raises(WorldError, match="made by kernel 1"):
        worker.run(dataclasses.replace(snapshot, algorithm=1).request(1))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_forged_snapshot_never_reads_beyond_itself(
    worker: Worker, content: bytes, data: st.DataObject
) -> None:
    """Whoever computes the digest anew can write anything; it ends in an answer all the same."""
    snapshot = from_bytes(content, "x")
    name = data.draw(st.sampled_from(sorted(snapshot.arrays)))
    array = bytearray(snapshot.arrays[name])
    if not array:
        return
    place = data.draw(st.integers(0, len(array) - 1))
    array[place] = data.draw(st.integers(0, 255))
    forged = dataclasses.replace(snapshot, arrays={**snapshot.arrays, name: bytes(array)})
    try:
        read = from_bytes(to_bytes(forged), "x")
    except UsageError:
        return
    assert worker.run(read.request(1)).status in ("ok", "failed")


def test_the_tick_must_be_in_the_run(worker: Worker) -> None:
    with pytest.raises(UsageError, match="goes from tick 0 to 14, so there is no snapshot at 15"):
        worker.run(dataclasses.replace(of(solo(DELAYS, count=6)), save_at=15))
