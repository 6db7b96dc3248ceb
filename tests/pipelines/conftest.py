from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from assets.partitions import experiments
from assets.resources import Workspace
from pipelines.definitions import build_definitions
from tests.conftest import PROJECTS, fixed_clock
from worldwright.executors import serial
from worldwright.project.locate import Project
from worldwright.project.run import run_experiment

from .jobs_run import Materialise


@dataclass(frozen=True)
class Published:
    """What `worldwright run` makes of both experiments: its data folder, and digests by stage."""

    data: Path
    digests: dict[str, dict[str, str]]


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    root = tmp_path_factory.mktemp("published") / "tiny"
    shutil.copytree(PROJECTS / "tiny", root)
    project = Project(root, root / "data", fixed_clock)
    with serial() as executor:
        outcomes = {
            name: run_experiment(project, name, executor, lambda _: None) for name in ("rumour", "growth")
        }
    digests = {name: {one.stage: one.digest for one in done.staged} for name, done in outcomes.items()}
    return Published(project.data, digests)


@pytest.fixture
def done(tiny: Project, published: Published) -> Project:
    """A project whose experiments were both run by the command line before."""
    shutil.copytree(published.data, tiny.data, symlinks=True)
    return tiny


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
