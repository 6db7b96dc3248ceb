"""Explain an agent: the door of this package."""

from __future__ import annotations

import pyarrow as pa

from worldwright.errors import UsageError
from worldwright.population.explanation import expressions
from worldwright.population.explanation.interpreter import Interpreter, blank
from worldwright.population.explanation.reading import Reading, stored
from worldwright.population.explanation.record import (
    AttributeExplanation,
    Explanation,
    Formula,
    Value,
    changed,
)
from worldwright.population.planning import Plan
from worldwright.spec.population import Attribute, AttributeType
from worldwright.spec.templates import BRACES, fixed, place


class Explainer:
    """Explains agents of one plan; keeps what does not depend on the agent."""

    def __init__(self, plan: Plan, *, quantiles: bool = False) -> None:
        """Prepare; with `quantiles`, numbers carry their law for pictures."""
        self._population = plan.population
        self._seed = plan.seed
        self._columns = [(name, plan.population.attribute(name)) for name in plan.population.columns]
        self._interpreter = Interpreter(plan, quantiles=quantiles)

    def agent(self, number: int) -> Explanation:
        """One agent replayed; its values are those of `sample`, to the bit.

        Raises:
            UsageError: for a negative number.
            SamplingError: for an agent that cannot be drawn; `where` names the attribute.
        """
        if number < 0:
            raise UsageError(f"agents are numbered from 0, so there is no agent {number}")
        known, left_out = self._interpreter.run(number)
        population = self._population
        found: list[AttributeExplanation] = []
        for name, attribute in self._columns:
            record = known.records.get(name)
            if record is None:
                if attribute.type is not AttributeType.TEXT or left_out:
                    continue
                if attribute.column is not None:
                    value = attribute.column.values[known.row]
                    text = value if isinstance(value, str) else None
                    record = self._interpreter.taken(attribute, text, number, known)
                else:
                    record = _text(attribute, self._interpreter.reading(attribute, number, known))
            redraws = tuple(redraw for redraw in known.redraws if name in redraw.writes)
            found.append(changed(record, redraws=redraws) if redraws else record)
        return Explanation(
            population.name,
            population.scenario,
            population.digest,
            self._seed,
            number,
            left_out,
            tuple(found),
        )


def explain(plan: Plan, agent: int) -> Explanation:
    """Explain one agent; see `Explainer.agent`."""
    return Explainer(plan).agent(agent)


def _text(attribute: Attribute, reading: Reading) -> AttributeExplanation:
    record = blank(attribute)
    if attribute.only_if is not None:
        decided = reading.decide(attribute.only_if, "its only_if")
        record = changed(record, only_if=decided)
        if not decided.holds:
            return record
    if attribute.template is not None:
        places = [
            found for inner in BRACES.findall(attribute.template) if (found := place(inner)) is not None
        ]
        names = dict.fromkeys(found.name for found in places)
        for name in names:
            if reading.values[name] is None:
                raise reading.refusal(f"its template reads {name}, which is missing", [name])
        filled = BRACES.sub(lambda match: _placed(match[1], reading), attribute.template)
        formula = Formula(attribute.template, reading.reads(names), filled)
    else:
        assert attribute.formula is not None
        written, reads = reading.texts.of(attribute.formula)
        value = expressions.label(attribute.formula, reading.values, reading.scope)
        formula = Formula(written, reading.reads(reads), value)
    return changed(record, formula=formula, value=formula.value)


def _placed(inner: str, reading: Reading) -> str:
    found = place(inner)
    assert found is not None
    value = reading.values[found.name]
    if found.decimals is not None and isinstance(value, float):
        return fixed(value, found.decimals)
    return _spelled(found.name, reading)


def _spelled(name: str, reading: Reading) -> str:
    value: Value = stored(reading.scope[name], reading.values[name])
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(pa.scalar(value).cast(pa.string()))  # Arrow's own spelling of numbers
    return str(value)
