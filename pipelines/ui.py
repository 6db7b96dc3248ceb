"""`python -m pipelines.ui`: open Dagster for this project on this machine, with its history.

Becomes `dagster dev`, which serves the pages and starts what schedules and sensors ask for, until it is told
to stop (Ctrl-C, or SIGTERM).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import click

from pipelines.ready import HOST, serves
from worldwright.cli.output import OK, fail
from worldwright.errors import UsageError

QUIET = ("ignore:Function `dev_command` is superseded",)
"""Warnings of Dagster's own that a user can do nothing about, as PYTHONWARNINGS takes them."""


@click.command("python -m pipelines.ui")
@click.option("--port", "-p", type=click.IntRange(1, 65535), default=3000, show_default=True)
def command(port: int) -> None:
    """Open Dagster on 127.0.0.1, with schedules and sensors running; its history stays in .dagster/."""
    from assets.partitions import experiments
    from assets.processes import this_process
    from pipelines.location import open_instance, workspace_here
    from pipelines.orphans import end_orphans

    if serves(port):
        raise UsageError(
            f"Dagster is served on port {port} already", help="open it, or choose another --port"
        )
    project = workspace_here().project()
    click.echo(f"Starting Dagster for {project.root} …")
    # Dagster's databases are made by one process before several open them: on a fresh folder they would race.
    with open_instance(project.root) as instance:
        end_orphans(instance)
        instance.add_dynamic_partitions(experiments.name or "", project.names("experiment"))
    subprocess.run([sys.executable, "-m", "pipelines.ready", str(port), this_process()], check=True)
    # A shell that starts this in the background has it ignore the signal that Dagster stops on.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.execve(sys.executable, [sys.executable, *arguments(port)], environment(str(project.root)))


def arguments(port: int) -> list[str]:
    """The arguments of `dagster dev`, as Python takes them."""
    return [
        "-m",
        "dagster",
        "dev",
        "-w",
        "workspace.yaml",
        "-h",
        HOST,
        "-p",
        str(port),
        "--log-level",
        "error",
    ]


def environment(root: str) -> dict[str, str]:
    """The environment that Dagster's processes see.

    Args:
        root: The project's folder; `dagster.yaml` there is what Dagster goes by.
    """
    warnings = ",".join([*filter(None, [os.environ.get("PYTHONWARNINGS")]), *QUIET])
    return {**os.environ, "DAGSTER_HOME": root, "DAGSTER_DISABLE_TELEMETRY": "1", "PYTHONWARNINGS": warnings}


def main(options: list[str] | None = None) -> None:
    """Run the command; it returns only when Dagster could not be started."""
    try:
        code = command.main(args=options, prog_name="python -m pipelines.ui", standalone_mode=False)
    except Exception as error:  # noqa: BLE001 (the last line of defence: a person never sees a traceback)
        code = fail(error)
    except KeyboardInterrupt as error:
        code = fail(error)
    sys.exit(code if isinstance(code, int) else OK)


if __name__ == "__main__":
    main()
