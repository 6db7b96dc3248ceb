"""Files of Vivarium: its dialect of YAML, its rules, and its own documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from worldwright.diagnostics import Diagnostic
from worldwright.world import Record, RunRequest, Worker, WorldProgram, WorldResult, is_vivarium, load_world

from .worlds import vivarium

TICKER = """n = 0
function update(now, msgs) n = n + #msgs + 1 end
function get_state() return {n = n} end
function set_state(s) n = s.n end"""


def loaded(text: str, name: str = "v.yaml") -> tuple[WorldProgram | None, list[Diagnostic]]:
    return load_world(Path(name), lambda _: text)


def ok(worker: Worker, program: WorldProgram, ticks: int = 3) -> WorldResult:
    result = worker.run(RunRequest(program, ticks, 1, record=Record(("last",))))
    assert result.status == "ok", result.failure
    return result


def states(result: WorldResult) -> dict[str, dict[str, Any]]:
    return {row["entity_id"]: row for row in result.agents.to_pylist()}


def test_the_collapsed_snapshot_loads_and_goes_on(worker: Worker, fixtures: Path) -> None:
    path = fixtures / "ecosystem_collapsed_snapshot.yaml"
    program, found = load_world(path, Path.read_text)
    assert found == []
    assert program is not None
    assert (program.start, len(program.individuals)) == (151, 1)
    result = ok(worker, program, 3)
    assert result.runtime == "lua54"
    assert result.final_tick == 154
    total = [r for r in result.metrics.to_pylist() if r["metric"] == "total_population"]
    assert [r["tick"] for r in total] == list(range(1, 155))
    assert [r["value"] for r in total[:2]] == [0, 250]
    assert total[-1]["value"] == 0
    assert states(result)["spawner"]["spawned"] is True


def test_its_own_configs_run(worker: Worker, fixtures: Path) -> None:
    results: dict[str, WorldResult] = {}
    for name in ("test_world_config.yaml", "test_world_config.json"):
        program, found = load_world(fixtures / name, Path.read_text)
        assert found == []
        assert program is not None
        assert len(program.individuals) == 2
        results[name] = ok(worker, program, 4)
    travelled = {r["tick"]: r["value"] for r in results["test_world_config.yaml"].metrics.to_pylist()
                 if r["metric"] == "distance"}  # fmt: skip
    assert travelled == {1: 5, 2: 10, 3: 15, 4: 20}
    moved = states(results["test_world_config.json"])
    assert json.loads(moved["entity_a"]["position"]) == {"x": 4, "y": 0}
    assert moved["entity_b"]["energy"] == 46


def test_content_decides_what_a_file_is() -> None:
    assert is_vivarium("name: x\nscript_library: {}\n")
    assert is_vivarium('{"configuration": {"name": "x"}}')
    assert is_vivarium('{\n  "name": "x", \n  "script_library": {}}')
    assert not is_vivarium("worldwright: world/1\nname: x\n")
    assert not is_vivarium("worldwright: world/1\nparameters:\n  simulation_time: {}\n")


SCALARS = {
    "yes": "yes", "on": "on", "010": "010", "0o17": 15, "0x1F": 31, "0b11": 3, "1e3": 1000.0,
    "1_000": "1_000", "12:30": "12:30", "2024-01-01": "2024-01-01", "null": None, "~": None, "true": True,
    "False": False, ".5": 0.5, "150": 150, "80.0": 80.0, "'5'": "5", "-3": -3, "+4": 4, "<<": "<<", "": None,
    ".inf": None, "-.inf": None, ".nan": None,
}  # fmt: skip


@pytest.mark.parametrize("text", SCALARS)
def test_scalars_are_those_of_serde_yaml(text: str) -> None:
    program, found = loaded(
        f"name: t\nscript_library: {{s: {{id: s, kind: lua, script: {json.dumps(TICKER)}}}}}\n"
        f"entities:\n- id: a\n  script_id: s\n  initial_state:\n    n: 1\n    x: {text}\n"
    )
    assert program is not None, found
    state = program.individuals[0].state
    assert state is not None
    assert state["x"] == SCALARS[text]
    assert type(state["x"]) is type(SCALARS[text])


def test_text_fields_take_the_raw_scalar() -> None:
    text = f"name: true\nscript_library: {{1: {{id: 5, kind: no, script: {json.dumps(TICKER)}}}}}\n"
    program, found = loaded(text + "entities:\n- {id: 010, script_id: 1, extra: ignored}\nunknown: [1]\n")
    assert program is not None, found
    assert program.name == "true"
    assert [(one.id, one.script) for one in program.individuals] == [("010", "1")]


SNAPSHOT = """
configuration:
  name: tiny
  script_library: {{ticker: {{id: ticker, kind: lua, script: {script}}}}}
  entities:
  - id: t1
    script_id: ticker
    initial_state: {{n: 4}}
simulation_time: 12
metrics:
  metrics:
    load:
    - - 11
      - 3.0
    - [12, 4]
pending_messages:
- sender: t2
  receiver: {receiver}
  content: {{hp: 5}}
  kind: ping
  receive_step: 14
- sender: t2
  receiver: {radius}
  content: {{}}
  kind: ping
  receive_step: 13
- {{sender: x, receiver: {receiver}, content: {{}}, kind: old, receive_step: 3}}
"""


@pytest.mark.parametrize(
    ("receiver", "radius"),
    [
        ("!Entity {id: t1}", "!Radius2D {x: 1.0, y: 2, radius: 3}"),
        ("{Entity: {id: t1}}", "{Radius2D: {x: 1, y: 2, radius: 3}}"),
    ],
)
def test_a_snapshot_resumes_with_its_messages_and_history(worker: Worker, receiver: str, radius: str) -> None:
    program, found = loaded(SNAPSHOT.format(script=json.dumps(TICKER), receiver=receiver, radius=radius))
    assert program is not None, found
    assert [ok(worker, program, n).agents["n"].to_pylist() for n in (1, 2, 3)] == [[6], [8], [9]]
    result = ok(worker, program, 1)
    assert result.final_tick == 13
    assert [(r["tick"], r["metric"], r["value"]) for r in result.metrics.to_pylist()] == [
        (11, "load", 3.0),
        (12, "load", 4.0),
    ]


def test_the_program_survives_json() -> None:
    program, _ = loaded(
        SNAPSHOT.format(script=json.dumps(TICKER), receiver="!Entity {id: t1}", radius="!Radius2D {x: 1}")
    )
    assert program is not None
    assert WorldProgram.from_json(json.loads(json.dumps(program.to_json()))) == program
    assert program.digest.startswith("world:")


def test_a_state_with_what_json_lacks_runs(worker: Worker) -> None:
    program, found = loaded(
        f"name: t\nscript_library: {{s: {{id: s, kind: lua, script: {json.dumps(TICKER)}}}}}\n"
        "entities:\n- {id: a, script_id: s, initial_state: {n: 1, x: .inf, y: [.nan]}}\n"
    )
    assert program is not None, found
    assert worker.run(RunRequest(program, 2, 1)).status == "ok"


ECHO = """heard = {}
function update(now, msgs)
  for _, m in ipairs(msgs) do
    local c = m.content
    heard[#heard + 1] = m.kind .. "=" .. (type(c) == "table" and describe(c) or tostring(c))
  end
end
function describe(t)
  local parts = {}
  for k, v in pairs(t) do parts[#parts + 1] = type(k) .. ":" .. tostring(k) .. "=" .. tostring(v) end
  return table.concat(parts, ",")
end
function get_state() return {heard = table.concat(heard, " ")} end
function set_state(s) end"""


def test_contents_are_converted_as_at_home_without_its_bugs(worker: Worker) -> None:
    teller = """function update(now, msgs)
      if now > 1 then return end
      self.send_msg("echo", "int", {150, 150.0}, 0)
      self.send_msg("echo", "mixed", {1, 2, x = 3}, 0)
      self.send_msg("echo", "sparse", {[5] = "a"}, 0)
      self.send_msg("echo", "nan", {x = 0/0, f = print, y = 1}, 0)
      self.send_msg("echo", "text", "hello")
      self.send_msg("echo", "nothing", nil)
      self.send_msg("echo", "coerced", {}, "1")
      self.send_msg(12, 34, {})
      self.broadcast_msg(1, 2, 3, "all", {})
    end
    function get_state() return {} end
    function set_state(s) end"""
    program = vivarium(
        {"echo": ECHO, "teller": teller},
        [{"id": "echo", "script_id": "echo"}, {"id": "teller", "script_id": "teller"}],
    )
    result = ok(worker, program)
    assert states(result)["echo"]["heard"] == (
        "int=number:1=150,number:2=150.0 mixed=string:1=1,string:2=2,string:x=3 sparse=string:5=a "
        "nan=string:y=1 text=hello nothing=nil coerced="
    )
    assert result.counts["broadcasts"] == 1


def test_spawning_over_a_name_replaces_and_unknown_scripts_are_ignored(worker: Worker) -> None:
    mother = """function update(now, msgs)
      if now == 1 then
        self.spawn_entity("t", "ticker", {n = 100})
        self.spawn_entity("u", "nowhere")
        self.destroy("nobody")
      end
      world.record_metric("n", #world.list_entities())
    end
    function get_state() return {} end
    function set_state(s) end"""
    program = vivarium(
        {"ticker": TICKER, "mother": mother},
        [{"id": "t", "script_id": "ticker", "initial_state": {"n": 1}}, {"id": "m", "script_id": "mother"}],
    )
    result = ok(worker, program, 3)
    assert states(result)["t"]["n"] == 102
    assert result.metrics["value"].to_pylist() == [2, 2, 2]


def test_of_two_entities_of_one_name_the_last_stands(worker: Worker) -> None:
    entities = [{"id": "t", "script_id": "s", "initial_state": {"n": n}} for n in (1, 50)]
    assert states(ok(worker, vivarium({"s": TICKER}, entities), 1))["t"]["n"] == 51


def test_state_is_set_once_and_a_missing_state_not_at_all(worker: Worker) -> None:
    script = """calls, n = 0, 7
    function update(now, msgs) end
    function get_state() return {calls = calls, n = n} end
    function set_state(s) calls = calls + 1 n = s.n end"""
    program = vivarium(
        {"s": script},
        [{"id": "with", "script_id": "s", "initial_state": {"n": 1}}, {"id": "without", "script_id": "s"}],
    )
    found = states(ok(worker, program, 1))
    assert (found["with"]["calls"], found["with"]["n"]) == (1, 1)
    assert (found["without"]["calls"], found["without"]["n"]) == (0, 7)


def test_the_limit_of_entities_is_that_of_vivarium(worker: Worker) -> None:
    script = """function update(now, msgs) for i = 1, 10000 do self.spawn_entity("x" .. i, "s") end end
    function get_state() return {} end
    function set_state(s) end"""
    result = worker.run(RunRequest(vivarium({"s": script}, [{"id": "a", "script_id": "s"}]), 1, 1))
    assert result.failure is not None
    assert "the limit of 10000 living entities" in result.failure


BROKEN = {
    "no library": ("name: x\nentities: []\nconfiguration: 1", "the configuration is a mapping"),
    "no entities": ("name: x\nscript_library: {}\n", "there is no `entities`"),
    "unknown script": (
        "name: x\nscript_library: {}\nentities:\n- {id: a, script_id: b}\n", "refers to a script 'b'"
    ),
    "yaml": ("script_library: {\nname: [", "not YAML"),
    "json": ('{"script_library": {,}}', "not JSON"),
    "syntax": (
        "name: x\nscript_library: {s: {id: s, kind: lua, script: 'function update('}}\nentities: []\n",
        "script 's', line 1",
    ),
    "functions": (
        "name: x\nscript_library: {s: {id: s, kind: lua, script: 'function update() end'}}\nentities: []\n",
        "defines no function `get_state`",
    ),
    "time": (
        "configuration: {name: x, script_library: {}, entities: []}\nsimulation_time: 4.0\n"
        "metrics: {metrics: {}}\npending_messages: []\n",
        "a whole number",
    ),
    "deep": ("name: x\nscript_library: " + "[" * 200 + "]" * 200, "deep"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_diagnostics(name: str) -> None:
    text, message = BROKEN[name]
    program, found = loaded(text)
    assert program is None
    assert any(message in d.message for d in found), found
    assert all(d.span is not None for d in found)


def test_scripts_that_want_the_machine_are_warned_of() -> None:
    script = "function update() os.time() end function get_state() return {} end function set_state(s) end"
    program, found = loaded(
        f"name: x\nscript_library: {{s: {{id: s, kind: lua, script: {json.dumps(script)}}}}}\nentities: []\n"
    )
    assert program is not None
    assert [d.code for d in found] == ["WW0718"]
