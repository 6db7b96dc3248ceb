"""Twenty clients at once, one of them hostile: the others see right answers, and memory stays bounded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp.shared.exceptions import MCPError

from worldwright.project.locate import Project

from .clients import Talk, reaching, serving
from .ecosystem import library

pytestmark = pytest.mark.slow

CLIENTS = 19
STEPS = 4
MOST_MEGABYTES = 1_500
TAIL = "\nfunction get_state() return {n = n} end\nfunction set_state(s) n = s.n end"
RING = """n, peer = 0, ""
function update(now, msgs)
  n = n + #msgs
  self.send_msg(peer, "tick", {}, 1)
  world.record_metric("arrived", #msgs)
end
function get_state() return {n = n, peer = peer} end
function set_state(s) n, peer = s.n, s.peer end"""
LOOP = "n = 0\nfunction update() while true do n = n + 1 end end" + TAIL
BOMB = "n = 0\nfunction update() local t = {} for i = 1, 1e6 do t[i] = ('x'):rep(1000) .. i end end" + TAIL
FLOOD = "n = 0\nfunction update() for i = 1, 1e6 do self.send_msg('x', 'y', {}) end end" + TAIL
BUSY = "n = 0\nfunction update() for i = 1, 90000 do n = n + i % 3 end end" + TAIL


def world(name: str, script: str) -> dict[str, Any]:
    entities = [{"id": "one", "script_id": "s"}]
    return {"name": name, "script_library": library(s=script), "entities": entities}


def ring(name: str, size: int) -> dict[str, Any]:
    states = [{"n": 0, "peer": f"e{(i + 1) % size}"} for i in range(size)]
    entities = [{"id": f"e{i}", "script_id": "s", "initial_state": state} for i, state in enumerate(states)]
    return {"name": name, "script_library": library(s=RING), "entities": entities}


async def modest(talk: Talk, number: int) -> None:
    """A client that does its work and knows what must come of it."""
    name, size = f"ring{number}", 3 + number
    await talk("create_world", **ring(name, size))
    for step in range(1, STEPS + 1):
        moved = await talk("advance_simulation", world_name=name, num_steps=1)
        assert moved["simulation_time"] == step
        assert moved["number_of_messages"] == (size if step > 1 else 0)
    state = await talk("get_entity_state", world_name=name, entity_id="e0")
    assert state == {"state": {"n": STEPS - 1, "peer": "e1"}}
    metric = await talk("get_metric", world_name=name, metric_name="arrived")
    assert metric["values_over_time"] == [[t, float(size if t > 1 else 0)] for t in range(1, STEPS + 1)]
    await talk("copy_world", source_world_name=name, target_world_name=f"{name}b")
    assert (await talk("compare_worlds", one=name, other=f"{name}b"))["total"] == 0
    await talk("delete_world", name=f"{name}b")


async def hostile(talk: Talk, address: str, token: str, ended: anyio.Event) -> None:
    """A client that tries everything, again and again, until the others are done."""

    async def attempt(tool: str, **arguments: Any) -> None:
        try:
            with anyio.move_on_after(0.5):  # and goes away in the middle of its calls
                await talk.client.call_tool(tool, arguments)
        except MCPError:
            pass

    async def oversized() -> None:
        async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=30) as http:
            for size in (1 << 20, 16 << 20):
                answer = await http.post(address, content=b"{" * size)
                assert answer.status_code in (400, 406, 413)
            with anyio.move_on_after(0.2):
                await http.post(address, json={"jsonrpc": "2.0", "id": 1, "method": "tools/call"})

    for name, script in {"loop": LOOP, "bomb": BOMB, "flood": FLOOD, "busy": BUSY}.items():
        await attempt("create_world", **world(name, script))
    while not ended.is_set():
        async with anyio.create_task_group() as tasks:
            for name in ("loop", "bomb", "flood", "busy"):
                for _ in range(12):
                    tasks.start_soon(
                        lambda n=name: attempt("advance_simulation", world_name=n, num_steps=1_000_000)
                    )
            for path in ("../../../etc/passwd", "/etc/passwd", "x" * 100_000, "a\0b.yaml"):
                tasks.start_soon(
                    lambda p=path: attempt("load_world_snapshot_from_file", world_name="x", file_path=p)
                )
                tasks.start_soon(lambda p=path: attempt("write_document", path=p, text="x"))
                tasks.start_soon(lambda p=path: attempt("get_world_state", world_name=p))
            tasks.start_soon(lambda: attempt("create_world", **world("big", "x = '" + "y" * 3_000_000 + "'")))
            tasks.start_soon(lambda: attempt("query", sql="select * from range(100000000000)"))
            tasks.start_soon(oversized)


def memory_of(pid: int) -> float:
    """Megabytes resident of a process and all below it."""
    pids, total = [pid], 0.0
    while pids:
        one = pids.pop()
        try:
            total += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
            for file in Path(f"/proc/{one}/task").glob("*/children"):
                pids += [int(child) for child in file.read_text().split()]
        except OSError:
            continue
    return total / (1 << 20)


def test_twenty_clients_one_of_them_hostile(empty: Project, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text("".join(f"client{i} token-of-client-number-{i:04}\n" for i in range(CLIENTS + 1)))
    highest = 0.0

    async def main() -> None:
        nonlocal highest
        ended = anyio.Event()
        left = CLIENTS
        async with serving(empty, "--token-file", str(tokens), "--seconds", "20") as address:

            async def take_part(number: int) -> None:
                nonlocal left
                token = f"token-of-client-number-{number:04}"
                async with reaching(address, token) as talk:
                    if number == CLIENTS:
                        await hostile(talk, address, token, ended)
                        return
                    await modest(talk, number)
                left -= 1
                if not left:
                    ended.set()

            async def watch() -> None:
                nonlocal highest
                mine = os.getpid()
                before = memory_of(mine)
                while not ended.is_set():
                    highest = max(highest, memory_of(mine) - before)
                    await anyio.sleep(0.5)

            with anyio.fail_after(250):
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(watch)
                    for number in range(CLIENTS + 1):
                        tasks.start_soon(take_part, number)
            async with reaching(address, f"token-of-client-number-{0:04}") as talk:
                there = set((await talk("list_worlds"))["worlds"])
                assert {f"ring{i}" for i in range(CLIENTS)} <= there
                assert there - {f"ring{i}" for i in range(CLIENTS)} <= {
                    "loop",
                    "bomb",
                    "flood",
                    "busy",
                    "big",
                }
                for name in there - {f"ring{i}" for i in range(CLIENTS)}:
                    assert (await talk("get_world_state", world_name=name))["simulation_time"] < 100

    anyio.run(main)
    assert highest < MOST_MEGABYTES, f"{highest:.0f} MB"
    outside = {path.name for path in tmp_path.iterdir()}
    assert outside == {"empty", "tokens"}
    folder = empty.data / "worlds"
    held = [path for path in folder.iterdir() if path.suffix == ".content"]
    assert len(held) == len([path for path in folder.iterdir() if path.suffix == ".arrow"])


def test_a_large_world_blocks_nobody(empty: Project) -> None:
    spawner = """done = false
function update(now, msgs)
  if not done then
    for i = 1, 9000 do self.spawn_entity("w" .. i, "worker", {n = 0}) end
    done = true
  end
end
function get_state() return {done = done} end
function set_state(s) done = s.done end"""
    worker = "n = 0\nfunction update() n = n + 1 end" + TAIL

    async def main() -> None:
        async with serving(empty) as address:
            token = (empty.data / "mcp-token").read_text().strip()
            async with reaching(address, token) as talk, reaching(address, token) as other:
                entities = [{"id": "spawner", "script_id": "spawner"}]
                scripts = library(spawner=spawner, worker=worker)
                await talk("create_world", name="large", script_library=scripts, entities=entities)
                await talk("advance_simulation", world_name="large", num_steps=2)
                seen = 0
                async with anyio.create_task_group() as tasks:

                    async def long() -> None:
                        await talk("advance_simulation", world_name="large", num_steps=1_500)
                        tasks.cancel_scope.cancel()

                    tasks.start_soon(long)
                    await other("create_world", **ring("small", 5))
                    while True:
                        await other("advance_simulation", world_name="small", num_steps=1)
                        state = await other("get_world_state", world_name="large")
                        assert state == {
                            "simulation_time": 2,
                            "entities_count": 9001,
                            "pending_messages_count": 0,
                        }
                        seen += 1
                assert seen >= 3
                assert (await talk("get_world_state", world_name="large"))["simulation_time"] == 1_502

    anyio.run(main)
