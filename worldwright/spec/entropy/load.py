"""Files of Entropy and Extropy as populations: read, lowered, checked, and declared how they were read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from worldwright.diagnostics import Diagnostic, Severity, Span, in_order
from worldwright.spec.binding import bind
from worldwright.spec.checks import (
    Context,
    Rule,
    always_fires,
    family_type,
    never_fires,
    not_positive,
    overlapping_replacements,
    probability,
    unreachable_option,
)
from worldwright.spec.entropy import codes
from worldwright.spec.entropy.constraints import counted
from worldwright.spec.entropy.documents import Attribute, PopulationFile, ScenarioFile, unknown_keys
from worldwright.spec.entropy.lower import Lowering
from worldwright.spec.entropy.needs import needs
from worldwright.spec.entropy.references import lost_references
from worldwright.spec.entropy.semantics import reading_of
from worldwright.spec.entropy.stacking import stacked
from worldwright.spec.frozen import freeze
from worldwright.spec.pauses import without_collection
from worldwright.spec.population import Attribute as Resolved
from worldwright.spec.population import Origin, Population
from worldwright.spec.reach import reach
from worldwright.spec.resolve.identity import digest_of
from worldwright.spec.resolve.layers import Declared
from worldwright.spec.resolve.order import ordered
from worldwright.spec.source import Source
from worldwright.spec.tree import MappingNode, Node, find

_RULES: tuple[Rule, ...] = (
    family_type.RULE,
    not_positive.RULE,
    probability.RULE,
    unreachable_option.RULE,
    never_fires.RULE,
    always_fires.RULE,
)
"""The rules of resolved specs that hold for these files too; the others are about how ours are written."""
_DEFAULT_AGENTS = 1000
_OF_HOUSEHOLDS = ("household", "partner_correlated")


@without_collection
def load_entropy(
    source: Source, scenario: Source | None = None
) -> tuple[Population | None, list[Diagnostic]]:
    """A population spec of Entropy or Extropy, with what a scenario adds to it.

    Returns:
        The population, or None where there is an error, and what there is to say; notes declare the meaning
        that the file is read with.
    """
    node, found = source.read()
    document, more = (None, []) if node is None else bind(PopulationFile, node)
    found += more
    over: ScenarioFile | None = None
    over_node: Node | None = None
    if scenario is not None:
        over_node, more = scenario.read()
        found += more
        over, more = (None, []) if over_node is None else bind(ScenarioFile, over_node)
        found += more
    if document is None or node is None or (scenario is not None and over is None):
        return None, in_order(found)
    head = _head(node)
    found += _unknown(PopulationFile, node)
    everything = [*document.attributes, *(over.extended_attributes if over else [])]
    reading, notes = reading_of(document.meta, document.semantics, everything, head)
    found += notes
    lowering = Lowering(reading, [attribute.name for attribute in everything])
    places = _places(node, "attributes")
    base, more = _in_sampling_order(document, node)
    found += more
    for position in base:
        lowering.add(document.attributes[position], places[position], Origin.BASE)
    found += _dependencies(document.attributes, places, base)
    names = [attribute.name for attribute in everything]
    found += needs(document.attributes, places, names)
    found += _about_attributes(document.attributes, places)
    found += counted(document.attributes, places, lowering.scope)
    if over is not None and over_node is not None:
        found += _unknown(ScenarioFile, over_node)
        found += _lower_scenario(over, over_node, document, lowering)
        found += lost_references(over_node, lowering.scope)
        found += needs(over.extended_attributes, _places(over_node, "extended_attributes"), names)
    found += lowering.diagnostics
    columns = [name for attribute in everything for name in lowering.columns.get(attribute.name, ())]
    population = _population(document, over, lowering.attributes, tuple(dict.fromkeys(columns)))
    found += stacked(document.attributes, places, lowering.attributes, reach(population))
    found += _checked(population, _RULES if reading.ranked else (*_RULES, overlapping_replacements.RULE))
    if not population.attributes and not any(diagnostic.is_error for diagnostic in found):
        found.append(codes.UNUSABLE.at(head, "there is no attribute to sample"))
    found = in_order(found)
    return (None if any(diagnostic.is_error for diagnostic in found) else population), found


def _head(node: Node) -> Span:
    meta = node.entry("meta") if isinstance(node, MappingNode) else None
    return meta.key.span if meta else node.span


def _places(node: Node, key: str) -> Sequence[Node]:
    section = find(node, key)
    return getattr(section, "items", ())


def _unknown(model: Any, node: Node) -> list[Diagnostic]:
    return [
        codes.FOREIGN_KEY.at(place.span, f"the key {key!r} is not known to those projects and is not read")
        for key, place in unknown_keys(model, node).items()
    ]


def _in_sampling_order(document: PopulationFile, node: Node) -> tuple[list[int], list[Diagnostic]]:
    """Positions of the attributes as they are sampled."""
    found: list[Diagnostic] = []
    positions: dict[str, int] = {}
    places = _places(node, "attributes")
    for position, attribute in enumerate(document.attributes):
        if attribute.name in positions:
            message = f"`{attribute.name}` is declared twice; the last declaration holds"
            found.append(codes.ORDER.at(places[position].span, message))
        positions[attribute.name] = position
    order: dict[int, None] = {}
    for place, name in zip(_places(node, "sampling_order"), document.sampling_order, strict=False):
        if name not in positions:
            found.append(codes.ORDER.at(place.span, f"there is no attribute `{name}` to sample"))
        elif positions[name] in order:
            found.append(codes.ORDER.at(place.span, f"`{name}` is listed twice; its first place holds"))
        else:
            order[positions[name]] = None
    if not document.sampling_order:
        return list(positions.values()), found
    for name, position in positions.items():
        if position not in order:
            message = f"`{name}` is not in the sampling order; it is sampled last"
            found.append(codes.ORDER.at(places[position].span, message))
            order[position] = None
    return list(order), found


def _dependencies(
    attributes: Sequence[Attribute], places: Sequence[Node], order: Sequence[int]
) -> list[Diagnostic]:
    """What is said to be needed and is not there, or comes later; what is read decides all the same."""
    found: list[Diagnostic] = []
    rank = {attributes[position].name: place for place, position in enumerate(order)}
    for position in order:
        attribute = attributes[position]
        for i, need in enumerate(attribute.sampling.depends_on):
            node = find(places[position], "sampling", "depends_on", i) or places[position]
            if need not in rank:
                message = f"`{attribute.name}` depends on `{need}`, which does not exist"
                found.append(codes.ORDER.at(node.span, message))
            elif rank[need] >= rank[attribute.name]:
                message = f"`{attribute.name}` depends on `{need}`, which is not sampled before it"
                found.append(codes.ORDER.at(node.span, message))
    return found


def _about_attributes(attributes: Sequence[Attribute], places: Sequence[Node]) -> list[Diagnostic]:
    """What holds for many attributes is said once, at the first."""
    found: list[Diagnostic] = []
    for scope in _OF_HOUSEHOLDS:
        own = [i for i, attribute in enumerate(attributes) if attribute.scope == scope]
        if own:
            first = find(places[own[0]], "scope") or places[own[0]]
            which = "attribute has" if len(own) == 1 else "attributes have"
            message = f"{len(own)} {which} the scope {scope}; each person's is drawn for that person alone"
            found.append(codes.INDIVIDUALS.at(first.span, message))
    return found


def _lower_scenario(
    over: ScenarioFile, node: Node, document: PopulationFile, lowering: Lowering
) -> list[Diagnostic]:
    """The attributes a scenario adds, in the order of what they depend on."""
    found: list[Diagnostic] = []
    places = _places(node, "extended_attributes")
    message = "events, exposure, spread and outcomes are not read; the attributes it adds are sampled"
    if not over.extended_attributes:
        message = "it adds no attributes; its population is sampled as it is"
    found.append(codes.SCENARIO.at(_head(node), message))
    base = {attribute.name for attribute in document.attributes}
    own: dict[str, int] = {}
    for position, attribute in enumerate(over.extended_attributes):
        if attribute.name in base or attribute.name in own:
            message = f"`{attribute.name}` is declared already; this declaration is left out"
            found.append(codes.ORDER.at(places[position].span, message))
        else:
            own[attribute.name] = position
    edges = {name: over.extended_attributes[position].sampling.depends_on for name, position in own.items()}
    order = ordered(tuple(own), edges)
    for cycle in order.cycles:
        message = f"attributes depend on each other: {' -> '.join((*cycle, cycle[0]))}"
        found.append(codes.UNUSABLE.at(places[own[cycle[0]]].span, message))
    for name in order.names:
        lowering.add(over.extended_attributes[own[name]], places[own[name]], Origin.SCENARIO)
    everything = (*document.attributes, *over.extended_attributes)
    configs = (over.household_config, document.meta.household_config)
    if configs == (None, None) and any(attribute.scope in _OF_HOUSEHOLDS for attribute in everything):
        message = "attributes are of households, and there is no household_config"
        found.append(codes.INDIVIDUALS.at(_head(node), message))
    kept = [over.extended_attributes[position] for position in own.values()]
    own_places = [places[position] for position in own.values()]
    return [
        *found,
        *_about_attributes(kept, own_places),
        *counted(kept, own_places, lowering.scope),
    ]


def _population(
    document: PopulationFile,
    over: ScenarioFile | None,
    attributes: Mapping[str, Resolved],
    columns: tuple[str, ...],
) -> Population:
    edges = {name: attribute.reads for name, attribute in attributes.items()}
    order = ordered(columns, edges).names
    final = tuple(attributes[name] for name in order)
    whole = digest_of(final, columns, (), ())
    own = tuple(attribute for attribute in final if attribute.origin is Origin.BASE)
    names = {attribute.name for attribute in own}
    base_columns = tuple(name for name in columns if name in names)
    title = document.meta.name or document.meta.description or "population"
    scenario = None if over is None else over.meta.name or over.meta.description or "scenario"
    return Population(
        name=title,
        description=document.meta.description,
        agents=document.meta.size or _DEFAULT_AGENTS,
        attributes=final,
        columns=columns,
        sources=freeze({}),
        scenario=scenario,
        digest=whole,
        base_digest=whole if over is None else digest_of(own, base_columns, (), ()),
    )


class _Foreign(Context):
    """A population without documents of ours: places are those of its attributes."""

    def span(self, attribute: str, *path: str | int) -> Span:
        found = self.attributes[attribute]
        return found.distribution.span if found.distribution is not None else found.span


def _checked(population: Population, rules: Sequence[Rule]) -> list[Diagnostic]:
    """The rules that hold for what a population means, however it is written."""
    nothing: Mapping[str, Declared] = MappingProxyType({})
    context = _Foreign(population, (), nothing)
    found = [diagnostic for rule in rules for diagnostic in rule.check(context)]
    return [d for d in found if d.severity is not Severity.NOTE]
