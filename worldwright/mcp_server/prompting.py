"""Prompts for the usual jobs: Markdown in `prompts/`, with places that are filled by what is asked."""

from __future__ import annotations

import re
from importlib import resources

from mcp.server import MCPServer

_PLACE = re.compile(r"\{\{(\w+)\}\}")
MOST_CHARACTERS = 4_000


def add_prompts(server: MCPServer) -> None:
    """Let a server offer the prompts."""

    @server.prompt(title="Model this system")
    def model_this_system(system: str, question: str) -> str:
        """From a description and a question to a model, an experiment and an answer with its interval."""
        return filled("model_this_system", system=system, question=question)

    @server.prompt(title="Which parameter matters?")
    def which_parameter_matters(world: str, metric: str) -> str:
        """Screen the parameters of a world for their effect on a metric."""
        return filled("which_parameter_matters", world=world, metric=metric)

    @server.prompt(title="Why did it collapse?")
    def why_did_it_collapse(world: str) -> str:
        """Find when and why a living world went wrong, by going back and changing one thing at a time."""
        return filled("why_did_it_collapse", world=world)


def filled(name: str, **places: str) -> str:
    """The prompt `prompts/NAME.md` with its places filled by texts, which are cut and not looked at again."""
    text = resources.files("worldwright.mcp_server").joinpath("prompts", f"{name}.md").read_text("utf-8")
    return _PLACE.sub(lambda match: places[match[1]][:MOST_CHARACTERS], text)
