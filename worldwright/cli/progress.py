"""Progress of long work: a bar with an estimate in a terminal, nothing where output is piped."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from worldwright.cli.stopping import STOPPING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from worldwright.experiment import Progressed


_WIDE = 100
"""Characters of a line, from where on there is room for a longer bar and the time that has passed."""
_REST, _REST_WIDE, _LEAST = 63, 85, 12
"""Characters beside the name of what is done, at 100 million of something, and the least that it gets."""


@contextmanager
def progress(
    screen: Console, name: str, unit: str, *, quiet: bool = False
) -> Generator[Callable[[int, int], None]]:
    """Show how many of something are done; gives a function to be told (done, total).

    Args:
        screen: Where; a terminal or not.
        name: What is being done.
        unit: What is counted.
        quiet: Show nothing, even in a terminal.
    """
    if quiet or not screen.is_terminal:
        yield lambda done, total: STOPPING.check()
        return
    with _bar(screen, unit) as bar:
        task = bar.add_task(name, total=None, note="")

        def show(done: int, total: int) -> None:
            STOPPING.check()
            bar.update(task, completed=done, total=total)

        yield show


@contextmanager
def run_progress(
    screen: Console, name: str, *, quiet: bool = False
) -> Generator[Callable[[Progressed], None]]:
    """Show how many of an experiment's runs are done, and how many failed."""
    if quiet or not screen.is_terminal:
        yield lambda state: STOPPING.check()
        return
    with _bar(screen, "runs") as bar:
        task = bar.add_task(name, total=None, note="")

        def show(state: Progressed) -> None:
            STOPPING.check()
            failed = f"{state.failed} failed" if state.failed else ""
            bar.update(task, total=state.needed, completed=state.done, note=failed)

        yield show


def _bar(screen: Console, unit: str) -> Progress:
    from rich.progress import (
        BarColumn,
        Progress,
        ProgressColumn,
        SpinnerColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    wide = screen.width >= _WIDE

    class Counted(ProgressColumn):
        """Such as 131,072 of 1,000,000 agents."""

        def render(self, task: Task) -> Text:
            if task.total is None:
                return Text("")
            return Text(f"{int(task.completed):,} of {int(task.total):,} {unit}")

    class Left(TimeRemainingColumn):
        """Such as 0:01:20 left."""

        def render(self, task: Task) -> Text:
            if task.finished or task.time_remaining is None:
                return Text("")
            return super().render(task) + Text(" left", style="progress.remaining")

    class Named(ProgressColumn):
        """What is being done, cut where the line would not fit."""

        def render(self, task: Task) -> Text:
            named = Text(task.description, no_wrap=True)
            named.truncate(max(_LEAST, screen.width - (_REST_WIDE if wide else _REST)), overflow="ellipsis")
            return named

    return Progress(
        SpinnerColumn(),
        Named(),
        BarColumn(24 if wide else 10),
        Counted(),
        *([TimeElapsedColumn()] if wide else []),
        Left(),
        TextColumn("[red]{task.fields[note]}"),
        console=screen,
        transient=True,
    )
