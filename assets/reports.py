"""The report, with which an experiment's new version is published."""

import dagster as dg

from assets.failures import explained
from assets.markdown import picture
from assets.materialised import materialised
from assets.partitions import experiments
from assets.resources import Workspace
from worldwright.project.publish import experiment_report as publish_report
from worldwright.project.publish import report_path


@dg.asset(kinds={"html"}, partitions_def=experiments)
def experiment_report(
    context: dg.AssetExecutionContext,
    workspace: Workspace,
    simulation_runs: str,
    metrics: str,
    metric_summary: str,
) -> dg.MaterializeResult[str]:
    """The answer as one page with pictures; it becomes the experiment's current version."""
    with explained():
        chain = workspace.chain(context.partition_key)
        staged = publish_report(chain, simulation_runs, metrics, metric_summary)
        report = staged.only
        plots = {
            name.removesuffix(".png"): picture(report.file(name), name.removesuffix(".png"))
            for name in sorted(report.parts)
            if name.endswith(".png")
        }
        page = dg.MetadataValue.path(chain.project.show(report_path(chain.project, chain.experiment.name)))
        return materialised(
            chain.project, staged, metadata={**plots, "report": page, "version": staged.facts["version"]}
        )
