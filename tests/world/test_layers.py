"""Each layer of the sandbox by itself, and neighbours that notice nothing.

That the operating system refuses what an unbound Lua wants is in test_worker.py (`lua-…` among the attempts).
"""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path

import pytest

from worldwright.world import RunRequest, Worker, WorldProgram
from worldwright.world.job import build_job
from worldwright.world.machine import Machine, kernel_sources
from worldwright.world.program import Entity, Script

from .test_attacks import ABSENT
from .test_determinism import once
from .worlds import solo

ESCAPES = [
    *ABSENT,
    "string.format('%s', io.open('/etc/passwd'))",
    "getmetatable('').__index.rep = nil",
    "local m = getmetatable(self) m.__index.id = 'x'",
    "setmetatable(_G, {})",
    "local e = select(2, pcall(error)) e.__class__.__mro__()",
    "local ok, e = pcall(self.send_msg) return e.__traceback__.tb_frame()",
    "world.list_entities.__globals__.x()",
    "self.agent.__class__()",
    "('x'):dump()",
    "table.unpack({}, 1, 1e8)",
    "_ENV.os.exit()",
    "rawget(world, '__index').x()",
]


@pytest.mark.parametrize("body", ESCAPES)
def test_the_language_alone_lets_nothing_out(runtime: str, body: str, tmp_path: Path) -> None:
    """Without the system's lock: in this very process, where an escape would find files and Python."""
    canary = tmp_path / "canary"
    source = f"""state = {{}}
function update(now, msgs)
  pcall(function() {body} end)
  local os, io, require, load, python = os, io, require, load or loadstring, python
  if os or io or require or load or python then state.free = true end
  pcall(function() io.open("{canary}", "w"):close() end)
  pcall(function() python.builtins.open("{canary}", "w").close() end)
  world.record_metric("free", state.free and 1 or 0)
end"""
    script = Script("a.lua", source)
    program = WorldProgram("t", {"a.lua": script}, (Entity("a", "a.lua", count=1),), runtime=runtime)
    job = build_job(RunRequest(program, 2, 1), runtime)
    answer, _ = Machine(runtime, kernel_sources()).run(job.head, job.buffers)
    assert not canary.exists()
    assert b'"free"' in answer or b'"stopped":true' in answer
    assert b'"n":2' in answer or b'"stopped":true' in answer
    values = Worker()
    with values:
        result = values.run(RunRequest(program, 2, 1))
    assert result.metrics["value"].to_pylist() in ([0, 0], [])


NEVER = "function() while true do end end"
HANGS = {
    "pattern": "string.find(string.rep('a', 30000), string.rep('.-', 12) .. 'b')",
    "pattern in a pcall": "while true do pcall(string.find, string.rep('a', 30000), '.-.-.-.-.-b') end",
    "gmatch": "for _ in string.gmatch(string.rep('a', 90000), '.-.-.-b') do end",
    "gsub": "string.gsub(string.rep('a', 90000), '(.-)(.-)(.-)b', '%1')",
    "less": f"local m = {{__lt = {NEVER}}} local x = setmetatable({{}}, m) < setmetatable({{}}, m)",
    "equal": f"local m = {{__eq = {NEVER}}} local x = setmetatable({{}}, m) == setmetatable({{}}, m)",
    "concat": f"local m = {{__concat = {NEVER}}} local x = setmetatable({{}}, m) .. 'x'",
    "call": f"local t = setmetatable({{}}, {{__call = {NEVER}}}) t()",
    "arithmetic": f"local m = {{__add = {NEVER}}} local x = setmetatable({{}}, m) + 1",
    "newindex": f"local t = setmetatable({{}}, {{__newindex = {NEVER}}}) t.x = 1",
    "handler": "xpcall(error, function() while true do pcall(error) end end)",
    "varargs": "local function f(...) return f(1, ...) end f()",
    "sort that lies": "local t = {} for i = 1, 20000 do t[i] = i end\n"
    "while true do table.sort(t, function() return true end) end",
    "insert in front": "local t = {} while true do table.insert(t, 1, 0) end",
    "remove in front": "local t = {} for i = 1, 50000 do t[i] = i end\n"
    "while #t > 0 do table.remove(t, 1) t[#t + 1] = 0 end",
    "ids": "while true do self.spawn_entity('x' .. now, 'a') pcall(error) end",
    "unpack": "local t = {} for i = 1, 4000 do t[i] = i end\n"
    "while true do local x = select('#', table.unpack(t)) end",
    "format": "while true do string.format('%99d', 1) end",
    "tostring": "local t = setmetatable({}, {__tostring = function(s) return tostring(s) end}) tostring(t)",
    "index chain": "local t = {} for i = 1, 100 do t = setmetatable({}, {__index = t}) end\n"
    "while true do local x = t.nothing end",
    "repeat": "repeat local done = false until done",
    "closures": "local f = function() end while true do local g = f f = function() g() end end",
}


@pytest.mark.parametrize("name", HANGS)
def test_a_hang_ends_within_its_limit(runtime: str, name: str) -> None:
    seconds = 4.0
    script = f"state = {{}}\nfunction update(now, msgs)\n{HANGS[name]}\nend"
    program = solo(script, runtime=runtime, limits={"steps": 100_000, "memory": 600})
    with Worker(seconds=seconds) as worker:
        worker.run(RunRequest(solo("function update(now, msgs) end"), 1, 1))
        began = time.monotonic()
        result = worker.run(RunRequest(program, 1, 1))
        assert time.monotonic() - began < seconds + 1
        assert result.status == "failed"
        assert result.failure
        assert re.match(r"a: a\.lua:\d: |killed", result.failure)


FULL_STACKS = {
    "recursion": "local function f(n)\n  return 1 + f(n + 1)\nend\nf(1)",
    "within our functions": "local t = setmetatable({}, {__tostring = function(s)\nreturn tostring(s) end})\n"
    "local x = 2\ntostring(t)",
    "calls back": "local function f(s)\n  return (string.gsub('ab', '.', f))\nend\nf('')",
    "lookups": "local t = {}\nsetmetatable(t, {__index = function(_, k)\n  return t[k .. 'x']\nend})\n"
    "local x = t.a",
    "caught": "local function f(n)\n  state.n = n\n  return 1 + f(n + 1)\nend\npcall(f, 1)",
    "caught by a handler": "local function f(n)\n  state.n = n\n  return 1 + f(n + 1)\nend\n"
    "xpcall(f, function(e) return e end, 1)",
}
LINES = {
    "recursion": 4,
    "within our functions": 6,
    "calls back": 4,
    "lookups": 5,
    "caught": 5,
    "caught by a handler": 5,
}


@pytest.mark.parametrize("order", ["simultaneous", "random"])
@pytest.mark.parametrize("name", FULL_STACKS)
def test_a_full_stack_names_the_line_that_fills_it(
    worker: Worker, runtime: str, name: str, order: str
) -> None:
    """In every process the same, whatever was compiled when it ended."""
    script = f"state = {{}}\nfunction update(now, msgs)\n{FULL_STACKS[name]}\nend"
    for errors in ("stop", "ignore"):  # how deep it got is in its state, and is not the same everywhere
        program = solo(script, runtime=runtime, order=order, errors=errors)
        found = worker.run(RunRequest(program, 30, 1))
        assert found.failure is not None
        assert found.failure.replace("C stack", "stack") == f"a: a.lua:{LINES[name]}: stack overflow"
        assert found.final_tick == 0
        assert found.repeatable


def test_whose_stack_is_full_is_removed_where_the_world_says_so(worker: Worker, runtime: str) -> None:
    script = f"state = {{}}\nfunction update(now, msgs)\n{FULL_STACKS['caught']}\nend"
    program = solo(script, count=2, runtime=runtime, errors="remove")
    found = worker.run(RunRequest(program, 5, 1))
    assert found.status == "ok"
    assert found.counts["entities"] == 0
    assert found.errors["message"].to_pylist() == ["stack overflow"] * 2


HUNGRY = {
    "garbage": "local t = {}\nwhile true do\n  t[#t + 1] = {1, 2, 3}\nend",
    "one text": "local s = 'x'\nwhile true do\n  s = s .. s\nend",
    "state": "state.t = state.t or {}\nwhile true do\n  state.t[#state.t + 1] = {1}\nend",
    "messages": "while true do\n  self.send_msg('a_1', 'x', {1, 2, 3})\n\nend",
    "caught": "local t = {}\npcall(function() while true do\n  t[#t + 1] = {1, 2, 3} end\nend)",
    "at birth": "",
}


@pytest.mark.parametrize("name", HUNGRY)
def test_who_uses_up_the_memory_is_named_with_the_line(runtime: str, name: str) -> None:
    order = "random" if name == "state" else "simultaneous"
    script = f"state = {{}}\nfunction update(now, msgs)\nif self.id == 'a_2' then\n{HUNGRY[name]}\nend end"
    if name == "at birth":
        script = "local t = {}\nfor i = 1, 1e9 do\n\n\n  t[i] = {1} end\nfunction update() end"
    limits = {"memory": 60, "steps": 10**9, "messages": 10**8}
    program = solo(script, count=2, runtime=runtime, order=order, limits=limits)
    with Worker(seconds=60) as hungry:
        found = hungry.run(RunRequest(program, 3, 1))
    assert found.failure is not None
    entity = "a_1" if name == "at birth" else "a_2"
    assert re.fullmatch(rf"{entity}: a\.lua:[2567]: out of memory \(the limit is 60 MB\)", found.failure)
    assert found.failure_record is not None
    assert found.failure_record["entity"] == entity
    assert not found.repeatable


@pytest.mark.parametrize("name", ["pattern in a pcall", "closures", "handler"])
def test_a_neighbour_notices_nothing(name: str) -> None:
    """Other worlds give the same bytes while one is under attack as alone."""
    with Worker() as worker:
        alone = once(worker, "luajit", "simultaneous")
    stop = threading.Event()

    def attack() -> None:
        script = f"state = {{}}\nfunction update(now, msgs)\n{HANGS[name]}\nend"
        program = solo(script, limits={"steps": 10**9, "memory": 400})
        with Worker(seconds=1) as attacker:
            while not stop.is_set():
                attacker.run(RunRequest(program, 1, 1))

    thread = threading.Thread(target=attack)
    thread.start()
    try:
        with Worker() as worker:
            assert {once(worker, "luajit", "simultaneous") for _ in range(3)} == {alone}
    finally:
        stop.set()
        thread.join()


NAMES = ["__index", "constructor", "state", "self", "world", "tick", "entity_id", "nil", "a.b", "a b", "ü", "🦊", "'", "%s", "_G"]  # fmt: skip # noqa: E501


@pytest.mark.parametrize("name", NAMES)
def test_names_of_ours_are_ordinary_for_scripts(worker: Worker, runtime: str, name: str) -> None:
    quoted = '"' + name.replace('"', '\\"') + '"'
    script = f"""state = {{}}
    state[{quoted}] = 1
    function update(now, msgs)
      for _, m in ipairs(msgs) do state[{quoted}] = state[{quoted}] + m.content[{quoted}] end
      self.send_msg({quoted}, {quoted}, {{[{quoted}] = 1}})
      if now == 1 and self.id == "a" then self.spawn_entity({quoted}, "a", {{[{quoted}] = 5}}) end
      world.record_metric({quoted}, 1)
    end"""
    result = worker.run(RunRequest(solo(script, runtime=runtime), 3, 1, save_at="last"))
    assert result.status == "ok", result.failure
    assert result.snapshot is not None
    assert set(result.metrics["metric"].to_pylist()) == {name}
    from worldwright.world.contents import Contents

    born = next(one for one in Contents(result.snapshot).entities if one.id == name)
    assert born.state == {name: 5 + 1 + 2}
