"""What `check --portable` tells really differs between the two runtimes, and what it lets pass does not."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from worldwright.diagnostics import Diagnostic
from worldwright.world import Record, RunRequest, Worker, WorldProgram, load_world
from worldwright.world.portability import RULES

from .test_determinism import WALKER
from .worlds import load

SPECS = Path(__file__).parents[2] / "specs" / "worlds"
SMALL = ("births", "money", "opinions", "predator-prey", "queue", "schelling")
PLACES: dict[str, Any] = {
    "parameters": {"pace": {"type": "float", "default": 2.0}, "whole": {"type": "int", "default": 3}},
    "grid": {"size": [4, 4]},
    "layers": {"grass": {"initial": 1}},
}
BODY = "state = {out = 0}\nfunction update(now, msgs)\n  %s\nend\n"

IDIOMS = {
    "a quotient in a text": ("state.out = 'x' .. now / 2", "WW0731"),
    "a float made text": ("state.out = tostring(now * 0.5)", "WW0731"),
    "a local float": ("local half = now / 2 local m = half + 1 state.out = m .. ''", "WW0731"),
    "a field": ("state.e = 2.0 state.out = 'e' .. state.e", "WW0731"),
    "a power": ("state.out = 'x' .. 2 ^ 3", "WW0731"),
    "a root": ("state.out = 'x' .. math.sqrt(4)", "WW0731"),
    "a parameter": ("state.out = 'x' .. world.param.pace", "WW0731"),
    "a layer": ("state.out = 'x' .. world.layer.get('grass', 1, 1)", "WW0731"),
    "a larger one": ("state.out = 'x' .. math.max(1, 2.0)", "WW0731"),
    "a list of floats": ("local t = {1.0, now / 2} state.out = table.concat(t, ',')", "WW0731"),
    "an inserted float": ("local t = {} table.insert(t, now / 1) state.out = table.concat(t)", "WW0731"),
    "a form with %s": ("state.out = string.format('%s', now / 2)", "WW0731"),
    "a number read": ("state.out = 'x' .. tonumber('3.0')", "WW0731"),
    "a counter of floats": ("local s = '' for i = 1.0, 2 do s = s .. i end state.out = s", "WW0731"),
    "a list gone through": (
        "local s = '' for _, v in ipairs({1.0, 2.0}) do s = s .. v end state.out = s", "WW0731"
    ),
    "a function's answer": (
        "local function half(n) return n / 2 end state.out = 'x' .. half(now)", "WW0731"
    ),
    "a function's parameter": (
        "local function name(n) return 'x' .. n end state.out = name(now / 2)", "WW0731"
    ),
    "an id": ("state.out = tostring(world.exists('a_' .. 2 / 1))", "WW0731"),
    "a negative nothing": ("local n = now - now state.out = 'x' .. -n", "WW0731"),
    "nothing times minus one": ("local n = now - now state.out = 'x' .. n * -1", "WW0731"),
    "rounded up to nothing": ("state.out = 'x' .. math.ceil(-0.5)", "WW0731"),
    "a generator of one's own": ("state.out = (now * 1103515245 * 1103515245 + 12345) % 65536", "WW0732"),
    "a large number": ("state.out = 9007199254740993 % 10", "WW0732"),
    "a mask": ("state.out = 0xffffffffffffffff", "WW0732"),
    "a factorial": ("local f = 1 for i = 1, 25 do f = f * i end state.out = f", "WW0732"),
    "a hash": ("local h = 5381 for i = 1, 20 do h = h * 33 + i end state.out = h", "WW0732"),
    "fifteen digits": ("state.out = 'x' .. 123456789012345", "WW0732"),
    "a remainder by nothing": ("local n = 5 % #msgs state.out = tostring(n)", "WW0733"),
    "a remainder by all": ("state.out = tostring(5.5 % math.huge)", "WW0733"),
    "math.fmod": ("state.out = tostring(math.fmod(5, #msgs))", "WW0733"),
    "a signed nothing below": ("local n = now - now state.out = 1 / -n", "WW0733"),
    "a hole": ("state.out = #{1, nil, 3}", "WW0734"),
    "a hole made": ("local t = {1, 2, 3, 4} t[2] = nil t[4] = nil state.out = #t", "WW0734"),
    "values handed over": ("state.out = (function(...) return #{...} end)(nil, nil, 3)", "WW0734"),
    "a hole unpacked": ("state.out = select('#', unpack({1, nil, 3}))", "WW0734"),
    "a half position": ("state.out = string.sub('abcdef', now + .5)", "WW0735"),
    "a half position by method": ("state.out = ('abcdef'):sub(now + .5)", "WW0735"),
    "a half repetition": ("state.out = string.rep('a', 2.5)", "WW0735"),
    "a half place": ("local t = {1, 2} table.insert(t, 1.5, 9) state.out = t[1]", "WW0735"),
    "a half byte": ("state.out = string.char(65.5)", "WW0735"),
    "%d": ("state.out = string.format('%d', now + .5)", "WW0735"),
    "_VERSION": ("state.out = _VERSION", "WW0736"),
    "%q": ("state.out = string.format('%q', now)", "WW0736"),
    "__len": ("state.out = #setmetatable({}, {__len = function() return 7 end})", "WW0736"),
    "__lt alone": (
        "local m = {__lt = function() return true end}"
        " state.out = setmetatable({}, m) <= setmetatable({}, m)", "WW0736",
    ),
    "floor division": ("state.out = now // 2", "WW0736"),
    "bits": ("state.out = now & 1", "WW0736"),
    "math.type": ("state.out = math.type(now)", "WW0736"),
    "utf8": ("state.out = utf8.len('a')", "WW0736"),
    "string.pack": ("state.out = #string.pack('i4', 3)", "WW0736"),
    "a constant": ("local n <const> = 2 state.out = n", "WW0736"),
    "words of an error": (
        "local ok, words = pcall(function() return world.param.pace.a.b end) state.out = words", "WW0737"
    ),
}  # fmt: skip

PORTABLE = {
    "everything": WALKER,
    "fractions as numbers": BODY % "state.out = now / 2 + world.param.pace * math.sqrt(now) ^ 2",
    "forms": BODY % "state.out = string.format('%.2f|%g|%5.1f|%d', now / 2, now / 2, 2, math.floor(now / 2))",
    "rounded": BODY % "state.out = 'x' .. math.floor(now / 2 + .5) .. math.abs(-now)",
    "draws": BODY % "state.out = 'x' .. self.random(6) .. self.random(3, 9)",
    "whole parameters": BODY % "state.out = 'x' .. world.param.whole + now",
    "ids": BODY % "local n = tonumber(string.match(self.id, '%d+')) state.out = 'a_' .. (n % 3 + 1)",
    "float keys": BODY % "local t = {} t[now / 1] = 1 for k in pairs(t) do state.out = k + 0.5 end",
    "whole and float": BODY % "state.out = (1 == 1.0) and ({10, 20})[2.0] or 0",
    "small generator": BODY % "state.out = (now * 16807) % 2147483647",
    "bounded hash": BODY % "local h = 5381 for i = 1, 20 do h = (h * 33 + i) % 1000003 end state.out = h",
    "growth of floats": BODY % "local x = 1.5 for i = 1, 9 do x = x * 1.25 end state.out = x",
    "guarded": BODY % "if #msgs > 0 then state.out = now % #msgs end",
    "at least one": BODY % "state.out = now % math.max(1, #msgs)",
    "constant divisor": "local K = 7\n" + BODY % "state.out = now % K + now % 2",
    "float remainder": BODY % "state.out = tostring((now + 0.5) % 2.5 > 1)",
    "divided by nothing": BODY % "state.out = now / #msgs",
    "last taken": BODY % "local t = {1, 2, 3} t[#t] = nil state.out = #t",
    "named nil": BODY % "local t = {a = 1} t.a = nil t['b'] = nil state.out = #t",
    "negative": BODY % "state.out = -5 % 3 + math.floor(-5 / 3)",
    "caught": BODY % "local ok = pcall(function() return world.param.pace.a.b end) state.out = ok",
    "raised": BODY % "local ok, t = pcall(error, {n = 3}) state.out = ok",
    "goto": BODY % "for i = 1, 3 do if i == 2 then goto continue end state.out = i ::continue:: end",
}


def checked(script: str, runtime: str = "auto") -> tuple[WorldProgram | None, list[Diagnostic]]:
    entities = [{"name": "a", "script": "a.lua", "count": 3}]
    document = {"entities": entities, "runtime": runtime, **PLACES}
    if script == WALKER:
        document["entities"] = [{"name": "walker", "script": "a.lua", "count": 3}]
    return load(document, {"a.lua": script}, portable=True)


def outcome(worker: Worker, program: WorldProgram, runtime: str) -> Any:
    """All that a run on one runtime gives."""
    program = dataclasses.replace(program, runtime=runtime)
    result = worker.run(RunRequest(program, 4, 1, record=Record(("last",))))
    tables = [repr(table.to_pylist()) for table in (result.metrics, result.agents, result.errors)]
    return tables, result.failure, dict(result.counts)


@pytest.mark.parametrize("name", IDIOMS)
def test_what_is_told_differs(worker: Worker, name: str) -> None:
    body, code = IDIOMS[name]
    newer = name in ("floor division", "bits", "math.type", "utf8", "string.pack", "a constant")
    program, found = checked(BODY % body, "lua54")  # on LuaJIT newer syntax is an error already
    assert program is not None, found
    assert code in {d.code for d in found}, found
    assert all(d.span is not None and d.span.start.line == 3 and not d.is_error for d in found)
    luajit, lua54 = (outcome(worker, program, runtime) for runtime in ("luajit", "lua54"))
    assert luajit != lua54
    if newer:
        assert lua54[1] is None
        assert luajit[1] is not None or "<const>" in body


@pytest.mark.parametrize("name", PORTABLE)
def test_what_passes_is_the_same(worker: Worker, name: str) -> None:
    program, found = checked(PORTABLE[name])
    assert program is not None, found
    assert found == []
    luajit, lua54 = (outcome(worker, program, runtime) for runtime in ("luajit", "lua54"))
    assert luajit == lua54
    assert name == "everything" or luajit[1] is None


def test_without_asking_nothing_is_told() -> None:
    entities = [{"name": "a", "script": "a.lua", "count": 3}]
    assert load({"entities": entities}, {"a.lua": BODY % "state.out = 'x' .. now / 2"})[1] == []


@pytest.mark.parametrize("code", [code for code, _ in RULES], ids=lambda code: code.slug)
def test_every_rule_has_idioms_that_show_it(code: Any) -> None:
    assert code.id in {told for _, told in IDIOMS.values()}


@pytest.mark.parametrize("folder", sorted(p.name for p in SPECS.iterdir() if (p / "world.yaml").is_file()))
def test_the_worlds_that_come_along_are_portable(worker: Worker, folder: str) -> None:
    program, found = load_world(SPECS / folder, lambda path: path.read_text(encoding="utf-8"), portable=True)
    assert program is not None
    assert found == []
    if folder in SMALL:
        luajit, lua54 = (outcome(worker, program, runtime) for runtime in ("luajit", "lua54"))
        assert luajit == lua54
