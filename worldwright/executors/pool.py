"""The executor over local processes: feed the workers, put what they answer back in order."""

from __future__ import annotations

import pickle
import weakref
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Self

from worldwright.errors import UsageError
from worldwright.executors.crew import Crew
from worldwright.executors.protocol import Item, Result
from worldwright.executors.worker import Failure, Success

_AHEAD = 4
"""How many items per worker may be begun beyond the one whose turn it is."""


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

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yield `function(item)` for every item, in their order; see `Executor.map`.

        Raises:
            UsageError: if `function` is defined in the program that is run, if an item cannot be sent, or
                if another map of this executor is not finished.
        """
        if getattr(function, "__module__", None) == "__main__":
            raise UsageError(
                f"{getattr(function, '__qualname__', function)} is defined in the program that is run",
                why="worker processes import functions by name and do not run that program again",
                help="move it to a module, or use the serial executor",
            )
        return self._results(function, items)

    def _results(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        if self._mapping:
            raise UsageError("this executor is at work on another map", help="use one executor for each")
        self._mapping = True
        try:
            yield from _Round(self._crew, self._count, function, items).results()
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


class _Round:
    """One map: which items are begun, which outcomes wait for their turn."""

    def __init__(
        self, crew: Crew, workers: int, function: Callable[[Any], Any], items: Iterable[Any]
    ) -> None:
        self._crew = crew
        self._workers = workers
        self._function = function
        self._items = iter(items)
        self._more = True
        self._begun = 0
        self._turn = 0
        self._outcomes: dict[int, Success | Failure] = {}

    def results(self) -> Iterator[Any]:
        while True:
            self._collect(0)
            self._feed()
            if self._turn in self._outcomes:
                yield _value(self._outcomes.pop(self._turn))
                self._turn += 1
            elif self._crew.busy:
                self._collect(None)
            elif self._turn < self._begun:
                raise UsageError("the executor was closed before its map was finished")
            else:
                return

    def _collect(self, timeout: float | None) -> None:
        for item, outcome in self._crew.heard(timeout):
            self._record(item, outcome)

    def _feed(self) -> None:
        while (
            self._more
            and len(self._crew.busy) < self._workers
            and self._begun < self._turn + _AHEAD * self._workers
        ):
            call = self._next_call()
            if call is not None:
                self._crew.idle().ask(self._begun, call)
                self._begun += 1

    def _next_call(self) -> bytes | None:
        """The next item with its function, pickled; None when there is none or it cannot be had."""
        try:
            item = next(self._items)
        except StopIteration:
            self._more = False
            return None
        except Exception as error:  # noqa: BLE001 - raised when its turn comes, as without processes
            self._record(self._begun, Failure(error, ""))
            self._begun += 1
            return None
        try:
            return pickle.dumps((self._function, item), protocol=pickle.HIGHEST_PROTOCOL)
        except Exception as error:  # noqa: BLE001 - pickling raises whatever an object likes
            refusal = UsageError(
                "the function or the item cannot be sent to a worker process",
                where=f"item {self._begun}",
                why=f"{type(error).__name__}: {error}",
                help="pass a module-level function and plain items",
            )
            self._record(self._begun, Failure(refusal, ""))
            self._begun += 1
            return None

    def _record(self, item: int, outcome: Success | Failure) -> None:
        self._outcomes[item] = outcome
        if isinstance(outcome, Failure):
            self._more = False  # nothing behind a failure will be yielded


def _value(outcome: Success | Failure) -> Any:
    if isinstance(outcome, Success):
        return outcome.value
    if outcome.trace:
        outcome.error.add_note(f"in a worker process:\n{outcome.trace}")
    raise outcome.error
