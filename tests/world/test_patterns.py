"""The metered matcher means what Lua's own does, and no pattern outlives its budget."""

from __future__ import annotations

import time

import pytest

from worldwright.world import RunRequest, Worker
from worldwright.world.machine import Machine, kernel_sources

from .worlds import solo

# Random short patterns on random short texts, each by both matchers; gives the first difference.
COMPARE = r"""(function()
  local P, seed, pick = W.patterns, 12345, nil
  P.cheap = CHEAP
  local function draw(n) seed = (seed * 16807) % 2147483647 return seed % n + 1 end
  local items = {"a", "b", ".", "%a", "%w", "%s", "%d", "[ab]", "[^a]", "[a-c]", "%%", "(a)", "(.-)", "()",
    "(b*)", "%b()", "%f[%w]", "$", "^", "%1", "x", "[%]]", "[]a]", "("}
  local marks = {"", "", "", "*", "+", "-", "?"}
  local letters = {"a", "b", "c", " ", "(", ")", "1", "%", "x"}
  local replacements = {"<%0>", "%1", "", "-", "%%"}
  local function made(from, n, with)
    local out = {}
    for i = 1, draw(n) do out[i] = from[draw(#from)] .. (with and with[draw(#with)] or "") end
    return table.concat(out)
  end
  local function told(...)
    local n, out = select("#", ...), {}
    for i = 1, n do out[i] = tostring((select(i, ...))) end
    return table.concat(out, "|", 1, n)
  end
  local function collected(gmatch, text, pattern)
    local out = {}
    for a, b in gmatch(text, pattern) do out[#out + 1] = tostring(a) .. ":" .. tostring(b) end
    return table.concat(out, ",")
  end
  local function call(f, ...)
    W.budget[1] = 1e8
    local function packed(ok, ...) return ok and told(...) or "error" end
    return packed(pcall(f, ...))
  end
  for round = 1, 20000 do
    local pattern, text = made(items, 5, marks), made(letters, 9)
    local init = draw(12) - 6
    for _, name in ipairs({"find", "match"}) do
      local a, b = call(string[name], text, pattern, init), call(P[name], text, pattern, init)
      if a ~= b then return name .. " " .. pattern .. " in " .. text .. " from " .. init end
    end
    if string.sub(pattern, 1, 1) ~= "^" then
      local a, b = call(collected, string.gmatch, text, pattern), call(collected, P.gmatch, text, pattern)
      if a ~= b then return "gmatch " .. pattern .. " in " .. text .. ": " .. a .. " not " .. b end
    end
    local most = draw(3) > 1 and draw(4) - 1 or nil
    for _, by in ipairs({replacements[draw(5)], {a = "1", [""] = "2"}, function(x, y) return y and x end}) do
      local a, b = call(string.gsub, text, pattern, by, most), call(P.gsub, text, pattern, by, most)
      if a ~= b then return "gsub " .. pattern .. " in " .. text .. " by " .. tostring(by) end
    end
  end
  return "same"
end)()"""


@pytest.mark.parametrize("cheap", ["-1", "1e300"])
def test_the_metered_matcher_agrees_with_lua_s_own(runtime: str, cheap: str) -> None:
    machine = Machine(runtime, kernel_sources())
    compare = COMPARE.replace("CHEAP", cheap)
    if cheap != "-1":  # a table of replacements would not notice an unfinished capture behind the first
        compare = compare.replace(', "("}', "}")
    assert machine.evaluate(compare) == b"same"


BOMBS = [
    "string.find(string.rep('a', 40), string.rep('a?', 40) .. string.rep('a', 40))",
    "string.find(string.rep('a', 50000), '.-.-.-.-b')",
    "string.match(string.rep('x', 90000), '(.*)(.*)(.*)y')",
    "string.gsub(string.rep('a', 90000), string.rep('.-', 12) .. 'b', '')",
    "for part in string.gmatch(string.rep('a', 30000), string.rep('a?.-', 30) .. 'b') do end",
    "while true do string.find(string.rep('a', 100), '.*.*b') end",
    "while true do string.find(string.rep('a', 50000), string.rep('a', 25000) .. 'b', 1, true) end",
]


@pytest.mark.parametrize("body", BOMBS)
def test_a_pattern_bomb_uses_up_its_steps(worker: Worker, runtime: str, body: str) -> None:
    program = solo(f"state = {{}}\nfunction update(now, msgs)\n{body}\nend", runtime=runtime)
    began = time.monotonic()
    result = worker.run(RunRequest(program, 1, 1))
    assert result.failure is not None
    assert result.failure.startswith("a: a.lua:3: ")
    assert "step limit" in result.failure or "too complex" in result.failure
    assert time.monotonic() - began < 10
