from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from assets.partitions import experiments
from assets.resources import Workspace
from pipelines.definitions import build_definitions
from pipelines.sensors import latest_due
from worldwright.project.locate import Project

from .conftest import Published
from .jobs_run import Materialise

MONDAY_FIVE = datetime(2026, 11, 23, 5, tzinfo=UTC)

Evaluate = Callable[..., dg.SensorResult]


class Clock:
    """A clock that stands where it is put."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock(MONDAY_FIVE - timedelta(hours=1))


@pytest.fixture
def evaluate(workspace: Workspace, instance: dg.DagsterInstance, clock: Clock) -> Evaluate:
    """Evaluate a sensor as the daemon would, with the cursor it left last time."""
    named = {sensor.name: sensor for sensor in build_definitions(workspace, clock=clock).sensors or ()}
    cursors: dict[str, str | None] = {}

    def once(name: str) -> dg.SensorResult:
        context = dg.build_sensor_context(
            instance, cursor=cursors.get(name), resources={"workspace": workspace}
        )
        sensor = named[name]
        assert isinstance(sensor, dg.SensorDefinition)
        result = sensor(context)
        assert isinstance(result, dg.SensorResult)
        cursors[name] = context.cursor
        return result

    return once


def launched(result: dg.SensorResult) -> list[str]:
    return sorted(str(request.partition_key) for request in result.run_requests or ())


def keys(result: dg.SensorResult) -> Mapping[str, str]:
    return {str(request.partition_key): str(request.run_key) for request in result.run_requests or ()}


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_only_what_changed_since_it_was_published_is_launched(
    evaluate: Evaluate, tiny: Project, published: Published
) -> None:
    assert launched(evaluate("changed_experiments")) == ["growth", "rumour"]
    shutil.copytree(published.data, tiny.data, symlinks=True)
    quiet = evaluate("changed_experiments")
    assert launched(quiet) == []
    assert quiet.skip_reason is not None

    change(tiny.specs / "worlds" / "growth" / "cell.lua", "children = 0}", "children = 0 }")
    assert launched(evaluate("changed_experiments")) == ["growth"]
    change(tiny.specs / "populations" / "people.yaml", "sd: 12", "sd: 13")
    assert launched(evaluate("changed_experiments")) == ["growth", "rumour"]


def test_documents_that_return_to_what_they_were_are_a_new_request(
    evaluate: Evaluate, materialise: Materialise, tiny: Project, published: Published
) -> None:
    path = tiny.specs / "experiments" / "growth.yaml"
    first = keys(evaluate("changed_experiments"))["growth"]
    shutil.copytree(published.data, tiny.data, symlinks=True)
    change(path, "after twelve ticks", "at the end")
    assert materialise("growth").success
    assert "growth" not in keys(evaluate("changed_experiments"))
    change(path, "at the end", "after twelve ticks")
    assert keys(evaluate("changed_experiments"))["growth"] != first


def test_what_failed_is_not_tried_again_until_something_changes(evaluate: Evaluate, tiny: Project) -> None:
    first = keys(evaluate("changed_experiments"))["growth"]
    assert keys(evaluate("changed_experiments"))["growth"] == first  # Dagster runs a request once
    change(tiny.specs / "experiments" / "growth.yaml", "seed: 9", "seed: 10")
    assert keys(evaluate("changed_experiments"))["growth"] != first


def test_an_experiment_under_way_is_left_alone(
    evaluate: Evaluate, workspace: Workspace, instance: dg.DagsterInstance
) -> None:
    job = build_definitions(workspace).resolve_job_def("experiment")
    instance.create_run_for_job(job, tags={"dagster/partition": "growth"}, status=dg.DagsterRunStatus.STARTED)
    assert launched(evaluate("changed_experiments")) == ["rumour"]


def test_a_broken_document_launches_nothing_and_is_reported(evaluate: Evaluate, tiny: Project) -> None:
    change(tiny.specs / "populations" / "people.yaml", "sd: 12", "sd: -12")
    assert launched(evaluate("changed_experiments")) == ["growth"]
    (tiny.specs / "experiments" / "growth.yaml").unlink()
    reason = evaluate("changed_experiments").skip_reason
    assert reason is not None
    assert "specs/populations/people.yaml:8:" in str(reason.skip_message)


def test_a_new_document_becomes_a_partition(
    evaluate: Evaluate, instance: dg.DagsterInstance, tiny: Project
) -> None:
    old = tiny.specs / "experiments" / "growth.yaml"
    new = tiny.specs / "experiments" / "growth-again.yaml"
    new.write_text(
        old.read_text(encoding="utf-8").replace("name: growth", "name: growth-again"), encoding="utf-8"
    )
    result = evaluate("changed_experiments")
    assert "growth-again" in launched(result)
    (added,) = list(result.dynamic_partitions_requests or ())
    assert isinstance(added, dg.AddDynamicPartitionsRequest)
    assert (added.partitions_def_name, list(added.partition_keys)) == (experiments.name, ["growth-again"])


def test_a_documents_schedule_is_kept_by_the_passed_clock(
    evaluate: Evaluate, clock: Clock, tiny: Project
) -> None:
    with (tiny.specs / "experiments" / "growth.yaml").open("a", encoding="utf-8") as file:
        file.write('schedule: "0 5 * * 1"\n')
    assert launched(evaluate("scheduled_experiments")) == []
    clock.now = MONDAY_FIVE - timedelta(seconds=1)
    assert launched(evaluate("scheduled_experiments")) == []
    clock.now = MONDAY_FIVE
    due = evaluate("scheduled_experiments")
    assert keys(due) == {"growth": "growth:2026-11-23T05:00:00+00:00"}
    clock.now = MONDAY_FIVE + timedelta(days=6)
    assert launched(evaluate("scheduled_experiments")) == []
    clock.now = MONDAY_FIVE + timedelta(days=21, hours=3)  # two were missed; one run makes up for them
    assert keys(evaluate("scheduled_experiments")) == {"growth": "growth:2026-12-14T05:00:00+00:00"}


def test_a_changed_schedule_starts_anew_and_one_that_cannot_be_read_is_reported(
    evaluate: Evaluate, clock: Clock, tiny: Project
) -> None:
    path = tiny.specs / "experiments" / "growth.yaml"
    plain = path.read_text(encoding="utf-8")
    path.write_text(plain + 'schedule: "0 5 * * 1"\n', encoding="utf-8")
    evaluate("scheduled_experiments")
    path.write_text(plain + 'schedule: "0 4 * * *"\n', encoding="utf-8")
    clock.now = MONDAY_FIVE + timedelta(days=1)
    assert launched(evaluate("scheduled_experiments")) == []
    path.write_text(plain + 'schedule: "99 5 * * 1"\n', encoding="utf-8")
    reason = evaluate("scheduled_experiments").skip_reason
    assert reason is not None
    assert "99 5 * * 1" in str(reason.skip_message)


@pytest.mark.parametrize(
    ("schedule", "now", "due"),
    [
        ("*/15 * * * *", "2026-11-20T12:14:59", "2026-11-20T12:00:00"),
        ("*/15 * * * *", "2026-11-20T12:15:00", "2026-11-20T12:15:00"),
        ("0 0 1 1 *", "2026-11-20T12:00:00", "2026-01-01T00:00:00"),
        ("0 5 * * 1", "2026-11-22T23:59:59", "2026-11-16T05:00:00"),
    ],
)
def test_the_latest_moment_a_schedule_was_due(schedule: str, now: str, due: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert latest_due(schedule, moment) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_nightly_runs_every_experiment_whose_document_exists(
    workspace: Workspace, tiny: Project, tmp_path: Path
) -> None:
    repository = build_definitions(workspace).get_repository_def()
    nightly = repository.get_schedule_def("nightly")
    (tiny.specs / "experiments" / "rumour.yaml").unlink()
    with (
        dg.DagsterInstance.local_temp(str(tmp_path)) as instance,
        dg.build_schedule_context(
            instance, MONDAY_FIVE, resources={"workspace": workspace}, repository_def=repository
        ) as context,
    ):
        instance.add_dynamic_partitions(experiments.name or "", ["rumour", "growth"])
        requests = nightly.evaluate_tick(context).run_requests or []
    assert [(one.partition_key, one.run_key) for one in requests] == [("growth", "2026-11-23:growth")]
