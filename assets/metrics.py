"""What the runs measured, and what it comes to."""

import dagster as dg

from assets.failures import explained
from assets.materialised import materialised
from assets.partitions import experiments
from assets.resources import Workspace
from worldwright.project import stages


@dg.asset(kinds={"parquet"}, partitions_def=experiments)
def metrics(
    context: dg.AssetExecutionContext, workspace: Workspace, simulation_runs: str
) -> dg.MaterializeResult[str]:
    """Every metric of every run by tick and segment, and the agents' recorded states."""
    with explained():
        chain = workspace.chain(context.partition_key)
        return materialised(chain.project, stages.metrics(chain, simulation_runs), "metrics")


@dg.asset(kinds={"parquet"}, partitions_def=experiments)
def metric_summary(
    context: dg.AssetExecutionContext, workspace: Workspace, simulation_runs: str, metrics: str
) -> dg.MaterializeResult[str]:
    """Means with intervals by cell, segment and tick, and paired effects of what was varied."""
    with explained():
        chain = workspace.chain(context.partition_key)
        return materialised(chain.project, stages.metric_summary(chain, simulation_runs, metrics), "summary")
