"""The random documents that laws are tested on are valid, and cover the language."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.spec.random_documents import Plain, populations, scenarios
from tests.spec.specs import loaded
from worldwright.population import plan, sample
from worldwright.spec.writer import write


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_they_load_and_can_be_sampled(data: st.DataObject) -> None:
    base: Plain = data.draw(populations())
    over: Plain = data.draw(scenarios(base))
    population = loaded(write(base), write(over))
    table = sample(plan(population, 1), 0, 50)
    assert table.num_rows <= 50 and set(population.columns) <= {*table.column_names}
