from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import yaml

from assets.resources import Workspace
from pipelines.definitions import build_definitions, defs

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
GOLDEN = HERE / "golden" / "graph.txt"


def test_the_graph_is_the_one_that_was_reviewed(tmp_path: Path) -> None:
    text = "\n".join(graph(defs)) + "\n"
    seen = tmp_path / "graph.txt"
    seen.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8"), f"if this is meant, review it and: cp {seen} {GOLDEN}"


def test_the_definitions_can_be_loaded() -> None:
    dg.Definitions.validate_loadable(defs)


def test_assembling_reads_no_document(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    workspace = Workspace(root=str(nowhere), data=str(nowhere / "data"), workers=1)
    dg.Definitions.validate_loadable(build_definitions(workspace))
    assert not nowhere.exists()


@pytest.mark.parametrize("project", [ROOT, ROOT / "worldwright" / "templates" / "project"])
def test_every_way_in_names_the_same_code_location(project: Path) -> None:
    # `dagster dev` ignores workspace.yaml as soon as pyproject.toml has either table; they must not disagree.
    tables = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    (module,) = yaml.safe_load((project / "workspace.yaml").read_text(encoding="utf-8"))["load_from"]
    named = module["python_module"]
    assert tables["dagster"]["module_name"] == named["module_name"] == "pipelines.definitions"
    assert tables["dagster"]["code_location_name"] == named["location_name"] == "worldwright"
    assert tables["dg"]["project"]["code_location_target_module"] == named["module_name"]
    assert tables["dg"]["project"]["root_module"] == "pipelines"


def graph(definitions: dg.Definitions) -> Iterator[str]:
    """The assembled project as lines of text: what a reviewer has to see."""
    assets = definitions.resolve_asset_graph()
    yield "ASSETS"
    for key in assets.toposorted_asset_keys:
        node = assets.get(key)
        partitions = node.partitions_def.name if node.partitions_def else "none"  # type: ignore[union-attr]
        parents = ", ".join(sorted(parent.to_user_string() for parent in node.parent_keys)) or "nothing"
        yield f"{key.to_user_string()}  [{node.group_name}; partitions: {partitions}]  from {parents}"
    yield ""
    yield "CHECKS"
    for key in sorted(assets.asset_check_keys):
        spec = assets.get_check_spec(key)
        yield f"{key.to_user_string()}  {'blocking' if spec.blocking else 'warns'}"
    yield ""
    yield "JOBS"
    for name in ("experiment", "author"):
        job = definitions.resolve_job_def(name)
        steps = ", ".join(node.name for node in job.nodes_in_topological_order)
        yield f"{name}  [{job.executor_def.name}]  {steps}"
    yield ""
    yield "SCHEDULES"
    for schedule in definitions.schedules or ():
        assert isinstance(schedule, dg.ScheduleDefinition)
        when = f"{schedule.cron_schedule}, {schedule.execution_timezone or 'UTC'}"
        yield f"{schedule.name}  [{when}, {schedule.default_status.value}]  {schedule.job_name}"
    yield ""
    yield "SENSORS"
    for sensor in definitions.sensors or ():
        every = sensor.minimum_interval_seconds
        yield f"{sensor.name}  [every {every} s, {sensor.default_status.value}]  {sensor.job_name}"
