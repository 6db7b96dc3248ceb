"""What the functions of the Python API give, where it is more than a table."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from worldwright.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

File = str | os.PathLike[str]
"""A path."""


@dataclass(frozen=True)
class Picture:
    """A PNG picture, shown by notebooks."""

    png: bytes

    def save(self, file: File) -> None:
        """Write it to a file."""
        Path(file).write_bytes(self.png)

    def _repr_png_(self) -> bytes:
        return self.png

    def __repr__(self) -> str:
        return f"Picture({len(self.png):,} bytes; .save(FILE) writes it)"


@dataclass(frozen=True)
class Problems:
    """What a check found in some documents, in the order of lines; `str` shows it as the command does."""

    errors: tuple[str, ...]
    """The code of each error."""
    warnings: tuple[str, ...]
    """The code of each warning and note."""
    text: str

    def __bool__(self) -> bool:
        return bool(self.errors or self.warnings)

    def __str__(self) -> str:
        return self.text or "no problems"

    __repr__ = __str__


@dataclass(frozen=True)
class Explained:
    """How one agent came about; `str` is a line for each attribute, or every step of the one asked for."""

    values: dict[str, Any]
    steps: dict[str, Any]
    """Everything, as plain data: what `worldwright explain --json` gives."""
    text: str

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__


@dataclass(frozen=True)
class WorldTables:
    """What came of one world."""

    metrics: pa.Table
    """(tick, metric, value); a metric of a segment is named `adopters[rank=chief]`."""
    agents: pa.Table
    """The entities alive after the last tick, a row each, with their states as columns."""
    errors: pa.Table
    """Errors of scripts that the world's policy let pass, with script and line."""
    printed: tuple[str, ...]
    """What scripts printed."""
    ticks: int

    def metric(self, name: str) -> list[float]:
        """The values of one metric, in the order of ticks.

        Raises:
            UsageError: for a name that no metric has.
        """
        import pyarrow.compute as pc

        rows = self.metrics.filter(pc.field("metric") == name)
        if not rows.num_rows:
            known = sorted(set(self.metrics.column("metric").to_pylist()))
            raise UsageError(f"no metric {name!r}", help=f"there are {', '.join(known) or 'none'}")
        return rows.sort_by("tick").column("value").to_pylist()


@dataclass(frozen=True)
class Results:
    """The published results of an experiment."""

    experiment: str
    version: int
    question: str | None
    answer: pa.Table
    """The main outcome by cell: cell, setting, mean, low and high (of the interval), replicates, missing."""
    failed: int
    """Runs that failed."""
    report: Path
    """The page with the pictures."""
    _pictures: Mapping[str, Path]

    def picture(self, name: str = "answer") -> Picture:
        """One picture of the report: answer, curves, effects, sensitivity or population.

        Raises:
            UsageError: for one that this experiment does not have.
        """
        if name not in self._pictures:
            raise UsageError(f"no picture {name!r}", help=f"there are {', '.join(self._pictures)}")
        return Picture(self._pictures[name].read_bytes())
