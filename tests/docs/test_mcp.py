"""The page on the MCP server does what it says: its conversation is held, its configurations connect."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from tests.mcp_server.clients import reaching, serving
from worldwright.mcp_server.limits import AT_ONCE, WAITING
from worldwright.mcp_server.reference import tables
from worldwright.project.locate import Project

from .pages import blocks, commands

PAGE = Path(__file__).parents[2] / "docs" / "mcp.md"
BIN = Path(sys.executable).parent


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "specs").mkdir()
    return Project(tmp_path, tmp_path / "data")


def configurations() -> list[dict[str, Any]]:
    """The server that each configuration names."""
    found = [json.loads(text) for kind, _, text in blocks(PAGE) if kind == "json"]
    return [next(iter(one.values()))["worldwright"] for one in found]


def names_over_stdio(arguments: list[str], folder: Path) -> list[str]:
    async def main() -> list[str]:
        parameters = StdioServerParameters(command=str(BIN / "worldwright"), args=arguments, cwd=folder)
        async with Client(stdio_client(parameters)) as client:
            return [tool.name for tool in (await client.list_tools()).tools]

    return anyio.run(main)


def test_every_block_is_of_a_kind_that_is_tried() -> None:
    assert [(kind, file) for kind, file, _ in blocks(PAGE)] == [
        ("sh", ""),
        *[("json", "")] * 3,
        ("python", "conversation.py"),
    ]


def test_the_table_of_tools_is_as_the_tools_are() -> None:
    text = PAGE.read_text(encoding="utf-8")
    shown = text.partition("<!-- tools -->\n")[2].partition("<!-- end of tools -->")[0]
    assert shown == tables(), "write it anew: python -m worldwright.mcp_server.reference"


def test_the_conversation_is_held(project: Project) -> None:
    script = next(text for _, file, text in blocks(PAGE) if file == "conversation.py")
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=project.root,
        env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "'simulation_time': 50" in done.stdout
    assert "{'metrics': ['predators', 'prey']}" in done.stdout
    assert "{'file_path': 'data/snapshots/stable.yaml'}" in done.stdout
    assert "'entity':" in done.stdout


def test_the_commands_serve(project: Project) -> None:
    lines = [line.split() for line in commands(PAGE)]
    assert [line[:2] for line in lines] == [["worldwright", "mcp"]] * 3
    narrow = names_over_stdio(lines[1][1:], project.root)
    assert len(narrow) == 17
    assert "query" in narrow
    assert lines[2][2:] == ["--http", "--port", "8765"]


def test_the_configurations_connect(project: Project) -> None:
    first, second, http = configurations()
    for config in (first, second):
        arguments = [part.replace("/path/to/project", str(project.root)) for part in config["args"]]
        assert config["command"] == "worldwright"
        assert "create_world" in names_over_stdio(arguments, Path("/"))

    async def main() -> None:
        async with serving(project) as address:
            token = (project.data / "mcp-token").read_text().strip()
            assert re.sub(r":\d+/", ":8765/", address) == http["url"]
            assert http["headers"] == {"Authorization": "Bearer TOKEN"}
            async with reaching(address, token) as talk:
                assert await talk("list_worlds") == {"worlds": []}

    anyio.run(main)


def test_the_figures_of_the_page_are_those_of_the_code() -> None:
    from worldwright.mcp_server import experiments, http
    from worldwright.project.worlds import registry

    text = PAGE.read_text(encoding="utf-8")
    assert (AT_ONCE, WAITING) == (3, 32)
    assert "three calls at work at once and 32 waiting" in text
    assert f"at most {http.MOST_BODY >> 20} MB, a world's file {registry.MOST_BYTES >> 20} MB" in text
    assert f"a project {registry.MOST_WORLDS} worlds, a query {experiments.QUERY_SECONDS:g} seconds" in text
