"""A server for one project: its tools, resources and prompts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mcp.server import MCPServer

from worldwright.errors import UsageError
from worldwright.mcp_server.documents import DOCUMENT_TOOLS
from worldwright.mcp_server.doors import Door, House, chosen
from worldwright.mcp_server.experiments import EXPERIMENT_TOOLS
from worldwright.mcp_server.limits import Limits
from worldwright.mcp_server.living import LIVING_TOOLS
from worldwright.mcp_server.prompting import add_prompts
from worldwright.mcp_server.resources import add_resources
from worldwright.mcp_server.vivarium import VIVARIUM_TOOLS
from worldwright.project.worlds.home import Worlds
from worldwright.version import VERSION

TOOLS: tuple[Door, ...] = (*VIVARIUM_TOOLS, *LIVING_TOOLS, *DOCUMENT_TOOLS, *EXPERIMENT_TOOLS)
SETS = {
    "vivarium": VIVARIUM_TOOLS,
    "worlds": (*VIVARIUM_TOOLS, *LIVING_TOOLS),
    "documents": DOCUMENT_TOOLS,
    "experiments": EXPERIMENT_TOOLS,
}
"""Names that stand for several tools in `--tools`."""

INSTRUCTIONS = """\
Worldwright runs worlds of small Lua agents, samples populations from specs, and runs experiments that answer
questions about them. Worlds live in the project's store by name and stay when you leave. For a quick model:
create_world, advance_simulation, get_metrics. For an answer with an interval: write documents, check them,
run an experiment, query its results. Read worldwright://world-api before writing a script."""


def make_server(
    worlds: Worlds, tools: Sequence[str] = (), limits: Limits | None = None, **settings: Any
) -> MCPServer:
    """A server that has not started yet; whoever opened the worlds closes them after it.

    Args:
        worlds: The living worlds of the project it serves.
        tools: Names of tools or of sets of them; all, unless given.
        limits: How much one client may ask for at once.
        settings: For `MCPServer`.

    Raises:
        UsageError: for a tool that does not exist.
    """
    house = House(worlds)

    server = MCPServer(
        "worldwright",
        title="Worldwright",
        version=VERSION,
        instructions=INSTRUCTIONS,
        tools=[door.tool(house) for door in chosen(TOOLS, expanded(tools))],
        middleware=[limits or Limits()],
        log_level="WARNING",
        **settings,
    )
    add_resources(server, house)
    add_prompts(server)
    return server


def expanded(names: Sequence[str]) -> list[str]:
    """Names of tools, with those of each named set.

    Raises:
        UsageError: for one that is neither.
    """
    known = {door.name for door in TOOLS}
    found: list[str] = []
    for name in names:
        if name in SETS:
            found += [door.name for door in SETS[name]]
        elif name in known:
            found.append(name)
        else:
            raise UsageError(
                f"there is no tool {name!r}",
                help=f"there are the sets {', '.join(SETS)} and the tools {', '.join(sorted(known))}",
            )
    return found
