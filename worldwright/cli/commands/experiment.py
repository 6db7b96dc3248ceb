"""`worldwright experiment`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from worldwright.cli.output import OK, echo_json, echo_rows, open_project

if TYPE_CHECKING:
    from worldwright.project.comparison import Comparison, Detail, Difference


@click.group("experiment")
def command() -> None:
    """Compare the results of experiments."""


@command.command("diff")
@click.argument("before")
@click.argument("after", required=False)
@click.option("--all", "everything", is_flag=True, help="Show outcomes that are the same, too.")
@click.option("--json", "as_json", is_flag=True, help="Give it as JSON.")
@click.pass_context
def diff(ctx: click.Context, before: str, after: str | None, everything: bool, as_json: bool) -> int:
    """Say which inputs of two results differ, and how their answers do.

    Results are experiments, or versions of one (NAME@3). With BEFORE alone, its version and the one before it
    are compared. Differences are paired by replicate where both results have one seed.

    \b
      worldwright experiment diff ai-diagnostic-adoption
      worldwright experiment diff ai-diagnostic-adoption@1 ai-diagnostic-adoption@3
    """
    from worldwright.project.comparison import compare

    found = compare(open_project(ctx), before, after)
    if as_json:
        echo_json(_json(found))
    else:
        _echo(found, everything)
    return OK


def _echo(found: Comparison, everything: bool) -> None:
    from worldwright.cli.spec_changes import echo_change

    click.echo(f"from {found.before} to {found.after}: {found.verdict}")
    for detail in found.details:
        click.echo(f"  {detail.changed.words}")
        for change in detail.changes:
            echo_change(change, "    ")
        for line in detail.lines:
            click.secho(f"    {line}", fg={"+": "green", "-": "red", "@": "cyan"}.get(line[0]))
    for file in found.reworded:
        click.echo(f"  {file}: only comments, descriptions or layout differ")
    for name, (was, now) in found.libraries.items():
        click.echo(f"  made with another {name}: {was} → {now}")
    if found.stages:
        click.echo(f"reached: {', '.join(found.stages)}")
    for words, settings in (("first", found.only_before), ("second", found.only_after)):
        if settings:
            click.echo(f"only in the {words}: {'; '.join(settings)}")
    shown = [one for one in found.results if everything or not one.same]
    if shown:
        how = "difference, paired" if found.paired else "difference"
        columns = ["outcome", "setting", "before", "after", how, "95 % interval", "n"]
        echo_rows(columns, [[*_row(one)] for one in shown])
    left = len(found.results) - len(shown)
    if left:
        noun = "outcome is" if left == 1 else "outcomes are"
        click.echo(f"{left:,} {noun} the same to the bit")


def _row(one: Difference) -> list[Any]:
    interval = "–" if one.low is None or one.high is None else f"{one.low:.4g} to {one.high:.4g}"
    return [one.outcome, one.setting, one.before, one.after, one.difference, interval, one.n]


def _json(found: Comparison) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "before": found.before,
        "after": found.after,
        "verdict": found.verdict,
        "same_results": found.same_results,
        "inputs": [_input_json(one) for one in found.details],
        "reworded": list(found.reworded),
        "libraries": {name: list(both) for name, both in found.libraries.items()},
        "stages": {stage: list(why) for stage, why in found.stages.items()},
        "only_before": list(found.only_before),
        "only_after": list(found.only_after),
        "paired": found.paired,
        "results": [asdict(one) for one in found.results],
    }


def _input_json(detail: Detail) -> dict[str, Any]:
    from worldwright.cli.spec_changes import change_json

    one = detail.changed
    return {
        "kind": one.one.kind,
        "name": one.one.name,
        "file": one.one.file,
        "before": one.before.value if one.before else None,
        "after": one.after.value if one.after else None,
        "changes": [change_json(change) for change in detail.changes],
        "lines": list(detail.lines),
    }
