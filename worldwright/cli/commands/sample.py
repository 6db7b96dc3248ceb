"""`worldwright sample`."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

import click

from worldwright.cli.output import FAILED, OK, console, echo_diagnostics, echo_json
from worldwright.errors import UsageError


@click.command("sample")
@click.argument("spec", type=click.Path(dir_okay=False))
@click.option(
    "--agents", "-n", type=click.IntRange(0), help="How many agents; the spec's own number otherwise."
)
@click.option("--seed", "-s", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True)
@click.option(
    "--out",
    "-o",
    type=click.Path(),
    required=True,
    help="The Parquet file to write; or a folder (DIR/), for parts of 1,048,576 agents.",
)
@click.option(
    "--workers",
    "-w",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Local processes that compute at once; the file is the same.",
)
@click.option(
    "--ray", metavar="ADDRESS", help="Compute on this Ray cluster: HOST:PORT, ray://HOST:PORT or auto."
)
@click.option(
    "--quality",
    type=click.Path(dir_okay=False),
    help="Also write how the agents meet the spec: a page (.html) or a table (.parquet).",
)
@click.option("--json", "as_json", is_flag=True, help="Give the result as JSON.")
def command(
    spec: str,
    agents: int | None,
    seed: int,
    out: str,
    workers: int,
    ray: str | None,
    quality: str | None,
    as_json: bool,
) -> int:
    """Sample a population, or a scenario on its population, into a Parquet file.

    The same spec and seed give the same agents, and more agents begin with the same ones. With --quality the
    figures under `expect:` are the gate: exit code 3 where one is not met; tests only warn.

    \b
      worldwright sample specs/populations/german-surgeons.yaml --agents 10000 --seed 1 --out surgeons.parquet
    """
    from worldwright.cli.progress import progress
    from worldwright.project.sample import sample_file

    if ray is not None and workers > 1:
        raise UsageError("--workers are local processes, and --ray names a cluster", help="give one of them")
    parts = out.endswith(os.sep) or Path(out).is_dir()
    with progress(console(err=True), f"sampling {Path(spec).stem}", "agents", quiet=as_json) as told:
        sampled = sample_file(
            Path(spec),
            agents,
            seed,
            Path(out),
            told,
            parts=parts,
            workers=workers,
            ray=ray,
            quality=None if quality is None else Path(quality),
        )
    echo_diagnostics([d for d in sampled.diagnostics if not d.is_error], sampled.texts, err=True)
    facts = {"file": out, "agents": sampled.agents, "attributes": sampled.attributes, "seed": seed}
    judged = sampled.quality
    if as_json:
        report = {} if judged is None else {"quality": asdict(judged)}
        written = {"parts": sampled.files} if parts else {"sha256": sampled.files[Path(out).name]}
        echo_json({**facts, "spec": sampled.digest, **written, **report})
    else:
        number = len(sampled.files)
        within = f" in {number} {'part' if number == 1 else 'parts'}" if parts else ""
        click.echo(
            f"{out}: {sampled.agents:,} agents{within} × {sampled.attributes} attributes "
            f"({sampled.digest}, seed {seed})"
        )
    if judged is None:
        return OK
    if not as_json:
        click.echo(f"{judged.file}: {judged.warnings} warnings, {len(judged.failures)} failures")
    for failure in judged.failures:
        click.echo(f"error: not met: {failure}", err=True)
    return FAILED if judged.failures else OK
