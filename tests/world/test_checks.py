"""What is told of a world before it runs: each finding with its code, its place and its help."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from worldwright.diagnostics import Code, Diagnostic
from worldwright.world import WORLD_CODES, load_world, resolve_parameters
from worldwright.world.machine import Machine, kernel_sources
from worldwright.world.vocabulary import (
    GLOBALS,
    GLOBALS_54,
    LIBRARIES,
    LIBRARIES_54,
    PARTS,
    SELF,
    TABLES,
    WORLD,
)

from .worlds import load, solo

UPDATE = "function update(now, msgs) {} end\n"


def script_problems(script: str, **document: Any) -> list[Diagnostic]:
    entities = [
        {"name": "a", "script": "a.lua", "count": 1},
        {"name": "wolves", "script": "a.lua", "count": 2},
    ]
    return load({"entities": entities, **document}, {"a.lua": script})[1]


SCRIPTS = {
    "syntax": ("function update(now)\n  if now > 3 the\n  end\nend", "WW0701", "w/a.lua:2:14", "near `the`"),
    "unfinished": ("function update(now, msgs)\n", "WW0701", "w/a.lua:2:1", "'end' expected"),
    "break": ("state = {}\nfunction update() break end", "WW0701", "w/a.lua:2", "break"),
    "label": ("function update() goto nowhere end", "WW0701", "w/a.lua:1", "nowhere"),
    "no update": ("state = {}", "WW0703", "w/a.lua:1:1", "no function `update`"),
    "self": (UPDATE.format("self.send_mesage('a', 'b')"), "WW0704", "w/a.lua:1:33", "`self.send_mesage`"),
    "world": (UPDATE.format("world.record('a', 1)"), "WW0704", "w/a.lua:1:34", "`world.record`"),
    "library": (UPDATE.format("string.upperr('a')"), "WW0704", "w/a.lua:1:35", "`string.upperr`"),
    "method": (UPDATE.format("self:send_mesg('a')"), "WW0704", "w/a.lua:1:33", "`self.send_mesg`"),
    "world by another name": (
        UPDATE.format("local w = world w.contains()"), "WW0704", "w/a.lua:1:46", "`world.contains`"
    ),
    "a part by another name": (
        UPDATE.format("local w = world local p = w.param local x = p.rat"), "WW0710", "w/a.lua:1:74", "`rat`"
    ),
    "a function by another name": (
        "local send = self.send_msg\n" + UPDATE.format("send('a_1')"), "WW0719", "w/a.lua:2:28", "`kind`"
    ),
    "a name in brackets": (UPDATE.format("local x = self['nmae']"), "WW0704", "w/a.lua:1:44", "`self.nmae`"),
    "digits of floor": (UPDATE.format("local x = math.floor(now, 2)"), "WW0719", "w/a.lua:1:54", "1 value"),
    "nothing inserted": (UPDATE.format("table.insert({})"), "WW0719", "w/a.lua:1:34", "without `value`"),
    "library as object": (UPDATE.format("local x = math:floor(2)"), "WW0719", "w/a.lua:1:43", "`math:floor`"),
    "global": (UPDATE.format("local x = undefd"), "WW0705", "w/a.lua:1:38", "`undefd`"),
    "state": (UPDATE.format("state.n = 1"), "WW0705", "w/a.lua:1:28", "`state`"),
    "outside": (UPDATE.format("os.exit()"), "WW0705", "w/a.lua:1:28", "`os`"),
    "local memory": ("local n = 0\n" + UPDATE.format("n = n + 1"), "WW0706", "w/a.lua:2:28", "`n`"),
    "global memory": (UPDATE.format("count = 1"), "WW0706", "w/a.lua:1:28", "`count`"),
    "table memory": ("local t = {}\n" + UPDATE.format("t[now] = 1"), "WW0706", "w/a.lua:2:28", "`t`"),
    "inserted memory": (
        "local t = {}\n" + UPDATE.format("table.insert(t, 1)"), "WW0706", "w/a.lua:2:41", "`t`"
    ),
    "function memory": (UPDATE.format("function helper() end"), "WW0706", "w/a.lua:1:37", "`helper`"),
    "floor division": (UPDATE.format("local x = now // 2"), "WW0707", "w/a.lua:1:42", "`//`"),
    "bits": (UPDATE.format("local x = now & 2"), "WW0707", "w/a.lua:1:42", "`&`"),
    "attribute": (UPDATE.format("local x <const> = 2"), "WW0707", "w/a.lua:1:36", "`<const>`"),
    "5.4 library": (UPDATE.format("local x = math.tointeger(2)"), "WW0704", "w/a.lua:1:43", "math.tointeger"),
    "reserved": (UPDATE.format("local __ww_b = {9}"), "WW0708", "w/a.lua:1:34", "`__ww_b`"),
    "environment": (UPDATE.format("local _ENV = {}"), "WW0708", "w/a.lua:1:34", "`_ENV`"),
    "parameter": (UPDATE.format("local x = world.param.pace"), "WW0710", "w/a.lua:1:50", "`pace`"),
    "entity": (UPDATE.format("self.spawn_entity('x', 'wolf')"), "WW0711", "w/a.lua:1:51", "'wolf'"),
    "counted entity": (UPDATE.format("local n = world.count('b')"), "WW0711", "w/a.lua:1:50", "'b'"),
    "grid": (UPDATE.format("world.grid.move(1, 2)"), "WW0716", "w/a.lua:1:34", "declares no grid"),
    "broadcast": (UPDATE.format("self.broadcast_msg(1, 2, 3, 'k')"), "WW0716", "w/a.lua:1:33", "space"),
    "colon": (UPDATE.format("self:send_msg('a', 'b')"), "WW0719", "w/a.lua:1:33", "`self` over as the first"),
    "colon world": (UPDATE.format("local n = world:count('a')"), "WW0719", "w/a.lua:1:44", "`world:count`"),
    "too few": (UPDATE.format("self.send_msg('a')"), "WW0719", "w/a.lua:1:33", "called without `kind`"),
    "none": (UPDATE.format("world.record_metric()"), "WW0719", "w/a.lua:1:34", "without `name`, `value`"),
    "too many": (
        UPDATE.format("self.send_msg('a', 'b', 1, 2, 3)"), "WW0719", "w/a.lua:1:58", "takes 4 values",
    ),
    "no values": (UPDATE.format("self.neighbors(2)"), "WW0719", "w/a.lua:1:43", "takes no values, and 1"),
    "own self": (
        "state = {}\nfunction update(self, now) end", "WW0719", "w/a.lua:2:17", "hides the engine's",
    ),
    "third": ("state = {}\nfunction update(now, msgs, dt) end", "WW0719", "w/a.lua:2:28", "`dt`"),
    "local update": ("state = {}\nlocal function update(now) end", "WW0703", "w/a.lua:2:16", "is local"),
    "strange letter": (UPDATE.format("local größe = 1"), "WW0701", "w/a.lua:1:36", "unexpected `ö`"),
    "smart quotes": (UPDATE.format("local x = “a”"), "WW0701", "w/a.lua:1:38", "unexpected `“`"),
    "layer": (UPDATE.format("world.layer.get('grass')"), "WW0716", "w/a.lua:1:34", "declares no layer"),
    "wake": (UPDATE.format("self.wake(3)"), "WW0716", "w/a.lua:1:33", "event"),
    "raw memory": ("local t = {}\n" + UPDATE.format("rawset(t, 1, 2)"), "WW0706", "w/a.lua:2:35", "`t`"),
    "half of its own memory": (
        "local n = 0\n" + UPDATE.format("n = n + 1") + "function get_state() return {n = n} end",
        "WW0706", "w/a.lua:2:28", "`n`",
    ),
    "memory by another name": (
        "local t = {}\n" + UPDATE.format("local c = t c[now] = 1"), "WW0706", "w/a.lua:2:38", "changed as `c`"
    ),
    "lent memory": (
        "local t = {}\nlocal function add(to, x) to[#to + 1] = x end\n" + UPDATE.format("add(t, now)"),
        "WW0706", "w/a.lua:3:32", "changed as `to`",
    ),
    "memory of a method": (
        "local Box = {n = 0}\nfunction Box:add() self.n = self.n + 1 end\n" + UPDATE.format("Box:add()"),
        "WW0706", "w/a.lua:3:28", "changed as `self`",
    ),
    "counted at birth": (
        "local n = world.count('a')\n" + UPDATE.format("local m = n"),
        "WW0721", "w/a.lua:1:11", "`world.count`",
    ),
    "global at birth": (
        "n = #world.entities('a')\n" + UPDATE.format("local m = n"), "WW0721", "w/a.lua:1:6", "`n` keeps what"
    ),
    "decided at birth": (
        "local n = 1\nif world.exists('a') then n = 2 end\n" + UPDATE.format("local m = n"),
        "WW0721", "w/a.lua:2:4", "`world.exists`",
    ),
    "handed on at birth": (
        "local n = self.neighbors()\nlocal m = {size = #n}\n" + UPDATE.format("local x = m.size"),
        "WW0721", "w/a.lua:2:20", "`m` keeps what `self.neighbors`",
    ),
    "helper at birth": (
        "local function all() return world.count() end\nlocal n = all()\n" + UPDATE.format("local m = n"),
        "WW0721", "w/a.lua:2:11", "`n` keeps what `all`",
    ),
    "scan": (
        UPDATE.format("for _, id in ipairs(world.list_entities()) do end"),
        "WW0722", "w/a.lua:1:48", "`world.list_entities`",
    ),
    "scan by number": (
        UPDATE.format("local all = world.entities('a') for i = 1, #all do end"),
        "WW0722", "w/a.lua:1:40", "`world.entities`",
    ),
    "scan for a count": (UPDATE.format("local n = #world.entities('a')"), "WW0722", "w/a.lua:1:39", "square"),
    "scan in a helper": (
        "local function f()\n  local all\n  all = world.entities('a')\n  for _ in pairs(all) do end\nend\n"
        + UPDATE.format("f()"),
        "WW0722", "w/a.lua:3:9", "square",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_s_problem_is_told_at_its_place(name: str) -> None:
    script, code, place, words = SCRIPTS[name]
    found = script_problems(script, parameters={"pacing": {"type": "float", "default": 1.0}})
    assert [d.code for d in found] == [code], found
    span = found[0].span
    assert span is not None
    assert f"{span.file}:{span.start.line}:{span.start.column}".startswith(place)
    assert words in found[0].message


@pytest.mark.parametrize(
    ("script", "help"),
    [
        (UPDATE.format("self.send_mesage('a', 'b')"), "did you mean `self.send_msg`?"),
        (UPDATE.format("local x = world.param.pacin"), "did you mean `pacing`?"),
        (UPDATE.format("self.spawn_entity('x', 'wolfes')"), "did you mean 'wolves'?"),
        (UPDATE.format("local x = 3 // 2"), "write math.floor(a / b), or set `runtime: lua54` in the world"),
        (UPDATE.format("send_msg('a', 'b')"), "write `self.send_msg`"),
        (UPDATE.format("record_metric('a', 1)"), "write `world.record_metric`"),
        (UPDATE.format("local x = pacing"), "the parameter is `world.param.pacing`"),
        (UPDATE.format("local x = null"), "the absence of a value is `nil`"),
        (UPDATE.format("local x = math.round(2.5)"), "write `math.floor(x + .5)`"),
        (UPDATE.format("if now != 3 then end"), "unequal is `~=`, and negation is `not x`"),
        (UPDATE.format("local x = 1 x += 1"), "write `x = x + 1`"),
        (
            "local state = {n = 0}\n" + UPDATE.format("state.n = 1"),
            "leave out `local`: the engine keeps `state`",
        ),
        (UPDATE.format("self.spawn_entity('x', unpack({}))"), None),
        (UPDATE.format("local x = utf8.char(3)"), "it is there with `runtime: lua54`"),
        (
            UPDATE.format("local t = os.time()"),
            "scripts have no access to the machine or its clock; `now` is the time",
        ),
    ],
)
def test_help_names_what_was_meant(script: str, help: str) -> None:
    found = script_problems(script, parameters={"pacing": {"type": "float", "default": 1.0}})
    assert [d.help for d in found] == ([help] if help else [])


FINE = {
    "constants": "local K, T = 3, {a = 1}\nstate = {n = 0}\n" + UPDATE.format("state.n = state.n + K + T.a"),
    "shadowing": "local n = 0\n" + UPDATE.format("local n = 1 n = n + 1"),
    "parameter shadows": "local n = 0\nlocal function f(n) n = n + 1 return n end\n" + UPDATE.format("f(1)"),
    "loops": UPDATE.format("for i = 1, 3 do local t = {} t[i] = i table.insert(t, 1) end"),
    "repeat": UPDATE.format("repeat local done = true until done"),
    "state anew": "state = {}\n" + UPDATE.format("state = {n = 1}"),
    "own memory": "local n = 0\n" + UPDATE.format("n = n + 1")
    + "function get_state() return {n = n} end function set_state(s) n = s.n end",
    "other names": "local send, floor, p = self.send_msg, math.floor, world.param\n"
    + UPDATE.format("send('a_1', 'x', floor(now / 2)) local x, k = self['id'], 'id' local y = self[k]"),
    "names of one's own": "local function type(a, b) return a end\nfunction tostring(a, b) return b end\n"
    + UPDATE.format("local world = {} world.foo = type(1, 2) local x = tostring(world.foo, 2)"),
    "a name that changes": UPDATE.format("local w = world if now > 3 then w = {foo = 1} end local x = w.foo"),
    "values of calls": UPDATE.format("local x = math.fmod(unpack({5, 3})) + string.len(tostring(now))"),
    "helpers": "function helper() return 1 end\n" + UPDATE.format("helper()"),
    "methods": "local Box = {}\nfunction Box:get() return self.x end\n" + UPDATE.format("Box.get({x = 1})"),
    "goto": UPDATE.format("for i = 1, 3 do if i == 2 then goto next end ::next:: end"),
    "table keys": UPDATE.format("local t = {undefd = 1, ['x'] = 2, [now] = 3} t.other = t.undefd"),
    "spawn by name": UPDATE.format("self.spawn_entity('x', 'wolves') self.spawn_entity('y', 'a')"),
    "lent state": "state = {t = {}}\nlocal K = {1}\nlocal function add(to, from) to[1] = from[1] end\n"
    + UPDATE.format("add(state.t, K) local k = K local c = {} c[1] = k[1]"),
    "filled at birth": "local t = {}\nlocal function add(to) to[1] = 1 end\nadd(t)\nstate = {}\n"
    + UPDATE.format("state.n = t[1]"),
    "replayed at birth": "local luck, born, me = self.random(), world.time, self.id\nstate = {}\n"
    + UPDATE.format("state.n = luck + born + #me"),
    "kept from birth": "local n = world.count()\nstate = {n = n, half = n / 2}\n" + UPDATE.format(""),
    "asked by name": "local count = world.count\nstate = {}\n" + UPDATE.format("state.n = count('a')"),
    "one of all": UPDATE.format("local all = world.entities('a') self.send_msg(all[self.random(#all)], 'k')"),
    "scan by one": UPDATE.format("if self.id == 'a' then for _ in ipairs(world.entities('a')) do end end"),
    "scan once": UPDATE.format("if now == 1 then for _, id in ipairs(world.entities('a')) do end end"),
    "update as value": "state = {}\nupdate = function(now, msgs) state.n = now end",
}  # fmt: skip


@pytest.mark.parametrize("name", FINE)
def test_what_is_fine_is_left_alone(name: str) -> None:
    assert script_problems(FINE[name]) == []


def test_a_scan_by_a_single_entity_is_fine() -> None:
    script = UPDATE.format("for _, id in ipairs(world.entities('b')) do end")
    entities = [{"name": "a", "script": "a.lua", "count": 1}, {"name": "b", "script": "b.lua", "count": 9}]
    assert load({"entities": entities}, {"a.lua": script, "b.lua": UPDATE.format("")})[1] == []
    entities[0]["count"] = 2
    (found,) = load({"entities": entities}, {"a.lua": script, "b.lua": UPDATE.format("")})[1]
    assert (found.code, found.is_error) == ("WW0722", False)


def test_the_place_of_birth_may_be_kept_and_that_of_others_not() -> None:
    script = "local x, y = world.grid.position()\nstate = {}\n" + UPDATE.format("world.grid.move(x, y)")
    grid = {"grid": {"size": [3, 3]}}
    assert script_problems(script, **grid) == []
    other = script.replace("position()", "position('a')")
    assert [d.code for d in script_problems(other, **grid)] == ["WW0721"] * 2


def test_newer_lua_is_fine_where_it_is_asked_for() -> None:
    script = UPDATE.format("local x <const> = now // 2 & 3 x = math.tointeger(x)").replace(
        "x = math", "local y = math"
    )
    assert script_problems(script, runtime="lua54") == []


def test_all_problems_are_told_at_once() -> None:
    script = UPDATE.format("undefined_one() undefined_two() self.nothing() n = 1")
    assert [d.code for d in script_problems(script)] == ["WW0705", "WW0705", "WW0704", "WW0706"]


ENTITY: dict[str, Any] = {"name": "a", "script": "a.lua", "count": 1}
MAIN: dict[str, Any] = {"name": "p", "script": "a.lua", "population": "main"}
DOCUMENTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no entities": ({"entities": []}, "WW0", "at least 1"),
    "both sizes": ({"entities": [{**ENTITY, "population": "main"}]}, "WW0", "either a `population` or a"),
    "twice": ({"entities": [ENTITY, {**ENTITY}]}, "WW0713", "declared twice"),
    "no script": ({"entities": [{**ENTITY, "script": "b.lua"}]}, "WW0702", "'b.lua' cannot be read"),
    "elsewhere": ({"entities": [{**ENTITY, "script": "../a.lua"}]}, "WW0702", "not a file beside the world"),
    "absolute": ({"entities": [{**ENTITY, "script": "/a.lua"}]}, "WW0702", "not a file beside the world"),
    "key": ({"metrics": {"m": {"shar": "state.x"}}}, "WW0", "shar"),
    "how": ({"metrics": {"m": {"of": "a"}}}, "WW0", "a metric needs one of"),
    "path": ({"metrics": {"m": {"mean": "x"}}}, "WW0714", "'x' is not a place in a state"),
    "nowhere": ({"metrics": {"m": {"mean": "state.xx"}}}, "WW0714", "`state.xx` is nowhere in 'a.lua'"),
    "nowhere where": (
        {"metrics": {"m": {"mean": "state.x", "where": "state.y"}}}, "WW0714", "`state.y` is nowhere",
    ),
    "odd k": (
        {"network": {"of": "p", "watts_strogatz": {"k": 3, "p": 0.1}}, "entities": [MAIN]},
        "WW0715",
        "k is even",
    ),
    "unread": (
        {"parameters": {"x": {"type": "boolean", "default": True, "min": 1}}},
        "WW0709",
        "`min` means nothing",
    ),
    "infinite state": ({"entities": [{**ENTITY, "state": {"x": [float("inf")]}}]}, "WW0", "not finite"),
    "metric of": ({"metrics": {"m": {"mean": "state.x", "of": "b"}}}, "WW0711", "no entity 'b'"),
    "ambiguous": ({"entities": [ENTITY, MAIN], "metrics": {"m": {"mean": "state.x"}}}, "WW07", "needs `of`"),
    "by": ({"metrics": {"m": {"mean": "state.x", "by": ["rank"]}}}, "WW0714", "columns of a population"),
    "network of": ({"network": {"of": "b", "erdos_renyi": {"p": 0.1}}}, "WW0711", "no entity 'b'"),
    "network": ({"network": {"of": "a", "watts_strogatz": {"k": 4, "p": 0.1}}}, "WW0715", "more than k = 4"),
    "two networks": (
        {"network": {"of": "a", "barabasi_albert": {"m": 1}, "erdos_renyi": {"p": 0.1}}}, "WW0", "one of"
    ),
    "default": ({"parameters": {"x": {"type": "float", "default": 2.0, "max": 1.0}}}, "WW07", "at most 1"),
    "type": ({"parameters": {"x": {"type": "int", "default": 2.5}}}, "WW0709", "a whole number"),
    "options": ({"parameters": {"x": {"type": "choice", "default": "a"}}}, "WW0709", "no `options`"),
    "choice": (
        {"parameters": {"x": {"type": "choice", "default": "a", "options": ["b"]}}}, "WW07", "is one of b"
    ),
    "limits": ({"limits": {"steps": 0}}, "WW0", "at least 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_s_problem_is_told_at_its_place(name: str) -> None:
    document, code, words = DOCUMENTS[name]
    program, found = load(
        {"entities": [ENTITY], **document}, {"a.lua": "state = {x = 1}\n" + UPDATE.format("")}
    )
    assert program is None
    assert len(found) == 1, found
    assert found[0].code.startswith(code[:4])
    assert words in f"{found[0].message} {found[0].help}"
    assert found[0].span is not None
    assert found[0].span.file == "w/world.yaml"


@pytest.mark.parametrize("code", [code for code in WORLD_CODES if code.bad], ids=lambda code: code.slug)
def test_every_code_s_examples_are_what_they_say(code: Code) -> None:
    def found(text: str) -> set[str]:
        if "script_library" in text:
            return {d.code for d in load_world(Path("v.yaml"), lambda _: text)[1]}
        if not text.startswith("worldwright"):
            return {d.code for d in script_problems(text)}
        texts = {"w/world.yaml": text, "w/a.lua": "state = {n = 0}\n" + UPDATE.format("")}

        def read_text(path: Path) -> str:
            if path.as_posix() not in texts:
                raise FileNotFoundError(2, "no such file")
            return texts[path.as_posix()]

        return {d.code for d in load_world(Path("w"), read_text)[1]}

    assert found(code.bad) == {code.id}
    assert found(code.good) == set()


def test_codes_are_unique_and_in_order() -> None:
    numbers = [code.id for code in WORLD_CODES]
    assert numbers == sorted(set(numbers))
    assert len({code.slug for code in WORLD_CODES}) == len(WORLD_CODES)


def test_a_document_of_another_kind_is_refused() -> None:
    text = "worldwright: population/1\nname: x\nattributes: {}\n"
    program, found = load_world(Path("x.yaml"), lambda _: text)
    assert program is None
    assert [d.is_error for d in found] == [True]


def test_parameters_given_as_text_are_read_by_their_type() -> None:
    program = solo(
        UPDATE.format(""),
        parameters={
            "x": {"type": "float", "default": 1.0}, "n": {"type": "int", "default": 1},
            "on": {"type": "boolean", "default": False},
            "c": {"type": "choice", "default": "a", "options": ["a", "b"]},
        },
    )  # fmt: skip
    assert resolve_parameters(program, {"x": "2.5", "n": "3", "on": "true", "c": "b"}) == {
        "x": 2.5, "n": 3, "on": True, "c": "b",
    }  # fmt: skip
    values = resolve_parameters(program, {})
    assert values == {"x": 1.0, "n": 1, "on": False, "c": "a"}
    assert isinstance(values["x"], float)


@pytest.mark.parametrize(
    ("name", "libraries", "names"), [("luajit", LIBRARIES, GLOBALS), ("lua54", LIBRARIES_54, GLOBALS_54)]
)
def test_the_vocabulary_is_what_the_sandbox_has(
    name: str, libraries: dict[str, frozenset[str]], names: frozenset[str]
) -> None:
    machine = Machine(name, kernel_sources())

    def keys(expression: str) -> set[str]:
        code = f"""(function() local out = {{}} for k in next, {expression} do out[#out + 1] = k end
            return table.concat(out, " ") end)()"""
        return set(machine.evaluate(code).decode().split())

    assert keys("W.builtins") == names
    for library, known in libraries.items():
        assert keys(f"debug.getmetatable(W.builtins.{library}).__index") == known, library
    assert keys("W.api_self") | {"name"} == SELF
    assert keys("debug.getmetatable(W.builtins.world).__index") | {"time"} | set(PARTS) == WORLD
    machine.evaluate("(function() W.prepare_acts() W.state.master_k0, W.state.master_k1 = 0, 0 end)()")
    box = "{size = {2, 2, 2}, radius = 1}"
    assert keys(f"W.prepare_grid({box})") == TABLES["world.grid"]
    assert keys(f"W.prepare_space({box})") == TABLES["world.space"]
    assert keys("W.prepare_layers({})") == TABLES["world.layer"]
    assert keys("W.prepare_resources({})") == TABLES["world.resource"]
