"""Resources and prompts over the official client."""

from __future__ import annotations

import json
import re
from typing import Any

import anyio
import pytest
from mcp.shared.exceptions import MCPError

from tests.architect.model_server import serving
from tests.architect.web import conversation
from worldwright.architect import ModelSettings
from worldwright.architect.cleaning import is_control
from worldwright.mcp_server.server import TOOLS
from worldwright.project.author import How, author_document
from worldwright.project.locate import Project

from .clients import Talk, within
from .ecosystem import ecosystem


def held(project: Project, body: Any) -> None:
    async def main() -> None:
        async with within(project) as talk:
            await body(talk)

    anyio.run(main)


async def text(talk: Talk, path: str) -> str:
    result = await talk.client.read_resource(f"worldwright://{path}")
    return "".join(str(getattr(one, "text", "")) for one in result.contents)


def test_what_is_listed_can_be_read(tiny: Project) -> None:
    async def body(talk: Talk) -> None:
        listed = (await talk.client.list_resources()).resources
        names = [one.name for one in listed]
        assert {"language", "world-api", "diagnostics", "catalog", "worlds", "experiments"} <= set(names)
        for one in listed:
            if one.name == "catalog":
                with pytest.raises(MCPError, match="no results to query yet"):
                    await talk.client.read_resource(one.uri)
                continue
            assert (await talk.client.read_resource(one.uri)).contents, one.uri
        assert "self.send_msg(" in await text(talk, "world-api")
        assert len(await text(talk, "world-api/short")) < 12_000
        assert "`distribution`" in await text(talk, "language")
        templates = (await talk.client.list_resource_templates()).resource_templates
        assert len(templates) == 4

    held(tiny, body)


def test_documents_experiments_worlds_and_codes(tiny: Project) -> None:
    async def body(talk: Talk) -> None:
        listed = await text(talk, "documents")
        assert "population: people (specs/populations/people.yaml)" in listed
        people = (tiny.specs / "populations" / "people.yaml").read_text()
        assert await text(talk, "documents/populations/people.yaml") == people
        assert "worldwright: world/1" in await text(talk, "documents/worlds/rumour")
        assert "no results yet" in await text(talk, "experiments/rumour")
        await talk("run_experiment", experiment="growth", workers=1)
        assert "# cells, at the last tick, version 1:" in await text(talk, "experiments/growth")
        assert "metric_summary" in await text(talk, "catalog")
        assert json.loads(await text(talk, "experiments"))[0] == {"name": "growth", "has_results": True}
        await talk("create_world", **ecosystem("eco"))
        assert json.loads(await text(talk, "worlds")) == [{"name": "eco", "time": 0, "entities": 1}]
        world = json.loads(await text(talk, "worlds/eco"))
        assert world["entities"] == {"spawner": 1}
        assert world["scripts"]["prey"].startswith("energy")
        code = await text(talk, "diagnostics/WW0312")
        assert code.startswith("WW0312 ")
        assert "Wrong:" in code

    held(tiny, body)


@pytest.mark.parametrize(
    "path",
    [
        *("documents/../../../etc/passwd", "documents/%2e%2e/%2e%2e/etc/passwd", "documents//etc/passwd"),
        *("worlds/..%2f..%2fx", "experiments/..%2F..%2Fpopulations%2Fpeople", "diagnostics/nonsense"),
    ],
)
def test_nothing_else_can_be_read(tiny: Project, path: str) -> None:
    async def body(talk: Talk) -> None:
        with pytest.raises(MCPError):
            await talk.client.read_resource(f"worldwright://{path}")

    held(tiny, body)


def test_prompts_name_tools_that_exist(tiny: Project) -> None:
    async def body(talk: Talk) -> None:
        prompts = (await talk.client.list_prompts()).prompts
        assert [one.name for one in prompts] == [
            "model_this_system",
            "which_parameter_matters",
            "why_did_it_collapse",
        ]
        tools = {door.name for door in TOOLS}
        for one in prompts:
            given = {argument.name: f"<{argument.name} {{{{x}}}}>" for argument in one.arguments or []}
            answer = await talk.client.get_prompt(one.name, given)
            words = str(getattr(answer.messages[0].content, "text", ""))
            assert all(value in words for value in given.values())
            named = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", words)) - set(given)
            assert named <= tools, named - tools

    held(tiny, body)


def test_a_strangers_text_in_an_authored_document_is_text(tiny: Project) -> None:
    settings = {"model": "gpt-large", "protocol": "responses", "timeout": 10.0}
    with serving(*conversation()) as script:
        asked = ModelSettings(base_url=script.address, **settings)  # pyright: ignore[reportArgumentType]
        author_document(tiny, tiny.specs / "populations/people.yaml", How(asked, hands="theirs"))

    async def body(talk: Talk) -> None:
        shown = await text(talk, "documents/populations/people.yaml")
        assert "<script>alert(1)</script>" in shown  # as text of a document, not as markup
        assert not any(is_control(character) for character in shown)
        checked = json.dumps(await talk("check_documents"))
        assert "\\u001b" not in checked and "\\u202e" not in checked

    held(tiny, body)
