"""The article's conversation, held by the official client: create, advance, look, save, load, copy."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from typing import Any

import anyio
import pytest

from worldwright.project.locate import Project
from worldwright.project.worlds.registry import Registry

from .clients import Talk, over_http, over_stdio, within
from .ecosystem import ecosystem, library

ARTICLE = Path(__file__).parents[2].parent / "shared" / "seeds"

Transport = Callable[[Project], AbstractAsyncContextManager[Talk]]


async def converse(talk: Talk) -> None:
    assert await talk("create_world", **ecosystem("stable")) == {"message": "World created successfully"}
    assert await talk("list_worlds") == {"worlds": ["stable"]}
    moved = await talk("advance_simulation", world_name="stable", num_steps=8)
    assert moved["simulation_time"] == 8
    assert moved["number_of_messages"] > 5
    assert moved["printed"][0].startswith("predator_1: hungry\t27.5")
    assert await talk("list_metrics", world_name="stable") == {"metrics": ["prey", "predators"]}
    prey = await talk("get_metric", world_name="stable", metric_name="prey")
    series = prey["values_over_time"]
    assert series[:2] == [[1, 0.0], [2, 60.0]]
    assert (prey["count"], prey["max"]) == (8, max(value for _, value in series))
    assert prey["total"] == sum(value for _, value in series)
    both = await talk("get_metrics", world_name="stable", metrics=["predators", "prey"])
    assert both["metrics"][1] == prey

    # save, go on, and come back to the same
    saved = await talk("save_world_snapshot_to_file", world_name="stable", file_path="stable.yaml")
    assert saved == {"file_path": "data/snapshots/stable.yaml"}
    await talk("copy_world", source_world_name="stable", target_world_name="twin", replace_if_exists=False)
    await talk("load_world_snapshot_from_file", world_name="again", file_path=saved["file_path"])
    snapshot = (await talk("create_world_snapshot", world_name="stable"))["snapshot"]
    assert snapshot["simulation_time"] == 8
    await talk("restore_world_snapshot", world_name="data", snapshot=snapshot)
    states = {
        name: await talk("get_world_state", world_name=name) for name in ("stable", "twin", "again", "data")
    }
    assert len({str(state) for state in states.values()}) == 1
    assert states["twin"]["pending_messages_count"] > 0

    # the same world twice goes the same way; another one does not
    ends = {
        name: await talk("advance_simulation", world_name=name, num_steps=4) for name in ("stable", "twin")
    }
    assert ends["stable"] == ends["twin"]
    entities = [
        await talk("list_entities", world_name=name, include_states=True) for name in ("stable", "twin")
    ]
    assert entities[0] == entities[1]
    one = next(e for e in entities[0]["entities"] if e["id"].startswith("prey_"))
    assert await talk("get_entity_state", world_name="twin", entity_id=one["id"]) == {"state": one["state"]}
    await talk("set_entity_state", world_name="twin", entity_id=one["id"], state={"energy": 1000})
    await talk("advance_simulation", world_name="twin", num_steps=1)
    changed = await talk("get_entity_state", world_name="twin", entity_id=one["id"])
    assert changed["state"]["energy"] > 900
    await talk("delete_world", name="twin")
    assert await talk("list_worlds") == {"worlds": ["again", "data", "stable"]}
    assert "did you mean 'stable'" in await talk.refused("get_world_state", world_name="stabel")


@pytest.mark.parametrize("transport", [within, over_stdio, over_http], ids=["in-process", "stdio", "http"])
def test_the_conversation_of_the_article(empty: Project, transport: Transport) -> None:
    async def main() -> None:
        async with transport(empty) as talk:
            await converse(talk)

    anyio.run(main)


def test_worlds_survive_their_client(empty: Project) -> None:
    async def main() -> None:
        async with within(empty) as talk:
            await talk("create_world", **ecosystem("lasting"))
            await talk("advance_simulation", world_name="lasting", num_steps=3)
            before = await talk("get_metrics", world_name="lasting", metrics=["prey", "predators"])
        async with within(empty) as talk:
            assert await talk("list_worlds") == {"worlds": ["lasting"]}
            assert await talk("get_metrics", world_name="lasting", metrics=["prey", "predators"]) == before
            moved = await talk("advance_simulation", world_name="lasting", num_steps=1)
            assert moved["simulation_time"] == 4
            assert moved["number_of_messages"] > 0

    anyio.run(main)


def test_the_articles_own_scripts(empty: Project) -> None:
    found = [path for path in sorted(ARTICLE.glob("*.txt")) if "Spawner Script" in path.read_text("utf-8")]
    if not found:
        pytest.skip(f"the article is not at {ARTICLE}")
    text = found[0].read_text("utf-8")
    scripts = re.findall(r'collapsable "(\w+) Script" >\}\}\s*```lua\n(.*?)```', text, re.DOTALL)
    world: dict[str, Any] = {
        "name": "ecosystem_stable",
        "script_library": library(**{f"{name.lower()}_script": script for name, script in scripts}),
        "entities": [{"id": "spawner", "script_id": "spawner_script", "initial_state": {"spawned": False}}],
    }

    async def main() -> None:
        async with within(empty) as talk:
            await talk("create_world", **world)
            await talk("advance_simulation", world_name="ecosystem_stable", num_steps=30)
            names = await talk("list_metrics", world_name="ecosystem_stable")
            assert names["metrics"][:2] == ["prey_population", "predator_population"]
            prey = await talk("get_metric", world_name="ecosystem_stable", metric_name="prey_population")
            assert prey["values_over_time"][:2] == [[1, 0.0], [2, 200.0]]

    anyio.run(main)


def test_a_client_that_goes_in_the_middle_of_a_call_leaves_nothing_behind(empty: Project) -> None:
    busy = "n = 0\nfunction update() for i = 1, 90000 do n = n + i % 3 end end"
    busy += "\nfunction get_state() return {n = n} end\nfunction set_state(s) n = s.n end"
    began = set(_processes(empty))

    async def main() -> None:
        async with over_stdio(empty) as talk:
            entities = [{"id": "one", "script_id": "busy"}]
            await talk("create_world", name="w", script_library=library(busy=busy), entities=entities)
            assert set(_processes(empty)) - began
            async with anyio.create_task_group() as tasks:
                arguments = {"world_name": "w", "num_steps": 1_000_000}
                tasks.start_soon(talk.client.call_tool, "advance_simulation", arguments)
                await anyio.sleep(0.5)
                tasks.cancel_scope.cancel()

    anyio.run(main)
    assert set(_processes(empty)) == began
    assert Registry(empty).read("w").snapshot.tick == 0


def _processes(project: Project) -> list[int]:
    """Processes that serve a project."""
    found: list[int] = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                if str(project.root).encode() in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
    return found
