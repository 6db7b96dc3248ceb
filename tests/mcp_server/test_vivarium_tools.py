"""The sixteen tools at their edges: what they refuse, in which words, and what a refusal leaves behind."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from worldwright.project.locate import Project

from .clients import Talk, within
from .ecosystem import ecosystem, library

TAIL = "\nfunction get_state() return {n = n} end\nfunction set_state(s) n = s.n end"
COUNTER = "n = 0\nfunction update(now, msgs) n = n + 1\n if n == 5 then error('five') end end" + TAIL
NAMES = [
    *("create_world", "delete_world", "copy_world", "list_worlds", "list_entities", "advance_simulation"),
    *("get_world_state", "set_entity_state", "get_entity_state", "list_metrics", "get_metric", "get_metrics"),
    *("create_world_snapshot", "restore_world_snapshot"),
    *("save_world_snapshot_to_file", "load_world_snapshot_from_file"),
]


def counting(name: str, script: str = COUNTER) -> dict[str, Any]:
    return {
        "name": name,
        "script_library": library(counter=script),
        "entities": [{"id": "one", "script_id": "counter"}],
    }


def held(project: Project, body: Any) -> None:
    async def main() -> None:
        async with within(project) as talk:
            await body(talk)

    anyio.run(main)


def test_the_sixteen_names_with_objects_as_arguments_and_annotations(empty: Project) -> None:
    async def body(talk: Talk) -> None:
        tools = {tool.name: tool for tool in (await talk.client.list_tools()).tools}
        assert list(tools)[:16] == NAMES
        for tool in tools.values():
            assert tool.input_schema["type"] == "object", tool.name
            assert tool.output_schema is not None
            assert tool.output_schema["type"] == "object", tool.name
            assert tool.annotations is not None
            assert tool.annotations.open_world_hint is False
            assert tool.annotations.read_only_hint or tool.annotations.destructive_hint is not None
        assert list(tools["delete_world"].input_schema["properties"]) == ["name"]
        assert list(tools["get_metric"].input_schema["properties"]) == ["world_name", "metric_name"]
        assert list(tools["get_entity_state"].input_schema["properties"]) == ["world_name", "entity_id"]
        reading = {
            name for name, tool in tools.items() if tool.annotations and tool.annotations.read_only_hint
        }
        assert {"list_worlds", "get_metric", "create_world_snapshot"} <= reading
        assert not reading & {"advance_simulation", "delete_world", "save_world_snapshot_to_file"}

    held(empty, body)


def test_a_script_that_fails_stops_the_world_after_the_last_good_step(empty: Project) -> None:
    async def body(talk: Talk) -> None:
        await talk("create_world", **counting("w"))
        said = await talk.refused("advance_simulation", world_name="w", num_steps=20)
        assert "Error during simulation step" in said
        assert "one: counter:3: five" in said
        assert "time 4" in said
        state = await talk("get_world_state", world_name="w")
        assert state["simulation_time"] == 4
        assert await talk("get_entity_state", world_name="w", entity_id="one") == {"state": {"n": 4}}

    held(empty, body)


def test_an_endless_loop_ends(empty: Project) -> None:
    async def body(talk: Talk) -> None:
        await talk("create_world", **counting("w", "n = 0\nfunction update() while true do end end" + TAIL))
        said = await talk.refused("advance_simulation", world_name="w", num_steps=1)
        assert "step limit" in said
        assert (await talk("get_world_state", world_name="w"))["simulation_time"] == 0

    held(empty, body)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("function update(", "counter"),
        ("x = 1" + TAIL, "update"),
        ("function update() end\nerror('at once')" + TAIL, "at once"),
    ],
)
def test_a_world_that_cannot_begin_is_not_there(empty: Project, script: str, words: str) -> None:
    async def body(talk: Talk) -> None:
        assert words in await talk.refused("create_world", **counting("w", script))
        assert await talk("list_worlds") == {"worlds": []}

    held(empty, body)


def test_names_that_exist_or_do_not(empty: Project) -> None:
    async def body(talk: Talk) -> None:
        await talk("create_world", **counting("a"))
        assert "World already exists" in await talk.refused("create_world", **counting("a"))
        copy = {"source_world_name": "a", "target_world_name": "a"}
        assert "World already exists" in await talk.refused("copy_world", **copy, replace_if_exists=False)
        await talk("copy_world", **copy, replace_if_exists=True)
        assert "World 'b' not found" in await talk.refused("delete_world", name="b")
        assert "Entity with ID 'two' not found" in await talk.refused(
            "get_entity_state", world_name="a", entity_id="two"
        )
        assert "no entity 'two'" in await talk.refused(
            "set_entity_state", world_name="a", entity_id="two", state={}
        )
        assert "Metric 'm' not found in world 'a'" in await talk.refused(
            "get_metrics", world_name="a", metrics=["m"]
        )
        entities = [{"id": "x", "script_id": "missing"}]
        said = await talk.refused("create_world", name="c", script_library={}, entities=entities)
        assert "missing" in said

    held(empty, body)


PATHS = [
    "../out.yaml",
    "/etc/out.yaml",
    "a/../../../out.yaml",
    "x\0.yaml",
    "~/../../out.yaml",
    "../../specs/o.yaml",
]


@pytest.mark.parametrize("path", PATHS)
def test_files_stay_in_their_folder(empty: Project, path: str) -> None:
    async def body(talk: Talk) -> None:
        await talk("create_world", **counting("w"))
        before = sorted(str(one) for one in empty.root.parent.rglob("*.yaml"))
        said = await talk.refused("save_world_snapshot_to_file", world_name="w", file_path=path)
        assert "lies outside" in said
        assert sorted(str(one) for one in empty.root.parent.rglob("*.yaml")) == before
        await talk.refused("load_world_snapshot_from_file", world_name="w", file_path=path)

    held(empty, body)


def test_links_out_of_the_folder_are_not_followed(empty: Project) -> None:
    async def body(talk: Talk) -> None:
        await talk("create_world", **counting("w"))
        outside = empty.root.parent / "outside"
        outside.mkdir()
        (outside / "there.yaml").write_text("name: x")
        (empty.data / "snapshots").mkdir(parents=True)
        (empty.data / "snapshots" / "link").symlink_to(outside)
        for tool in ("save_world_snapshot_to_file", "load_world_snapshot_from_file"):
            assert "outside" in await talk.refused(tool, world_name="w", file_path="link/there.yaml")
        assert (outside / "there.yaml").read_text() == "name: x"
        assert "names no format" in await talk.refused(
            "save_world_snapshot_to_file", world_name="w", file_path="w.txt"
        )

    held(empty, body)


@pytest.mark.parametrize(
    "name", ["", "..", "../x", "a/b", ".hidden", "x" * 65, "a\0b", "é", "a\nb", "w.", "-w"]
)
def test_names_stay_in_the_store(empty: Project, name: str) -> None:
    async def body(talk: Talk) -> None:
        assert "cannot be called" in await talk.refused("create_world", **counting(name))
        for tool in ("get_world_state", "list_metrics"):
            assert "cannot be called" in await talk.refused(tool, world_name=name)

    held(empty, body)


def test_delivered_messages_are_written_as_vivarium_does(empty: Project) -> None:
    sender = """n = 0
function update(now, msgs)
  self.send_msg("two", "k", {x = 1, y = 2.5, on = true, list = {1, "a"}, deep = {z = "q"}}, 1)
end"""
    listener = "function update() end\nfunction get_state() return {} end\nfunction set_state() end"

    async def body(talk: Talk) -> None:
        await talk(
            "create_world",
            name="w",
            script_library=library(s=sender + TAIL, l=listener),
            entities=[{"id": "one", "script_id": "s"}, {"id": "two", "script_id": "l"}],
        )
        await talk("advance_simulation", world_name="w", num_steps=1)
        moved = await talk("advance_simulation", world_name="w", num_steps=1, include_delivered_messages=True)
        assert moved["number_of_messages"] == 1
        content = (
            '{"deep": Object {"z": String("q")}, "list": Array [Number(1), String("a")], "on": Bool(true), '
        )
        content += '"x": Number(1), "y": Number(2.5)}'
        assert moved["delivered_messages"] == [
            f'Message {{ sender: "one", receiver: Entity {{ id: "two" }}, content: {content}, '
            'kind: "k", receive_step: 2 }'
        ]
        long = await talk(
            "advance_simulation",
            world_name="w",
            num_steps=4,
            step_duration=10,
            include_delivered_messages=True,
        )
        assert long["simulation_time"] == 42
        due = [message.split("receive_step: ")[1] for message in long["delivered_messages"]]
        assert due == ["3 }", "13 }", "23 }", "33 }"]

    held(empty, body)


def test_a_progress_is_told_and_a_cancelled_call_leaves_the_world_as_it_was(empty: Project) -> None:
    slow = (
        "n = 0\nfunction update() n = n + 1\n local x = 0\n for i = 1, 90000 do x = x + i % 7 end end" + TAIL
    )

    async def body(talk: Talk) -> None:
        await talk("create_world", **counting("slow", slow))
        await talk("create_world", **counting("other"))
        told: list[tuple[float, float | None]] = []

        async def show(progress: float, total: float | None, message: str | None) -> None:
            told.append((progress, total))
            assert message is not None
            assert "1 entities" in message
            scope.cancel()

        with anyio.CancelScope() as scope:
            await talk.client.call_tool(
                "advance_simulation",
                {"world_name": "slow", "num_steps": 1_000_000},
                progress_callback=show,
            )
        assert told
        assert told[0][1] == 1_000_000
        state = await talk("get_world_state", world_name="slow")
        assert state["simulation_time"] == 0
        with anyio.fail_after(60):  # the lock and the worker are free again
            await talk("advance_simulation", world_name="slow", num_steps=1)
            await talk("advance_simulation", world_name="other", num_steps=1)

    held(empty, body)


def test_tools_can_be_narrowed(empty: Project) -> None:
    async def main() -> None:
        async with within(empty, "list_worlds", "get_metric") as talk:
            tools = [tool.name for tool in (await talk.client.list_tools()).tools]
            assert sorted(tools) == ["get_metric", "list_worlds"]
            assert "Unknown tool" in await talk.refused("delete_world", name="x")

    anyio.run(main)
    from worldwright.errors import UsageError
    from worldwright.mcp_server.server import expanded

    assert expanded(["vivarium"]) == NAMES
    with pytest.raises(UsageError, match="no tool 'fly'"):
        expanded(["fly"])


def test_an_ecosystem_costs_little_to_look_at(empty: Project) -> None:
    async def body(talk: Talk) -> None:
        await talk("create_world", **ecosystem("w"))
        listed = await talk("list_entities", world_name="w")
        assert listed == {"entities": [{"id": "spawner", "state": {}}]}

    held(empty, body)
