"""The interpreter of one agent against the sampler of many: every stored value, to the bit."""

from __future__ import annotations

import random
import struct
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.population.backends.specs import base, with_scenario
from tests.population.builder import build
from worldwright.errors import SamplingError
from worldwright.population import Explainer, plan, sample
from worldwright.population.explanation.record import Explanation, Value
from worldwright.spec import Source, load_population
from worldwright.spec.population import Population

SPECS = Path(__file__).parents[3] / "specs"
SEED = 20240607
CLAMPED: dict[str, Any] = {"normal": {"mean": 0.5, "sd": 0.4, "min": 0, "max": 1}}


def flagship() -> Population:
    def read(path: str) -> Source:
        return Source(path, (SPECS / path).read_text())

    population, found = load_population(
        read("populations/german-surgeons.yaml"), read("scenarios/ai-diagnostic-tool.yaml")
    )
    assert population is not None, found
    return population


def difficult() -> Population:
    """Tails, zero probabilities, per-agent weights with scalings, joint redraws within a redraw, drops."""
    return build(
        {
            "x": {"distribution": {"normal": {"mean": 0, "sd": 1, "min": 3}}},
            "far": {"distribution": {"normal": {"mean": 0, "sd": 1, "max": "-5 - x"}}},
            "size": {"type": "int", "distribution": {"lognormal": {"mean": 3, "sd": "x", "min": 1}}},
            "big": {"type": "int", "distribution": {"poisson": {"mean": 70000}}},
            "own_big": {"type": "int", "distribution": {"poisson": {"mean": "1000 * x"}}},
            "tries": {
                "type": "int",
                "distribution": {"binomial": {"n": "size + 80", "p": "min(0.1 * size, 1)"}},
            },
            "fixed": {"type": "int", "distribution": {"binomial": {"n": 500, "p": 0.02, "min": 3}}},
            "score": {"type": "int", "distribution": {"beta": {"alpha": 2, "beta": 3, "max": 1}}},
            "shape": {"distribution": {"gamma": {"shape": 0.3, "scale": "x", "min": 0.1, "max": 9}}},
            "spot": {"distribution": {"triangular": {"min": 0, "mode": 0, "max": 4}}},
            "die": {"type": "int", "distribution": {"uniform": {"min": 1, "max": "6 + size"}}},
            "kind": {
                "type": "categorical",
                "distribution": {"categorical": {"a": "x", "b": 2, "c": 0, "d": "die / 2"}},
                "modifiers": [
                    {"when": "die > 3", "weights": {"a": 1, "c": "x"}},
                    {"when": "x > 3.2", "scale": {"a": "x / 3", "d": 5}},
                    {"when": "die == 2", "scale": {"a": 0.5}},
                ],
            },
            "flag": {
                "type": "boolean",
                "distribution": {"boolean": "0.1 + 0.2 * (die / 12)"},
                "modifiers": [
                    {"when": "kind in ['a', 'd']", "scale": "x"},
                    {"when": "die == 1", "probability": 1},
                    {"when": "x > 9", "scale": 2},
                ],
            },
            "sure": {"type": "boolean", "formula": "flag and (kind != 'b' or x // 0.5 > 6)"},
            "name": {"type": "categorical", "options": ["a", "z"], "formula": "'a' if sure else 'z'"},
            "part": {"only_if": "sure", "type": "int", "distribution": {"exponential": {"mean": 4}}},
            "rest": {
                "formula": "(part if part is known else -1) % 0.7 + round(3 * x) / floor(x) - abs(ceil(-x))",
                "modifiers": [{"when": "part is known and part > 2", "multiply": "sqrt(x)", "add": "log(x)"}],
                "clip": (-3, 5),
            },
            "words": {"type": "text", "only_if": "sure", "template": "{part} {x} {flag} {kind}"},
            "said": {"type": "text", "formula": "kind if sure else 'nothing'"},
        },
        correlations=[("x", "spot", 0.6), ("spot", "die", -0.4), ("big", "die", 0.3)],
        constraints=[
            "die + size > 4",
            {"condition": "spot < 2 or flag", "redraw": ["spot", "flag"]},
            {"condition": "big < 70400", "redraw": ["big"], "drop": True},
        ],
    )


def clamped() -> Population:
    from dataclasses import replace

    made = build(
        {
            "low": {"distribution": CLAMPED, "modifiers": [{"when": "true", "add": 0.3}]},
            "own": {"distribution": {"normal": {"mean": 1, "sd": 1, "min": 0, "max": "low"}}},
            "whole": {"type": "int", "distribution": {"beta": {"alpha": 1, "beta": 2, "max": 0.8}}},
        },
        correlations=[("low", "own", 0.5)],
    )
    attributes = tuple(
        replace(a, distribution=replace(a.distribution, clamp=True)) if a.distribution else a
        for a in made.attributes
    )
    return replace(made, attributes=attributes)


POPULATIONS = {
    "flagship": flagship,
    "base": base,
    "scenario": with_scenario,
    "difficult": difficult,
    "clamped": clamped,
}


def bits(value: Value) -> Any:
    return struct.pack("<d", value) if isinstance(value, float) else value


def differences(found: Explanation, row: dict[str, Any]) -> list[str]:
    told = {attribute.name: attribute.value for attribute in found.attributes}
    assert list(told) == list(row)
    return [
        f"agent {found.agent}: {name} is {row[name]!r}, explained as {told[name]!r}"
        for name in row
        if type(told[name]) is not type(row[name]) or bits(told[name]) != bits(row[name])
    ]


@pytest.mark.parametrize("name", list(POPULATIONS))
def test_an_agent_explained_is_the_agent_sampled(name: str) -> None:
    made = plan(POPULATIONS[name](), SEED)
    explainer = Explainer(made)
    told = [explainer.agent(agent) for agent in range(3, 203)]
    kept = [found for found in told if not found.left_out]
    table: pa.Table = sample(made, 3, 200)
    assert table.num_rows == len(kept)
    wrong = [
        text for found, row in zip(kept, table.to_pylist(), strict=True) for text in differences(found, row)
    ]
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("name", list(POPULATIONS))
def test_ten_thousand_agents_of_any_number_and_seed_agree(name: str) -> None:
    chosen = random.Random(7)
    population = POPULATIONS[name]()
    for _ in range(20):
        made = plan(population, chosen.randrange(2**63))
        explainer = Explainer(made)
        start = chosen.randrange(2 ** chosen.randrange(1, 50))
        rows = iter(sample(made, start, 100).to_pylist())
        for agent in range(start, start + 100):
            found = explainer.agent(agent)
            if not found.left_out:
                assert differences(found, next(rows)) == []


def test_an_agent_that_cannot_be_drawn_is_refused_with_its_attribute() -> None:
    population = build(
        {
            "x": {"distribution": {"normal": {"mean": 0, "sd": 1}}},
            "y": {"distribution": {"normal": {"mean": 0, "sd": "x"}}},
        }
    )
    made = plan(population, 1)
    outcomes: set[bool] = set()
    for agent in range(20):
        try:
            sample(made, agent, 1)
            drawn = True
        except SamplingError:
            drawn = False
        if drawn:
            Explainer(made).agent(agent)
        else:
            with pytest.raises(SamplingError, match=f"attribute y, agent {agent}: its sd is not positive"):
                Explainer(made).agent(agent)
        outcomes.add(drawn)
    assert outcomes == {True, False}
