"""The official client as tests use it: calls that must succeed, calls that must be refused."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import anyio
import httpx2
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from worldwright.mcp_server.server import make_server
from worldwright.project.locate import Project
from worldwright.project.worlds.crew import Crew
from worldwright.project.worlds.home import Worlds


class Talk:
    """A client in a conversation."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def __call__(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The structured result of a call that must succeed."""
        result = await self.client.call_tool(tool, arguments)
        text = str(getattr(result.content[-1], "text", ""))
        assert not result.is_error, f"{tool}: {text}"
        assert json.loads(text) == result.structured_content
        return dict(result.structured_content or {})

    async def refused(self, tool: str, **arguments: Any) -> str:
        """What is said to a call that must fail."""
        result = await self.client.call_tool(tool, arguments)
        assert result.is_error, f"{tool} was taken: {result.structured_content}"
        return str(getattr(result.content[0], "text", ""))


@cache
def crew() -> Crew:
    """One crew for all tests; it ends with this process."""
    return Crew(2, seconds=60)


@asynccontextmanager
async def within(project: Project, *tools: str) -> AsyncGenerator[Talk]:
    """A client of a server in the same process."""
    server = make_server(Worlds.of(project, crew()), tools)
    async with Client(server) as client:
        yield Talk(client)


@asynccontextmanager
async def over_stdio(project: Project, *options: str) -> AsyncGenerator[Talk]:
    """A client of `worldwright mcp` as another process."""
    command = ["-m", "worldwright.cli.main", "--project", str(project.root), "mcp", *options]
    parameters = StdioServerParameters(command=sys.executable, args=command)
    async with Client(stdio_client(parameters)) as client:
        yield Talk(client)


@asynccontextmanager
async def serving(project: Project, *options: str) -> AsyncGenerator[str]:
    """The address of `worldwright mcp --http` as another process, which ends with the block."""
    command = [sys.executable, "-m", "worldwright.cli.main", "--project", str(project.root), "mcp", "--http"]
    process = await anyio.open_process([*command, "--port", "0", *options], stderr=subprocess.PIPE)
    try:
        assert process.stderr is not None
        said = ""
        with anyio.fail_after(60):
            while "\n" not in said:
                said += (await process.stderr.receive()).decode()
        yield re.findall(r"http://\S+/mcp", said)[0]
    finally:
        process.terminate()
        with anyio.move_on_after(20, shield=True):
            await process.wait()


@asynccontextmanager
async def reaching(address: str, token: str) -> AsyncGenerator[Talk]:
    """A client of a server at an address."""
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60) as http,
        Client(streamable_http_client(address, http_client=http)) as client,
    ):
        yield Talk(client)


@asynccontextmanager
async def over_http(project: Project, *options: str) -> AsyncGenerator[Talk]:
    """A client of `worldwright mcp --http`, with the token it has made."""
    async with serving(project, *options) as address:
        token = (project.data / "mcp-token").read_text().strip()
        async with reaching(address, token) as talk:
            yield talk
