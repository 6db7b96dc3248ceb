"""From the text of an experiment document to its model, with every problem at its place."""

from __future__ import annotations

from worldwright.diagnostics import Diagnostic
from worldwright.experiment.checks import checks
from worldwright.experiment.documents import ExperimentDocument
from worldwright.spec import bind, read
from worldwright.spec.heading import expect_kind
from worldwright.spec.pauses import without_collection
from worldwright.spec.tree import MappingNode


@without_collection
def read_experiment(
    text: str, file: str
) -> tuple[ExperimentDocument | None, MappingNode | None, list[Diagnostic]]:
    """An experiment document from its text, with the tree it was read from for later places."""
    node, found = read(text, file)
    if not isinstance(node, MappingNode):
        return None, None, found
    kind, heading = expect_kind(node, "experiment")
    found += heading
    if kind is None or any(d.is_error for d in heading):
        return None, node, found
    document, problems = bind(ExperimentDocument, node)
    found += problems
    if document is not None:
        found += checks(document, node)
    if any(d.is_error for d in found):
        return None, node, found
    return document, node, found
