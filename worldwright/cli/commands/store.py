"""`worldwright store`."""

from __future__ import annotations

import click

from worldwright.cli.output import FAILED, OK, echo_json, open_project


@click.group("store")
def command() -> None:
    """Look after the results."""


@command.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Give the problems as JSON.")
@click.pass_context
def verify(ctx: click.Context, as_json: bool) -> int:
    """Read every stored file and compare it with its checksum. Exit code 3 when one is damaged."""
    project = open_project(ctx)
    problems = project.store.verify()
    if as_json:
        echo_json({"ok": not problems, "problems": [str(problem) for problem in problems]})
    else:
        for problem in problems:
            click.echo(str(problem))
        click.echo("everything is as it was written" if not problems else f"{len(problems)} problems")
    return FAILED if problems else OK


@command.command("clean")
@click.pass_context
def clean(ctx: click.Context) -> int:
    """Remove what stopped runs left half-written; finished datasets are never touched."""
    removed = open_project(ctx).store.clean_staging()
    click.echo(f"{removed} unfinished folder{'' if removed == 1 else 's'} removed")
    return OK


@command.command("gc")
@click.option("--keep", default=2, show_default=True, help="Versions of each experiment that are kept.")
@click.option(
    "--grace", default="7d", show_default=True, help="What is younger stays, such as 12h, 7d or 2w."
)
@click.option("--dry-run", is_flag=True, help="Show what would be removed, and remove nothing.")
@click.option("--json", "as_json", is_flag=True, help="Give what was found as JSON.")
@click.pass_context
def gc(ctx: click.Context, keep: int, grace: str, dry_run: bool, as_json: bool) -> int:
    """Remove datasets that no kept version of an experiment stands on.

    What is removed is made again by the next run that needs it; the current results are never touched.

    \b
    worldwright store gc --dry-run              what would be removed
    worldwright store gc --keep 1 --grace 1d    keep the current results alone
    """
    from worldwright.project.collect import collect_garbage, span_of

    found = collect_garbage(open_project(ctx), keep, span_of(grace), dry_run)
    if as_json:
        items = [{"key": item.key, "stage": item.stage, "bytes": item.bytes} for item in found.garbage]
        echo_json(
            {"removed": not dry_run, "garbage": items, "bytes": found.bytes, "young": found.young}
            | {"kept": found.kept, "damaged": list(found.damaged)}
        )
        return OK
    stages: dict[str, list[int]] = {}
    for item in found.garbage:
        stages.setdefault(item.stage, []).append(item.bytes)
    for stage, sizes in sorted(stages.items()):
        click.echo(f"{len(sizes):>7,} {stage}, {_size(sum(sizes))}")
    verb = "would be removed" if dry_run else "removed"
    click.echo(f"{len(found.garbage):,} datasets {verb}, {_size(found.bytes)}; {found.kept:,} kept")
    if found.young:
        click.echo(f"{found.young:,} more are younger than {grace}")
    if found.damaged:
        click.echo(f"{len(found.damaged):,} cannot be read; see `worldwright store verify`")
    return OK


def _size(number: int) -> str:
    return f"{number / 1e6:,.1f} MB" if number >= 100_000 else f"{number / 1e3:,.1f} kB"
