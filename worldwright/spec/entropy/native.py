"""An imported population as a document of ours; written and read again, it means the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from worldwright.spec.declaration import document_of
from worldwright.spec.population import Origin, Population
from worldwright.spec.writer import write


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a document says of figures beside their values."""

    titles: Mapping[str, str] = field(default_factory=dict[str, str])
    """For each attribute that has one, the title of its source."""
    reasons: Mapping[str, str] = field(default_factory=dict[str, str])
    """For each other attribute that is drawn, why its figures are assumed."""


def native(
    population: Population, provenance: Provenance, *, name: str, extends: str | None, descriptions: bool
) -> str:
    """The text of a population, or with `extends` of the scenario over it.

    Args:
        population: A resolved population.
        provenance: Sources and reasons by attribute.
        name: The name of the document.
        extends: The name of the population that a scenario extends; None for the population itself.
        descriptions: Whether each attribute keeps its description.
    """
    document = document_of(population, Origin.BASE if extends is None else Origin.SCENARIO)
    document["name"] = name
    if extends is not None:
        document["extends"] = extends
    attributes: dict[str, dict[str, Any]] = document["attributes"]
    titles = dict.fromkeys(provenance.titles[name] for name in attributes if name in provenance.titles)
    sources = {title: f"s{number}" for number, title in enumerate(titles, start=1)}
    for name, declared in attributes.items():
        if not descriptions:
            declared.pop("description", None)
        if {"categorical", "boolean"} & declared.get("distribution", {}).keys():
            declared.pop("type")  # there is no other
        if name in provenance.titles:
            declared["source"] = sources[provenance.titles[name]]
        elif "distribution" in declared:
            declared["assumption"] = provenance.reasons.get(name, "imported")
    document.pop("attributes")
    listed = {"sources": {key: {"title": title} for title, key in sources.items()}} if sources else {}
    return write({**document, **listed, "attributes": attributes}, compact=True)


def slug(text: str) -> str:
    """A name for a document: small letters, digits and hyphens."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return "-".join(words[:6])[:60].strip("-") or "population"
