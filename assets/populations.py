"""The sampled agents of replicate 0; other replicates draw theirs where they run."""

from collections.abc import Iterator

import dagster as dg

from assets import checks
from assets.failures import explained
from assets.materialised import materialised
from assets.partitions import experiments
from assets.resources import Workspace
from assets.specs import population_spec, scenario_spec
from worldwright.errors import ExperimentError
from worldwright.project import stages
from worldwright.project.publish import unmet_expectations
from worldwright.project.quality import quality_pictures
from worldwright.project.stages import Chain, Staged


@dg.asset(kinds={"parquet"}, partitions_def=experiments, deps=[population_spec])
def base_population(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult[str]:
    """The agents without a scenario, shared by all scenarios that extend them."""
    with explained():
        chain = workspace.chain(context.partition_key)
        return materialised(chain.project, stages.base_population(chain), "agents")


@dg.asset(
    kinds={"parquet"},
    partitions_def=experiments,
    deps=[base_population, scenario_spec],
    check_specs=[checks.EXPECTATIONS_MET, checks.POPULATION_AS_SPECIFIED],
)
def population(
    context: dg.AssetExecutionContext, workspace: Workspace
) -> Iterator[dg.MaterializeResult[str]]:
    """The agents with what their scenario adds; they must have the figures their documents expect."""
    with explained():
        chain = workspace.chain(context.partition_key)
        staged = stages.population(chain)
        drawn = quality_pictures(chain, staged)
        outcomes = [
            checks.expectations_met(staged, _unmet(chain, staged), drawn),
            checks.population_as_specified(staged, drawn),
        ]
        result = materialised(chain.project, staged, "agents", check_results=outcomes)
    yield result


def _unmet(chain: Chain, staged: Staged) -> str | None:
    try:
        unmet_expectations(chain, staged)
    except ExperimentError as error:
        return str(error)
    return None
