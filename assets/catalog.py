"""The catalog: all experiments' current results as tables for analysts."""

import dagster as dg

from assets.failures import explained
from assets.markdown import table
from assets.reports import experiment_report
from assets.resources import Workspace
from worldwright.hashing import digest
from worldwright.project.catalog import refresh_catalog


@dg.asset(kinds={"duckdb"}, deps=[experiment_report])
def catalog(workspace: Workspace) -> dg.MaterializeResult[str]:
    """One DuckDB file over the current version of every experiment; readers never wait for it."""
    project = workspace.project()
    with explained():
        path = refresh_catalog(project)
        store = project.store
        versions = {name: store.versions(name)[-1] for name in store.experiments()}
    return dg.MaterializeResult(
        value=project.show(path),
        data_version=dg.DataVersion(digest("catalog", versions)),
        metadata={
            "file": dg.MetadataValue.path(project.show(path)),
            "experiments": table(["experiment", "version"], versions.items()),
        },
    )
