from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from assets.partitions import experiments
from assets.resources import Workspace
from pipelines.definitions import build_definitions
from worldwright.project.locate import Project

from .jobs_run import Materialise


@pytest.fixture
def workspace(tiny: Project) -> Workspace:
    return Workspace(root=str(tiny.root), data=str(tiny.data), workers=1)


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    folder = tmp_path / "dagster"
    folder.mkdir()
    with dg.DagsterInstance.ephemeral(str(folder)) as one:
        one.add_dynamic_partitions(experiments.name or "", ["rumour", "growth"])
        yield one


@pytest.fixture
def materialise(workspace: Workspace, instance: dg.DagsterInstance) -> Materialise:
    """Run the whole job, or some assets of it, for one experiment, for real; refusals are in the result."""
    definitions = build_definitions(workspace)

    def run(experiment: str, *assets: str) -> dg.ExecuteInProcessResult:
        return definitions.resolve_job_def("experiment").execute_in_process(
            instance=instance,
            partition_key=experiment,
            asset_selection=[dg.AssetKey(asset) for asset in assets] or None,
            raise_on_error=False,
        )

    return run
