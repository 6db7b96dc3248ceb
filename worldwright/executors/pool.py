"""The executor over local processes: feed the workers, put what they answer back in order."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self

from worldwright.errors import UsageError
from worldwright.executors.crew import Crew
from worldwright.executors.protocol import Item, Result
from worldwright.executors.rounds import Round, sendable


class Processes:
    """Does the work in fresh local processes that live until `close`, or until this process dies in any way.

    Nothing is started before the first item. A worker's standard output goes to standard error. One `map`
    at a time; when it is left early or fails, the workers still at work are ended.

    Args:
        workers: How many processes, at least one.

    Raises:
        UsageError: if `workers` is less than one.
    """

    def __init__(self, workers: int) -> None:
        if workers < 1:
            raise UsageError(f"an executor needs at least one worker process, not {workers}")
        self._count = workers
        self._crew = Crew()
        self._mapping = False
        self._finalizer = weakref.finalize(self, self._crew.dismiss)

    @property
    def workers(self) -> int:
        """How many processes."""
        return self._count

    @property
    def shares_disk(self) -> bool:
        """They are processes of this machine."""
        return True

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yield `function(item)` for every item, in their order; see `Executor.map`.

        Raises:
            UsageError: if `function` is defined in the program that is run, if an item cannot be sent, or
                if another map of this executor is not finished.
        """
        sendable(function)
        return self._results(function, items)

    def _results(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        if self._mapping:
            raise UsageError("this executor is at work on another map", help="use one executor for each")
        self._mapping = True
        try:
            yield from Round(self._crew, self._count, function, items).results()
        finally:
            self._crew.drop_busy()
            self._mapping = False

    def close(self) -> None:
        """End the processes; a later `map` starts new ones."""
        self._crew.dismiss()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
