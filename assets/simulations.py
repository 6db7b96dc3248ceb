"""The runs: every cell of the experiment with its replicates."""

from collections.abc import Iterator

import dagster as dg

from assets import checks
from assets.failures import explained
from assets.materialised import materialised
from assets.partitions import experiments
from assets.populations import population
from assets.resources import Workspace
from assets.worlds import world_program
from worldwright.project import stages


@dg.asset(
    kinds={"lua", "parquet"},
    partitions_def=experiments,
    deps=[population, world_program],
    check_specs=[checks.RUNS_SUCCEEDED],
)
def simulation_runs(
    context: dg.AssetExecutionContext, workspace: Workspace
) -> Iterator[dg.MaterializeResult[str]]:
    """One row per run, made or found; the fan-out over processes is inside, and a stopped one is resumed."""
    with explained():
        chain = workspace.chain(context.partition_key)
        with workspace.executor() as executor, workspace.progress(context) as progress:
            staged = stages.simulation_runs(chain, executor, progress)
        outcomes = [checks.runs_succeeded(staged)]
        result = materialised(chain.project, staged, "runs", metadata=staged.facts, check_results=outcomes)
    yield result
