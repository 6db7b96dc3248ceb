"""Run a stored run again, from the documents, and compare what comes out with what is stored."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from worldwright.errors import ExperimentError, UsageError
from worldwright.experiment import Cell, Experiment
from worldwright.project.documents import load_closure
from worldwright.project.locate import Project
from worldwright.store import Dataset, Store

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class PartFound:
    """One file of the run as it came out again; `difference` is None where the bytes are the same."""

    name: str
    difference: str | None


@dataclass(frozen=True, slots=True)
class Reproduced:
    """A run and its repetition: their digests, and every part that they have."""

    run: str
    experiment: str
    cell: str
    replicate: int
    digest: str
    again: str
    parts: tuple[PartFound, ...]

    @property
    def same(self) -> bool:
        """Whether everything came out the same to the byte, results that are no files included."""
        return self.digest == self.again


def reproduce(project: Project, key: str) -> Reproduced:
    """Run it again in a store of its own that is thrown away, and compare.

    Args:
        project: The project.
        key: The key of a run, such as `run:3f9a…`.

    Raises:
        UsageError: when there is no such run, or no experiment makes it from its documents as they are now.
        StoreError: when the stored run is damaged.
    """
    from worldwright.experiment import run_again

    stored = project.store.find(key) if key.startswith("run:") else None
    if stored is None:
        raise UsageError(
            f"there is no run {key!r}",
            help='find keys with `worldwright query "select experiment, cell, replicate, run from runs"`',
        )
    experiment, cell, replicate = _origin(project, stored)
    with tempfile.TemporaryDirectory(prefix="worldwright-") as folder:
        scratch = Store(Path(folder), clock=project.clock)
        run = run_again(experiment, cell, replicate, scratch, project.clock)
        if run.digest is None:
            raise ExperimentError("it did not end this time", where=key, why=run.error)
        again = scratch.get(key)
        names = sorted({*stored.parts, *again.parts})
        parts = tuple(PartFound(name, _difference(stored, again, name)) for name in names)
        return Reproduced(key, experiment.name, cell.label, replicate, stored.digest, again.digest, parts)


def _origin(project: Project, stored: Dataset) -> tuple[Experiment, Cell, int]:
    """The experiment, cell and replicate that make a run from the documents as they are now."""
    from worldwright.experiment import run_key

    inputs = stored.inputs
    replicate = int(inputs["replicate"])
    near: list[str] = []
    for name in project.names("experiment"):
        experiment = load_closure(project, name).experiment
        if experiment is None:
            continue
        for cell in experiment.cells:
            if run_key(experiment, cell, replicate) == stored.key:
                return experiment, cell, replicate
            if cell.settings == inputs["settings"] and experiment.seed == inputs["seed"]:
                changed = experiment.world.digest != inputs["world"]
                what = "its world" if changed else "its populations, ticks, recording or the engine"
                near.append(f"{name} has a run of these settings, but {what} changed since")
    raise UsageError(
        "no experiment makes this run from its documents as they are now",
        where=stored.key,
        why="; ".join(near) or "none has these settings and this seed",
        help="bring the documents back as they were, from version control",
    )


def _difference(stored: Dataset, again: Dataset, name: str) -> str | None:
    before, after = stored.parts.get(name), again.parts.get(name)
    if before is None or after is None:
        return "it is stored, and was not made again" if after is None else "it was made, and is not stored"
    if before.sha256 == after.sha256:
        return None
    if not name.endswith(".parquet"):
        return f"{before.bytes:,} bytes are stored, {after.bytes:,} came out"
    return _tables(stored.table(name), again.table(name))


def _tables(before: pa.Table, after: pa.Table) -> str:
    if before.schema != after.schema:
        return f"the columns are {', '.join(before.column_names)} and {', '.join(after.column_names)}"
    if before.num_rows != after.num_rows:
        return f"{before.num_rows:,} rows are stored, {after.num_rows:,} came out"
    for column in before.column_names:
        if before.column(column).equals(after.column(column)):
            continue
        pairs = zip(before.column(column).to_pylist(), after.column(column).to_pylist(), strict=True)
        rows = [row for row, (one, other) in enumerate(pairs) if one != other]
        first = rows[0] if rows else 0
        was, now = (table.column(column)[first].as_py() for table in (before, after))
        where = f"{column} differs in {len(rows):,} rows, first in row {first}"
        return f"{where}: {was!r} is stored, {now!r} came out"
    return "the values are the same, the bytes are not: other library versions wrote them"
