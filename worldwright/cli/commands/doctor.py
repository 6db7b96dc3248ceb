"""`worldwright doctor`."""

from __future__ import annotations

import click

from worldwright.cli.output import FAILED, OK, echo_json, echo_rows


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Give the findings as JSON.")
def command(as_json: bool) -> int:
    """Check that everything Worldwright needs works on this machine.

    It samples a population, runs a world in the locked worker, and asks DuckDB a question, in a temporary
    folder. Exit code 3 when something does not work.

    \b
      worldwright doctor
    """
    from worldwright.project.doctor import examine

    findings = examine()
    if as_json:
        echo_json([{"what": f.what, "ok": f.ok, "detail": f.detail} for f in findings])
    else:
        echo_rows(["what", "", "detail"], [[f.what, "ok" if f.ok else "FAILS", f.detail] for f in findings])
    return OK if all(f.ok for f in findings) else FAILED
