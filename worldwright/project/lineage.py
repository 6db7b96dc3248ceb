"""What a dataset was made from, up to the documents."""

from __future__ import annotations

from worldwright.errors import UsageError
from worldwright.project.answer import current_record
from worldwright.project.locate import Project
from worldwright.store import Ancestor, ancestors


def lineage(project: Project, name: str) -> list[Ancestor]:
    """The ancestors of a dataset, nearest first, itself included.

    Args:
        project: The project.
        name: The key of a dataset (`run:3f9a…`), or an experiment, which means its report.

    Raises:
        UsageError: when there is no such dataset or experiment.
        StoreError: when one on the way is damaged.
    """
    store = project.store
    if ":" not in name:
        _, record = current_record(project, name)
        name = record["datasets"]["experiment_report"]["report"]["key"]
    if store.local(name) is None:
        raise UsageError(
            f"no dataset {name!r} in {project.show(project.data)}",
            help='find keys with `worldwright query "select stage, dataset from lineage"`',
        )
    return ancestors(store, name)
