"""Where the project is that these pipelines belong to, and Dagster's memory beside it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from assets.resources import Workspace
from worldwright.project.locate import DATA, SPECS, find_project

if TYPE_CHECKING:
    import dagster as dg


def project_root() -> Path:
    """The folder that `pipelines/` lies in; where there is no `specs/`, the project one is standing in.

    Raises:
        UsageError: when there is no project at either place.
    """
    here = Path(__file__).resolve().parent.parent
    return here if (here / SPECS).is_dir() else find_project(Path.cwd()).root


def workspace_here() -> Workspace:
    """The project's workspace, as the environment and the machine say."""
    root = project_root()
    data = os.environ.get("WORLDWRIGHT_DATA") or root / DATA
    return Workspace(
        root=str(root),
        data=str(Path(data).resolve()),
        workers=os.cpu_count() or 1,
        ray=os.environ.get("WORLDWRIGHT_RAY") or None,
        mirror=os.environ.get("WORLDWRIGHT_MIRROR") or None,
        endpoint=os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or None,
    )


def open_instance(root: Path) -> dg.DagsterInstance:
    """Dagster's memory as `dagster.yaml` describes it: the one that the UI shows, without DAGSTER_HOME.

    Folders in that file are relative to the working directory, so this goes to `root`.
    """
    import dagster as dg

    os.chdir(root)
    return dg.DagsterInstance.from_config(str(root))
