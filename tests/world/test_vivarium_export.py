"""States as files of Vivarium: by its own format's rules, and back without loss where it can hold them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from worldwright.errors import UsageError
from worldwright.world import Record, RunRequest, Snapshot, Worker, WorldProgram, load_world
from worldwright.world.contents import Contents
from worldwright.world.vivarium_export import as_text, to_vivarium

from .test_snapshots import ODD, TICKER, WORLDS
from .worlds import solo, vivarium


def after(worker: Worker, program: WorldProgram, ticks: int) -> Snapshot:
    result = worker.run(RunRequest(program, ticks, 3, record=Record(()), save_at="last"))
    assert result.snapshot is not None, result.snapshot_problem or result.failure
    return result.snapshot


def exported(snapshot: Snapshot, *, as_json: bool) -> str:
    return as_text(to_vivarium(snapshot)[0], as_json=as_json)


class SerdeYaml(yaml.SafeLoader):
    """What serde_yaml makes of a file that quotes all its texts: one tag, and nothing else of note."""


def _entity(loader: SerdeYaml, node: Any) -> Any:
    return {"Entity": loader.construct_mapping(node, deep=True)}


SerdeYaml.add_constructor("!Entity", _entity)


def object_without_null(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(k, str) and (object_without_null(v)) for k, v in value.items())
    if isinstance(value, list):
        return all(object_without_null(item) for item in value)
    return value is not None


def accepted(content: Any) -> None:
    """The fields of `WorldSnapshot` in Vivarium's snapshot.rs and world_config.rs, with their types."""
    assert set(content) == {"configuration", "simulation_time", "metrics", "pending_messages"}
    configuration = content["configuration"]
    assert isinstance(configuration["name"], str)
    for key, script in configuration["script_library"].items():
        assert set(script) == {"id", "kind", "script"}
        assert (script["id"], script["kind"]) == (key, "lua")
        for name in ("update", "get_state", "set_state"):  # it refuses a script without any of them
            assert f"function {name}(" in script["script"]
    for entity in configuration["entities"]:
        assert set(entity) == {"id", "script_id", "initial_state"}
        assert entity["script_id"] in configuration["script_library"]
        assert isinstance(entity["initial_state"], dict)
        assert object_without_null(entity["initial_state"])
    assert type(content["simulation_time"]) is int
    for points in content["metrics"]["metrics"].values():
        for tick, value in points:
            assert type(tick) is int
            assert isinstance(value, (int, float))
    for message in content["pending_messages"]:
        assert set(message) == {"sender", "receiver", "content", "kind", "receive_step"}
        assert set(message["receiver"]) == {"Entity"}
        assert isinstance(message["receiver"]["Entity"]["id"], str)
        assert isinstance(message["sender"], str)
        assert isinstance(message["kind"], str)
        assert isinstance(message["content"], dict)
        assert object_without_null(message["content"])
        assert type(message["receive_step"]) is int


@pytest.mark.parametrize("name", sorted(set(WORLDS) - {"odd values"}))
def test_files_are_as_vivarium_wants_them_in_both_forms(worker: Worker, name: str) -> None:
    request = WORLDS[name]("luajit")
    result = worker.run(
        RunRequest(request.program, 6, 3, populations=request.populations, record=Record(()), save_at="last")
    )
    assert result.snapshot is not None
    one = json.loads(exported(result.snapshot, as_json=True))
    other = yaml.load(exported(result.snapshot, as_json=False), Loader=SerdeYaml)
    accepted(one)
    assert one == other


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_a_vivarium_world_comes_back_as_it_was_and_goes_on(worker: Worker, form: str) -> None:
    program = vivarium({"ticker": TICKER}, [{"id": i, "script_id": "ticker"} for i in ("a", "b")])
    half = after(worker, program, 5)
    text = exported(half, as_json=form == "json")
    back, found = load_world(Path(f"s.{form}"), lambda _: text)
    assert back is not None, found
    again = after(worker, back, 0)
    assert exported(again, as_json=form == "json") == text
    straight, resumed = Contents(after(worker, program, 9)), Contents(after(worker, back, 4))
    assert [(e.id, e.kind, e.state) for e in resumed.entities] == [
        (e.id, e.kind, e.state) for e in straight.entities
    ]
    assert resumed.messages == straight.messages
    assert resumed.metrics == straight.metrics


def test_contents_that_are_no_objects_travel_and_come_back(worker: Worker) -> None:
    script = """function update(now, msgs)
      for _, content in ipairs({"text", 5, 1.5, true, {1, 2}, {x = {}}}) do
        self.send_msg("a", "k", content, 5)
      end
      self.send_msg("a", "nothing", nil, 5)
    end
    function get_state() return {yes = "no", date = "2024-01-01", oct = "0o17", exp = "1e3", tilde = "~"} end
    function set_state(s) end"""
    snapshot = after(worker, vivarium({"s": script}, [{"id": "a", "script_id": "s"}]), 1)
    for as_json in (True, False):
        text = exported(snapshot, as_json=as_json)
        back, found = load_world(Path("s.json" if as_json else "s.yaml"), lambda _, text=text: text)
        assert back is not None, found
        assert [m.content for m in back.pending] == ["text", 5, 1.5, True, [1, 2], {"x": {}}, None]
        assert back.individuals[0].state == {
            "yes": "no", "date": "2024-01-01", "oct": "0o17", "exp": "1e3", "tilde": "~"
        }  # fmt: skip


def test_tables_follow_the_rules_of_vivarium(worker: Worker) -> None:
    script = """state = {list = {1, 2}, empty = {}, sparse = {[5] = "a"}, mixed = {1, 2, x = 3},
      holes = {1, nil, 3}, nan = 0/0, far = 1/0, whole = 5, half = 5.5, keys = {[1.5] = 1, [true] = 2},
      both = {[1] = "n", ["1"] = "s"}}
    function update(now, msgs) end"""
    content, notes = to_vivarium(after(worker, solo(script, runtime="lua54"), 1))
    assert content["configuration"]["entities"][0]["initial_state"] == {
        "list": [1, 2], "empty": {}, "sparse": {"5": "a"}, "mixed": {"1": 1, "2": 2, "x": 3},
        "holes": {"1": 1, "3": 3}, "whole": 5, "half": 5.5, "keys": {"true": 2}, "both": {"1": "s"},
    }  # fmt: skip
    assert notes == ["Vivarium has no seed: the file holds states and messages only"]


def test_what_vivarium_cannot_hold_is_refused(worker: Worker) -> None:
    with pytest.raises(UsageError, match="nested more than 120 deep, or holds itself"):
        to_vivarium(after(worker, solo(ODD), 1))
    with pytest.raises(UsageError, match="is no table of names and values"):
        to_vivarium(after(worker, solo("state = {1, 2}\nfunction update(now, msgs) end"), 1))
