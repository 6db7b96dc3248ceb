"""`worldwright world watch`: a world and its metrics while it runs."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from worldwright.cli.commands.world_state import pairs
from worldwright.cli.output import FAILED, OK, console

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from worldwright.world.progress import Progress

_BARS = "▁▂▃▄▅▆▇█"
_KEPT = 20_000
_PIPED_SECONDS = 1.0


@click.command("watch")
@click.argument("path", type=click.Path())
@click.option("--ticks", "-t", type=click.IntRange(1), default=1000, show_default=True)
@click.option("--rate", "-r", type=click.FloatRange(min=0, min_open=True), help="Most ticks a second.")
@click.option("--seed", "-s", type=click.IntRange(0, 2**63 - 1), help="As of `world run`.")
@click.option(
    "--param", "-p", "params", multiple=True, metavar="NAME=VALUE", help="A parameter of the world."
)
@click.option("--population", "populations", multiple=True, metavar="NAME=FILE", help="As of `world run`.")
@click.option("--agents", "-n", type=click.IntRange(0), help="How many agents of each population.")
def watch(
    path: str,
    ticks: int,
    rate: float | None,
    seed: int | None,
    params: tuple[str, ...],
    populations: tuple[str, ...],
    agents: int | None,
) -> int:
    """Run the world at PATH and show its metrics as they come; Ctrl-C ends it.

    \b
      worldwright world watch specs/worlds/predator-prey --ticks 2000 --rate 50
    """
    from worldwright.project.world_run import run_one_world
    from worldwright.world.progress import Watch

    screen = console()
    view = View(Path(path).stem, ticks, screen)
    with view:
        done = run_one_world(
            Path(path),
            ticks=ticks,
            seed=seed,
            parameters=pairs(params, "--param"),
            populations={n: (Path(file), agents) for n, file in pairs(populations, "--population").items()},
            watch=Watch(view.show, every=0.1 if screen.is_terminal else _PIPED_SECONDS, rate=rate),
        )
    if done.result.status != "ok":
        tick = done.result.final_tick + 1
        click.echo(f"error: the world stopped in tick {tick}: {done.result.failure}", err=True)
        return FAILED
    return OK


class View:
    """What is on the screen: a picture that changes in a terminal, lines where output is piped.

    Args:
        name: The world's.
        ticks: How many it will run.
        screen: Where to show it.
    """

    def __init__(self, name: str, ticks: int, screen: Console) -> None:
        self._name, self._ticks, self._screen = name, ticks, screen
        self._series: dict[str, list[float]] = {}
        self._first: int | None = None
        self._began = time.monotonic()
        self._live = None
        if screen.is_terminal:
            from rich.live import Live

            self._live = Live(console=screen, auto_refresh=False)

    def __enter__(self) -> View:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, progress: Progress) -> None:
        """Take in how things stand."""
        for _, name, value in progress.values:
            series = self._series.setdefault(name, [])
            series.append(value)
            if len(series) > _KEPT:
                self._series[name] = series[1::2]  # half as many points tell as much of so long a run
        if self._live is not None:
            self._live.update(self._picture(progress), refresh=True)
        else:
            self._screen.print(self._line(progress))

    def _line(self, progress: Progress) -> str:
        values = "  ".join(f"{name}={_short(series[-1])}" for name, series in self._series.items())
        return f"tick {progress.tick}  entities={progress.entities}  {values}".rstrip()

    def _picture(self, progress: Progress) -> RenderableType:
        from rich import box
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        if self._first is None:
            self._first = progress.tick
        passed = time.monotonic() - self._began
        rate = (progress.tick - self._first) / passed if passed > 0 else 0
        kinds = "  ".join(f"{name} {count:,}" for name, count in progress.kinds.items())
        head = Text(f"{self._name}  tick {progress.tick:,}   {rate:,.0f} ticks/s   {kinds}")
        if progress.errors:
            head.append(f"   {progress.errors} errors", style="red")
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
        table.add_column("metric", no_wrap=True)
        for column in ("now", "least", "most"):
            table.add_column(column, justify="right", no_wrap=True)
        table.add_column("so far", no_wrap=True, ratio=1)
        width = max(10, self._screen.width - 60)
        rows = list(self._series.items())
        room = max(3, self._screen.height - 6)
        for name, series in rows[:room]:
            known = [value for value in series if math.isfinite(value)] or [math.nan]
            table.add_row(
                name, _short(series[-1]), _short(min(known)), _short(max(known)), sparkline(series, width)
            )
        more = [Text(f"… and {len(rows) - room} more metrics")] if len(rows) > room else []
        return Group(head, table, *more)


def sparkline(series: Sequence[float], width: int) -> str:
    """A series as a row of bars, each the mean of its stretch; blank where there is no number.

    Args:
        series: The values in order.
        width: Most characters.
    """
    cells: list[float | None] = []
    n = min(width, len(series))
    for i in range(n):
        part = [v for v in series[i * len(series) // n : (i + 1) * len(series) // n] if math.isfinite(v)]
        cells.append(sum(part) / len(part) if part else None)
    known = [cell for cell in cells if cell is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    span = high - low
    return "".join(
        " " if cell is None else _BARS[int((cell - low) / span * 7.999) if span > 0 else 3] for cell in cells
    )


def _short(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e9 else f"{value:.4g}"
