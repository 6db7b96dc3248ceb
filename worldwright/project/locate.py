"""A project: a folder with `specs/` in it, where its results go, and the clock it is used by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from worldwright.errors import UsageError

if TYPE_CHECKING:
    from worldwright.store import Mirror, Store

SPECS = "specs"
DATA = "data"


def system_clock() -> datetime:
    """The time now, in UTC; front doors pass it in."""
    return datetime.now(UTC)  # noqa: TID251 (the one place where a clock is read)


@dataclass(frozen=True)
class Project:
    """Where a project's documents and results are. Documents are looked up by kind and name."""

    root: Path
    data: Path
    clock: Callable[[], datetime] = system_clock
    mirror: Mirror | None = None
    """Where results that are not here are fetched from."""

    @property
    def specs(self) -> Path:
        """The folder of the user's documents."""
        return self.root / SPECS

    @cached_property
    def store(self) -> Store:
        """The project's results; one store, which remembers the checksums it has verified."""
        from worldwright.store import Store  # checking documents needs no tables

        return Store(self.data, clock=self.clock, mirror=self.mirror)

    def show(self, path: Path) -> str:
        """A path as a person in this project would write it."""
        try:
            return str(path.absolute().relative_to(self.root))
        except ValueError:
            return str(path)

    def document(self, kind: str, name: str) -> Path:
        """The file of a document: `specs/populations/NAME.yaml`, or `specs/worlds/NAME` for a world."""
        folder = self.specs / f"{kind}s"
        return folder / name if kind == "world" else folder / f"{name}.yaml"

    def names(self, kind: str) -> list[str]:
        """The names of all documents of a kind that exist, in order."""
        folder = self.specs / f"{kind}s"
        if kind == "world":
            return sorted(path.parent.name for path in folder.glob("*/world.yaml"))
        return sorted(path.stem for path in folder.glob("*.yaml") if "." not in path.stem)


def find_project(
    start: Path,
    data: Path | None = None,
    clock: Callable[[], datetime] = system_clock,
    mirror: Mirror | None = None,
) -> Project:
    """The project that `start` lies in: the nearest folder above it with `specs/`.

    Args:
        start: Any path in the project; usually the working directory.
        data: Where results go instead of the project's own `data/`.
        clock: What time it is.
        mirror: Where results that are not here are fetched from.

    Raises:
        UsageError: when there is no such folder.
    """
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / SPECS).is_dir():
            return Project(folder, (data or folder / DATA).resolve(), clock, mirror)
    raise UsageError(
        f"no project at {start}",
        why="a project is a folder with `specs/` in it",
        help="go to one, pass --project DIR, or make one with `worldwright new NAME`",
    )


def project_of(path: Path) -> Project:
    """The project a document lies in; a document by itself is its own, in its folder."""
    try:
        return find_project(path.parent)
    except UsageError:
        here = path.resolve().parent
        return Project(here, here / "data")
