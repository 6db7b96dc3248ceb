"""A resolved population with laws moved, for experiments that vary it, as `spec perturb` moves a document.

Takes a `Population` and what to move, gives another one; no text is written or read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from worldwright.errors import UsageError
from worldwright.hashing import digest
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.frozen import freeze
from worldwright.spec.perturb import SCALED, SHIFTED
from worldwright.spec.population import Attribute, AttributeType, Origin, Population
from worldwright.spec.suggestions import listed, nearest

CHANGES = ("shift", "scale")
"""What can be done to a law: move its values by an amount, or multiply its mean and its spread."""


@dataclass(frozen=True, slots=True)
class Variation:
    """How the law of one attribute is moved: first scaled, then shifted."""

    shift: float = 0.0
    scale: float = 1.0


def varied(population: Population, changes: Mapping[str, Variation]) -> Population:
    """The population with laws moved; its draws stay those of the same agents.

    Parameters move as in `spec perturb`; truncation, modifiers and clip stay. What changes nothing leaves the
    population as it is, with its digest.

    Args:
        population: What is varied.
        changes: The variations by attribute.

    Raises:
        UsageError: for an attribute that does not exist, or whose law has no such move.
    """
    moved = {name: change for name, change in sorted(changes.items()) if change != Variation()}
    for name, change in changes.items():
        refuse(population, name, change)
    if not moved:
        return population
    return replace(
        population,
        attributes=tuple(
            _moved(attribute, moved[attribute.name]) if attribute.name in moved else attribute
            for attribute in population.attributes
        ),
        digest=_identity(population.digest, moved),
        base_digest=_identity(
            population.base_digest,
            {
                name: change
                for name, change in moved.items()
                if population.attribute(name).origin is Origin.BASE
            },
        ),
    )


def refuse(population: Population, name: str, change: Variation) -> None:
    """Say why an attribute cannot be varied so.

    Raises:
        UsageError: when it cannot.
    """
    if name not in population.columns:
        near = nearest(name, population.columns)
        raise UsageError(
            f"the population has no attribute `{name}`",
            help=f"did you mean {near}?" if near else listed(population.columns),
        )
    law = population.attribute(name).distribution
    if law is None:
        raise UsageError(f"`{name}` has no distribution", help="vary what it is computed from")
    if change.scale <= 0:
        raise UsageError(f"`{name}` cannot be scaled by {change.scale:g}", help="a scale is above 0")
    if change.scale != 1 and population.attribute(name).type is AttributeType.DATE:
        raise UsageError(f"`{name}` is a date, which cannot be scaled", help="shift it by days")
    for table, verb, used in (
        (SHIFTED, "shifted", change.shift != 0),
        (SCALED, "scaled", change.scale != 1),
    ):
        if used and law.family not in table:
            raise UsageError(f"`{name}` is {law.family}, which cannot be {verb}", help=listed(table))


def _identity(before: str, moved: Mapping[str, Variation]) -> str:
    if not moved:
        return before
    return digest("varied", [before, {name: [change.shift, change.scale] for name, change in moved.items()}])


def _moved(attribute: Attribute, change: Variation) -> Attribute:
    law = attribute.distribution
    assert law is not None
    parameters = dict(law.parameters)
    if change.scale != 1:
        for name in SCALED[law.family]:
            parameters[name] = _combined("*", parameters[name], change.scale, lambda a, b: a * b)
    if change.shift != 0:
        for name in SHIFTED[law.family]:
            parameters[name] = _combined("+", parameters[name], change.shift, lambda a, b: a + b)
    return replace(attribute, distribution=replace(law, parameters=freeze(parameters)))


def _combined(
    operator: str, expression: Expression, by: float, apply: Callable[[float, float], float]
) -> Expression:
    if isinstance(expression, nodes.Number):
        return nodes.Number(apply(expression.value, by), expression.span)
    if isinstance(expression, nodes.Date):
        return nodes.Date(round(apply(expression.days, by)), expression.span)
    return nodes.Arithmetic(operator, expression, nodes.Number(by, expression.span), expression.span)
