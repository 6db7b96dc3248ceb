"""`worldwright mcp`."""

from __future__ import annotations

import click

from worldwright.cli.output import OK, open_project


@click.command("mcp")
@click.option("--tools", default="", help="Only these tools or sets of tools, separated by commas.")
@click.pass_context
def command(ctx: click.Context, tools: str) -> int:
    """Serve the project to language models by the Model Context Protocol, on standard input and output.

    \b
      worldwright mcp
      worldwright mcp --tools vivarium,query
    """
    from worldwright.mcp_server.server import make_server
    from worldwright.project.worlds.home import Worlds

    worlds = Worlds.of(open_project(ctx))
    try:
        make_server(worlds, [name for name in tools.replace(" ", "").split(",") if name]).run("stdio")
    finally:
        worlds.close()
    return OK
