"""One instance of a script serves all its entities, and nobody can tell."""

from __future__ import annotations

import json
from typing import Any

import pytest

from worldwright.world import Record, RunRequest, WorldProgram
from worldwright.world.job import build_job
from worldwright.world.machine import Machine, kernel_sources
from worldwright.world.sharing import shared_form

from .worlds import solo, vivarium

SHARED = {
    "constants and functions": """local two, half = 2, 1 / 2
local floor = math.floor
state = {x = 0}
local function more(x) return floor(x * two + half) end
function update(now, msgs) state.x = more(state.x) + 1 end""",
    "a local for each entity": """local mine = 'to ' .. self.id
state = {}
function update(now, msgs) state.mine = mine .. now end""",
    "a local that only the top level uses": """local x, y = self.random(), 2
state = {x = x * y, y = x ^ y}
function update(now, msgs) state.seen = (state.seen or 0) + now end""",
    "a table for each entity": """local names = {}
names[1] = self.id
state = {n = #names, first = names[1]}
function update(now, msgs) state.n = state.n + #names end""",
    "loops, blocks and calls": """state = {sum = 0}
for i = 1, 5 do local k = i * i state.sum = state.sum + k end
do local x = self.random(100) state.drawn = x end print(self.id) ;
if state.drawn > 50 then state.high = true end
function update(now, msgs) state.seen = (state.seen or 0) + now end""",
    "functions in tables": """local t = {}
function t.next(x) return x + 1 end
local id = self.id
function t:id() return id end
state = {x = 0}
function update(now, msgs) state.x, state.id = t.next(state.x), t:id() end""",
    "state set anew": """state = {n = 0}
function update(now, msgs) state = {n = state.n + 1, id = self.id} end""",
    "nothing in state": """local limit = world.param.limit
function update(now, msgs) self.send_msg(self.id, 'x', limit) end""",
    "births": """state = {born = 0}
local name = self.id .. '.'
function update(now, msgs)
state.born = state.born + 1 if now < 4 then self.spawn_entity(name .. now, 'a', {energy = now}) end
if self.random() < .3 then self.destroy(self.id) end end""",
    "failing updates": """local k = self.random(3)
state = {}
function update(now, msgs)
state.now = now if k == 1 then error('no ' .. self.id) end state.after = now end""",
    "failing births": """local k = self.random(2)
if k == 1 then error('not ' .. self.id) end
state = {k = k}
function update(now, msgs) state.seen = (state.seen or 0) + now end""",
    "a declaration without a value": """local last
local kind
if self.random() < .5 then kind = 'x' end
state = {kind = kind}
function get_state() return {last = last, kind = kind} end
function set_state(s) last = s.last end
function update(now, msgs) last = now end""",
    "comments at the end": """state = {} -- all
function update(now, msgs) state.n = #msgs end -- it""",
}

OWN = {
    "a name that is local and global": """size = 3
state = {size = size}
local size = size
function update(now, msgs) state.size = size end""",
    "a function declared twice": """local function f() return 1 end
local function f() return 2 end
state = {x = f()}
function update(now, msgs) state.seen = (state.seen or 0) + now end""",
    "a birth that asks for what comes later": """state = {early = update ~= nil}
function update(now, msgs) state.seen = (state.seen or 0) + now end""",
    "the same through a function": """local function early() return update ~= nil end
state = {early = early()}
function update(now, msgs) state.seen = (state.seen or 0) + now end""",
    "a chunk that returns": """state = {}
function update(now, msgs) state.seen = (state.seen or 0) + now end
do return end
return""",
}


def program(script: str, runtime: str) -> WorldProgram:
    return solo(
        script, count=6, runtime=runtime, errors="ignore", parameters={"limit": {"type": "int", "default": 4}}
    )


def run(world: WorldProgram, runtime: str, *, shared: bool) -> tuple[dict[str, Any], list[bytes], Machine]:
    request = RunRequest(world, 5, 7, record=Record((0, 1, 2, 3, 4, "last")))
    job = build_job(request, runtime)
    if not shared:
        for script in job.head["program"]["scripts"]:
            script["shared"] = None
    machine = Machine(runtime, kernel_sources())
    text, buffers = machine.run(job.head, job.buffers)
    return json.loads(text), buffers, machine


@pytest.mark.parametrize("script", SHARED.values(), ids=SHARED)
def test_a_shared_script_does_what_it_does_alone(script: str, runtime: str) -> None:
    world = program(script, runtime)
    head, buffers, machine = run(world, runtime, shared=True)
    assert machine.evaluate("W.state.scripts[1].once ~= nil and W.state.env[1] == false") is True
    assert (head, buffers) == run(world, runtime, shared=False)[:2]
    assert head["counts"]["updates"] > 5


@pytest.mark.parametrize("script", OWN.values(), ids=OWN)
def test_a_script_that_could_tell_runs_for_each_entity(script: str) -> None:
    assert shared_form(script) is None


def test_memory_in_globals_is_carried(runtime: str) -> None:
    prey = """energy = 5
age = 0
LIMIT = 7
function update(now, msgs)
  age = age + 1
  energy = energy + math.random(3)
  if energy > LIMIT then
    energy = 1
    self.spawn_entity(self.id .. age, 'prey', {energy = 2})
  end
end
function get_state() return {energy = energy, age = age} end
function set_state(s) energy = s.energy end
"""
    world = vivarium({"prey": prey}, [{"id": f"p{i}", "script_id": "prey"} for i in range(4)])
    form = shared_form(prey)
    assert form is not None and set(form.globals) == {"state", "energy", "age"}
    head, buffers, _ = run(world, runtime, shared=True)
    assert (head, buffers) == run(world, runtime, shared=False)[:2]
    assert head["counts"]["spawned"] > 2


def test_a_name_of_the_sandbox_is_not_carried(runtime: str) -> None:
    """`print` would be gone for the next entity."""
    script = """print = nil
state = {}
function get_state() return {p = print == nil} end
function set_state(s) end
function update(now, msgs) print = 5 end
"""
    world = vivarium({"a": script}, [{"id": f"a{i}", "script_id": "a"} for i in range(3)])
    head, buffers, _ = run(world, runtime, shared=True)
    assert (head, buffers) == run(world, runtime, shared=False)[:2]


def test_lines_stay_those_of_the_author() -> None:
    for script in SHARED.values():
        form = shared_form(script)
        assert form is not None
        assert form.source.count("\n") == script.count("\n") + 1  # our own call at the end
