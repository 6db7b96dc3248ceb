"""What starts by itself: experiments whose documents changed, and those whose own schedule is due.

A sensor reads the documents; definitions never do. A document that cannot be used starts nothing and is
reported in the sensor's log, with file, line and column; other experiments are unaffected.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from assets.partitions import experiments
from assets.resources import Workspace
from pipelines.jobs import experiment
from pipelines.orphans import end_orphans
from worldwright.diagnostics import DocumentError
from worldwright.errors import WorldwrightError
from worldwright.project.documents import Closure, load_closure
from worldwright.project.locate import Project

UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
SCHEDULED_TAG = "worldwright/scheduled"
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def sensors(clock: Callable[[], datetime]) -> list[dg.SensorDefinition]:
    """The sensors of the project.

    Args:
        clock: What time it is, with a time zone.
    """

    @dg.sensor(
        job=experiment,
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Runs an experiment when one of its documents has changed since it was published.",
    )
    def changed_experiments(context: dg.SensorEvaluationContext, workspace: Workspace) -> dg.SensorResult:
        """Compare each experiment's documents with those its published version stands on."""
        project = workspace.project()
        usable, broken = _closures(project)
        requests = [
            request
            for name, closure in usable.items()
            if (request := _changed(context.instance, project, name, closure)) is not None
        ]
        return _result(
            context, project, requests, broken, "every experiment is published as its documents say"
        )

    @dg.sensor(
        job=experiment,
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Runs an experiment when the `schedule:` in its document says so (UTC).",
    )
    def scheduled_experiments(context: dg.SensorEvaluationContext, workspace: Workspace) -> dg.SensorResult:
        """Evaluate each document's schedule; what was missed while nothing watched is made up for once."""
        project = workspace.project()
        usable, broken = _closures(project)
        seen: dict[str, Any] = json.loads(context.cursor or "{}")
        now, told, requests = clock(), dict[str, Any](), list[dg.RunRequest]()
        for name, closure in usable.items():
            schedule = closure.resolved().schedule
            if schedule is None:
                continue
            try:
                due = latest_due(schedule, now)
            except ValueError as error:
                broken[name] = str(error)
                continue
            told[name] = [schedule, due.isoformat()]
            if name in seen and seen[name][0] == schedule and seen[name][1] < due.isoformat():
                requests.append(_scheduled(name, due))
        told |= {name: seen[name] for name in broken if name in seen}
        context.update_cursor(json.dumps(told, sort_keys=True))
        return _result(context, project, requests, broken, "no schedule is due")

    return [changed_experiments, scheduled_experiments]


def latest_due(schedule: str, now: datetime) -> datetime:
    """The last moment, up to and with `now`, at which a schedule was due.

    Args:
        schedule: Five fields as in cron, in UTC.
        now: With a time zone.

    Raises:
        ValueError: if the schedule cannot be read.
    """
    try:
        windows = dg.TimeWindowPartitionsDefinition(
            start=_LONG_AGO, fmt="%Y-%m-%dT%H:%M", cron_schedule=schedule, timezone="UTC"
        )
        window = windows.get_prev_partition_window(now)
    except (dg.DagsterInvalidDefinitionError, ValueError):
        raise ValueError(f"the schedule {schedule!r} cannot be read as five fields of cron") from None
    if window is None:
        raise ValueError(f"the schedule {schedule!r} is never due")
    return window.end


def _closures(project: Project) -> tuple[dict[str, Closure], dict[str, str]]:
    """What each experiment stands on, by name; and for those that cannot be used, what is wrong."""
    usable: dict[str, Closure] = {}
    broken: dict[str, str] = {}
    for name in project.names("experiment"):
        try:
            closure = load_closure(project, name)
            closure.resolved()
        except (DocumentError, WorldwrightError) as error:
            broken[name] = str(error)
        else:
            usable[name] = closure
    return usable, broken


def _changed(
    instance: dg.DagsterInstance, project: Project, name: str, closure: Closure
) -> dg.RunRequest | None:
    current = project.store.current(closure.name)
    version, published = (current[0], current[1].get("closure")) if current else (0, None)
    if published == closure.digest or _under_way(instance, name):
        return None
    # The version makes it a new request when documents return to what they were; without a new version, the
    # same documents are tried once: what failed would fail again.
    return dg.RunRequest(partition_key=name, run_key=f"{name}:{closure.digest}:{version}")


def _under_way(instance: dg.DagsterInstance, name: str) -> bool:
    filters = dg.RunsFilter(job_name=experiment.name, tags={"dagster/partition": name}, statuses=UNDER_WAY)
    return bool(instance.get_run_ids(filters, limit=1))


def _scheduled(name: str, due: datetime) -> dg.RunRequest:
    moment = due.isoformat()
    return dg.RunRequest(partition_key=name, run_key=f"{name}:{moment}", tags={SCHEDULED_TAG: moment})


def _result(
    context: dg.SensorEvaluationContext,
    project: Project,
    requests: list[dg.RunRequest],
    broken: dict[str, str],
    nothing: str,
) -> dg.SensorResult:
    end_orphans(context.instance)
    known = set(context.instance.get_dynamic_partitions(experiments.name or ""))
    new = [name for name in project.names("experiment") if name not in known]
    for name, problem in broken.items():
        context.log.error(f"{name} is not run: {problem}")
    reported = "; ".join([nothing, *(f"{name} is not run: {problem}" for name, problem in broken.items())])
    return dg.SensorResult(
        run_requests=requests,
        skip_reason=None if requests else dg.SkipReason(reported),
        dynamic_partitions_requests=[experiments.build_add_request(new)] if new else [],
    )
