"""Runs whose process was killed: Dagster would believe for hours that they are still going.

Each run is tagged with the process it lives in. Whoever starts next ends those whose process is gone, so that
they neither count as running nor take a place in the queue.
"""

from __future__ import annotations

import dagster as dg

from assets.processes import is_alive
from assets.resources import PROCESS_TAG

STARTED = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]


def end_orphans(instance: dg.DagsterInstance) -> list[str]:
    """Mark runs as failed whose process no longer lives; returns their ids."""
    ended: list[str] = []
    for run in instance.get_runs(dg.RunsFilter(statuses=STARTED)):
        process = run.tags.get(PROCESS_TAG)
        if process is not None and not is_alive(process):
            instance.report_run_failed(
                run, "The process of this run was killed. Start it again: it goes on where it stopped."
            )
            ended.append(run.run_id)
    return ended
