"""One map over a crew: which items are begun, which outcomes wait for their turn."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

from worldwright.errors import UsageError
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
