"""A server from our factory that also has what the official conformance suite asks for by fixed names.

    python -m tests.mcp_server.conformance_server FOLDER

Serves without a token on a free port of 127.0.0.1 and prints its address. What our server does not offer, and
why, is in `conformance-failures.yaml`.
"""

from __future__ import annotations

import base64
import socket
import sys
import time
from pathlib import Path
from typing import Any

import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.prompts.base import Message
from mcp_types import (
    AudioContent,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    TextContent,
    TextResourceContents,
)
from pydantic import BaseModel

from worldwright.mcp_server.doors import Door, House, Visit
from worldwright.mcp_server.http import app
from worldwright.mcp_server.server import make_server
from worldwright.project.locate import Project
from worldwright.project.worlds.home import Worlds

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
WAV = base64.b64encode(
    b"RIFF$\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0@\x1f\0\0@\x1f\0\0\x01\0\x08\0data\0\0\0\0"
).decode()


class Done(BaseModel):
    """What a tool of ours gives."""

    message: str


def test_tool_with_progress(visit: Visit) -> Done:
    """Say how far it is, as our own long tools do."""
    for done in (0, 50, 100):
        if visit.call.show is not None:
            visit.call.show(done, 100, f"{done} of 100")
        time.sleep(1.2)
    return Done(message="done")


def add_fixtures(server: MCPServer, house: House) -> None:
    """Tools, resources and prompts by the suite's names."""
    fixture = Door(test_tool_with_progress).tool(house)
    server.tool(name=fixture.name, description=fixture.description)(fixture.fn)
    _tools(server)
    _resources(server)
    _prompts(server)


def _tools(server: MCPServer) -> None:
    def add(name: str, *content: ContentBlock) -> None:
        def give() -> list[ContentBlock]:
            return list(content)

        server.tool(name=name, description="A fixture.")(give)

    image = ImageContent(type="image", data=PNG, mime_type="image/png")
    add("test_simple_text", TextContent(type="text", text="This is a simple text response for testing."))
    add("test_image_content", image)
    add("test_audio_content", AudioContent(type="audio", data=WAV, mime_type="audio/wav"))
    add("test_embedded_resource", _embedded("test://embedded-resource", "An embedded resource."))
    add(
        "test_multiple_content_types",
        TextContent(type="text", text="Multiple content types test:"),
        image,
        _embedded("test://mixed-content-resource", '{"test":"data","value":123}', "application/json"),
    )

    @server.tool(description="A fixture.")
    def test_error_handling() -> str:
        raise ToolError("This tool intentionally returns an error for testing")


def _embedded(uri: str, text: str, kind: str = "text/plain") -> EmbeddedResource:
    return EmbeddedResource(
        type="resource", resource=TextResourceContents(uri=uri, mime_type=kind, text=text)
    )


def _resources(server: MCPServer) -> None:
    @server.resource("test://static-text", mime_type="text/plain")
    def _text() -> str:
        return "This is the content of the static text resource."

    @server.resource("test://static-binary", mime_type="image/png")
    def _binary() -> bytes:
        return base64.b64decode(PNG)

    @server.resource("test://template/{id}/data", mime_type="application/json")
    def _template(id: str) -> str:
        return f'{{"id": "{id}", "templateTest": true, "data": "Data for ID: {id}"}}'


def _prompts(server: MCPServer) -> None:
    def user(content: Any) -> Message:
        return Message(role="user", content=content)

    @server.prompt(description="A fixture.")
    def test_simple_prompt() -> str:
        return "This is a simple prompt for testing."

    @server.prompt(description="A fixture.")
    def test_prompt_with_arguments(arg1: str, arg2: str) -> str:
        return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"

    @server.prompt(description="A fixture.")
    def test_prompt_with_embedded_resource(resourceUri: str) -> list[Message]:  # noqa: N803
        return [user(_embedded(resourceUri, "Embedded.")), user(TextContent(type="text", text="Look at it."))]

    @server.prompt(description="A fixture.")
    def test_prompt_with_image() -> list[Message]:
        image = ImageContent(type="image", data=PNG, mime_type="image/png")
        return [user(image), user(TextContent(type="text", text="Look at it."))]


def main(folder: Path) -> None:
    (folder / "specs").mkdir(exist_ok=True)
    worlds = Worlds.of(Project(folder, folder / "data"))
    server = make_server(worlds)
    add_fixtures(server, House(worlds))
    with socket.create_server(("127.0.0.1", 0)) as on:
        port = on.getsockname()[1]
        print(f"http://127.0.0.1:{port}/mcp", flush=True)  # noqa: T201
        uvicorn.Server(uvicorn.Config(app(server, port), log_level="warning")).run(sockets=[on])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
