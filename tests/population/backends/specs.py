"""Populations that use everything the sampler has, for suites that compare backends."""

from __future__ import annotations

import hashlib
from typing import Any

import pyarrow as pa

from tests.population.builder import build
from worldwright.spec.population import Population

ATTRIBUTES: dict[str, dict[str, Any]] = {
    "age": {"type": "int", "distribution": {"normal": {"mean": 47, "sd": 11, "min": 26, "max": 72}}},
    "experience": {
        "type": "int",
        "distribution": {"normal": {"mean": "age - 28", "sd": 3, "min": 0, "max": "age - 24"}},
    },
    "rank": {
        "type": "categorical",
        "ordered": True,
        "distribution": {"categorical": {"resident": 0.34, "specialist": 0.3, "senior": 0.27, "chief": 0.09}},
        "modifiers": [
            {
                "when": "experience > 15",
                "weights": {"resident": 0.01, "specialist": 0.28, "senior": 0.5, "chief": 0.21},
            },
            {"when": "age > 60", "scale": {"chief": 2}},
        ],
    },
    "private": {
        "type": "boolean",
        "distribution": {"boolean": 0.18},
        "modifiers": [{"when": "rank == 'chief'", "scale": 3}, {"when": "age < 30", "probability": 0.01}],
    },
    "rent": {"only_if": "private", "distribution": {"lognormal": {"mean": 5200, "sd": 1900}}},
    "comfort": {
        "distribution": {"beta": {"alpha": 2, "beta": 2.5}},
        "modifiers": [
            {"when": "age > 55", "multiply": 0.8},
            {"when": "rank in ['senior', 'chief']", "add": 0.05},
        ],
        "clip": (0, 1),
    },
    "own": {"distribution": {"beta": {"alpha": "1 + experience / 10", "beta": 2}}},
    "wait": {"distribution": {"gamma": {"shape": 2, "scale": 3, "max": 30}}},
    "own_wait": {"distribution": {"gamma": {"shape": "1 + comfort", "scale": 3}}},
    "nights": {"type": "int", "distribution": {"poisson": {"mean": 3.5}}},
    "cases": {"type": "int", "distribution": {"poisson": {"mean": "experience * 2 + 1"}}},
    "wins": {"type": "int", "distribution": {"binomial": {"n": "nights", "p": 0.4}}},
    "pause": {"distribution": {"exponential": {"mean": 3, "max": 20}}},
    "guess": {"distribution": {"triangular": {"min": 0, "mode": "comfort", "max": 2}}},
    "place": {"type": "categorical", "distribution": {"categorical": {"east": "age", "west": "120 - age"}}},
    "born": {
        "type": "date",
        "distribution": {"uniform": {"min": "date('1950-01-01')", "max": "date('1999-12-31')"}},
    },
    "effort": {"formula": "exp(comfort) * sqrt(wait) + log(1 + age) + (rent / 1000 if rent is known else 0)"},
    "spare": {
        "formula": "round(wait * 7 % 3) + wait // 0.7 + abs(comfort - 0.5) - min(comfort, own, 0.3) / 3",
    },
    "line": {"type": "text", "template": "{rank} in {place}, {age}"},
}
CORRELATIONS = [
    ("age", "comfort", -0.3),
    ("comfort", "wait", 0.4),
    ("age", "rank", 0.2),
    ("private", "wait", 0.15),
]
CONSTRAINTS: list[Any] = [
    "experience <= age - 25",
    {"condition": "wait < 29 or nights > 0", "redraw": ["wait"]},
]
SCENARIO: dict[str, dict[str, Any]] = {
    "trust": {"distribution": {"normal": {"mean": "comfort", "sd": 0.2}}},
    "adopts": {"type": "boolean", "distribution": {"boolean": "clip(trust, 0, 1)"}},
}
SCENARIO_CORRELATIONS = [("trust", "own", 0.5), ("trust", "age", -0.2)]


def base(**changes: dict[str, Any]) -> Population:
    """The base population, with some attributes replaced."""
    return build({**ATTRIBUTES, **changes}, correlations=CORRELATIONS, constraints=CONSTRAINTS)


def with_scenario() -> Population:
    """The base with a scenario on top, correlated with it."""
    return build(
        ATTRIBUTES,
        scenario=SCENARIO,
        correlations=[*CORRELATIONS, *SCENARIO_CORRELATIONS],
        constraints=[*CONSTRAINTS, "trust > -0.4"],
    )


def content_digest(table: pa.Table) -> str:
    """A digest of a table's values, whatever its chunks."""
    state = hashlib.sha256()
    for name in table.column_names:
        column = table.column(name).combine_chunks()
        if pa.types.is_dictionary(column.type):
            column = column.cast(pa.string())
        state.update(repr((name, str(column.type))).encode())
        if column.null_count:
            state.update(column.is_null().to_numpy(zero_copy_only=False).tobytes())
            column = column.drop_null()
        if pa.types.is_string(column.type):
            state.update("\n".join(column.to_pylist()).encode())
        else:
            state.update(column.to_numpy(zero_copy_only=False).tobytes())
    return state.hexdigest()[:32]
