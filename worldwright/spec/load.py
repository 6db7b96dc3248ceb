"""Loading: texts in, a checked `Population` and all diagnostics out."""

from __future__ import annotations

from worldwright.diagnostics import Diagnostic, in_order
from worldwright.spec import documents
from worldwright.spec.binding import bind_rest, without_empty
from worldwright.spec.checks import Context, run
from worldwright.spec.codes.structure import MISSING_KEY
from worldwright.spec.data_files import DataFiles, Reader, refuse_all
from worldwright.spec.heading import expect_kind
from worldwright.spec.pauses import without_collection
from worldwright.spec.population import Origin, Population
from worldwright.spec.resolve.layers import Layer
from worldwright.spec.resolve.resolve import check_extends, resolve
from worldwright.spec.source import Source
from worldwright.spec.tree import key_span

_MODELS: dict[Origin, tuple[str, type[documents.Layer]]] = {
    Origin.BASE: ("population", documents.PopulationDocument),
    Origin.SCENARIO: ("scenario", documents.ScenarioDocument),
}


@without_collection
def load_population(
    source: Source, scenario: Source | None = None, files: Reader = refuse_all
) -> tuple[Population | None, list[Diagnostic]]:
    """A population, with a scenario over it if one is given, and everything there is to say about them.

    All checks run, also on what is left where a part cannot be read. The population is None exactly where
    there is an error.

    Args:
        source: The population.
        scenario: A scenario over it.
        files: Gives the content of the CSV and Parquet files that the documents name; by default there are
            none to be had.
    """
    base, found = _layer(source, Origin.BASE)
    over = None
    if scenario is not None:
        over, more = _layer(scenario, Origin.SCENARIO)
        found += more
    if base is None:
        return None, in_order(found)
    layers = [base]
    if over is not None:
        layers.append(over)
        found += check_extends(base, over)
    population, declared, more = resolve(layers, DataFiles(files))
    found += more
    found += run(Context(population, layers, declared))
    found = in_order(found)
    return (None if any(diagnostic.is_error for diagnostic in found) else population), found


@without_collection
def check_scenario(source: Source) -> list[Diagnostic]:
    """What is wrong with a scenario by itself, where its base cannot be had: its text and its keys."""
    return in_order(_layer(source, Origin.SCENARIO)[1])


def _layer(source: Source, origin: Origin) -> tuple[Layer | None, list[Diagnostic]]:
    node, found = source.read()
    if node is None:
        return None, found
    kind, model = _MODELS[origin]
    heading, more = expect_kind(node, kind)
    found += more
    if heading is None:
        return None, found
    node, more, empty = without_empty(node)
    found += more
    document, node, more, lost = bind_rest(model, node)
    found += more
    if document is None:
        return None, found
    left_out = frozenset((*empty, *lost))
    is_bare = not document.attributes and not any(path[0] == "attributes" for path in left_out)
    if is_bare and not any(diagnostic.is_error for diagnostic in found):
        span = key_span(node, "attributes")
        if origin is Origin.BASE:
            found.append(MISSING_KEY.at(span, "the population has no attributes", help="add one"))
        elif not document.expect:  # a scenario may say what its base must show
            found.append(MISSING_KEY.at(span, "the scenario adds no attributes", help="add one"))
    return Layer(document, node, origin, left_out), found
