"""Our own tools, each over the official client: documents, living worlds, experiments and their results."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from worldwright.mcp_server.server import TOOLS
from worldwright.project.locate import Project

from .clients import Talk, within
from .ecosystem import ecosystem

GRID = """worldwright: world/1
name: field
grid: {size: [4, 4]}
parameters: {speed: {type: int, default: 1, min: 0, max: 3}}
entities: [{name: mouse, script: mouse.lua, count: 2, place: random}]
metrics: {heard: {sum: state.heard, of: mouse}}
"""
MOUSE = """state = {heard = 0}
function update(now, msgs) state.heard = state.heard + #msgs * world.param.speed end
"""


def held(project: Project, body: Callable[[Talk], Awaitable[None]]) -> None:
    async def main() -> None:
        async with within(project) as talk:
            await body(talk)

    anyio.run(main)


def tokens(text: str) -> int:
    """About how many tokens a text has: words of up to nine letters, three digits, four other signs."""
    pieces = re.findall(r"[A-Za-z]+|\d{1,3}|[^A-Za-z0-9\s]+", text)
    return sum(-(-len(piece) // (9 if piece.isalpha() else 4)) for piece in pieces)


def compact(answer: Any) -> str:
    return json.dumps(answer, separators=(",", ":"))


def test_all_tools_together_are_short(empty: Project) -> None:
    async def body(talk: Talk) -> None:
        tools = (await talk.client.list_tools()).tools
        assert len(tools) == len(TOOLS) == 32
        plain = [tool.model_dump(by_alias=True, exclude_none=True) for tool in tools]
        assert tokens(compact(plain)) <= 6_000
        for tool in tools:
            assert tool.description
            assert tool.description.endswith("."), tool.name
            assert "title" not in json.dumps(tool.input_schema)

    held(empty, body)


def test_documents_are_written_and_checked(empty: Project) -> None:
    async def body(talk: Talk) -> None:
        assert "no documents yet" in await talk.refused("check_documents")
        lua = await talk("write_document", path="specs/worlds/field/mouse.lua", text=MOUSE)
        assert lua == {"path": "specs/worlds/field/mouse.lua", "ok": True, "diagnostics": ""}
        broken = await talk(
            "write_document", path="worlds/field/world.yaml", text=GRID.replace("sum:", "sums:")
        )
        assert not broken["ok"]
        assert "specs/worlds/field/world.yaml:6:" in broken["diagnostics"]
        assert "^" in broken["diagnostics"]
        assert "there already" in await talk.refused(
            "write_document", path="specs/worlds/field/world.yaml", text=GRID
        )
        fixed = await talk("write_document", path="specs/worlds/field/world.yaml", text=GRID, replace=True)
        assert fixed["ok"]
        checked = await talk("check_documents")
        assert (checked["ok"], checked["checked"]) == (True, 1)
        for path in ("../evil.yaml", "specs/../../evil.yaml", "/tmp/evil.yaml"):
            assert "outside" in await talk.refused("write_document", path=path, text="x: 1")
            assert "outside" in await talk.refused("check_documents", paths=[path])
        secret = empty.root / "secret.yaml"
        secret.write_text("key: 0123456789")
        (empty.data).mkdir(exist_ok=True)
        (empty.data / "mcp-token").write_text("0123456789")
        for path in (str(secret), "secret.yaml", "../secret.yaml", "data/mcp-token", "../data/mcp-token"):
            for tool, argument in {
                "check_documents": {"paths": [path]},
                "plan_experiment": {"experiment": path},
                "run_experiment": {"experiment": path},
                "sample_population": {"spec": path},
                "explain_agent": {"spec": path, "agent": 0},
                "start_world": {"name": "x", "document": path},
                "load_world_snapshot_from_file": {"world_name": "x", "file_path": path},
                "plot": {"what": "spec", "names": [path]},
                "lineage": {"name": path},
                "get_results": {"experiment": path},
            }.items():
                assert "0123456789" not in await talk.refused(tool, **argument), (tool, path)
        for path in ("specs/a.py", "specs/.hidden.yaml", "specs/a.lock.yaml"):
            assert "name ends in" in await talk.refused("write_document", path=path, text="x")

    held(empty, body)


def test_diagnostics_come_in_pieces(empty: Project) -> None:
    (empty.specs / "populations").mkdir()
    lines = [f"  a{i}: {{type: int, distribution: {{normal: {{mean: 1, sd: -{i + 1}}}}}}}" for i in range(60)]
    text = "\n".join(["worldwright: population/1", "name: many", "agents: 10", "attributes:", *lines])
    (empty.specs / "populations" / "many.yaml").write_text(text)

    async def body(talk: Talk) -> None:
        found, cursor, pieces = "", "", 0
        while True:
            piece = await talk("check_documents", paths=["specs/populations/many.yaml"], cursor=cursor)
            assert tokens(compact(piece)) <= 1_000
            found, pieces = found + piece["diagnostics"] + "\n", pieces + 1
            if not piece["truncated"]:
                break
            cursor = piece["cursor"]
        assert pieces > 3
        assert len(re.findall(r"^specs\S+ error\[", found, re.MULTILINE)) == 60
        assert "is no cursor" in await talk.refused("check_documents", cursor="-1")

    held(empty, body)


def test_a_population_is_sampled_explained_and_drawn(tiny: Project) -> None:
    async def body(talk: Talk) -> None:
        seen = await talk("sample_population", spec="people", agents=500, seed=3)
        again = await talk("sample_population", spec="specs/populations/people.yaml", agents=500, seed=3)
        assert seen == again
        assert seen["agents"] == 500
        assert len(seen["first"]) == 2
        numeric = [one for one in seen["attributes"].values() if "mean" in one]
        shares = [one["shares"] for one in seen["attributes"].values() if "shares" in one]
        assert all(one["min"] <= one["mean"] <= one["max"] for one in numeric)
        assert all(abs(sum(one.values()) - 1) < 0.01 for one in shares)
        name = next(iter(seen["attributes"]))
        whole = await talk("explain_agent", spec="people", agent=0, seed=3)
        value = next(one["value"] for one in whole["attributes"] if one["attribute"] == name)
        assert str(seen["first"][0][name]) in value
        steps = await talk("explain_agent", spec="people", agent=0, seed=3, attribute=name)
        assert len(steps["attributes"]) == 1
        assert steps["attributes"][0]["steps"]
        assert "did you mean 'people'" in await talk.refused("sample_population", spec="poeple")
        result = await talk.client.call_tool("plot", {"what": "spec", "names": ["people"]})
        assert [one.type for one in result.content] == ["image", "text"]
        assert base64.b64decode(getattr(result.content[0], "data", ""))[:8] == b"\x89PNG\r\n\x1a\n"
        assert result.structured_content == {"shows": "spec of people"}

    held(tiny, body)


def test_a_world_of_ours_lives_and_is_acted_on(empty: Project) -> None:
    folder = empty.specs / "worlds" / "field"
    folder.mkdir(parents=True)
    (folder / "world.yaml").write_text(GRID)
    (folder / "mouse.lua").write_text(MOUSE)

    async def body(talk: Talk) -> None:
        began = await talk("start_world", name="f", document="field", parameters={"speed": 2}, seed=4)
        assert began == {"simulation_time": 0, "entities": {"mouse": 2}, "pending_messages": 0}
        assert "has no parameter 'sped'" in await talk.refused(
            "start_world", name="g", document="field", parameters={"sped": 2}
        )
        assert "no world document" in await talk.refused("start_world", name="g", document="fields")
        assert "outside" in await talk.refused("start_world", name="g", document="../../x")
        await talk("copy_world", source_world_name="f", target_world_name="twin")
        added = await talk(
            "add_entities",
            world_name="f",
            entities=[{"id": "new", "kind": "mouse", "state": {"heard": 10}, "place": [1, 2]}],
        )
        assert added["entities"] == {"mouse": 3}
        sent = await talk(
            "send_message", world_name="f", entity_id="new", kind="hi", content={"x": 1}, delay=2
        )
        assert sent["pending_messages"] == 1
        await talk("advance_simulation", world_name="f", num_steps=3)
        assert await talk("get_entity_state", world_name="f", entity_id="new") == {"state": {"heard": 12}}
        heard = await talk("get_metric", world_name="f", metric_name="heard")
        assert heard["values_over_time"] == [[1, 10.0], [2, 12.0], [3, 12.0]]
        differ = await talk("compare_worlds", one="twin", other="f")
        assert differ["counts"] == {"world": 1, "entity": 1}
        assert {"what": "new", "before": "nil", "after": "'mouse'"} in differ["changes"]
        assert (await talk("compare_worlds", one="twin", other="twin"))["total"] == 0
        gone = await talk("remove_entities", world_name="f", entity_ids=["new", "mouse_1"])
        assert gone["entities"] == {"mouse": 1}
        # all or nothing
        assert "no entity 'ghost'" in await talk.refused(
            "remove_entities", world_name="f", entity_ids=["mouse_2", "ghost"]
        )
        assert (await talk("get_world_state", world_name="f"))["entities_count"] == 1
        assert "has no kind of entity 'cat'" in await talk.refused(
            "add_entities", world_name="f", entities=[{"id": "c", "kind": "cat"}]
        )
        assert "duration of a step" in await talk.refused(
            "advance_simulation", world_name="f", num_steps=1, step_duration=2
        )
        picture = await talk.client.call_tool(
            "plot", {"what": "worlds", "names": ["f", "twin"], "show": "heard"}
        )
        assert picture.is_error  # the twin has not recorded anything
        await talk("advance_simulation", world_name="twin", num_steps=3)
        picture = await talk.client.call_tool(
            "plot", {"what": "worlds", "names": ["f", "twin"], "show": "heard"}
        )
        assert picture.structured_content == {"shows": "heard of f, twin"}
        saved = await talk("save_world_snapshot_to_file", world_name="f", file_path="deep/f.arrow")
        await talk("load_world_snapshot_from_file", world_name="back", file_path=saved["file_path"])
        assert (await talk("compare_worlds", one="f", other="back"))["total"] == 0

    held(empty, body)


def test_an_experiment_is_planned_run_and_asked(tiny: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(talk: Talk) -> None:
        plan = await talk("plan_experiment", experiment="rumour")
        assert (plan["cells"], plan["replicates"], plan["runs"]) == (plan["cells"], [3, 3], [12, 12])
        assert len(plan["cells"]) == 4
        assert plan["agents"] == {"main": 60}
        for tool in ("get_results", "compare_cells", "lineage"):
            argument = {"name": "rumour"} if tool == "lineage" else {"experiment": "rumour"}
            assert "no results" in await talk.refused(tool, **argument)
        assert "no results to query yet" in await talk.refused("query", sql="select 1")
        told: list[tuple[float, float | None]] = []

        async def show(progress: float, total: float | None, message: str | None) -> None:
            told.append((progress, total))

        first = await talk.client.call_tool(
            "run_experiment", {"experiment": "rumour", "workers": 1}, progress_callback=show
        )
        assert first.structured_content is not None, first.content
        assert first.structured_content["cached"] is False
        again = await talk("run_experiment", experiment="rumour", workers=1)
        assert again["cached"] is True
        answer = await talk("get_results", experiment="rumour")
        assert answer["cells"] == again["cells"]
        assert len(answer["cells"]) == 4
        assert all(row["low"] <= row["mean"] <= row["high"] for row in answer["cells"])
        effects = await talk("compare_cells", experiment="rumour")
        assert {row["factor"] for row in effects["effects"]} == {"world.spread", "world.first"}
        asked = await talk("query", sql="select experiment, count(*) as runs from runs group by 1")
        assert asked == {
            "columns": ["experiment", "runs"],
            "rows": [["rumour", 12]],
            "total": 1,
            "truncated": False,
        }
        tables, names = await talk("query"), list[str]()
        while True:
            names += [row[0] for row in tables["rows"]]
            if not tables["truncated"]:
                break
            tables = await talk("query", cursor=tables["cursor"])
        assert {"runs", "metric_summary", "rumour.metrics"} <= set(names)
        chain = await talk("lineage", name="rumour")
        assert chain["datasets"][0]["stage"] == "experiment_report"
        assert (await talk("plan_experiment", experiment="rumour"))["version"] == 1
        for which in ("", "curves", "effects"):
            drawn = await talk.client.call_tool(
                "plot", {"what": "experiment", "names": ["rumour"], "show": which}
            )
            assert drawn.content[0].type == "image", which
        await reads_only(talk)
        monkeypatch.setattr("worldwright.mcp_server.experiments.QUERY_SECONDS", 0.5)
        endless = "select count(*) from range(1000000000000) a, range(1000) b where a.range % 7 = b.range"
        assert "more than 0.5 seconds" in await talk.refused("query", sql=endless)
        assert (await talk("query", sql="select 1 as one"))["rows"] == [[1]]

    held(tiny, body)


async def reads_only(talk: Talk) -> None:
    """What a statement may not do, on results that exist."""
    for sql in (
        "drop table runs",
        "copy (select 1) to '/tmp/x.csv'",
        "select * from read_csv('/etc/passwd')",
        "select 1; select 2",
        "attach '/tmp/x.duckdb'",
        "set memory_limit = '100GB'",
        "install httpfs",
    ):
        await talk.refused("query", sql=sql)
    many = await talk("query", sql="select range as n from range(5000)")
    assert many["truncated"] is True
    assert tokens(compact(many)) <= 1_000
    rest = await talk("query", sql="select range as n from range(5000)", cursor=many["cursor"])
    assert rest["rows"][0][0] == many["rows"][-1][0] + 1
    assert "read-only" not in await talk.refused("query", sql="select nonsense from runs")


def test_results_are_short_whatever_they_are_about(empty: Project) -> None:
    async def body(talk: Talk) -> None:
        await talk("create_world", **ecosystem("w"))
        await talk("advance_simulation", world_name="w", num_steps=5)
        await talk("copy_world", source_world_name="w", target_world_name="v")
        await talk("advance_simulation", world_name="v", num_steps=5)
        found: list[Any] = []
        cursor = ""
        while True:
            piece = await talk("compare_worlds", one="w", other="v", cursor=cursor)
            assert tokens(compact(piece)) <= 1_000
            found += piece["changes"]
            if not piece["truncated"]:
                break
            cursor = piece["cursor"]
        assert len(found) == piece["total"] > 60

    held(empty, body)
