"""One experiment's results as one file that needs nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from worldwright.errors import UsageError
from worldwright.project.answer import current_record
from worldwright.project.catalog import datasets_of, filled_tables, rows_of, summary_of, views_of
from worldwright.project.locate import Project
from worldwright.project.tables import table_comments
from worldwright.store import export_file, schema_name
from worldwright.version import VERSION


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the version, the file's size in bytes, and the rows of each table."""

    experiment: str
    version: int
    file: Path
    bytes: int
    rows: dict[str, int]


def export_experiment(project: Project, name: str, out: Path) -> Exported:
    """Write the current results of an experiment into one DuckDB file of plain tables.

    Tables have the names and columns they have in the catalog, so that the same queries work; runs' metrics,
    outcomes, recorded agents and the population are in the schema of the experiment's name.

    Raises:
        UsageError: when there are no results, or the file cannot have this name or be there.
        StoreError: when a stored file is damaged.
    """
    import pyarrow as pa

    if not out.absolute().parent.is_dir():
        raise UsageError("there is no such folder", where=str(out.parent))
    schema = schema_name(name)
    if out.name.split(".")[0].casefold() == schema.casefold():
        raise UsageError(
            f"a file of this name would make {schema}.metrics ambiguous",
            where=str(out),
            why="DuckDB names a database by its file, and the experiment's schema has that name already",
            help=f"name it otherwise, such as {out.with_name(f'{name}-results.duckdb')}",
        )
    version, record = current_record(project, name)
    store = project.store
    datasets = datasets_of(store, record)
    rows, views = rows_of(store, name, version, record, datasets), views_of(name, record, datasets)
    tables = filled_tables(rows, [summary_of(name, record, datasets)])
    about = {
        "experiment": name,
        "version": str(version),
        "digest": record["experiment"]["digest"],
        "worldwright": VERSION,
    }
    export_file(
        store.root,
        out,
        tables={**tables, "about": pa.table({"name": list(about), "value": list(about.values())})},
        views={name: views},
        comments=table_comments()
        | {"about": ("what this file is", {"name": "which fact", "value": "the fact, as text"})},
    )
    counted = {table: len(found) for table, found in tables.items()}
    stored = {d.path / part.name: part.rows or 0 for d in datasets.values() for part in d.parts.values()}
    for view, of in views.items():
        rows_there = len(of.rows) if of.rows is not None else sum(stored[file] for file in of.files)
        counted[f"{schema}.{view}"] = rows_there
    return Exported(name, version, out, out.stat().st_size, counted)
