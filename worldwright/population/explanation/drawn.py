"""How one agent's attribute is drawn and changed: numbers, booleans and categories."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from worldwright.population.explanation.laws import ScalarLaw
from worldwright.population.explanation.reading import Reading, Texts
from worldwright.population.explanation.record import Bounds, Change, Chosen, Draw, Share, Term, changed
from worldwright.population.explanation.scalars import ceil, divided, floor, rounded
from worldwright.population.explanation.tables import Quantiles, Values
from worldwright.population.explanation.tabulated import FAMILIES
from worldwright.population.storable import ends, unstorable
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.population import Attribute, AttributeType, Distribution, Modifier

_MOST_ROWS = 4096
"""Combinations of modifiers up to which constant weights are tabulated; beyond, sums run agent by agent."""
_CURVE = 1000
_Lawful = tuple[ScalarLaw, tuple[Term, ...], Term | None, Term | None]
"""A law, its parameters and its ends."""


class Numeric(NamedTuple):
    """A number's law and bounds for one agent."""

    attribute: Attribute
    reading: Reading
    quantiles: bool

    def drawn(self, distribution: Distribution, draw: Draw) -> Draw:
        """The base draw at a uniform."""
        if distribution.family == "mixture":
            return self._mixed(distribution, draw)
        law, parameters, minimum, maximum = self._law(distribution)
        value = self._at(law, distribution, draw.uniform)
        points = [(i + 0.5) / _CURVE for i in range(_CURVE)] if self.quantiles else []
        return changed(
            draw,
            family=distribution.family,
            parameters=parameters,
            minimum=minimum,
            maximum=maximum,
            clamp=distribution.clamp,
            interval=(_finite(law.low), _finite(law.high)),
            value=value,
            quantiles=tuple(self._at(law, distribution, u) for u in points),
        )

    def _mixed(self, distribution: Distribution, draw: Draw) -> Draw:
        """The draw from the component that the uniform chooses, at what is left of it."""
        parts = distribution.components
        terms = [self.reading.term("share", part.share) for part in parts]
        weights = [term.value for term in terms]
        number, left = self._part(weights, draw.uniform)
        plain = Numeric(self.attribute, self.reading, False)
        found = plain.drawn(parts[number].law, changed(draw, uniform=left))
        total = sum(weights)
        shares = tuple(
            Share(part.law.family, weight, weight / total)
            for part, weight in zip(parts, weights, strict=True)
        )
        quantiles: list[float] = []
        for i in range(_CURVE if self.quantiles else 0):
            at, rest = self._part(weights, (i + 0.5) / _CURVE)
            law = self._law(parts[at].law)[0]
            quantiles.append(law.at(rest))
        return changed(
            found,
            uniform=draw.uniform,
            component=Chosen(number + 1, shares, left),
            quantiles=tuple(sorted(quantiles)),
        )

    def _part(self, weights: list[float], u: float) -> tuple[int, float]:
        """The component that a uniform chooses, and where in its part it lies."""
        total = 0.0
        for weight in weights:
            total += weight
        if not (all(weight >= 0.0 for weight in weights) and 0.0 < total < math.inf):
            shown = ", ".join(f"{weight:g}" for weight in weights)
            raise self.reading.refusal(
                f"no component can be drawn with the shares {shown}", self.attribute.reads
            )
        number = _chosen(u, weights, total, tabulated=False)
        below = 0.0
        for weight in weights[:number]:
            below += weight
        left = (u * total - below) / weights[number]
        return number, min(max(left, 2.0**-53), 1.0 - 2.0**-53)

    def modified(self, value: float, changes: tuple[Change, ...]) -> float | None:
        """The value × every `multiply` + every `add` that applies; None where there are no modifiers."""
        if not changes:
            return None
        factor, total = 1.0, 0.0
        for change in changes:
            for effect in change.effects if change.when.holds else ():
                if effect.name == "multiply":
                    factor *= effect.value
                else:
                    total += effect.value
        return value * factor + total

    def clamped(self, value: float, distribution: Distribution) -> Bounds:
        """The value put on the ends it lies beyond."""
        low, high = self._limits(distribution)
        return Bounds(_finite(low), _finite(high), min(max(value, low), high))

    def settled(self, value: float) -> tuple[float | None, Bounds | None, float]:
        """Rounding and clip: what each made of the value, where it changed it, and the value to store."""
        if not math.isfinite(value):
            raise self.reading.refusal(f"its value is {value:g}", self.attribute.reads)
        whole: float | None = None
        if self.attribute.type in (AttributeType.INT, AttributeType.DATE):
            whole = rounded(value)
            value, whole = whole, whole if whole != value else None
        low, high = self._clip()
        inside = min(max(value, low), high)
        clipped = Bounds(_finite(low), _finite(high), inside) if inside != value else None
        least, most = ends(self.attribute.type)
        if not least <= inside <= most:
            what, why, help = unstorable(self.attribute.type, inside)
            raise self.reading.refusal(what, self.attribute.reads, why, help)
        return whole, clipped, inside + 0.0

    def _law(self, distribution: Distribution) -> _Lawful:
        texts = self.reading.texts
        if texts.made("shared law", distribution, lambda: _reads_nothing(distribution, texts)):
            return texts.made("law", distribution, lambda: self._own_law(distribution))
        return self._own_law(distribution)

    def _own_law(self, distribution: Distribution) -> _Lawful:
        names = () if distribution.table is not None else FAMILIES[distribution.family][1]
        given = [distribution.parameters[name] for name in names]
        parameters = tuple(self.reading.term(name, node) for name, node in zip(names, given, strict=True))
        for term in parameters:
            if not math.isfinite(term.value):
                raise self.reading.refusal(f"its {term.name} is {term.value:g}", [r.name for r in term.reads])
        limits = (distribution.minimum, distribution.maximum)
        minimum, maximum = (
            None if node is None else self.reading.term(name, node)
            for name, node in zip(("min", "max"), limits, strict=True)
        )
        low, high = (-math.inf, math.inf) if distribution.clamp else self._limits(distribution)
        integer = self.attribute.type in (AttributeType.INT, AttributeType.DATE) and not distribution.clamp
        if integer:
            low, high = ceil(low), floor(high)
        if low > high:
            raise self.reading.refusal(
                f"the interval from {low:g} to {high:g} is empty", self.attribute.reads
            )
        entering = given if distribution.clamp else [*given, *(end for end in limits if end is not None)]
        every = [*given, *(end for end in limits if end is not None)]
        texts = self.reading.texts
        constant = all(texts.constant(node) for node in every)
        varying = not all(texts.constant(node) for node in entering)
        where, numbers = self.reading.where, tuple(term.value for term in parameters)
        law: ScalarLaw
        if distribution.table is not None:
            table = Quantiles if distribution.table.quantiles else Values
            law = table(where, numbers, low, high, integer, constant, varying, distribution.table)
        else:
            kind = FAMILIES[distribution.family][0]
            law = kind(where, numbers, low, high, integer, constant, varying)
        law.check()
        return law, parameters, minimum, maximum

    def _limits(self, distribution: Distribution) -> tuple[float, float]:
        low = -math.inf if distribution.minimum is None else self.reading.number(distribution.minimum)
        high = math.inf if distribution.maximum is None else self.reading.number(distribution.maximum)
        if math.isnan(low) or math.isnan(high):
            raise self.reading.refusal("a bound is not a number", self.attribute.reads)
        return low, high

    def _at(self, law: ScalarLaw, distribution: Distribution, u: float) -> float:
        value = law.at(u)
        return self.clamped(value, distribution).value if distribution.clamp else value

    def _clip(self) -> tuple[float, float]:
        low, high = self.attribute.clip
        low = -math.inf if low is None else float(low)
        high = math.inf if high is None else float(high)
        if self.attribute.type in (AttributeType.INT, AttributeType.DATE):
            return ceil(low), floor(high)
        return low, high


def drawn_boolean(
    attribute: Attribute,
    distribution: Distribution,
    changes: tuple[Change, ...],
    draw: Draw,
    reading: Reading,
) -> Draw:
    """True where the uniform is in the upper part of the length of its probability."""
    base = reading.term("p", distribution.parameters["p"])
    share, odds = base.value, None
    for change, modifier in zip(changes, attribute.modifiers, strict=True):
        effects = {effect.name: effect.value for effect in change.effects} if change.when.holds else {}
        share = effects.get("probability", share)
        if modifier.scale_odds is not None:
            part = effects.get("scale", 1.0)
            odds = part if odds is None else odds * part
    if odds is not None:
        share = divided(share * odds, 1.0 - share + share * odds)
    if not 0.0 <= share <= 1.0:
        raise reading.refusal(f"its probability is {share:g}, not a number from 0 to 1", attribute.reads)
    shares = (Share("false", 1.0 - share, 1.0 - share), Share("true", share, share))
    value = draw.uniform >= 1.0 - share
    return changed(draw, family="boolean", parameters=(base,), shares=shares, value=value)


def drawn_category(
    attribute: Attribute,
    distribution: Distribution,
    changes: tuple[Change, ...],
    draw: Draw,
    reading: Reading,
) -> Draw:
    """The option in whose part of the cumulative weights the uniform lies."""
    options = attribute.options
    weights = _numbers(distribution.weights, options, reading)
    for change, modifier in zip(changes, attribute.modifiers, strict=True):
        if change.when.holds and modifier.weights is not None:
            weights = _numbers(modifier.weights, options, reading)
    for change, modifier in zip(changes, attribute.modifiers, strict=True):
        if change.when.holds and modifier.scale is not None:
            for label, node in modifier.scale.items():
                weights[options.index(label)] *= reading.number(node)
    total = 0.0
    for weight in weights:
        total += weight
    if not (all(weight >= 0.0 for weight in weights) and 0.0 < total < math.inf):
        shown = ", ".join(f"{label}: {weight:g}" for label, weight in zip(options, weights, strict=True))
        raise reading.refusal(f"no option can be drawn from the weights {{{shown}}}", attribute.reads)
    tabulated = reading.texts.made("table", attribute, lambda: _tabulated(attribute, distribution))
    code = _chosen(draw.uniform, weights, total, tabulated=tabulated)
    shares = tuple(Share(label, w, w / total) for label, w in zip(options, weights, strict=True))
    return changed(draw, family="categorical", shares=shares, value=options[code])


def changes_of(attribute: Attribute, reading: Reading) -> tuple[Change, ...]:
    """The modifiers of an attribute, decided for one agent."""
    return tuple(
        Change(reading.decide(modifier.when, "the condition of a modifier"), _effects(modifier, reading))
        for modifier in attribute.modifiers
    )


def _reads_nothing(distribution: Distribution, texts: Texts) -> bool:
    parts = [*distribution.parameters.values(), distribution.minimum, distribution.maximum]
    return all(part is None or texts.constant(part) for part in parts)


def _effects(modifier: Modifier, reading: Reading) -> tuple[Term, ...]:
    named, terms = reading.texts.made("effects", modifier, lambda: _prepared(modifier, reading))
    return _terms(named, reading) if terms is None else terms


def _prepared(
    modifier: Modifier, reading: Reading
) -> tuple[list[tuple[str, Expression]], tuple[Term, ...] | None]:
    """The effects of a modifier, and what they are where they are the same for all agents."""
    named = _named(modifier)
    same = all(reading.texts.constant(node) for _, node in named)
    return named, _terms(named, reading) if same else None


def _terms(named: list[tuple[str, Expression]], reading: Reading) -> tuple[Term, ...]:
    return tuple(reading.term(name, node) for name, node in named)


def _named(modifier: Modifier) -> list[tuple[str, Expression]]:
    named: list[tuple[str, Expression | None]] = [
        ("multiply", modifier.multiply),
        ("add", modifier.add),
        ("probability", modifier.probability),
        ("scale", modifier.scale_odds),
    ]
    named += [(f"weight of {label}", node) for label, node in (modifier.weights or {}).items()]
    named += [(f"scale of {label}", node) for label, node in (modifier.scale or {}).items()]
    return [(name, node) for name, node in named if node is not None]


def _chosen(u: float, weights: list[float], total: float, *, tabulated: bool) -> int:
    running, last = 0.0, 0
    for code, weight in enumerate(weights):
        if weight > 0.0:
            last = code
            running += weight
            # shares of a table are divided out beforehand; an agent's own weights are compared as they are
            if (u < running / total) if tabulated else (u * total < running):
                return code
    return last


def _tabulated(attribute: Attribute, distribution: Distribution) -> bool:
    parts: list[Mapping[str, Expression]] = [distribution.weights]
    parts += [m.weights for m in attribute.modifiers if m.weights is not None]
    scaling = [m.scale for m in attribute.modifiers if m.scale is not None]
    replacing = len(parts)
    constant = not any(nodes.names(node) for part in (*parts, *scaling) for node in part.values())
    return constant and replacing << len(scaling) <= _MOST_ROWS


def _numbers(weights: Mapping[str, Expression], options: tuple[str, ...], reading: Reading) -> list[float]:
    found = [0.0] * len(options)
    for label, node in weights.items():
        found[options.index(label)] = reading.number(node)
    return found


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
