"""Ask the catalog: SQL in, Arrow out; the catalog is refreshed first where the store has moved on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worldwright.errors import UsageError
from worldwright.project.catalog import refresh_catalog
from worldwright.project.locate import Project
from worldwright.store import query, tables

if TYPE_CHECKING:
    import pyarrow as pa


def run_query(
    project: Project, sql: str, *, most: int | None = None, seconds: float | None = None
) -> pa.Table:
    """The rows of one read-only SQL statement over the catalog.

    Args:
        project: The project.
        sql: The statement.
        most: The first rows alone, so many of them.
        seconds: How long it may take.

    Raises:
        UsageError: when there are no results yet, or the statement is wrong or would write.
        StoreError: when a file it reads is damaged; nothing is answered then.
    """
    _require_results(project)
    refresh_catalog(project)
    return query(project.data, sql, most=most, seconds=seconds)


def list_tables(project: Project) -> list[dict[str, Any]]:
    """The tables and views of the catalog, with columns and comments."""
    _require_results(project)
    refresh_catalog(project)
    return tables(project.data)


def _require_results(project: Project) -> None:
    if not project.store.experiments():
        known = ", ".join(project.names("experiment")) or "none yet"
        raise UsageError("there are no results to query yet", help=f"run an experiment first: {known}")
