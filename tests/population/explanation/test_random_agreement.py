"""The interpreter of one agent against the sampler of many, over random documents of the whole language."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from tests.population.explanation.test_agreement import differences
from tests.spec.random_documents import Plain, populations, scenarios
from tests.spec.specs import loaded
from worldwright.population import Explainer, plan, sample
from worldwright.population.planning import Plan
from worldwright.spec.writer import write


@st.composite
def plans(draw: st.DrawFn, agents: int) -> Plan:
    base: Plain = draw(populations())
    over: Plain = draw(scenarios(base))
    population = loaded(write(base), write(over))
    return plan(population, draw(st.integers(0, 2**63 - 1)), agents)


def agree(made: Plan, agents: int) -> None:
    """Of the first agents, and of a stretch far on where there is one."""
    starts = [0]
    if made.agents is None and made.population.most_agents is None:
        starts.append(random.Random(made.seed).randrange(2 ** (made.seed % 49 + 1)))
    explainer = Explainer(made)
    for start in starts:
        rows = iter(sample(made, start, agents).to_pylist())
        for agent in range(start, start + agents):
            found = explainer.agent(agent)
            if not found.left_out:
                assert differences(found, next(rows)) == []
        assert next(rows, None) is None


@given(plans(agents=5))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_four_hundred_agents_of_random_documents_agree(made: Plan) -> None:
    agree(made, 5)


@pytest.mark.slow
@seed(20261127)
@given(plans(agents=25))
@settings(max_examples=200, deadline=None)
def test_ten_thousand_agents_of_random_documents_agree(made: Plan) -> None:
    agree(made, 25)
