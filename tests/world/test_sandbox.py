"""What scripts have: nothing of Python, and functions whose answers are the same everywhere."""

from __future__ import annotations

import pytest

from worldwright.world import RunRequest, Worker
from worldwright.world.machine import Machine, kernel_sources

from .worlds import solo

REACHABLE = """(function()
  local seen, kinds = {}, {}
  local function visit(value)
    local kind = type(value)
    kinds[kind] = true
    if (kind ~= "table" and kind ~= "function") or seen[value] then return end
    seen[value] = true
    if kind == "table" then
      for k, v in next, value do visit(k) visit(v) end
      local meta = debug.getmetatable(value)
      if meta and meta.__index then visit(meta.__index) end
    end
  end
  for name, value in next, W.builtins do visit(value) end
  visit(debug.getmetatable("").__index)
  local out = {}
  for kind in next, kinds do out[#out + 1] = kind end
  return table.concat(out, " ")
end)()"""


def test_nothing_of_python_can_be_reached(runtime: str) -> None:
    machine = Machine(runtime, kernel_sources())
    assert machine.evaluate("(python == nil and lupa == nil)") is True
    kinds = set(machine.evaluate(REACHABLE).decode().split())
    assert kinds <= {"table", "function", "string", "number", "boolean"}


TEXTS = {
    "return tostring(0/0)": "nan",
    "return tostring({})": "table",
    "return tostring(print)": "function",
    "return string.format('%s %s', {}, print)": "table function",
    "return string.format('%.1f', 0/0)": "nan",
    "return string.format('%5.2f|%-4d|%x', 3.14159, 7, 255)": " 3.14|7   |ff",
    "return ('x'):rep(3, ',')": "x,x,x",
    "return table.concat({pcall(error, 'e', 0)}, ' ', 2)": "e",
    "return select('#', unpack({1, 2, 3}))": "3",
    "return table.concat(table.pack('a', 'b'), '-')": "a-b",
    "return tostring(next({}))": "nil",
    """local t = {}
    for k in pairs({b = 1, a = 2, [2] = 3, [1] = 4}) do t[#t + 1] = tostring(k) end
    return table.concat(t, ' ')""": "1 2 a b",
    """local t, of = {}, {z = 1, y = 2}
    local k = next(of)
    while k do t[#t + 1] = k k = next(of, k) end
    return table.concat(t)""": "yz",
    """local t, of = {}, {a = 1, b = 2, c = 3}
    for k in pairs(of) do t[#t + 1] = k of.b = nil end
    return table.concat(t)""": "ac",
    """local t = {5, 3, 9, 1, 7, 2, 8, 6, 4, 0, 11, 10}
    table.sort(t)
    return table.concat(t, ' ')""": "0 1 2 3 4 5 6 7 8 9 10 11",
    """local t, s = {}, {}
    for i = 1, 40 do t[i] = {i % 3, i} end
    table.sort(t, function(a, b) return a[1] < b[1] end)
    for i = 1, 40 do s[i] = t[i][2] end
    return table.concat(s, ' ', 1, 15)""": "3 6 9 12 15 18 21 24 27 30 33 36 39 1 4",
    "return setmetatable({}, {__index = function(_, k) return k .. '!' end}).x": "x!",
    "return tostring(world.time)": "1",
    "return tostring(rawget(world, 'count')) .. tostring(getmetatable('x'))": "nilnil",
}


@pytest.mark.parametrize("body", TEXTS)
def test_the_functions_of_the_sandbox(worker: Worker, runtime: str, body: str) -> None:
    script = f"""state = {{text = ''}}
    local function f() {body} end
    function update(now, msgs) state.text = tostring(f()) end"""
    result = worker.run(RunRequest(solo(script, runtime=runtime), 1, 1))
    assert result.status == "ok", result.failure
    assert result.agents["text"].to_pylist()[-1] == TEXTS[body]
