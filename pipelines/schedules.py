"""What starts by the clock."""

from collections.abc import Iterator

import dagster as dg

from assets.partitions import experiments
from assets.resources import Workspace
from pipelines.jobs import experiment


@dg.schedule(
    job=experiment,
    cron_schedule="0 2 * * *",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Every experiment, at two in the night (UTC); off until it is switched on.",
)
def nightly(
    context: dg.ScheduleEvaluationContext, workspace: Workspace
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Request a run of every partition whose document still exists."""
    documents = set(workspace.project().names("experiment"))
    names = sorted(documents & set(context.instance.get_dynamic_partitions(experiments.name or "")))
    for name in names:
        yield dg.RunRequest(partition_key=name, run_key=f"{context.scheduled_execution_time:%Y-%m-%d}:{name}")
    if not names:
        yield dg.SkipReason("there is no experiment")
