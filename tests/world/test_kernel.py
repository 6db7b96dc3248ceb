"""Clock, messages, commands, metrics and errors, on both runtimes."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pyarrow as pa
import pytest

from worldwright.errors import UsageError
from worldwright.world import Record, RunRequest, Worker, WorldProgram, WorldResult

from .worlds import solo, world


def run(worker: Worker, program: WorldProgram, ticks: int = 5, **request: Any) -> WorldResult:
    given: dict[str, Any] = {"seed": 1, **request}
    return worker.run(RunRequest(program, ticks, **given))


def ok(worker: Worker, program: WorldProgram, ticks: int = 5, **request: Any) -> WorldResult:
    result = run(worker, program, ticks, **request)
    assert result.status == "ok", result.failure
    return result


def series(result: WorldResult, metric: str, segment: str = "") -> dict[int, float]:
    return {
        row["tick"]: row["value"]
        for row in result.metrics.to_pylist()
        if row["metric"] == metric and row["segment"] == segment
    }


LISTENER = """
state = {heard = {}}
function update(now, msgs)
  for _, m in ipairs(msgs) do
    state.heard[#state.heard + 1] = now .. ":" .. m.kind .. ":" .. tostring(m.content) .. ":" .. m.sender
  end
end
"""


def heard(result: WorldResult) -> list[str]:
    import json

    rows = [
        r for r in result.agents.to_pylist() if r["script"] == "listener" and r["tick"] == result.final_tick
    ]
    return json.loads(rows[0]["heard"]) if rows[0]["heard"] != "{}" else []


def talking(body: str, runtime: str, **document: Any) -> WorldProgram:
    script = f"state = {{}}\nfunction update(now, msgs)\n{body}\nend\n"
    entities = [
        {"name": "talker", "script": "talker.lua", "count": 1},
        {"name": "listener", "script": "listener.lua", "count": 1},
    ]
    return world(
        {"entities": entities, "runtime": runtime, **document},
        {"talker.lua": script, "listener.lua": LISTENER},
    )


def test_messages_arrive_after_their_delay_and_at_the_earliest_next_tick(
    worker: Worker, runtime: str
) -> None:
    body = """if now == 1 then
      self.send_msg("listener", "default", "x")
      self.send_msg("listener", "three", 7, 3)
      self.send_msg("listener", "zero", true, 0)
      self.send_msg("listener", "fraction", nil, 1.9)
      self.send_msg("nobody", "lost", 1)
    end"""
    result = ok(worker, talking(body, runtime))
    assert heard(result) == [
        "2:zero:true:talker",
        "2:default:x:talker",
        "2:fraction:nil:talker",
        "4:three:7:talker",
    ]
    assert result.counts["messages"] == 5
    assert result.counts["undelivered"] == 1


def test_messages_of_one_tick_keep_the_order_they_were_sent_in(worker: Worker, runtime: str) -> None:
    body = 'for i = 1, 5 do self.send_msg("listener", "k", i * 1, 1) end'
    result = ok(worker, talking(body, runtime), 3)
    assert [entry.split(":")[2] for entry in heard(result)] == ["1", "2", "3", "4", "5"] * 2


def test_content_is_copied_when_it_is_sent(worker: Worker, runtime: str) -> None:
    sender = """state = {}
    function update(now, msgs)
      local box = {list = {1, 2}, text = "é", deep = {ok = true}}
      self.send_msg("reader", "k", box)
      box.list[1] = 99
    end"""
    reader = """state = {first = 0, n = 0, text = "", ok = false}
    function update(now, msgs)
      for _, m in ipairs(msgs) do
        local c = m.content
        state.first, state.n, state.text, state.ok = c.list[1], #c.list, c.text, c.deep.ok
        m.content.list[1] = 5
      end
    end"""
    program = world(
        {
            "runtime": runtime,
            "entities": [
                {"name": "sender", "script": "s.lua", "count": 1},
                {"name": "reader", "script": "r.lua", "count": 1},
            ],
        },
        {"s.lua": sender, "r.lua": reader},
    )
    row = [r for r in ok(worker, program, 3).agents.to_pylist() if r["script"] == "reader"][-1]
    assert (row["first"], row["n"], row["text"], row["ok"]) == (1, 2, "é", True)


COUNTER = """
state = {n = 0}
function update(now, msgs)
  state.n = state.n + 1
  BODY
  world.record_metric("alive", world.count())
  world.record_metric("ran", 1)
end
"""


def test_a_newborn_runs_and_is_seen_from_the_next_tick_on(worker: Worker, runtime: str) -> None:
    script = COUNTER.replace(
        "BODY", 'if now == 1 and self.id == "a" then self.spawn_entity("b", "a", {n = 100}) end'
    )
    result = ok(worker, solo(script, runtime=runtime), 3)
    assert series(result, "ran") == {1: 1, 2: 2, 3: 2}
    assert series(result, "alive") == {1: 1, 2: 4, 3: 4}
    last = {r["entity_id"]: r["n"] for r in result.agents.to_pylist() if r["tick"] == 3}
    assert last == {"a": 3, "b": 102}
    assert result.counts["spawned"] == 1


def test_in_simultaneous_order_the_destroyed_finish_their_tick(worker: Worker, runtime: str) -> None:
    script = COUNTER.replace(
        "BODY", 'if now == 2 then self.destroy("a_1") self.destroy("a_2") self.destroy("none") end'
    )
    result = ok(worker, solo(script, count=3, runtime=runtime), 3)
    assert series(result, "ran") == {1: 3, 2: 3, 3: 1}
    assert result.counts["destroyed"] == 2


def test_in_random_order_the_dead_do_not_run_and_commands_act_at_once(worker: Worker, runtime: str) -> None:
    script = """state = {}
    function update(now, msgs)
      world.record_metric("ran", 1)
      for _, id in ipairs(world.list_entities()) do
        if id ~= self.id then self.destroy(id) end
      end
    end"""
    result = ok(worker, solo(script, count=10, order="random", runtime=runtime), 2)
    assert series(result, "ran") == {1: 1, 2: 1}


def test_random_order_is_keyed_by_tick_and_seed(worker: Worker, runtime: str) -> None:
    script = """state = {place = 0}
    function update(now, msgs)
      state.place = world.random(1000000)
    end"""
    program = solo(script, count=20, order="random", runtime=runtime)

    def order(seed: int, ticks: int) -> list[str]:
        result = ok(worker, program, ticks, seed=seed, record=Record(agents_at=("last",)))
        return [r["entity_id"] for r in sorted(result.agents.to_pylist(), key=lambda r: r["place"])]

    assert order(1, 1) == order(1, 1)
    assert len({tuple(order(1, 1)), tuple(order(1, 2)), tuple(order(2, 1))}) == 3


def test_metrics_add_up_within_a_tick(worker: Worker, runtime: str) -> None:
    script = 'state = {}\nfunction update(now, msgs) world.record_metric("m", now * .5) end'
    assert series(ok(worker, solo(script, count=4, runtime=runtime), 3), "m") == {1: 2, 2: 4, 3: 6}


def test_declared_metrics_aggregate_states_by_segment(worker: Worker, runtime: str) -> None:
    script = """state = {on = false, x = 0, deep = {y = 0}}
    function update(now, msgs)
      state.on = self.agent.age > 30
      state.x = self.agent.age
      state.deep.y = -self.agent.age
    end"""
    metrics = {
        "on": {"share": "state.on", "by": ["rank"]},
        "mean_x": {"mean": "state.x", "where": "state.on"},
        "sum_x": {"sum": "state.x"},
        "low": {"min": "state.deep.y"},
        "high": {"max": "state.x", "by": ["rank", "chief"]},
        "n": {"count": "p"},
        "n_on": {"count": "state.on"},
    }
    program = world(
        {
            "runtime": runtime,
            "entities": [{"name": "p", "script": "p.lua", "population": "main"}],
            "metrics": metrics,
        },
        {"p.lua": script},
    )
    table = pa.table(
        {
            "age": pa.array([20, 40, 50, 70], pa.int64()),
            "rank": pa.array(["low", "low", "high", "high"]).dictionary_encode(),
            "chief": [True, False, True, True],
        }
    )
    result = ok(worker, program, 1, populations={"main": table})
    found = {(r["metric"], r["segment"]): r["value"] for r in result.metrics.to_pylist()}
    assert found == {
        ("on", ""): 0.75, ("on", "rank=low"): 0.5, ("on", "rank=high"): 1,
        ("mean_x", ""): pytest.approx(160 / 3), ("sum_x", ""): 180, ("low", ""): -70,
        ("high", ""): 70, ("high", "rank=low,chief=true"): 20, ("high", "rank=low,chief=false"): 40,
        ("high", "rank=high,chief=true"): 70, ("n", ""): 4, ("n_on", ""): 3,
    }  # fmt: skip
    assert [r["agent"] for r in result.agents.to_pylist() if r["tick"] == 1] == [0, 1, 2, 3]


def test_population_columns_reach_the_script_with_their_types(worker: Worker, runtime: str) -> None:
    script = """state = {text = "", sum = 0, flag = false, empty = false, day = ""}
    function update(now, msgs)
      local me = self.agent
      state.text, state.sum, state.flag = me.rank, me.age + me.income, me.chief
      state.empty, state.day = me.rent == nil, me.since
    end"""
    program = world(
        {"runtime": runtime, "entities": [{"name": "p", "script": "p.lua", "population": "main"}]},
        {"p.lua": script},
    )
    import datetime

    table = pa.table(
        {
            "rank": pa.array(["x", "y"]).dictionary_encode(),
            "age": pa.array([3, 4], pa.int64()),
            "income": [0.5, 1.5],
            "chief": [False, True],
            "rent": pa.array([None, 2.0]),
            "since": [datetime.date(2020, 1, 5), datetime.date(2021, 2, 6)],
            "unread": pa.array([[1], [2]]),
        }
    )
    rows = ok(worker, program, 1, populations={"main": table}, record=Record(("last",))).agents.to_pylist()
    assert [(r["text"], r["sum"], r["flag"], r["empty"], r["day"]) for r in rows] == [
        ("x", 3.5, False, True, "2020-01-05"),
        ("y", 5.5, True, False, "2021-02-06"),
    ]


def test_an_unknown_column_names_itself(worker: Worker, runtime: str) -> None:
    program = world(
        {"runtime": runtime, "entities": [{"name": "p", "script": "p.lua", "population": "main"}]},
        {"p.lua": "state = {}\nfunction update(now, msgs)\n  local x = self.agent.nmae\nend"},
    )
    result = run(worker, program, populations={"main": pa.table({"name": ["x"]})})
    assert result.failure == "p_1: p.lua:3: the population of 'p' has no column 'nmae'"


def test_links_are_undirected_and_can_change(worker: Worker, runtime: str) -> None:
    script = """state = {n = ""}
    function update(now, msgs)
      state.n = table.concat(self.neighbors(), " ")
      if now == 1 and self.id == "a_1" then
        world.link("a_1", "a_3") world.link("a_1", "a_2") world.link("a_3", "a_1")
      elseif now == 2 and self.id == "a_1" then
        world.unlink("a_3", "a_1")
      end
    end"""
    program = solo(script, count=3, runtime=runtime)
    at = Record(tuple(range(5)))
    rows = {(r["tick"], r["entity_id"]): r["n"] for r in ok(worker, program, 4, record=at).agents.to_pylist()}
    assert rows[2, "a_1"] == "a_3 a_2"
    assert rows[2, "a_3"] == "a_1"
    assert rows[3, "a_1"] == "a_2"
    assert rows[3, "a_3"] == ""


@pytest.mark.parametrize(
    ("network", "degree"),
    [
        ({"watts_strogatz": {"k": 4, "p": 0.1}}, 4.0),
        ({"erdos_renyi": {"mean_degree": 6.0}}, 6.0),
        ({"barabasi_albert": {"m": 3}}, 6.0),
    ],
)
def test_networks_have_the_asked_mean_degree(worker: Worker, network: dict[str, Any], degree: float) -> None:
    script = "state = {n = 0}\nfunction update(now, msgs) state.n = #self.neighbors() end"
    program = solo(script, count=500, network={"of": "a", **network}, metrics={"degree": {"mean": "state.n"}})
    first = series(ok(worker, program, 1), "degree")[1]
    # the mean degree of 500 vertices of G(n, p) has a standard error of sqrt(2 * 6 / 500) = 0.155
    assert first == pytest.approx(degree, abs=0.62)
    assert series(ok(worker, program, 1), "degree")[1] == first


def test_a_replicate_has_a_network_and_draws_of_its_own(worker: Worker, runtime: str) -> None:
    script = """state = {n = "", u = 0}
    function update(now, msgs) state.n, state.u = table.concat(self.neighbors(), " "), self.random() end"""
    program = solo(script, count=30, runtime=runtime, network={"of": "a", "erdos_renyi": {"p": 0.2}})

    def states(replicate: int) -> list[tuple[str, float]]:
        rows = ok(worker, program, 1, replicate=replicate, record=Record(("last",))).agents.to_pylist()
        return [(r["n"], r["u"]) for r in rows]

    assert states(0) == states(0)
    assert all(a != b for a, b in zip([u for _, u in states(0)], [u for _, u in states(1)], strict=True))
    assert [n for n, _ in states(0)] != [n for n, _ in states(1)]


def test_parameters_have_defaults_and_can_be_set(worker: Worker, runtime: str) -> None:
    script = "state = {v = 0}\nfunction update(now, msgs) state.v = world.param.rate * world.param.n end"
    program = solo(
        script,
        runtime=runtime,
        parameters={
            "rate": {"type": "float", "default": 0.5, "max": 1.0},
            "n": {"type": "int", "default": 4},
        },
        metrics={"v": {"mean": "state.v"}},
    )
    assert series(ok(worker, program, 1), "v")[1] == 2
    assert series(ok(worker, program, 1, parameters={"rate": 0.25}), "v")[1] == 1
    with pytest.raises(UsageError, match="at most 1, not 2"):
        run(worker, program, parameters={"rate": 2.0})
    with pytest.raises(UsageError, match="no parameter 'speed'"):
        run(worker, program, parameters={"speed": 2.0})


FAILING = """state = {n = 0}
function update(now, msgs)
  state.n = state.n + 1
  world.record_metric("ran", 1)
  self.send_msg(self.id, "k", 1)
  if self.id == "a_2" and now >= 2 then
    error("broken")
  end
end"""


def test_an_error_stops_the_world_and_names_its_place(worker: Worker, runtime: str) -> None:
    result = run(worker, solo(FAILING, count=3, runtime=runtime))
    assert result.status == "failed"
    assert result.failure == "a_2: a.lua:7: broken"
    assert result.final_tick == 1
    assert result.repeatable
    assert result.errors.to_pylist() == [
        {"tick": 2, "entity_id": "a_2", "script": "a.lua", "line": 7, "message": "broken", "count": 1}
    ]
    assert result.failure_record == {
        "message": "broken", "tick": 2, "entity": "a_2", "script": "a.lua", "line": 7,
    }  # fmt: skip
    assert series(result, "ran") == {1: 3}


def test_errors_ignored_are_counted_and_leave_no_commands(worker: Worker, runtime: str) -> None:
    result = ok(worker, solo(FAILING, count=3, runtime=runtime, errors="ignore"))
    assert [(r["entity_id"], r["tick"], r["count"]) for r in result.errors.to_pylist()] == [("a_2", 2, 4)]
    assert series(result, "ran") == {1: 3, 2: 2, 3: 2, 4: 2, 5: 2}
    assert result.counts["messages"] == 3 + 4 * 2


def test_entities_with_errors_are_removed_where_that_is_asked(worker: Worker, runtime: str) -> None:
    result = ok(worker, solo(FAILING, count=3, runtime=runtime, errors="remove"))
    assert [(r["entity_id"], r["count"]) for r in result.errors.to_pylist()] == [("a_2", 1)]
    assert [r["entity_id"] for r in result.agents.to_pylist() if r["tick"] == 5] == ["a_1", "a_3"]


def test_a_name_taken_already_cannot_be_spawned(worker: Worker, runtime: str) -> None:
    script = 'function update(now, msgs) if self.id == "a_1" then self.spawn_entity("a_2", "a") end end'
    result = run(worker, solo(script, count=2, runtime=runtime))
    assert result.failure == "a_1: a.lua: spawn_entity: an entity 'a_2' exists already"


def test_state_columns_have_the_narrowest_type_that_fits(worker: Worker, runtime: str) -> None:
    script = """state = {whole = 1, half = .5, flag = true, text = "x", list = {1, 2}, mixed = 1, big = 2^60}
    function update(now, msgs)
      if self.id == "a_2" then state.mixed, state.half, state.only = "one", 2, true end
    end"""
    table = ok(worker, solo(script, count=2, runtime=runtime), 1, record=Record(("last",))).agents
    kinds = {field.name: str(field.type) for field in table.schema}
    assert kinds == {
        "tick": "int64", "entity_id": "string", "script": "string", "agent": "int64", "whole": "int64",
        "half": "double", "flag": "bool", "text": "string", "list": "string", "mixed": "string",
        "only": "bool", "big": "double",
    }  # fmt: skip
    assert table["mixed"].to_pylist() == ["1", '"one"']
    assert table["list"].to_pylist() == ["[1,2]"] * 2
    assert table["only"].to_pylist() == [None, True]


def test_a_key_called_like_a_fixed_column_hides_no_other(worker: Worker, runtime: str) -> None:
    script = "state = {tick = 7, state_tick = 8}\nfunction update(now, msgs) end"
    table = ok(worker, solo(script, runtime=runtime), 1, record=Record(("last",))).agents
    assert (table["state_state_tick"].to_pylist(), table["state_tick"].to_pylist()) == ([7], [8])


def test_of_a_text_and_a_number_that_read_alike_the_text_stands(worker: Worker, runtime: str) -> None:
    """Whichever comes first in a walk through the table depends on hash seeds; the record must not."""
    pairs = ", ".join(f'[{i * 1000003}] = "number", ["{i * 1000003}"] = "text"' for i in range(40))
    script = f"state = {{inner = {{{pairs}}}, {pairs}}}\nfunction update(now, msgs) end"
    row = ok(worker, solo(script, runtime=runtime), 1, record=Record(("last",))).agents.to_pylist()[0]
    assert {row[str(i * 1000003)] for i in range(40)} == {"text"}
    assert set(json.loads(row["inner"]).values()) == {"text"}


def test_a_script_cannot_record_under_a_declared_metric(worker: Worker, runtime: str) -> None:
    script = """state = {n = 1}
    function update(now, msgs) if now == 2 then world.record_metric("n", 5) end end"""
    result = run(worker, solo(script, runtime=runtime, metrics={"n": {"mean": "state.n"}}))
    assert result.failure == (
        "a: a.lua:2: record_metric: 'n' is declared under `metrics`; record under another name"
    )


def test_a_state_that_is_no_table_is_an_error(worker: Worker, runtime: str) -> None:
    result = run(worker, solo("state = 5\nfunction update(now, msgs) end", runtime=runtime))
    assert result.failure == "a: a.lua: 'state' must be a table of names and values, not a number"


def test_contents_of_any_size_arrive_as_they_were_sent(worker: Worker, runtime: str) -> None:
    script = """state = {}
    function update(now, msgs)
      local one = {a = 1}
      if now == 1 then
        for i, content in ipairs({one, {a = 1, b = "two"}, {a = 1, b = "x", c = true},
          {a = 1, b = 2, c = 3, d = 4},
          {a = {b = {1, 2}}}, {1, 2, 3}, {}, {a = false}}) do
          self.send_msg(self.id, "k", content)
        end
        one.a = 9
      end
      if now == 2 then
        for i, msg in ipairs(msgs) do state["m" .. i] = msg.content end
      end
    end"""
    row = ok(worker, solo(script, runtime=runtime), 2, record=Record(("last",))).agents.to_pylist()[0]
    assert [row[f"m{i}"] for i in range(1, 9)] == [
        '{"a":1}', '{"a":1,"b":"two"}', '{"a":1,"b":"x","c":true}', '{"a":1,"b":2,"c":3,"d":4}',
        '{"a":{"b":[1,2]}}', "[1,2,3]", "{}", '{"a":false}',
    ]  # fmt: skip


def test_agents_are_recorded_at_the_asked_ticks(worker: Worker) -> None:
    program = solo("state = {n = 0}\nfunction update(now, msgs) state.n = now end")
    result = ok(worker, program, 5, record=Record((0, 2, "last")))
    assert [(r["tick"], r["n"]) for r in result.agents.to_pylist()] == [(0, 0), (2, 2), (5, 5)]
    assert ok(worker, program, 5, record=Record(())).agents.num_rows == 0
    assert [r["tick"] for r in ok(worker, program, 0).agents.to_pylist()] == [0]


def test_a_script_may_keep_its_own_state(worker: Worker, runtime: str) -> None:
    script = """local n = 0
    function update(now, msgs) n = n + 1 end
    function get_state() return {n = n} end
    function set_state(s) n = s.n end"""
    entities = [{"name": "a", "script": "a.lua", "count": 1, "state": {"n": 10}}]
    program = world({"runtime": runtime, "entities": entities}, {"a.lua": script})
    assert [r["n"] for r in ok(worker, program, 3).agents.to_pylist()] == [10, 13]


def test_what_scripts_print_is_kept(worker: Worker, runtime: str) -> None:
    script = 'state = {}\nfunction update(now, msgs) print("hello", now * 1, state) end'
    assert ok(worker, solo(script, runtime=runtime), 2).printed == (
        "a: hello\t1\ttable",
        "a: hello\t2\ttable",
    )


def test_an_inbox_that_is_kept_is_not_shared(worker: Worker, runtime: str) -> None:
    script = """state = {}
    function update(now, msgs)
      table.insert(msgs, self.id)
      state.box = state.box or msgs
      state.size = #state.box
    end"""
    result = ok(worker, solo(script, count=3, runtime=runtime), 3, record=Record(("last",)))
    assert result.agents["size"].to_pylist() == [1, 1, 1]


def test_programs_survive_json(worker: Worker) -> None:
    program = solo(
        FAILING, count=2, metrics={"n": {"mean": "state.n"}}, network={"of": "a", "erdos_renyi": {"p": 0.5}},
        parameters={"c": {"type": "choice", "default": "x", "options": ["x", "y"]}},
    )  # fmt: skip
    import json
    import pickle

    again = WorldProgram.from_json(json.loads(json.dumps(program.to_json())))
    assert again == program
    assert pickle.loads(pickle.dumps(program)) == program
    assert again.digest == program.digest


def test_the_digest_is_of_what_can_change_a_run() -> None:
    program = solo(FAILING)
    source = "-- a comment\n" + FAILING.replace("state.n + 1", "state.n + 1 -- and another") + "\n\n"
    commented = dataclasses.replace(
        program,
        description="x",
        scripts={"a.lua": dataclasses.replace(program.scripts["a.lua"], source=source)},
    )
    changed = dataclasses.replace(program, order="random")
    assert commented.digest == program.digest
    assert changed.digest != program.digest


def test_tables_are_recorded_as_they_were_at_the_tick(worker: Worker, runtime: str) -> None:
    script = "state = {list = {0}}\nfunction update(now, msgs) state.list[now] = now end"
    rows = ok(worker, solo(script, runtime=runtime), 3, record=Record((0, 2, "last"))).agents.to_pylist()
    assert [row["list"] for row in rows] == ["[0]", "[1,2]", "[1,2,3]"]


def test_a_state_that_holds_itself_is_an_error_of_its_entity(worker: Worker, runtime: str) -> None:
    script = "state = {}\nfunction update(now, msgs) state.me = {state} end"
    result = run(worker, solo(script, runtime=runtime), 2)
    assert result.status == "failed"
    assert result.failure == "a: a.lua: state.me: a value is nested deeper than 128 levels (or in itself)"
    assert result.final_tick == 2


def test_an_error_while_a_script_loads_names_its_line(worker: Worker, runtime: str) -> None:
    script = "state = {}\nlocal x = math.floor('x')\nfunction update(now, msgs) end"
    result = run(worker, solo(script, runtime=runtime))
    assert result.failure is not None
    assert result.failure.startswith("a: a.lua:2: bad argument #1 to 'floor'")
    assert result.final_tick == 0
