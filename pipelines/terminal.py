"""A run as it looks in a terminal: a line per stage, a bar for the runs, Dagster's own log left out."""

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager

import dagster as dg
from pydantic import PrivateAttr
from rich.console import Console
from rich.status import Status

from assets.resources import Workspace
from worldwright.cli.progress import run_progress
from worldwright.experiment import Progressed


class TerminalWorkspace(Workspace):
    """A workspace that shows its progress on a terminal."""

    _screen: Console = PrivateAttr(default_factory=lambda: Console(stderr=True, highlight=False))

    @contextmanager
    def progress(self, context: dg.AssetExecutionContext) -> Generator[Callable[[Progressed], None]]:
        """A bar where there is a terminal."""
        with run_progress(self._screen, context.partition_key) as shown:
            yield shown


def stage_lines(screen: Console) -> dg.LoggerDefinition:
    """A Dagster logger that tells what each stage left, and nothing else.

    Args:
        screen: Where it is told.
    """

    def told(_: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger("worldwright.stages")
        logger.addHandler(_Stages(screen))
        return logger

    return dg.LoggerDefinition(told, description="A line per stage")


class _Stages(logging.Handler):
    """Tells materialisations; the work in between has a spinner, where there is a terminal."""

    def __init__(self, screen: Console) -> None:
        super().__init__()
        self._screen = screen
        self._status: Status | None = None

    def emit(self, record: logging.LogRecord) -> None:
        event: dg.DagsterEvent | None = getattr(record, "dagster_meta", {}).get("dagster_event")
        if event is None or not event.step_key:
            return
        if event.event_type is dg.DagsterEventType.STEP_START:
            self._begin(event.step_key)
        elif event.event_type is dg.DagsterEventType.ASSET_MATERIALIZATION:
            self._screen.print(_line(event))
        elif event.is_step_success or event.is_step_failure:
            self._end()

    def _begin(self, stage: str) -> None:
        self._end()
        if self._screen.is_terminal and stage != "simulation_runs":  # which has a bar of its own
            self._status = self._screen.status(stage)
            self._status.start()

    def _end(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


def _line(event: dg.DagsterEvent) -> str:
    metadata = event.step_materialization_data.materialization.metadata
    said: list[str] = []
    if (rows := metadata.get("dagster/row_count")) is not None:
        said.append(f"{rows.value:,} rows")
    if (files := metadata.get("files")) is not None:
        said.append(f"{files.value} files")
    if (hit := metadata.get("cache hit")) is not None:
        said.append("was there already" if hit.value else "made")
    if not said and "file" in metadata:
        said.append(str(metadata["file"].value))
    return f"  {event.step_key:20} {', '.join(said)}".rstrip()
