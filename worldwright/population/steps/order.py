"""The operations of a population, in the order they run: base attributes first, then the scenario's."""

from __future__ import annotations

from worldwright.errors import SamplingError
from worldwright.population.lowering import Scope
from worldwright.population.steps.boolean import BooleanStep
from worldwright.population.steps.categorical import CategoricalStep
from worldwright.population.steps.derived import LabelStep, TruthStep
from worldwright.population.steps.numeric import NumericStep
from worldwright.population.steps.step import Only, Source, Step, Test
from worldwright.spec.population import Attribute, AttributeType, Origin, Population
from worldwright.streams import stream_key

_EMPTY: dict[AttributeType, float | int | bool] = {
    AttributeType.INT: float("nan"),
    AttributeType.FLOAT: float("nan"),
    AttributeType.DATE: float("nan"),
    AttributeType.CATEGORICAL: -1,
    AttributeType.BOOLEAN: False,
}


def steps_of(population: Population, seed: int) -> tuple[Step, ...]:
    """Lower a population to the steps that compute it, in order.

    Raises:
        SamplingError: for constants no agent can be drawn from.
    """
    scope = {attribute.name: attribute for attribute in population.attributes}
    if population.correlations or population.constraints:
        raise SamplingError("correlations and constraints are not sampled yet")
    ordered = sorted(population.attributes, key=lambda attribute: attribute.origin is Origin.SCENARIO)
    return tuple(
        _step(attribute, scope, Source(stream_key(seed, "attribute", attribute.stream, 0), attribute.stream))
        for attribute in ordered
        if attribute.type is not AttributeType.TEXT
    )


def _step(attribute: Attribute, scope: Scope, source: Source) -> Step:
    step = _unconditional(attribute, scope, source)
    if attribute.only_if is None:
        return step
    test = Test(attribute, attribute.only_if, scope, "its only_if")
    return Only(step, attribute.name, test, _EMPTY[attribute.type])


def _unconditional(attribute: Attribute, scope: Scope, source: Source) -> Step:
    match attribute.type:
        case AttributeType.CATEGORICAL if attribute.distribution is None:
            return LabelStep(attribute, scope)
        case AttributeType.CATEGORICAL:
            return CategoricalStep(attribute, scope, source)
        case AttributeType.BOOLEAN if attribute.distribution is None:
            return TruthStep(attribute, scope)
        case AttributeType.BOOLEAN:
            return BooleanStep(attribute, scope, source)
        case _:
            return NumericStep(attribute, scope, source)
