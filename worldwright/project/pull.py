"""Bringing results from a mirror: their versions, a fresh catalog, and reports where people look for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from worldwright.project.catalog import refresh_catalog
from worldwright.project.locate import Project
from worldwright.project.publish import show_report

if TYPE_CHECKING:
    from worldwright.store import Mirror, Transfer
    from worldwright.store.mirror import Progress


def pull_results(
    project: Project,
    mirror: Mirror,
    experiments: Iterable[str] = (),
    *,
    as_next: bool = False,
    history: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Transfer:
    """Bring versions of experiments with all they stand on; the arguments are those of `store.pull`.

    Raises:
        UsageError: when the mirror has no version of an experiment.
        StoreError: when histories differ, something arrives damaged, or the mirror does not answer.
    """
    from worldwright.store import pull

    found = pull(
        project.store,
        mirror,
        experiments,
        as_next=as_next,
        history=history,
        dry_run=dry_run,
        progress=progress,
    )
    if not dry_run:
        for move in found.moves:
            show_report(project, move.experiment)
        refresh_catalog(project)
    return found
