"""Dagster's data versions against the store's lineage: the same stages, identities and changes."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest

from assets.resources import Workspace
from pipelines.definitions import build_definitions
from worldwright.hashing import digest
from worldwright.project.inputs import UPSTREAM
from worldwright.project.locate import Project
from worldwright.project.staleness import stale

from .jobs_run import Materialise, data_versions

OUTSIDE = {"experiment_document", "catalog"}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def recorded(project: Project) -> dict[str, str]:
    """The data version of each stage as the current version's record has it."""
    _, record = project.store.current("rumour") or (0, {})
    return {
        stage: digest(stage, {name: entry["digest"] for name, entry in record["datasets"][stage].items()})
        for stage in UPSTREAM
    }


def reached_by(project: Project) -> set[str]:
    (found,) = stale(project, "rumour")
    return set(found.stages or {})


def test_the_stages_depend_on_each_other_as_the_assets_do(workspace: Workspace) -> None:
    graph = build_definitions(workspace).resolve_asset_graph()
    for stage, upstream in UPSTREAM.items():
        parents = {key.to_user_string() for key in graph.get(dg.AssetKey(stage)).parent_keys}
        assert parents - OUTSIDE == set(upstream)


def test_data_versions_are_the_digests_of_the_published_version(
    materialise: Materialise, done: Project
) -> None:
    shown = data_versions(materialise("rumour"))
    assert {stage: shown[stage] for stage in UPSTREAM} == recorded(done)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("worlds/rumour/person.lua", "and 1.5 or 1", "and 3 or 1"),
        ("populations/people.yaml", "sd: 12", "sd: 4"),
    ],
)
def test_what_is_called_out_of_date_is_what_gets_another_data_version(
    materialise: Materialise, done: Project, file: str, old: str, new: str
) -> None:
    before = recorded(done)
    edit(done.specs / file, old, new)
    said = reached_by(done)
    shown = data_versions(materialise("rumour"))
    assert {stage for stage in UPSTREAM if shown[stage] != before[stage]} == said
    assert recorded(done) == {stage: shown[stage] for stage in UPSTREAM}
    assert reached_by(done) == set()


@pytest.mark.usefixtures("done")
def test_dagster_marks_what_reads_a_changed_stage(
    materialise: Materialise, workspace: Workspace, instance: dg.DagsterInstance, tiny: Project
) -> None:
    assert materialise("rumour").success
    edit(tiny.specs / "worlds/rumour/person.lua", "and 1.5 or 1", "and 3 or 1")
    assert materialise("rumour", "world_program").success
    graph = build_definitions(workspace).resolve_asset_graph()
    resolver = CachingStaleStatusResolver(instance, graph, LoadingContextForTest(instance))
    status = {stage: resolver.get_status(dg.AssetKey(stage), "rumour") for stage in UPSTREAM}
    marked = {stage for stage, one in status.items() if one is StaleStatus.STALE}
    direct = {stage for stage, upstream in UPSTREAM.items() if "world_program" in upstream}
    assert marked == direct == {"simulation_runs"}
