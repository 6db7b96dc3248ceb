"""The executor without processes: the reference for all others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self

from worldwright.executors.protocol import Item, Result


class Serial:
    """Does the work in this process, one item after the other, each when its result is asked for."""

    @property
    def workers(self) -> int:
        """One."""
        return 1

    @property
    def shares_disk(self) -> bool:
        """It is this process."""
        return True

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yield `function(item)` for every item, in their order."""
        for item in items:
            yield function(item)

    def close(self) -> None:
        """Nothing was started."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
