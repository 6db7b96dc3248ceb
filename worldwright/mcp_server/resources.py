"""What can be read beside the tools: languages, diagnostics, the catalog, worlds, experiments, documents."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import anyio.to_thread
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError

from worldwright.errors import WorldwrightError
from worldwright.mcp_server.doors import House
from worldwright.project import reference
from worldwright.project.answer import answer_of
from worldwright.project.worlds import looking

SCHEME = "worldwright://"
TEXT, JSON = "text/plain", "application/json"
MARKDOWN = "text/markdown"


def add_resources(server: MCPServer, house: House) -> None:
    """Let a server offer what a project holds."""
    project, worlds = house.project, house.worlds

    def world(name: str) -> str:
        held = worlds.registry.read(name)
        snapshot = held.snapshot
        last = {name: points[-1][1] for name, points in held.metrics.items() if points}
        return _json(
            {
                "time": snapshot.tick,
                "seed": snapshot.seed,
                "parameters": dict(snapshot.parameters),
                "entities": looking.kinds(held),
                "messages": snapshot.sizes["messages"],
                "metrics": last,
                "scripts": {key: script.source for key, script in snapshot.program.scripts.items()},
            }
        )

    def experiment(name: str) -> str:
        text = reference.document(project, f"experiments/{name}.yaml")
        if project.store.current(name) is None:
            return f"{text}\n# no results yet: run_experiment runs it\n"
        answer = answer_of(project, name)
        rows = [f"#   {row.label}: {row.mean} [{row.low}, {row.high}]" for row in answer.rows]
        return "\n".join([text, f"# {answer.outcome}, {answer.at}, version {answer.version}:", *rows])

    fixed: list[tuple[str, str, str, Callable[[], str]]] = [
        ("language", "The spec language: populations and scenarios.", MARKDOWN, reference.language),
        ("world-api", "What a world's script can call.", MARKDOWN, reference.world_api),
        ("world-api/short", "Its signatures alone.", TEXT, reference.world_api_short),
        ("diagnostics", "Every code with why it matters.", TEXT, reference.diagnostics),
        ("catalog", "The tables that query reads.", TEXT, lambda: reference.catalog_schema(project)),
        ("documents", "The documents there are.", TEXT, lambda: reference.documents(project)),
        ("worlds", "The living worlds, with their times.", JSON, lambda: _json(_worlds(house))),
        ("experiments", "The experiments there are.", JSON, lambda: _json(_experiments(house))),
    ]
    for path, text, kind, read in fixed:
        server.resource(SCHEME + path, name=path, description=text, mime_type=kind)(_reading(read))

    @server.resource(f"{SCHEME}diagnostics/{{code}}", description="A code with examples.", mime_type=TEXT)
    async def _diagnostic(code: str) -> str:
        return await _read(reference.diagnostic, code)

    @server.resource(f"{SCHEME}worlds/{{name}}", description="A world: state, scripts.", mime_type=JSON)
    async def _world(name: str) -> str:
        return await _read(world, name)

    @server.resource(f"{SCHEME}experiments/{{name}}", description="A document, its answer.", mime_type=TEXT)
    async def _experiment(name: str) -> str:
        return await _read(experiment, name)

    @server.resource(f"{SCHEME}documents/{{+path}}", description="A document's text.", mime_type=TEXT)
    async def _document(path: str) -> str:
        return await _read(lambda: reference.document(project, path))


def _worlds(house: House) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in house.worlds.registry.names():
        snapshot = house.worlds.registry.read(name).snapshot
        found.append({"name": name, "time": snapshot.tick, "entities": snapshot.sizes["entities"]})
    return found


def _experiments(house: House) -> list[dict[str, Any]]:
    project = house.project
    return [
        {"name": name, "has_results": project.store.current(name) is not None}
        for name in project.names("experiment")
    ]


def _reading(read: Callable[[], str]) -> Callable[[], Any]:
    async def handle() -> str:
        return await _read(read)

    return handle


async def _read(read: Callable[..., str], *arguments: str) -> str:
    try:
        return await anyio.to_thread.run_sync(read, *arguments)
    except WorldwrightError as error:
        raise ResourceError(str(error)) from error


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str)
