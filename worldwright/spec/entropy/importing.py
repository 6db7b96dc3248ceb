"""Rewriting a file of Entropy or Extropy as a native spec that samples the same population."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from worldwright.diagnostics import Diagnostic
from worldwright.spec.binding import bind
from worldwright.spec.entropy import codes
from worldwright.spec.entropy.documents import Attribute, PopulationFile, ScenarioFile
from worldwright.spec.entropy.load import load_entropy
from worldwright.spec.entropy.native import Provenance, native, slug
from worldwright.spec.population import Population
from worldwright.spec.source import Source


@dataclass(frozen=True, slots=True)
class Imported:
    """A native document, the population it means, and what was said on the way."""

    text: str
    population: Population
    changed: tuple[Diagnostic, ...]
    """Where the meaning is not quite that of the file."""


_CHANGES = (codes.INDIVIDUALS.id, codes.MEANING.id, codes.CONVERTED.id, codes.RENAMED.id, codes.RESCALED.id)


def import_spec(
    source: Source, scenario: Source | None = None, *, descriptions: bool = False
) -> tuple[Imported | None, list[Diagnostic]]:
    """The native document of a population spec, or of what a scenario adds to it.

    Args:
        source: The population spec.
        scenario: A scenario over it; the document is then a scenario that extends the native population.
        descriptions: Whether each attribute keeps its description, at a line each.

    Returns:
        None where the file has errors, and all diagnostics.
    """
    population, found = load_entropy(source, scenario)
    if population is None:
        return None, found
    attributes = [*_attributes(source, PopulationFile), *_attributes(scenario, ScenarioFile)]
    base = slug(population.name)
    text = native(
        population,
        _provenance(attributes, population),
        name=base if scenario is None else slug(population.scenario or "scenario"),
        extends=None if scenario is None else base,
        descriptions=descriptions,
    )
    changed = tuple(diagnostic for diagnostic in found if diagnostic.code in _CHANGES)
    return Imported(text, population, changed), found


def _attributes(
    source: Source | None, model: type[PopulationFile] | type[ScenarioFile]
) -> Sequence[Attribute]:
    node = None if source is None else source.read()[0]
    document = None if node is None else bind(model, node)[0]
    match document:
        case PopulationFile():
            return document.attributes
        case ScenarioFile():
            return document.extended_attributes
        case _:
            return ()


def _provenance(attributes: Sequence[Attribute], population: Population) -> Provenance:
    """Sources as they are written; without one, how the figures were come by."""
    titles: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for attribute in attributes:
        grounding = attribute.grounding
        if grounding is None:
            continue
        for name in (attribute.name, f"{attribute.name}_draw"):
            if name not in population.columns:
                continue
            source = " ".join((grounding.source or "").split())
            if source and population.attribute(name).distribution is not None:
                titles[name] = source
            elif grounding.method:
                reasons[name] = grounding.method
    return Provenance(titles, reasons)
