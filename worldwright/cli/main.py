"""The `worldwright` command: commands are imported only when they are called."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from worldwright.cli.output import EXIT_CODES, fail
from worldwright.cli.stopping import STOPPING

COMMANDS = {
    "check": "Check documents and say what is wrong, where, and what to do.",
    "fmt": "Write documents in the canonical form, with every comment kept.",
    "new": "Make a new project from a template.",
    "sample": "Sample a population into a Parquet file.",
    "explain": "Say how one agent of a population came about, step by step.",
    "spec": "Work on specs: plan, plot, compare and change them.",
    "world": "Run a world by itself, watch it, and keep its states.",
    "run": "Run an experiment; what is already there is not run again.",
    "experiment": "Compare the results of experiments.",
    "results": "Show the answer of an experiment.",
    "report": "Show where the report of an experiment is.",
    "query": "Ask the results a question in SQL.",
    "export": "Write an experiment's results into one file.",
    "lineage": "Show what a dataset was made from.",
    "reproduce": "Run a stored run again and compare the bytes.",
    "author": "Write a document from its brief, or accept it as it stands.",
    "store": "Look after the store: verify, clean up, push and pull.",
    "mcp": "Serve the project to language models (Model Context Protocol).",
    "doctor": "Check that everything Worldwright needs works here.",
}
HELP_OPTIONS = ["-h", "--help"]


class Lazy(click.Group):
    """A group whose commands live in one module each and load when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        return importlib.import_module(f"worldwright.cli.commands.{cmd_name}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(
    cls=Lazy,
    context_settings={"help_option_names": HELP_OPTIONS, "max_content_width": 100},
    epilog=f"Exit codes: {EXIT_CODES}.",
)
@click.version_option(package_name="worldwright", message="%(version)s")
@click.option(
    "--project",
    "folder",
    type=click.Path(exists=True, file_okay=False),
    default=".",
    help="The project's folder; the one you are in is found by itself.",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False),
    envvar="WORLDWRIGHT_DATA",
    help="Where results go instead of the project's own data/.",
)
@click.option(
    "--mirror",
    metavar="URL",
    envvar="WORLDWRIGHT_MIRROR",
    help="Fetch results that are not here from this object store, such as s3://BUCKET/FOLDER.",
)
@click.option(
    "--endpoint",
    metavar="URL",
    envvar=["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"],
    help="The object store's own URL, where it is not Amazon's.",
)
@click.pass_context
def command(
    ctx: click.Context, folder: str, data: str | None, mirror: str | None, endpoint: str | None
) -> None:
    """Compile a question about a population into a world that answers it.

    A first look:

    \b
      worldwright new my-question && cd my-question
      worldwright check specs/populations/*.yaml
      worldwright run adoption-quick
      worldwright query "select * from metric_summary limit 5"
    """
    ctx.obj = {"folder": folder, "data": data, "mirror": mirror, "endpoint": endpoint}


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line and exit with one of the documented codes."""
    STOPPING.listen()
    try:
        code = command.main(args=arguments, prog_name="worldwright", standalone_mode=False)
    except Exception as error:  # noqa: BLE001 (the last line of defence: a person never sees a traceback)
        code = fail(error)
    except KeyboardInterrupt as error:
        code = fail(error)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
