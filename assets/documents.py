"""The experiment's own document, with the gates on all documents it names."""

from collections.abc import Iterator

import dagster as dg

from assets import checks
from assets.failures import explained
from assets.markdown import table, verbatim
from assets.partitions import experiments
from assets.resources import Workspace
from worldwright.hashing import digest
from worldwright.project.documents import experiment_path, load_closure


@dg.asset(
    kinds={"yaml"},
    partitions_def=experiments,
    check_specs=[checks.DOCUMENTS_VALID, checks.LOCKS_FRESH],
)
def experiment_document(
    context: dg.AssetExecutionContext, workspace: Workspace
) -> Iterator[dg.MaterializeResult[str]]:
    """An experiment as its author wrote it; nothing runs while it, or a document it names, has errors."""
    project, name = workspace.project(), context.partition_key
    with explained():
        closure = load_closure(project, name)
        path = project.show(experiment_path(project, name))
    files = [[file, len(text.splitlines()), digest("file", text)] for file, text in closure.files.items()]
    question = closure.experiment.question if closure.experiment else None
    yield dg.MaterializeResult(
        value=closure.digest,
        data_version=dg.DataVersion(digest("document", closure.files[path])),
        metadata={
            **({"question": question} if question else {}),
            "document": verbatim(closure.files[path]),
            "stands on": table(["file", "lines", "digest"], files),
            "files": len(closure.files),
            "file": dg.MetadataValue.path(path),
            "closure": closure.digest,
        },
        check_results=[checks.documents_valid(closure), checks.locks_fresh(closure)],
    )
