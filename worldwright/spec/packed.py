"""Many numbers as one frozen value: eight bytes each, so that a resolved spec carries a table as plain data.

A `Packed` can be hashed, compared and pickled as fast as its bytes can be.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from worldwright.hashing import bytes_digest


@dataclass(frozen=True, slots=True)
class Packed:
    """Doubles in their order; NaN stands for a missing one."""

    data: bytes = field(repr=False)

    @classmethod
    def of(cls, numbers: Iterable[float]) -> Packed:
        """The numbers, packed; negative zero becomes zero, so that what is equal has one digest."""
        return cls(array("d", (number + 0.0 for number in numbers)).tobytes())

    def __len__(self) -> int:
        return len(self.data) // 8

    def __iter__(self) -> Iterator[float]:
        return iter(array("d", self.data))

    def __getitem__(self, position: int) -> float:
        return memoryview(self.data).cast("d")[position]

    @property
    def digest(self) -> str:
        """Identity of the numbers and their order."""
        return bytes_digest(self.data)
