"""What every executor promises."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Protocol, Self, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Executor(Protocol):
    """Something that maps a function over items.

    Results do not depend on which executor does the work, nor on how many workers it has. An executor is
    a context manager; leaving it ends what it started.
    """

    @property
    def workers(self) -> int:
        """How many items are worked on at once."""
        ...

    @property
    def shares_disk(self) -> bool:
        """Whether the work is done where this process's folders are; else files do not get there or back."""
        ...

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yield `function(item)` for every item, in the order of the items.

        Args:
            function: A module-level function, so that another process can find it by name.
            items: Plain values that can be pickled; taken one by one as they are needed.

        Raises:
            Exception: whatever `function` raised for an item, when that item's turn comes. The items
                before it have been yielded; work on the others is cancelled.
            WorldwrightError: if the process at work on an item died; `where` names the item.
        """
        ...

    def close(self) -> None:
        """End what was started; may be called again, and a later `map` starts afresh."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
