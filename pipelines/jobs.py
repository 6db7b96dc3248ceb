"""What can be started as a whole."""

import dagster as dg

from assets.authoring import author_document

experiment = dg.define_asset_job(
    "experiment",
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="All of one experiment, documents to catalog; what is in the store is not made again.",
)


@dg.job(
    executor_def=dg.in_process_executor,
    description="Have a model write a document from its brief, or accept it as it is, and renew its lock.",
)
def author() -> None:
    """Authoring is explicit: running an experiment only checks that its documents answer their briefs."""
    author_document()
