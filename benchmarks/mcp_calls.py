"""What a call of the MCP server costs over the engine: the official client, beside a direct run.

    python benchmarks/mcp_calls.py [--calls 60] [--json]

The same step of the same world is made by a worker alone and by calls; both must end in the same state, or
nothing is timed. Looking tools run no engine, so their whole time is the server's.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import httpx2
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from worldwright.project.worlds.making import from_vivarium  # noqa: E402
from worldwright.world import Record, RunRequest, Snapshot, Worker  # noqa: E402
from worldwright.world.contents import Contents  # noqa: E402

TARGET_MS = 5.0
ENTITIES = 250
SCRIPT = """n, peer = 0, ""
function update(now, msgs)
  n = n + #msgs
  self.send_msg(peer, "hello", {n = n}, 1)
  world.record_metric("messages", #msgs)
end
function get_state() return {n = n, peer = peer} end
function set_state(s) n, peer = s.n, s.peer end"""


def config(name: str) -> dict[str, Any]:
    entities = [
        {"id": f"e{i}", "script_id": "s", "initial_state": {"n": 0, "peer": f"e{(i * 7 + 1) % ENTITIES}"}}
        for i in range(ENTITIES)
    ]
    library = {"s": {"id": "s", "kind": "lua", "script": SCRIPT}}
    return {"name": name, "script_library": library, "entities": entities}


class Engine:
    """A worker that makes the same steps, and nothing else."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        program = from_vivarium(config("w"), "the benchmark")
        self.snapshot = self._end(RunRequest(program, 0, 0, save_at="last", record=Record(())))

    def _end(self, request: RunRequest) -> Snapshot:
        result = self.worker.run(request)
        assert result.snapshot is not None, result.failure
        return result.snapshot

    def step(self) -> float:
        begun = time.perf_counter()
        self.snapshot = self._end(self.snapshot.request(1, save_at="last", record=Record(())))
        return time.perf_counter() - begun

    def states(self) -> dict[str, Any]:
        return {one.id: one.state for one in Contents(self.snapshot).entities}


def cpu_of(pid: int) -> float:
    """Seconds of CPU time of a process so far, all its threads together."""
    return (
        sum(int(file.read_text().split()[0]) for file in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9
    )


Times = tuple[float, float]
"""Milliseconds of a call: wall time, and CPU time of one process."""


async def timed(pid: int, calls: int, work: Callable[[], Awaitable[Any]]) -> Times:
    """The median of wall time, and the mean of the CPU time of a process."""
    wall: list[float] = []
    begun = cpu_of(pid)
    for _ in range(calls):
        at = time.perf_counter()
        await work()
        wall.append(time.perf_counter() - at)
    return statistics.median(wall) * 1e3, (cpu_of(pid) - begun) / calls * 1e3


async def measure(client: Client, server: int, engine: Engine, calls: int) -> dict[str, Any]:
    async def call(tool: str, **arguments: Any) -> dict[str, Any]:
        result = await client.call_tool(tool, arguments)
        assert not result.is_error, result.content
        return dict(result.structured_content or {})

    async def alone() -> None:
        engine.step()

    await call("create_world", **config("w"))
    found: dict[str, Any] = {}
    rounds: list[tuple[Times, Times]] = []
    for _ in range(5):
        direct = await timed(os.getpid(), calls // 5, alone)
        through = await timed(
            server, calls // 5, lambda: call("advance_simulation", world_name="w", num_steps=1)
        )
        rounds.append((direct, through))
    listed = await call("list_entities", world_name="w", include_states=True)
    if {one["id"]: one["state"] for one in listed["entities"]} != engine.states():
        raise SystemExit("the server's world and the engine's have gone apart: nothing is reported")
    found["engine alone"] = _middle([direct for direct, _ in rounds])
    found["advance_simulation"] = _middle([through for _, through in rounds])
    found["over the engine"] = _middle([(b[0] - a[0], b[1] - a[1]) for a, b in rounds[1:]])
    for tool, arguments in {
        "get_world_state": {"world_name": "w"},
        "get_entity_state": {"world_name": "w", "entity_id": "e7"},
        "get_metric": {"world_name": "w", "metric_name": "messages"},
        "list_worlds": {},
    }.items():
        found[tool] = _middle([await timed(server, calls, lambda t=tool, a=arguments: call(t, **a))])
    return found


def _middle(pairs: list[Times]) -> list[float]:
    return [round(statistics.median(pair[i] for pair in pairs), 2) for i in (0, 1)]


async def over_stdio(project: Path, calls: int) -> dict[str, Any]:
    parameters = StdioServerParameters(
        command=sys.executable,
        args=["-m", "worldwright.cli.main", "--project", str(project), "mcp"],
        cwd=ROOT,
    )
    with Worker() as worker:
        engine = await anyio.to_thread.run_sync(Engine, worker)
        before = set(children())
        async with Client(stdio_client(parameters)) as client:
            (server,) = set(children()) - before
            return await measure(client, server, engine, calls)


async def over_http(project: Path, calls: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "worldwright.cli.main", "--project", str(project)]
    process = await anyio.open_process(
        [*command, "mcp", "--http", "--port", "0"], stderr=subprocess.PIPE, cwd=ROOT
    )
    try:
        assert process.stderr is not None
        said = (await process.stderr.receive()).decode()
        address = said.split("serving at ")[1].split(";")[0]
        token = (project / "data" / "mcp-token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        with Worker() as worker:
            engine = await anyio.to_thread.run_sync(Engine, worker)
            async with (
                httpx2.AsyncClient(headers=headers, timeout=60) as http,
                Client(streamable_http_client(address, http_client=http)) as client,
            ):
                return await measure(client, process.pid, engine, calls)
    finally:
        process.terminate()
        await process.wait()


def children() -> list[int]:
    files = Path("/proc/self/task").glob("*/children")
    return [int(pid) for file in files for pid in file.read_text().split()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found: dict[str, Any] = {}
    for name, transport in {"stdio": over_stdio, "http": over_http}.items():
        with tempfile.TemporaryDirectory(prefix="worldwright-") as folder:
            (Path(folder) / "specs").mkdir()
            found[name] = anyio.run(transport, Path(folder), given.calls)
    found["machine"] = f"{platform.machine()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}"
    if given.json:
        print(json.dumps(found, indent=1))
        return
    print(f"ms of a call: wall, and CPU of the server (alone: of this process); {ENTITIES} entities")
    print(found.pop("machine"))
    for line in found["stdio"]:
        shown = (f"{name} {found[name][line][0]:8.2f} {found[name][line][1]:8.2f}   " for name in found)
        print(f"{line:20}" + "".join(shown))
    worst = max(found[name]["over the engine"][1] for name in found)
    print(f"CPU time over the engine at most {worst:.2f} ms; the goal is {TARGET_MS:g} ms")


if __name__ == "__main__":
    main()
