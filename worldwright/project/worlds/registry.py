"""The worlds of a project by name: one snapshot file each, read by anybody, changed by one at a time.

A world's file is replaced at once, so a reader sees it before a change or after. What was read is kept in
memory as long as the file is the same.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Generator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from worldwright.errors import StoreError, UsageError
from worldwright.project.locate import Project
from worldwright.project.worlds.crew import Stop
from worldwright.project.worlds.slots import Identity, identity_of, put, remove, sweep
from worldwright.spec.suggestions import nearest
from worldwright.store.locks import try_lock
from worldwright.world.snapshot_file import read_snapshot, to_bytes

if TYPE_CHECKING:
    from worldwright.world import Snapshot, WorldResult
    from worldwright.world.contents import Contents

FOLDER = "worlds"
ENDING = ".arrow"
MOST_WORLDS = 200
MOST_BYTES = 256 << 20
"""Of one world's file."""
MOST_KEPT = 64 << 20
"""Of files kept in memory."""
PATIENCE = 600.0
"""Seconds to wait for another change of the same world."""
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 _.-]{0,62}[A-Za-z0-9_-])?", re.ASCII)
_PAUSE = 0.01

Series = list[tuple[int, float]]


class Held:
    """A world as its file has it, with what is in it, opened when it is asked for."""

    def __init__(
        self, snapshot: Snapshot, identity: Identity, size: int, result: WorldResult | None = None
    ) -> None:
        self.snapshot, self.identity, self.size = snapshot, identity, size
        self._result = result

    @cached_property
    def contents(self) -> Contents:
        """Entities, messages and metrics as plain values."""
        from worldwright.world.contents import Contents

        return Contents(self.snapshot)

    @cached_property
    def metrics(self) -> dict[str, Series]:
        """(tick, value) by metric, in the order they were first recorded."""
        return self.contents.metrics if self._result is None else series_of(self._result.metrics)

    @cached_property
    def arrived(self) -> int:
        """How many messages have come due so far, also those to nobody."""
        counts = self.contents.kernel["counts"] if self._result is None else self._result.counts
        lost = counts.get("undelivered", counts.get("dropped", 0))
        return int(counts["delivered"]) + int(lost) + int(counts["broadcasts"])

    @cached_property
    def printed(self) -> tuple[str, ...]:
        """What scripts have printed so far: the first lines."""
        if self._result is not None:
            return self._result.printed
        lines = self.contents.kernel["printed"]
        return tuple(str(line) for line in lines) if isinstance(lines, list) else ()


class Registry:
    """The worlds of one project.

    Args:
        project: Whose they are; they lie in `worlds/` in its data.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self._folder = project.data / FOLDER
        self._kept: OrderedDict[str, Held] = OrderedDict()
        self._memory = threading.Lock()
        sweep(self._folder, project.clock().timestamp())

    def names(self) -> list[str]:
        """All worlds, sorted."""
        if not self._folder.is_dir():
            return []
        return sorted(path.stem for path in self._folder.glob(f"*{ENDING}") if path.stem[0] != ".")

    def __contains__(self, name: str) -> bool:
        return self.path(name).is_file()

    def path(self, name: str) -> Path:
        """Where a world lies.

        Raises:
            UsageError: for a name that a world cannot have.
        """
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"a world cannot be called {name[:80]!r}",
                help="use up to 64 letters, digits, blanks, and . _ -, with a letter or digit first",
            )
        return self._folder / f"{name}{ENDING}"

    def read(self, name: str) -> Held:
        """A world as it is now.

        Raises:
            UsageError: when there is none of this name, or its file is damaged.
        """
        path = self.path(name)
        try:
            identity = identity_of(path)
            with self._memory:
                held = self._kept.get(name)
                if held is not None and held.identity == identity:
                    self._kept.move_to_end(name)
                    return held
            # The file may be replaced meanwhile: what is read is whole, and only kept as what it is.
            snapshot = _read(path)
            again = identity_of(path)
        except FileNotFoundError:
            raise self._missing(name) from None
        held = Held(snapshot, identity, identity[2])
        return self._keep(name, held) if again == identity else held

    @contextlib.contextmanager
    def hold(self, name: str, stop: Stop) -> Generator[None]:
        """Let nobody else change a world for the length of a block.

        Raises:
            StoreError: when somebody else does for too long.
            StoppedError: when the call is given up while it waits.
        """
        lock = self.path(name).with_suffix(".lock")
        lock.parent.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + PATIENCE
        while (descriptor := try_lock(lock)) is None:
            stop.check()
            if time.monotonic() > deadline:
                raise StoreError(
                    f"the world {name!r} is being changed by somebody else",
                    why=f"it was waited for for {PATIENCE:g} seconds",
                    help="try again, or work with a copy of it",
                )
            time.sleep(_PAUSE)
        try:
            yield
        finally:
            os.close(descriptor)

    def publish(self, name: str, snapshot: Snapshot, result: WorldResult | None = None) -> Held:
        """Put a world in its place; the caller holds it.

        Args:
            name: Its name.
            snapshot: What it is from now on.
            result: The run that ended in it, where there was one.

        Raises:
            UsageError: where it is too large, there are too many, or it cannot be written.
        """
        path = self.path(name)
        if not path.exists() and len(self.names()) >= MOST_WORLDS:
            raise UsageError(
                f"there are {MOST_WORLDS} worlds already", help="delete some that are needed no more"
            )
        content = to_bytes(snapshot)
        if len(content) > MOST_BYTES:
            raise UsageError(
                f"the world would need {len(content) >> 20} MB, and at most {MOST_BYTES >> 20} are kept",
                help="let its entities remember less, or let there be fewer",
            )
        return self._keep(name, Held(snapshot, put(path, content), len(content), result))

    def delete(self, name: str) -> None:
        """Take a world away; the caller holds it.

        Raises:
            UsageError: when there is none.
        """
        try:
            remove(self.path(name))
        except FileNotFoundError:
            raise self._missing(name) from None
        with self._memory:
            self._kept.pop(name, None)

    def _keep(self, name: str, held: Held) -> Held:
        with self._memory:
            self._kept[name] = held
            self._kept.move_to_end(name)
            while len(self._kept) > 1 and sum(one.size for one in self._kept.values()) > MOST_KEPT:
                self._kept.popitem(last=False)
        return held

    def _missing(self, name: str) -> UsageError:
        names = self.names()
        near = nearest(name, names)
        known = (
            f"there are {', '.join(names[:20])}" if names else "there are none yet; create_world makes one"
        )
        return UsageError(f"World '{name}' not found", help=f"did you mean {near!r}?" if near else known)


def _read(path: Path) -> Snapshot:
    """A world's file; once more where it was replaced between finding and opening it."""
    try:
        return read_snapshot(path)
    except UsageError:
        if not path.exists():
            raise FileNotFoundError(path) from None
        return read_snapshot(path)


def series_of(table: Any) -> dict[str, Series]:
    """Rows of metrics as (tick, value) by metric; one of a segment is named `adopters[rank=chief]`."""
    columns = [table.column(name).to_pylist() for name in ("tick", "metric", "segment", "value")]
    found: dict[str, Series] = {}
    for tick, metric, segment, value in zip(*columns, strict=True):
        found.setdefault(f"{metric}[{segment}]" if segment else metric, []).append((tick, value))
    return found
