"""What each attribute of a population can be: bounds of numbers and dates, possible labels and booleans.

Takes a resolved `Population`, gives domains by name; sound, so that what lies outside can never be drawn.
"""

from __future__ import annotations

import math
from functools import reduce

from worldwright.spec.expressions.intervals import ALL, Interval, arithmetic, call, point
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.expressions.reasoning import BOTH, Domain, Domains, constant, domain_of, range_of, truth
from worldwright.spec.population import Attribute, AttributeType, Distribution, Modifier, Population

_POSITIVE = frozenset({"lognormal", "gamma", "exponential", "poisson", "binomial"})


class Reach(dict[str, Domain]):
    """Domains by name, which remember of each condition whether it can hold and whether it can fail.

    An attribute is there before a condition reads it, so what is remembered stays true as others are added.
    """

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[int, tuple[Expression, frozenset[bool]]] = {}

    def truth(self, node: Expression) -> frozenset[bool]:
        """Whether a condition can hold and whether it can fail."""
        known = self._known.get(id(node))
        if known is None:
            known = self._known[id(node)] = (node, truth(node, self))
        return known[1]


def outcomes(node: Expression, domains: Domains) -> frozenset[bool]:
    """As `reasoning.truth`, found once where the domains are those of a whole population."""
    return domains.truth(node) if isinstance(domains, Reach) else truth(node, domains)


def reach(population: Population) -> Reach:
    """The domain of every attribute of which something is known."""
    domains = Reach()
    raked = population.raked
    for attribute in population.attributes:
        if attribute.name in raked:
            domains[attribute.name] = _raked(attribute, population)
            continue
        domain = _domain(attribute, domains)
        if domain is not None:
            domains[attribute.name] = domain
    return domains


def _raked(attribute: Attribute, population: Population) -> Domain:
    """What an attribute with marginals can be: all its options but those whose known share is 0."""
    if attribute.type is AttributeType.BOOLEAN:
        options: tuple[str | bool, ...] = (False, True)
    else:
        options = attribute.options
    shares = {
        option: share
        for marginals in population.marginals
        for table in marginals.targets
        if table.of == (attribute.name,) and len(table.values) == len(options)
        for option, share in zip(options, table.values, strict=True)
    }
    possible = [option for option in options if shares.get(option, 1.0) > 0.0]
    if attribute.type is AttributeType.BOOLEAN:
        return frozenset(option for option in possible if isinstance(option, bool))
    return frozenset(option for option in possible if isinstance(option, str))


def drawn(attribute: Attribute, domains: Domains) -> Interval:
    """What a numeric distribution can give before modifiers, by its support and its truncation."""
    law = attribute.distribution
    if law is None:
        return ALL
    found = _drawn(law, domains)
    if attribute.type is AttributeType.INT and not law.clamp:
        found = call("round", [found])
    return found


def _drawn(law: Distribution, domains: Domains) -> Interval:
    if law.family == "mixture" and law.components:
        parts = [_drawn(component.law, domains) for component in law.components]
        return reduce(lambda one, other: one.hull(other), parts)
    return bounded(law, support(law, domains), domains)


def bounded(law: Distribution, found: Interval, domains: Domains) -> Interval:
    """What is left of an interval by the ends of a distribution; all of it where they are exchanged."""
    if (
        law.minimum is not None
        and law.maximum is not None
        and range_of(law.minimum, domains).low > range_of(law.maximum, domains).high
    ):
        return found
    if law.minimum is not None:
        found = _raised(found, range_of(law.minimum, domains).low)
    if law.maximum is not None:
        found = _lowered(found, range_of(law.maximum, domains).high)
    return found


def modified(attribute: Attribute, start: Interval, domains: Domains) -> Interval:
    """What the modifiers that can fire make of a number: value × ∏multiply + Σadd."""
    factor, shift = point(1.0), point(0.0)
    for modifier in firing(attribute, domains):
        always = False not in outcomes(modifier.when, domains)
        if modifier.multiply is not None:
            own = range_of(modifier.multiply, domains)
            factor = arithmetic("*", factor, own if always else own.hull(point(1.0)))
        if modifier.add is not None:
            own = range_of(modifier.add, domains)
            shift = arithmetic("+", shift, own if always else own.hull(point(0.0)))
    return arithmetic("+", arithmetic("*", start, factor), shift)


def firing(attribute: Attribute, domains: Domains) -> list[Modifier]:
    """The modifiers whose condition can hold."""
    return [modifier for modifier in attribute.modifiers if True in outcomes(modifier.when, domains)]


def _domain(attribute: Attribute, domains: Domains) -> Domain | None:
    match attribute.type:
        case AttributeType.INT | AttributeType.FLOAT | AttributeType.DATE:
            return _number(attribute, domains)
        case AttributeType.CATEGORICAL:
            return _labels(attribute, domains)
        case AttributeType.BOOLEAN:
            return _boolean(attribute, domains)
        case AttributeType.TEXT:
            return None


def _number(attribute: Attribute, domains: Domains) -> Interval:
    if attribute.formula is not None:
        found = range_of(attribute.formula, domains)
    else:
        found = modified(attribute, drawn(attribute, domains), domains)
        if attribute.distribution is not None and attribute.distribution.clamp:
            found = bounded(attribute.distribution, found, domains)
    if attribute.type is not AttributeType.FLOAT:
        found = call("round", [found])
    low, high = attribute.clip
    if low is not None or high is not None:
        bounds = [point(-math.inf if low is None else low), point(math.inf if high is None else high)]
        whole = found.whole
        found = call("clip", [found, *bounds])
        found = Interval(found.low, found.high, whole)
    return found


def support(law: Distribution, domains: Domains) -> Interval:
    """Where a family has values before truncation."""
    if law.family == "beta":
        return Interval(0.0, 1.0)
    if law.table is not None:
        points = law.table.points
        return Interval(points[0], points[-1]) if len(points) else ALL
    if law.family == "binomial" and "n" in law.parameters:
        return Interval(0.0, max(range_of(law.parameters["n"], domains).high, 0.0), True)
    if law.family in _POSITIVE:
        return Interval(0.0, math.inf)
    if law.family in ("uniform", "triangular"):
        low, high = law.parameters.get("min"), law.parameters.get("max")
        least = -math.inf if low is None else range_of(low, domains).low
        greatest = math.inf if high is None else range_of(high, domains).high
        return Interval(least, greatest) if least <= greatest else ALL
    return ALL


def _raised(x: Interval, low: float) -> Interval:
    return Interval(max(x.low, low), max(x.high, low), x.whole)


def _lowered(x: Interval, high: float) -> Interval:
    return Interval(min(x.low, high), min(x.high, high), x.whole)


def _labels(attribute: Attribute, domains: Domains) -> Domain | None:
    if not attribute.options:
        return None
    if attribute.formula is not None:
        found = domain_of(attribute.formula, domains)
        return found if isinstance(found, frozenset) else frozenset(attribute.options)
    law = attribute.distribution
    if law is None or not law.weights:
        return frozenset(attribute.options)
    tables = [law.weights, *(m.weights for m in firing(attribute, domains) if m.weights is not None)]
    possible = {
        option
        for table in tables
        for option, weight in table.items()
        if (value := constant(weight)) is None or value > 0
    }
    return frozenset(possible) if possible else frozenset(attribute.options)


def _boolean(attribute: Attribute, domains: Domains) -> frozenset[bool]:
    if attribute.formula is not None:
        return truth(attribute.formula, domains)
    if attribute.distribution is None or attribute.modifiers:
        return BOTH
    p = constant(attribute.distribution.parameters.get("p"))
    if p == 0:
        return frozenset({False})
    return frozenset({True}) if p == 1 else BOTH
