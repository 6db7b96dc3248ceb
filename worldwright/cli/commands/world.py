"""`worldwright world`: run one, and look after states of worlds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from worldwright.cli.commands.world_state import STATE_COMMANDS, pairs
from worldwright.cli.commands.world_watch import watch
from worldwright.cli.output import FAILED, OK, console, echo_json, echo_rows
from worldwright.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from worldwright.project.world_run import WorldRun
    from worldwright.world import WorldResult

_SHOWN = 20


@click.group("world")
def command() -> None:
    """Run a world by itself, and keep, compare and branch its states."""


for _state_command in (*STATE_COMMANDS, watch):
    command.add_command(_state_command)


@command.command("run")
@click.argument("path", type=click.Path())
@click.option("--ticks", "-t", type=click.IntRange(0), required=True, help="How many ticks to run.")
@click.option(
    "--seed", "-s", type=click.IntRange(0, 2**63 - 1), help="0 unless given; of a snapshot its own."
)
@click.option(
    "--param", "-p", "params", multiple=True, metavar="NAME=VALUE", help="A parameter of the world."
)
@click.option(
    "--population",
    "populations",
    multiple=True,
    metavar="NAME=FILE",
    help="The spec (or Parquet file) of one of the world's populations.",
)
@click.option("--agents", "-n", type=click.IntRange(0), help="How many agents of each population.")
@click.option(
    "--out", "-o", type=click.Path(file_okay=False), help="A folder for metrics.parquet and agents.parquet."
)
@click.option(
    "--save-snapshot",
    "save",
    type=click.Path(dir_okay=False),
    help="Write the state to this file: .arrow, or .yaml and .json as Vivarium's.",
)
@click.option("--at", type=click.IntRange(0), help="The tick whose state is saved; the last unless given.")
@click.option(
    "--log",
    type=click.Path(dir_okay=False),
    help="Write an event log: messages, births, deaths, links, errors.",
)
@click.option(
    "--log-rows",
    type=click.IntRange(1, 50_000_000),
    default=1_000_000,
    show_default=True,
    help="Most rows of the log; what comes later is counted.",
)
@click.option("--json", "as_json", is_flag=True, help="Give the final metrics as JSON.")
def run(
    path: str,
    ticks: int,
    seed: int | None,
    params: tuple[str, ...],
    populations: tuple[str, ...],
    agents: int | None,
    out: str | None,
    save: str | None,
    at: int | None,
    log: str | None,
    log_rows: int,
    as_json: bool,
) -> int:
    """Run the world at PATH: a native world, a Vivarium config, snapshot or project, or a snapshot of ours.

    \b
      worldwright world run specs/worlds/predator-prey --ticks 400 --seed 1 --out out/
      worldwright world run specs/worlds/adoption --ticks 52 \\
        --population main=specs/scenarios/ai-diagnostic-tool.yaml --agents 500 --param price=250
      worldwright world run specs/worlds/predator-prey --ticks 200 --save-snapshot half.arrow
      worldwright world run half.arrow --ticks 200
    """
    from worldwright.cli.progress import progress
    from worldwright.project.world_run import run_one_world, write_events, write_world_run

    if at is not None and save is None:
        raise UsageError("--at says when --save-snapshot is taken", help="add --save-snapshot FILE")
    screen = console(err=True)
    with progress(screen, f"running {Path(path).stem}", "ticks", quiet=as_json) as told:
        done = run_one_world(
            Path(path),
            ticks=ticks,
            seed=seed,
            parameters=pairs(params, "--param"),
            populations={
                name: (Path(file), agents) for name, file in pairs(populations, "--population").items()
            },
            save=Path(save) if save else None,
            save_at=at,
            events=log_rows if log else None,
            progress=told if screen.is_terminal and not as_json else None,
        )
    written = write_world_run(done, Path(out)) if out else []
    if log:
        write_events(done, Path(log))
    result = done.result
    last = _last(done.metrics, result.final_tick)
    if as_json:
        echo_json(
            {
                "world": done.program.name,
                "status": result.status,
                "failure": result.failure,
                "ticks": result.final_tick,
                "runtime": result.runtime,
                "entities": result.agents.num_rows,
                "counts": result.counts,
                "metrics": dict(last),
                "errors": result.errors.to_pylist(),
                "printed": list(result.printed),
                "files": [str(file) for file in written],
                "snapshot": _saved(done, save),
                "notes": list(done.notes),
            }
        )
    else:
        alive = f", {result.agents.num_rows:,} entities alive" if result.repeatable else ""
        click.echo(f"{done.program.name}: tick {result.final_tick}{alive}")
        if last:
            echo_rows(["metric", "value at the last tick"], last)
        _echo_notes(result)
        for file in written:
            click.echo(f"wrote {file}")
        if log and result.events is not None:
            lost = result.counts.get("events_lost", 0)
            more = f"; {lost:,} more had no room (--log-rows)" if lost else ""
            click.echo(f"wrote {log}: {result.events.num_rows:,} events{more}")
        if result.snapshot is not None:
            click.echo(f"wrote {save}: the state after tick {result.snapshot.tick}")
        for note in done.notes:
            click.echo(f"note: {note}", err=True)
    if result.status != "ok":
        record = result.failure_record
        ended = "failed"
        if record is not None and record["entity"] is not None:
            first = record["tick"] == done.program.start
            ended = "stopped before its first tick" if first else f"stopped in tick {record['tick']}"
        click.echo(f"error: the world {ended}: {result.failure}", err=True)
        return FAILED
    if result.snapshot_problem is not None:
        click.echo(f"error: no snapshot was written: {result.snapshot_problem}", err=True)
        return FAILED
    return OK


def _saved(done: WorldRun, save: str | None) -> dict[str, object] | None:
    if save is None:
        return None
    snapshot = done.result.snapshot
    problem = None if snapshot is not None else done.result.snapshot_problem or done.result.failure
    return {"file": save if snapshot else None, "tick": snapshot and snapshot.tick, "problem": problem}


def _echo_notes(result: WorldResult) -> None:
    """What scripts printed, and their errors but the one that stopped the world, which is told last."""
    for line in result.printed[:_SHOWN]:
        click.echo(line, err=True)
    if len(result.printed) > _SHOWN:
        click.echo("… more was printed; --json shows it", err=True)
    rows = result.errors.to_pylist()
    rows = rows if result.status == "ok" else rows[:-1]
    for row in rows[:_SHOWN]:
        place = f"{row['script']}:{row['line']}" if row["line"] else row["script"]
        times = f" ({row['count']} times)" if row["count"] > 1 else ""
        click.echo(f"tick {row['tick']}, {row['entity_id']}: {place}: {row['message']}{times}", err=True)
    if len(rows) > _SHOWN:
        click.echo(f"… and {len(rows) - _SHOWN} more errors; errors.parquet of --out has them", err=True)


def _last(metrics: pa.Table, tick: int) -> list[tuple[str, float]]:
    import pyarrow.compute as pc

    rows = metrics.filter(pc.field("tick") == tick).to_pylist()
    return [(row["metric"], row["value"]) for row in rows]
