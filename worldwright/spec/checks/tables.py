"""The tables of weights in a spec, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from worldwright.diagnostics import Span
from worldwright.spec.checks.context import Context
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.expressions.reasoning import constant


@dataclass(frozen=True, slots=True)
class Table:
    """Weights by option: those of a distribution, or those that a modifier puts in their place."""

    attribute: str
    weights: Mapping[str, Expression]
    span: Span

    def constants(self) -> dict[str, float] | None:
        """The weights as numbers; None where one depends on something."""
        found = {option: constant(weight) for option, weight in self.weights.items()}
        known = {option: value for option, value in found.items() if value is not None}
        return known if len(known) == len(found) else None


def tables(context: Context) -> Iterator[Table]:
    """Every table of weights."""
    for attribute, law in context.laws():
        if law.weights and not law.components:  # a mixture's own weights follow from its components
            whole = context.declared[attribute.name].find("distribution", "categorical")
            span = context.place(attribute.name, "distribution", "categorical") if whole else law.span
            yield Table(attribute.name, law.weights, span)
    for attribute in context.population.attributes:
        for modifier in attribute.modifiers:
            if modifier.weights:
                span = context.modifier_span(attribute.name, modifier, "weights")
                yield Table(attribute.name, modifier.weights, span)
