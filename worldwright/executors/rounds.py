"""Maps over a crew: which items are begun, which outcomes wait for their turn, and one map at a time."""

from __future__ import annotations

import pickle
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, Protocol, Self

from worldwright.errors import UsageError
from worldwright.executors.protocol import Item, Result
from worldwright.executors.worker import Failure, Success

_AHEAD = 4
"""How many items per worker may be begun beyond the one whose turn it is."""


class Crew(Protocol):
    """Workers that are asked and heard: local processes, or those of a cluster."""

    @property
    def busy(self) -> Sequence[object]:
        """The items at work."""
        ...

    def ask(self, item: int, call: bytes) -> None:
        """Have a pickled (function, item) done; the outcome is heard later."""
        ...

    def heard(self, timeout: float | None) -> list[tuple[int, Success | Failure]]:
        """The outcomes that have arrived, waiting for the first of them as long as `timeout`."""
        ...

    def drop_busy(self) -> None:
        """End those at work; what they would have answered is not wanted any more."""
        ...

    def dismiss(self) -> None:
        """End all workers, or leave them; the next item that is asked for begins afresh."""
        ...


def sendable(function: Callable[..., Any]) -> None:
    """Refuse a function that another process cannot find by name.

    Raises:
        UsageError: if it is defined in the program that is run.
    """
    if getattr(function, "__module__", None) == "__main__":
        raise UsageError(
            f"{getattr(function, '__qualname__', function)} is defined in the program that is run",
            why="worker processes import functions by name and do not run that program again",
            help="move it to a module, or use the serial executor",
        )


class Round:
    """One map.

    Args:
        crew: Who does the work.
        workers: How many items are at work at once.
        function: What is done with each item.
        items: Taken one by one as they are needed.
    """

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
        """What the function returned, in the order of the items."""
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
                self._crew.ask(self._begun, call)
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


class Rounds(ABC):
    """An executor over a crew: one `map` at a time, dismissed by `close` or when nobody holds it any more.

    Args:
        crew: Who does the work.
    """

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._mapping = False
        self._finalizer = weakref.finalize(self, crew.dismiss)

    @abstractmethod
    def _at_once(self) -> int:
        """How many items are given out at once."""

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yield `function(item)` for every item, in their order; see `Executor.map`.

        Raises:
            UsageError: if `function` is defined in the program that is run, if an item cannot be sent, or
                if another map of this executor is not finished.
            WorldwrightError: if the worker of an item died, or the crew cannot be reached or is lost.
        """
        sendable(function)
        return self._results(function, items)

    def _results(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        if self._mapping:
            raise UsageError("this executor is at work on another map", help="use one executor for each")
        self._mapping = True
        try:
            yield from Round(self._crew, self._at_once(), function, items).results()
        finally:
            self._crew.drop_busy()
            self._mapping = False

    def close(self) -> None:
        """End the workers, or leave the cluster; a later `map` begins afresh."""
        self._crew.dismiss()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
