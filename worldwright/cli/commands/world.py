"""`worldwright world run`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from worldwright.cli.output import FAILED, OK, echo_json, echo_rows
from worldwright.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from worldwright.world import WorldResult

_SHOWN = 20


@click.group("world")
def command() -> None:
    """Run a world by itself."""


@command.command("run")
@click.argument("path", type=click.Path())
@click.option("--ticks", "-t", type=click.IntRange(0), required=True, help="How many ticks to run.")
@click.option("--seed", "-s", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True)
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
@click.option("--json", "as_json", is_flag=True, help="Give the final metrics as JSON.")
def run(
    path: str,
    ticks: int,
    seed: int,
    params: tuple[str, ...],
    populations: tuple[str, ...],
    agents: int | None,
    out: str | None,
    as_json: bool,
) -> int:
    """Run the world at PATH: a native world, or a Vivarium config or snapshot (YAML or JSON).

    \b
      worldwright world run specs/worlds/predator-prey --ticks 400 --seed 1 --out out/
      worldwright world run specs/worlds/adoption --ticks 52 \\
        --population main=specs/scenarios/ai-diagnostic-tool.yaml --agents 500 --param price=250
    """
    from worldwright.project.world_run import run_one_world, write_world_run

    done = run_one_world(
        Path(path),
        ticks=ticks,
        seed=seed,
        parameters=_pairs(params, "--param"),
        populations={
            name: (Path(file), agents) for name, file in _pairs(populations, "--population").items()
        },
    )
    written = write_world_run(done, Path(out)) if out else []
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
            }
        )
    else:
        click.echo(
            f"{done.program.name}: tick {result.final_tick}, {result.agents.num_rows:,} entities alive"
        )
        if last:
            echo_rows(["metric", "value at the last tick"], last)
        _echo_notes(result)
        for file in written:
            click.echo(f"wrote {file}")
    if result.status != "ok":
        record = result.failure_record
        ended = "failed"
        if record is not None and record["entity"] is not None:
            first = record["tick"] == done.program.start
            ended = "stopped before its first tick" if first else f"stopped in tick {record['tick']}"
        click.echo(f"error: the world {ended}: {result.failure}", err=True)
        return FAILED
    return OK


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


def _pairs(texts: tuple[str, ...], option: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not name:
            raise UsageError(f"{option} takes NAME=VALUE, not {text!r}")
        if name in pairs:
            raise UsageError(f"{option} {name} is given twice")
        pairs[name] = value
    return pairs


def _last(metrics: pa.Table, tick: int) -> list[tuple[str, float]]:
    import pyarrow.compute as pc

    rows = metrics.filter(pc.field("tick") == tick).to_pylist()
    return [(row["metric"], row["value"]) for row in rows]
