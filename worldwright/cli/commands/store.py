"""`worldwright store`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from worldwright.cli.output import FAILED, OK, console, echo_json, open_project
from worldwright.errors import UsageError

if TYPE_CHECKING:
    from worldwright.project.locate import Project
    from worldwright.store import Mirror, Move, Transfer


@click.group("store")
def command() -> None:
    """Look after the results."""


@command.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Give the problems as JSON.")
@click.pass_context
def verify(ctx: click.Context, as_json: bool) -> int:
    """Read every stored file and compare it with its checksum. Exit code 3 when one is damaged.

    \b
      worldwright store verify
    """
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
@click.option("--json", "as_json", is_flag=True, help="Give what was removed as JSON.")
@click.pass_context
def clean(ctx: click.Context, as_json: bool) -> int:
    """Remove what stopped runs left half-written; finished datasets are never touched.

    \b
      worldwright store clean
    """
    removed = open_project(ctx).store.clean_staging()
    if as_json:
        echo_json({"removed": removed})
        return OK
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


def _transfers(command: Callable[..., int]) -> Callable[..., int]:
    """The arguments that push and pull have in common."""
    for decorate in (
        click.pass_context,
        click.option("--json", "as_json", is_flag=True, help="Give what was found as JSON."),
        click.option("--dry-run", is_flag=True, help="Show what would be moved, and move nothing."),
        click.option(
            "--as-next",
            is_flag=True,
            help="Where results differ, add the one that comes as the next version.",
        ),
        click.argument("experiments", nargs=-1),
    ):
        command = decorate(command)
    return command


@command.command("push")
@_transfers
@click.option("--to", "address", metavar="URL", help="Where to: s3://BUCKET/FOLDER; else the --mirror.")
@click.option("--again", is_flag=True, help="Send everything anew, over what is damaged there.")
def push(
    ctx: click.Context,
    experiments: tuple[str, ...],
    address: str | None,
    again: bool,
    as_next: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Copy results of EXPERIMENTS (all unless named) to an object store.

    What is there already is not sent again, and a version there is never overwritten. Called again after it
    was stopped, it goes on where it was.

    \b
      worldwright store push --to s3://bucket/folder --dry-run
      worldwright store push ai-diagnostic-adoption --to s3://bucket/folder
    """
    from worldwright.cli.progress import progress
    from worldwright.store import push

    project, mirror = _with_mirror(ctx, address, "--to")
    with progress(console(err=True), "push", "datasets", quiet=as_json or dry_run) as told:
        found = push(
            project.store,
            mirror,
            experiments,
            as_next=as_next,
            again=again,
            dry_run=dry_run,
            progress=told,
        )
    return _tell(found, mirror, "pushed", dry_run, as_json)


@command.command("pull")
@_transfers
@click.option("--from", "address", metavar="URL", help="Where from: s3://BUCKET/FOLDER; else the --mirror.")
@click.option("--history", is_flag=True, help="Bring earlier versions too, not the current ones alone.")
def pull(
    ctx: click.Context,
    experiments: tuple[str, ...],
    address: str | None,
    history: bool,
    as_next: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Bring results of EXPERIMENTS (all unless named) from an object store.

    Every file is verified when it arrives; a version here is never overwritten.

    \b
      worldwright store pull --from s3://bucket/folder
      worldwright query "select experiment, question from experiments"
    """
    from worldwright.cli.progress import progress
    from worldwright.project.pull import pull_results

    project, mirror = _with_mirror(ctx, address, "--from")
    with progress(console(err=True), "pull", "datasets", quiet=as_json or dry_run) as told:
        found = pull_results(
            project,
            mirror,
            experiments,
            as_next=as_next,
            history=history,
            dry_run=dry_run,
            progress=told,
        )
    return _tell(found, mirror, "pulled", dry_run, as_json)


def _with_mirror(ctx: click.Context, address: str | None, option: str) -> tuple[Project, Mirror]:
    """The project, which itself fetches nothing, and the mirror."""
    from worldwright.store import Mirror

    address = address or ctx.obj["mirror"]
    if not address:
        raise UsageError(
            "no mirror is named",
            help=f"add {option} s3://BUCKET/FOLDER, or set WORLDWRIGHT_MIRROR",
        )
    return replace(open_project(ctx), mirror=None), Mirror(address, ctx.obj["endpoint"])


def _tell(found: Transfer, mirror: Mirror, done: str, dry_run: bool, as_json: bool) -> int:
    if as_json:
        moves: list[dict[str, Any]] = [
            {"experiment": move.experiment, "state": move.state, "versions": list(move.numbers)}
            | {"current": move.current}
            for move in found.moves
        ]
        echo_json(
            {done: not dry_run, "mirror": mirror.address, "experiments": moves}
            | {"datasets": found.datasets, "bytes": found.bytes, "present": found.present}
        )
        return OK
    verb = f"would be {done}" if dry_run else done
    for move in found.moves:
        click.echo(f"{move.experiment}: {_moved(move, verb, done)}")
    click.echo(
        f"{found.datasets:,} datasets {verb}, {_size(found.bytes)}; {found.present:,} were there already"
    )
    return OK


def _moved(move: Move, verb: str, done: str) -> str:
    if move.state == "same":
        return f"version {move.current} is there already"
    if move.state == "behind":
        newer, instead = ("there", "pull it") if done == "pushed" else ("here", "push it")
        return f"version {move.current} {newer} is newer; {instead}"
    numbers = ", ".join(str(number) for number in move.numbers)
    return f"version{'s' if len(move.numbers) > 1 else ''} {numbers} {verb}"


def _size(number: int) -> str:
    return f"{number / 1e6:,.1f} MB" if number >= 100_000 else f"{number / 1e3:,.1f} kB"
