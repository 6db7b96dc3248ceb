"""The populations' documents: what is known of the agents, and what a scenario adds to them."""

import dagster as dg

from assets.documents import experiment_document
from assets.failures import explained
from assets.materialised import materialised
from assets.partitions import experiments
from assets.resources import Workspace
from worldwright.project import stages


@dg.asset(kinds={"yaml"}, partitions_def=experiments, deps=[experiment_document])
def population_spec(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult[str]:
    """The base population's attributes: type, distribution, what each reads, and its source."""
    with explained():
        chain = workspace.chain(context.partition_key)
        return materialised(chain.project, stages.population_spec(chain), "attributes")


@dg.asset(kinds={"yaml"}, partitions_def=experiments, deps=[experiment_document])
def scenario_spec(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult[str]:
    """The attributes that the experiment's scenario adds; no rows where it has none."""
    with explained():
        chain = workspace.chain(context.partition_key)
        return materialised(chain.project, stages.scenario_spec(chain), "attributes")
