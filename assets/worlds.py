"""The world's document with its scripts."""

import dagster as dg

from assets.documents import experiment_document
from assets.failures import explained
from assets.markdown import table
from assets.materialised import materialised
from assets.partitions import experiments
from assets.resources import Workspace
from worldwright.project import stages


@dg.asset(kinds={"yaml", "lua"}, partitions_def=experiments, deps=[experiment_document])
def world_program(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult[str]:
    """The world: entities, parameters, metrics and scripts, compiled and checked."""
    with explained():
        chain = workspace.chain(context.partition_key)
        world = chain.experiment.world
        scripts = [[name, script.file] for name, script in world.scripts.items()]
        return materialised(
            chain.project,
            stages.world_program(chain),
            metadata={"world": world.name, "scripts": table(["script", "file"], scripts)},
        )
