"""Progress of an experiment in a terminal; a line now and then where output is piped."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from worldwright.experiment import Progressed


@contextmanager
def run_progress(screen: Console, name: str) -> Generator[Callable[[Progressed], None]]:
    """Show how many of an experiment's runs are done, with an estimate of what is left."""
    if not screen.is_terminal:
        yield _Lines(screen, name)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("runs"),
        TimeRemainingColumn(),
        TextColumn("[red]{task.fields[failed]}"),
    )
    with Progress(*columns, console=screen, transient=True) as bar:
        task = bar.add_task(name, total=None, failed="")

        def show(state: Progressed) -> None:
            failed = f"{state.failed} failed" if state.failed else ""
            bar.update(task, total=state.needed, completed=state.done, failed=failed)

        yield show


class _Lines:
    """One line per tenth of the work."""

    def __init__(self, screen: Console, name: str) -> None:
        self.screen, self.name, self.told = screen, name, -1

    def __call__(self, state: Progressed) -> None:
        tenth = 10 * state.done // max(state.needed, 1)
        if tenth == self.told or state.done == state.cached:
            return
        self.told = tenth
        failed = f", {state.failed} failed" if state.failed else ""
        self.screen.print(f"{self.name}: {state.done} of {state.needed} runs{failed}")
