"""`worldwright explain`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from worldwright.cli.output import OK, console, echo_json
from worldwright.errors import UsageError

if TYPE_CHECKING:
    from worldwright.population.explanation.record import Explanation


@click.command("explain")
@click.argument("spec", type=click.Path(dir_okay=False))
@click.option(
    "--agent", "-a", type=click.IntRange(0), required=True, help="The agent's number, from 0: its row."
)
@click.option("--seed", "-s", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True)
@click.option(
    "--agents", "-n", type=click.IntRange(1), help="How many there are, where marginals say `counts: exact`."
)
@click.option("--attribute", help="Every step of this attribute; a line for each of them otherwise.")
@click.option("--json", "as_json", is_flag=True, help="Give every step of every attribute as JSON.")
@click.option("--plot", type=click.Path(dir_okay=False), help="Draw where the draws fell, as PNG.")
def command(
    spec: str,
    agent: int,
    seed: int,
    agents: int | None,
    attribute: str | None,
    as_json: bool,
    plot: str | None,
) -> int:
    """Say how one agent of a population came about: draws, modifiers, rounding, redraws.

    The values are those that `sample` gives this agent under the same seed.

    \b
      worldwright explain specs/populations/german-surgeons.yaml --agent 4281 --seed 1
      worldwright explain specs/populations/german-surgeons.yaml --agent 4281 --seed 1 --attribute age
    """
    from worldwright.project.explain import explain_file

    explanation = explain_file(Path(spec), agent, seed, attribute, picture=plot is not None, agents=agents)
    if plot is not None:
        from worldwright.report.draws import draws

        picture = draws(explanation)
        try:
            Path(plot).write_bytes(picture)
        except OSError as error:
            raise UsageError(f"cannot be written: {error.strerror}", where=plot) from None
    if as_json:
        from worldwright.population.explanation.record import plain

        echo_json(plain(explanation))
    else:
        _echo(explanation, every_step=attribute is not None)
        if plot is not None:
            click.echo(f"Picture: {plot}")
    return OK


def _echo(explanation: Explanation, *, every_step: bool) -> None:
    from rich.table import Table

    from worldwright.population.explanation import wording

    name = explanation.population + (f" with {explanation.scenario}" if explanation.scenario else "")
    click.echo(f"agent {explanation.agent} of {name}, seed {explanation.seed}")
    if explanation.left_out:
        click.echo("left out: it cannot meet a constraint that says `on_fail: drop`; this is its last state")
    screen = console()
    if not every_step:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for column in ("attribute", "value", "how"):
            table.add_column(column, overflow="fold")
        for attribute in explanation.attributes:
            table.add_row(attribute.name, wording.value_text(attribute), wording.summary(attribute))
        screen.print(table, markup=False)
        return
    for attribute in explanation.attributes:
        steps = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
        steps.add_column(style="bold", no_wrap=True)
        steps.add_column(overflow="fold")
        for label, text in wording.steps(attribute):
            steps.add_row(label, text)
        click.echo(f"{attribute.name} ({attribute.type})")
        screen.print(steps)
