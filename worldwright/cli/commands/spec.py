"""`worldwright spec`: operations on specs, each pure, each a verb."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import click

from worldwright.cli.output import OK, echo_diagnostics, echo_json
from worldwright.cli.spec_operations import apply, diff, interpolate, merge, perturb, simplify
from worldwright.render import to_json


@click.group("spec")
def command() -> None:
    """Work on specs as on code: see them before an agent exists, compare them, change them."""


@command.command("plan")
@click.argument("spec", type=click.Path(dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Give the plan as JSON.")
def plan(spec: str, as_json: bool) -> int:
    """Show in which order the attributes of SPEC are drawn, from what, how, and at what cost.

    Nobody writes the order down: it follows from what expressions read. The cost is what one agent takes:
    draws (uniform numbers) and operations (reads, constants and functions in expressions).

    \b
      worldwright spec plan specs/populations/german-surgeons.yaml
    """
    from worldwright.project.spec_tools import plan_spec

    made = plan_spec(Path(spec))
    if as_json:
        echo_json({**asdict(made), "draws": made.draws, "operations": made.operations})
        return OK
    rows = [
        [i, a.name, a.type, a.strategy, a.modifiers, a.level, a.draws, a.operations, ", ".join(a.reads)]
        for i, a in enumerate(made.attributes, 1)
    ]
    columns = ["", "attribute", "type", "strategy", "modifiers", "level", "draws", "operations", "reads"]
    _echo_plain(columns, rows)
    for group in made.correlated:
        click.echo(f"drawn together: {', '.join(group)}")
    for group in made.raked:
        how = "whole numbers of agents" if made.exact else "one draw"
        click.echo(f"drawn from a joint table: {', '.join(group)} ({how})")
    for condition, owners in made.constraints:
        click.echo(f"must hold: {condition} (redraws {', '.join(owners)})")
    name = f"{made.scenario} on {made.name}" if made.scenario else made.name
    click.echo(
        f"{name}: {len(made.attributes)} attributes on {made.levels} levels, "
        f"{made.draws} draws and {made.operations} operations an agent"
    )
    return OK


@command.command("reference")
@click.option(
    "--out", "-o", type=click.Path(dir_okay=False), help="A file to write; printed where not given."
)
def reference(out: str | None) -> int:
    """Print every key, distribution and function of the spec language, as the models have them.

    \b
      worldwright spec reference --out docs/language.md
    """
    from worldwright.project.spec_tools import write_reference

    text = write_reference(None if out is None else Path(out))
    click.echo(f"wrote {out}" if out else text, nl=bool(out))
    return OK


@command.command("import")
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--out", "-o", type=click.Path(dir_okay=False), required=True, help="The document to write.")
@click.option("--descriptions", is_flag=True, help="Keep the description of each attribute.")
@click.option("--overwrite", is_flag=True, help="Replace the document where there is one.")
@click.option("--json", "as_json", is_flag=True, help="Give the result as JSON.")
def import_(file: str, out: str, descriptions: bool, overwrite: bool, as_json: bool) -> int:
    """Rewrite a spec of Entropy or Extropy as a native one that samples the same population.

    A scenario of theirs becomes a scenario over the imported population. Where the meaning had to change,
    it is said.

    \b
      worldwright spec import population.v1.yaml --out specs/populations/people.yaml
    """
    from worldwright.project.spec_import import import_file

    done = import_file(Path(file), Path(out), descriptions=descriptions, overwrite=overwrite)
    if as_json:
        facts = {"file": done.file, "lines": done.lines, "attributes": done.attributes, "spec": done.digest}
        echo_json({**facts, "same": done.same, "changed": to_json(done.changed)})
        return OK
    echo_diagnostics(list(done.changed), done.texts, err=True)
    same = "samples the same agents" if done.same else "samples other agents"
    click.echo(f"{done.file}: {done.attributes} attributes on {done.lines} lines; {same} ({done.digest})")
    return OK


@command.command("plot")
@click.argument("spec", type=click.Path(dir_okay=False))
@click.option(
    "--out", "-o", type=click.Path(dir_okay=False), required=True, help="The picture to write: .png or .svg."
)
@click.option("--theme", type=click.Choice(["light", "dark"]), default="light", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Give the names of the files as JSON.")
def plot(spec: str, out: str, theme: Literal["light", "dark"], as_json: bool) -> int:
    """Draw every distribution of SPEC, and how many agents each modifier reaches, before an agent exists.

    Distributions are those the spec declares, cut as declared, for all agents and for those each modifier
    reaches. A modifier's share is computed where it follows from the spec alone; otherwise it is counted in a
    sample of 20,000, and marked so. Writes two files: OUT, and one beside it for the modifiers.

    \b
      worldwright spec plot specs/populations/german-surgeons.yaml --out surgeons.png
    """
    from worldwright.project.spec_tools import plot_spec

    written = plot_spec(Path(spec), Path(out), theme)
    if as_json:
        echo_json({"files": [str(file) for file in written]})
        return OK
    for file in written:
        click.echo(f"wrote {file}")
    return OK


@command.command("rake")
@click.argument("spec", type=click.Path(dir_okay=False))
@click.argument("table", type=click.Path(dir_okay=False))
@click.option("--out", "-o", type=click.Path(dir_okay=False), required=True, help="The table to write.")
@click.option("--weight", default="weight", show_default=True, help="The name of the new column.")
@click.option("--base", help="A column of TABLE with weights to begin with, such as design weights.")
@click.option("--json", "as_json", is_flag=True, help="Give the result as JSON.")
def rake(spec: str, table: str, out: str, weight: str, base: str | None, as_json: bool) -> int:
    """Write TABLE (CSV or Parquet) again with a weight for each row, so that it has the margins of SPEC.

    The margins are the targets of `marginals:`; all are met together, by iterative proportional fitting.
    Weights sum to the whole of the targets' totals, or to the number of rows where all targets are shares.

    \b
      worldwright spec rake specs/populations/german-surgeons.yaml survey.csv --out weighted.parquet
    """
    from worldwright.project.rake import rake_file

    done = rake_file(Path(spec), Path(table), Path(out), weight=weight, base=base)
    made = done.raked
    facts = {"total": made.total, "rounds": made.rounds, "effective": made.effective}
    ends = {"least": float(made.weights.min()), "greatest": float(made.weights.max())}
    if as_json:
        targets = [asdict(target) for target in made.targets]
        echo_json(
            {"file": done.file, "rows": done.rows, "weight": weight, **facts, **ends, "targets": targets}
        )
        return OK
    rows = [[f"{t.before:.4%}", f"{t.after:.1e}", t.cells, " × ".join(t.of)] for t in made.targets]
    _echo_plain(["before", "after", "cells", "target"], rows)
    click.echo(
        f"{done.file}: {done.rows:,} rows, fitted in {made.rounds} rounds; weights from "
        f"{ends['least']:.4g} to {ends['greatest']:.4g}, as good as {made.effective:,.0f} equal rows"
    )
    return OK


for _operation in (diff, apply, perturb, interpolate, merge, simplify):
    command.add_command(_operation)


def _echo_plain(columns: list[str], rows: list[list[Any]]) -> None:
    """Print a table without folding: names stay whole, and the last column takes what room it needs."""
    cells = [columns, *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns) - 1)]
    right = [rows and isinstance(rows[0][i], int) for i in range(len(widths))]
    for row in cells:
        parts = [c.rjust(w) if r else c.ljust(w) for c, w, r in zip(row, widths, right, strict=False)]
        click.echo("  ".join([*parts, row[-1]]).rstrip())
