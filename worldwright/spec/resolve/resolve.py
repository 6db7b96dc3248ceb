"""The pipeline from layers to a `Population`: names, kinds, expressions, order, relations, digest."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from worldwright.diagnostics import Diagnostic, Edit, Fix, Span
from worldwright.spec import documents
from worldwright.spec.codes import names as codes
from worldwright.spec.codes.expressions import UNGUARDED
from worldwright.spec.data_files import DataFiles
from worldwright.spec.expressions import guards, nodes
from worldwright.spec.expressions.canonical import text
from worldwright.spec.expressions.nodes import Expression, ValueType
from worldwright.spec.expressions.reasoning import narrowed
from worldwright.spec.expressions.tokens import FUNCTIONS, KEYWORDS
from worldwright.spec.frozen import freeze
from worldwright.spec.population import (
    Attribute,
    Constraint,
    Correlation,
    Expectation,
    Marginals,
    Origin,
    Population,
    RowTable,
)
from worldwright.spec.resolve.attributes import kind_of, resolve_attribute
from worldwright.spec.resolve.identity import digest_of
from worldwright.spec.resolve.layers import Declared, Layer, Scene
from worldwright.spec.resolve.marginals import resolve_marginals
from worldwright.spec.resolve.order import cycle_diagnostics, ordered
from worldwright.spec.resolve.relations import Relations
from worldwright.spec.resolve.table import Taken, taken
from worldwright.spec.resolve.values import Values
from worldwright.spec.suggestions import nearest
from worldwright.spec.tree import Node, find, key_span

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)


def resolve(
    layers: Sequence[Layer], files: DataFiles
) -> tuple[Population, dict[str, Declared], list[Diagnostic]]:
    """The population that the layers mean, as far as it can be made out.

    Args:
        layers: The base, and perhaps a scenario over it.
        files: The files of data that they name.

    Returns:
        The population (of use to the sampler only where there are no errors), every declaration by name,
        and what is wrong.
    """
    scene = Scene(files)
    declared = _declare(layers, scene)
    table = taken(layers, declared.values(), scene)
    formulas = _formulas(declared, table, scene)
    _conditions(declared, table, scene)
    drafts: dict[str, Attribute] = {}
    for name, item in declared.items():
        told = len(scene.diagnostics)
        drafts[name] = resolve_attribute(item, formulas.get(name), scene.conditions.get(name), table, scene)
        lost = item.document.formula is not None and drafts[name].formula is None
        if lost or any(diagnostic.is_error for diagnostic in scene.diagnostics[told:]):
            scene.incomplete.add(name)
    _check_streams(declared, scene)
    edges: dict[str, Iterable[str]] = {name: draft.reads for name, draft in drafts.items()}
    first = ordered(tuple(drafts), edges)
    scene.diagnostics += cycle_diagnostics(first.cycles, drafts)
    attributes = {name: drafts[name] for name in first.names}
    resolved = [resolve_marginals(layer, attributes, scene) for layer in layers]
    marginals = tuple(item for item in resolved if item is not None)
    raked = frozenset(name for item in marginals for name in item.names)
    correlations, constraints, expectations = _relate(
        layers, attributes, edges, scene, raked, bool(first.cycles)
    )
    final = ordered(tuple(drafts), _with_constraints(edges, constraints))
    if final.cycles:
        # Constraints that judge each other's owners have no order of their own; what is read decides alone.
        final = first
    _check_guards(scene, drafts)
    population = _population(
        layers,
        {name: drafts[name] for name in final.names},
        correlations,
        constraints,
        expectations,
        marginals,
        table.rows,
    )
    return population, declared, scene.diagnostics


def _declare(layers: Sequence[Layer], scene: Scene) -> dict[str, Declared]:
    """Every attribute by name; a name that the scenario takes from the base stays the base's."""
    found: dict[str, Declared] = {}
    for layer in layers:
        section = find(layer.node, "attributes")
        for name in layer.lost_names("attributes"):
            scene.kinds.setdefault(name, None)
        for name, document in layer.document.attributes.items():
            node, span = find(section, name), key_span(section, name)
            assert node is not None and span is not None
            _check_name(name, span, scene)
            if name in found:
                message = f"`{name}` belongs to the base and cannot be declared again"
                related = ((found[name].span, "the base declares it here"),)
                help = "give the scenario's attribute a name of its own"
                scene.diagnostics.append(codes.REDEFINED.at(span, message, help=help, related=related))
                continue
            found[name] = Declared(name, document, node, span, layer.origin)
            scene.kinds[name] = None
        if layer.origin is Origin.BASE:
            scene.base_names |= scene.kinds.keys()
    return found


def _check_name(name: str, span: Span, scene: Scene) -> None:
    if name in KEYWORDS or name in FUNCTIONS:
        scene.diagnostics.append(codes.BAD_NAME.at(span, f"`{name}` is a word of the expression language"))
    elif not _NAME.fullmatch(name):
        plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode()
        better = re.sub(r"[^A-Za-z0-9_]+", "_", plain).strip("_")
        message = f"{name!r} cannot be the name of an attribute"
        fix = Fix(f"write {better}", (Edit(span, better),)) if _NAME.fullmatch(better) else None
        help = "a name has up to 64 of a-z, A-Z, digits and underscores and begins with a letter"
        scene.diagnostics.append(codes.BAD_NAME.at(span, message, help=help, fix=fix))


def _formulas(declared: Mapping[str, Declared], table: Taken, scene: Scene) -> dict[str, Expression]:
    """The formulas, parsed; with them the kind of every attribute becomes known."""
    values = Values(scene, {})
    found: dict[str, Expression] = {}
    for name, item in declared.items():
        want = ValueType.DATE if item.document.type == "date" else None
        formula = values.parse(item.find("formula"), want) if item.document.formula is not None else None
        if formula is not None:
            found[name] = formula
        scene.kinds[name] = kind_of(item, formula, table, scene)
    return found


def _conditions(declared: Mapping[str, Declared], table: Taken, scene: Scene) -> None:
    for name, item in declared.items():
        if table.is_missing_somewhere(name):
            scene.conditions[name] = nodes.IsKnown(nodes.Name(name, item.span), False, item.span)
        if item.document.only_if is None:
            continue
        values = Values(scene, scene.scope(item.origin))
        condition = values.take(item.find("only_if"), ValueType.BOOLEAN)
        # A condition that cannot be read still makes the attribute one that may be null.
        scene.conditions[name] = condition or nodes.Boolean(False, item.span)


def _check_streams(declared: Mapping[str, Declared], scene: Scene) -> None:
    owners: dict[str, list[Declared]] = {}
    for item in declared.values():
        if item.document.distribution is None:
            continue
        stream = item.document.stream or item.name
        for other in owners.setdefault(stream, []):
            if _exclusive(item.name, other.name, scene):
                continue
            message = f"`{item.name}` and `{other.name}` share the stream {stream!r}"
            related = ((other.span, f"`{other.name}` is declared here"),)
            scene.diagnostics.append(codes.STREAM.at(item.span_of("stream"), message, related=related))
            break
        owners[stream].append(item)


def _exclusive(one: str, other: str, scene: Scene) -> bool:
    """Whether no agent has values of both, so that one stream serves them without tying them together."""
    conditions = [scene.conditions.get(name) for name in (one, other)]
    if conditions[0] is None or conditions[1] is None:
        return False
    domains = {name: frozenset(kind.options) for name, kind in scene.kinds.items() if kind and kind.options}
    first = narrowed(conditions[0], domains)
    return first is None or narrowed(conditions[1], first) is None


def _relate(
    layers: Sequence[Layer],
    attributes: Mapping[str, Attribute],
    edges: Mapping[str, Iterable[str]],
    scene: Scene,
    raked: frozenset[str],
    cyclic: bool,
) -> tuple[list[Correlation], list[Constraint], list[Expectation]]:
    correlations: list[Correlation] = []
    constraints: list[Constraint] = []
    expectations: list[Expectation] = []
    for layer in layers:
        relations = Relations(layer, attributes, edges, scene, raked)
        correlations += relations.correlations()
        # Owners follow from the order, and a cycle has none.
        constraints += [] if cyclic else relations.constraints()
        expectations += relations.expectations()
    return correlations, constraints, expectations


def _with_constraints(
    edges: Mapping[str, Iterable[str]], constraints: Iterable[Constraint]
) -> dict[str, set[str]]:
    """What a constraint reads comes before the last of its owners, so that it can be judged there."""
    found = {name: set(needs) for name, needs in edges.items()}
    for constraint in constraints:
        last = constraint.owners[-1]
        found[last] |= {*nodes.names(constraint.condition), *constraint.owners} - {last}
    return found


def _check_guards(scene: Scene, drafts: Mapping[str, Attribute]) -> None:
    conditions = scene.conditions
    if not conditions:
        return
    for reading in scene.readings:
        if conditions.keys().isdisjoint(nodes.names(reading.expression)):
            continue
        facts = guards.NOTHING.union(*(guards.holding(part, conditions) for part in reading.given))
        for name in guards.unguarded(reading.expression, conditions, facts):
            condition = conditions[name.name]
            message = f"`{name.name}` has a value only where {text(condition)}"
            if condition.span == drafts[name.name].span:
                message = f"`{name.name}` has a value only where its `only_if` holds"
            if drafts[name.name].column is not None:
                message = f"`{name.name}` is empty in some rows of the table"
            help = f"guard it: `… if {name.name} is known else …`, or `{name.name} is known and …`"
            related = ((drafts[name.name].span, f"`{name.name}` is declared here"),)
            scene.diagnostics.append(UNGUARDED.at(name.span, message, help=help, related=related))


def _population(
    layers: Sequence[Layer],
    attributes: Mapping[str, Attribute],
    correlations: Sequence[Correlation],
    constraints: Sequence[Constraint],
    expectations: Sequence[Expectation],
    marginals: tuple[Marginals, ...],
    table: RowTable | None,
) -> Population:
    base = layers[0].document
    agents = base.agents if isinstance(base, documents.PopulationDocument) else 1000
    if table is not None and table.in_order and "agents" not in base.model_fields_set:
        agents = table.count
    columns = tuple(
        dict.fromkeys(name for layer in layers for name in layer.document.attributes if name in attributes)
    )
    whole = digest_of(
        tuple(attributes.values()), columns, tuple(correlations), tuple(constraints), marginals, table
    )
    of_base = whole
    if len(layers) > 1:
        own = {name: item for name, item in attributes.items() if item.origin is Origin.BASE}
        of_base = digest_of(
            tuple(own.values()),
            tuple(name for name in columns if name in own),
            tuple(item for item in correlations if item.first in own and item.second in own),
            tuple(item for item in constraints if own.keys() >= set(item.owners)),
            tuple(item for item in marginals if own.keys() >= set(item.names)),
            table,
        )
    return Population(
        name=base.name,
        description=base.description,
        agents=agents,
        attributes=tuple(attributes.values()),
        columns=columns,
        correlations=tuple(correlations),
        constraints=tuple(constraints),
        expectations=tuple(expectations),
        marginals=marginals,
        sources=freeze(_sources(layers)),
        table=table,
        scenario=layers[1].document.name if len(layers) > 1 else None,
        digest=whole,
        base_digest=of_base,
    )


def _sources(layers: Sequence[Layer]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for layer in layers:
        for name, source in layer.document.sources.items():
            fields = source.model_dump(exclude_none=True)
            found[name] = freeze({key: str(value) for key, value in fields.items()})
    return found


def check_extends(base: Layer, scenario: Layer) -> list[Diagnostic]:
    """That a scenario is laid over the population it was written for."""
    document = scenario.document
    if not isinstance(document, documents.ScenarioDocument) or document.extends == base.document.name:
        return []
    place: Node | None = find(scenario.node, "extends")
    message = f"the scenario extends {document.extends!r}, and the population is {base.document.name!r}"
    near = nearest(document.extends, [base.document.name])
    span = place.span if place is not None else None
    fix = Fix(f"write {near}", (Edit(span, near),)) if near and span else None
    return [codes.EXTENDS.at(span, message, fix=fix)]
