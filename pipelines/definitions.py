"""Assembles assets, jobs, schedules and sensors with their resources; computes nothing, reads no document."""

from collections.abc import Callable, Mapping
from datetime import datetime

import dagster as dg

from assets import catalog, documents, metrics, populations, reports, simulations, specs, worlds
from assets.resources import Workspace
from pipelines import jobs, schedules
from pipelines.location import workspace_here
from pipelines.sensors import sensors
from worldwright.project.locate import system_clock


def build_definitions(
    workspace: Workspace,
    clock: Callable[[], datetime] = system_clock,
    loggers: Mapping[str, dg.LoggerDefinition] | None = None,
) -> dg.Definitions:
    """The whole Dagster project.

    Args:
        workspace: The project it works on.
        clock: What time it is, for schedules that documents state.
        loggers: Where runs log to, beside Dagster's own record; the console unless it is given.
    """
    return dg.Definitions(
        assets=dg.load_assets_from_modules(
            [documents, specs, populations, worlds, simulations, metrics, reports, catalog],
            group_name="experiment",  # one group: the lineage page shows several folded up
        ),
        jobs=[jobs.experiment, jobs.author],
        schedules=[schedules.nightly],
        sensors=sensors(clock),
        resources={
            "workspace": workspace,
            # Named, so that a run in one process leaves its values where the UI's runs find them.
            "io_manager": dg.FilesystemIOManager(),
        },
        executor=dg.in_process_executor,
        loggers=loggers,
    )


defs = build_definitions(workspace_here())
