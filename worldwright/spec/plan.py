"""The plan of a spec: in which order attributes come about, from what, and at what cost.

Takes a resolved `Population`, gives plain records. Costs are counts of operations for one agent, not times.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from worldwright.spec.declaration import value_of
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.canonical import number, text
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.population import Attribute, Distribution, Marginals, Modifier, Population


@dataclass(frozen=True, slots=True)
class PlannedAttribute:
    """One attribute in the order of drawing."""

    name: str
    type: str
    origin: str
    strategy: str
    """independent, conditional or derived."""
    level: int
    """0 where it reads nothing, else one more than the highest level among what it reads."""
    reads: tuple[str, ...]
    """The attributes that it is made from directly."""
    read_by: tuple[str, ...]
    """The attributes that are made from it directly."""
    how: str
    """Its distribution, formula or template, as a person would write it."""
    modifiers: int
    draws: int
    """Uniform numbers for one agent, redrawing aside."""
    operations: int
    """Operations of its expressions for one agent: reads, constants and what is done with them."""
    redrawn_by: tuple[str, ...]
    """The constraints that draw it again where they do not hold."""


@dataclass(frozen=True, slots=True)
class SpecPlan:
    """The plan of a population, or of a scenario on its base."""

    name: str
    scenario: str | None
    digest: str
    attributes: tuple[PlannedAttribute, ...]
    correlated: tuple[tuple[str, ...], ...]
    """Groups of attributes whose base draws are correlated, directly or through others."""
    constraints: tuple[tuple[str, tuple[str, ...]], ...]
    """Each constraint with the attributes it redraws."""
    raked: tuple[tuple[str, ...], ...] = ()
    """Groups of attributes drawn from one joint table, by one uniform number."""
    exact: bool = False
    """Whether such tables have whole numbers, so that agents depend on how many there are."""

    @property
    def draws(self) -> int:
        """Uniform numbers for one agent, redrawing aside."""
        return sum(attribute.draws for attribute in self.attributes)

    @property
    def operations(self) -> int:
        """Operations of all expressions for one agent."""
        return sum(attribute.operations for attribute in self.attributes)

    @property
    def levels(self) -> int:
        """The length of the longest chain of attributes that read each other."""
        return 1 + max((attribute.level for attribute in self.attributes), default=-1)


def plan_of(population: Population) -> SpecPlan:
    """The plan of a population; its attributes are in dependency order already."""
    levels: dict[str, int] = {}
    read_by: dict[str, list[str]] = {attribute.name: [] for attribute in population.attributes}
    for attribute in population.attributes:
        for name in attribute.reads:
            read_by[name].append(attribute.name)
        levels[attribute.name] = 1 + max((levels[name] for name in attribute.reads), default=-1)
    attributes_by_name = {attribute.name: attribute for attribute in population.attributes}
    raked = tuple(group for item in population.marginals for group in members_of(item, attributes_by_name))
    together = {name: group for group in raked for name in group}
    constraints = tuple((text(item.condition), item.owners) for item in population.constraints)
    attributes = tuple(
        PlannedAttribute(
            name=attribute.name,
            type=str(attribute.type),
            origin=str(attribute.origin),
            strategy=str(attribute.strategy),
            level=levels[attribute.name],
            reads=attribute.reads,
            read_by=tuple(read_by[attribute.name]),
            how=_raked_text(attribute.name, together) or how(attribute),
            modifiers=len(attribute.modifiers),
            draws=_draws(attribute, together),
            operations=sum(_operations(part) for part in expressions(attribute)),
            redrawn_by=tuple(condition for condition, owners in constraints if attribute.name in owners),
        )
        for attribute in population.attributes
    )
    return SpecPlan(
        population.name,
        population.scenario,
        population.digest,
        attributes,
        tuple(_correlated(population)),
        constraints,
        raked,
        any(item.exact for item in population.marginals),
    )


def members_of(marginals: Marginals, attributes: Mapping[str, Attribute]) -> list[tuple[str, ...]]:
    """The attributes of each joint table, in the order of its axes: that of their streams."""
    groups: list[set[str]] = []
    for table in (*marginals.targets, *([marginals.seed] if marginals.seed else [])):
        met = [group for group in groups if group & set(table.of)]
        groups = [group for group in groups if group not in met]
        groups.append(set(table.of).union(*met))

    def stream(name: str) -> str:
        return attributes[name].stream

    return sorted((tuple(sorted(group, key=stream)) for group in groups), key=lambda group: stream(group[0]))


def _raked_text(name: str, together: Mapping[str, tuple[str, ...]]) -> str:
    if name not in together:
        return ""
    others = ", ".join(other for other in together[name] if other != name)
    return f"raked with {others}" if others else "raked"


def _draws(attribute: Attribute, together: Mapping[str, tuple[str, ...]]) -> int:
    if attribute.name in together:
        return int(together[attribute.name][0] == attribute.name)
    return 0 if attribute.distribution is None else 1


def how(attribute: Attribute) -> str:
    """How an attribute comes about, in one line."""
    if attribute.distribution is not None:
        return law_text(attribute.distribution)
    if attribute.formula is not None:
        return text(attribute.formula)
    if attribute.column is not None:
        return f"column {attribute.column.name}"
    return attribute.template or ""


def law_text(law: Distribution) -> str:
    """A distribution in one line: `normal: mean 47, sd 11, min 26, max 72`."""
    given = [*law.parameters.items(), ("min", law.minimum), ("max", law.maximum)]
    if law.family == "boolean" and "p" in law.parameters:
        return f"true with {_short(law.parameters['p'])}"
    if law.family == "categorical":
        return f"{len(law.weights)} options"
    if law.family == "mixture":
        parts = " or ".join(f"{_short(part.share)} × {law_text(part.law)}" for part in law.components)
        return f"mixture: {parts}"
    if law.table is not None:
        what = "quantiles" if law.table.quantiles else "values"
        ends = [f"{name} {_short(value)}" for name, value in given if value is not None]
        return ", ".join([f"empirical: {len(law.table.points):,} {what}", *ends])
    parts = ", ".join(f"{name} {_short(value)}" for name, value in given if value is not None)
    return f"{law.family}: {parts}"


def expressions(attribute: Attribute) -> Iterator[Expression]:
    """Every expression of an attribute, the constants too."""
    if attribute.column is not None:
        return
    yield from (part for part in (attribute.only_if, attribute.formula) if part is not None)
    if attribute.distribution is not None:
        yield from attribute.distribution.expressions()
    for modifier in attribute.modifiers:
        yield from _of_modifier(modifier)


def _of_modifier(modifier: Modifier) -> Iterator[Expression]:
    yield modifier.when
    singles = (modifier.multiply, modifier.add, modifier.probability, modifier.scale_odds)
    yield from (part for part in singles if part is not None)
    for table in (modifier.weights, modifier.scale):
        yield from (table or {}).values()


def _operations(node: Expression) -> int:
    """What is computed anew for every agent; a constant alone costs nothing."""
    if not nodes.names(node):
        return 0
    return sum(1 for _ in nodes.walk(node))


def _correlated(population: Population) -> Iterator[tuple[str, ...]]:
    groups: list[set[str]] = []
    for item in population.correlations:
        met = [group for group in groups if group & {item.first, item.second}]
        groups = [group for group in groups if group not in met]
        groups.append({item.first, item.second}.union(*met))
    for group in groups:
        yield tuple(name for name in population.columns if name in group)


def _short(value: Expression) -> str:
    match value:
        case nodes.Number(size):
            return number(float(f"{size:.12g}"))
        case nodes.Date():
            return str(value_of(value))
        case _:
            return text(value)
