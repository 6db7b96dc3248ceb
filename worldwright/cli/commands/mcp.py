"""`worldwright mcp`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from worldwright.cli.output import OK, open_project


@click.command("mcp")
@click.option("--tools", default="", help="Only these tools or sets of tools, separated by commas.")
@click.option("--http", is_flag=True, help="Serve streamable HTTP on this machine instead.")
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address, with --http.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="With --http; 0 is any free one.",
)
@click.option(
    "--token-file",
    type=click.Path(dir_okay=False),
    help="Tokens of clients, one `NAME TOKEN` a line; a token is made in the project's data/ unless given.",
)
@click.option(
    "--workers", type=click.IntRange(1, 64), default=8, show_default=True, help="Worlds that run at once."
)
@click.option(
    "--seconds",
    type=click.FloatRange(0.1),
    default=300.0,
    show_default=True,
    help="Most time of one run of a world.",
)
@click.pass_context
def command(
    ctx: click.Context,
    tools: str,
    http: bool,
    host: str,
    port: int,
    token_file: str | None,
    workers: int,
    seconds: float,
) -> int:
    """Serve the project to language models by the Model Context Protocol, on standard input and output.

    \b
      worldwright mcp
      worldwright mcp --tools vivarium,query
      worldwright mcp --http --port 8765
    """
    from worldwright.mcp_server.server import make_server
    from worldwright.project.worlds.crew import Crew
    from worldwright.project.worlds.home import Worlds

    project = open_project(ctx)
    wanted = [name for name in tools.replace(" ", "").split(",") if name]
    worlds = Worlds.of(project, Crew(workers, seconds))
    try:
        if not http:
            if sys.stdin.isatty():
                click.echo(
                    "waiting for a client, which starts this command by itself; see docs/mcp.md", err=True
                )
            make_server(worlds, wanted).run("stdio")
            return OK
        from worldwright.mcp_server.http import PATH, listening, own_token, read_tokens, serve, settings

        file = Path(token_file) if token_file else own_token(project.data)
        tokens = read_tokens(file)
        with listening(host, port) as on:
            port = on.getsockname()[1]
            server = make_server(worlds, wanted, **settings(tokens, port))

            def ready() -> None:
                name = f"[{host}]" if ":" in host else host
                where = f"http://{name}:{port}{PATH}"
                click.echo(f"serving at {where}; the token is in {project.show(file)}", err=True)

            serve(server, on, ready)
    finally:
        worlds.close()
    return OK
