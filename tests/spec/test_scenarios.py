"""Scenarios: laid over a base that they read and never change."""

import pytest

from tests.spec.specs import AGE, HEAD, RANK, SCENARIO, drawn, errors, formula, loaded
from worldwright.spec.population import Origin

BASE = HEAD + AGE + RANK + drawn("height") + "correlations:\n  - [age, height, .2]\n"


def test_a_scenario_adds_attributes_that_read_the_base() -> None:
    uses = (
        drawn("uses", "{boolean: .4}", "boolean")
        + "    modifiers:\n      - when: age > 50\n        scale: 2\n"
    )
    scenario = SCENARIO + uses + formula("older", "age + 1", "int")
    population = loaded(BASE, scenario + "correlations:\n  - [uses, height, .3]\n")
    assert population.scenario == "reform"
    assert population.name == "people"
    assert population.columns == ("age", "rank", "height", "uses", "older")
    assert population.attribute("uses").origin is Origin.SCENARIO
    assert population.attribute("age").origin is Origin.BASE
    assert [(pair.first, pair.second) for pair in population.correlations] == [
        ("age", "height"),
        ("uses", "height"),
    ]


def test_the_base_keeps_its_digest_under_every_scenario() -> None:
    alone = loaded(BASE)
    one, two = (
        loaded(BASE, SCENARIO + drawn("uses", f"{{normal: {{mean: {mean}, sd: 1}}}}")) for mean in (1, 2)
    )
    assert alone.digest == alone.base_digest == one.base_digest == two.base_digest
    assert len({alone.digest, one.digest, two.digest}) == 3


def test_a_scenario_names_sources_of_its_base() -> None:
    base = BASE + "sources:\n  baek24: {title: Medical statistics}\n"
    scenario = SCENARIO + "  x: {type: float, source: baek24, distribution: {normal: {mean: 3, sd: 1}}}\n"
    assert loaded(base, scenario).attribute("x").source == "baek24"


@pytest.mark.parametrize(
    ("scenario", "code", "message"),
    [
        (SCENARIO + AGE, "WW0211", "`age` belongs to the base and cannot be declared again"),
        (SCENARIO.replace("people", "peopl") + drawn("x"), "WW0213", "the scenario extends 'peopl'"),
        (
            SCENARIO + drawn("x") + "correlations:\n  - [age, height, .5]\n",
            "WW0501",
            "`age` and `height` both belong to the base",
        ),
        (SCENARIO + drawn("x") + "constraints:\n  - age > 20\n", "WW0511", "would redraw `age`"),
        (
            SCENARIO + drawn("x") + "constraints:\n  - {require: x > age, redraw: [age, x]}\n",
            "WW0511",
            "would redraw `age`",
        ),
        (SCENARIO + drawn("x") + "agents: 3\n", "WW0130", "there is no key `agents`"),
        (HEAD + drawn("x"), "WW0123", "this is a population, and a scenario is wanted here"),
        (SCENARIO.replace("extends: people\n", "") + drawn("x"), "WW0131", "has no `extends`"),
        (SCENARIO + formula("x", "agee + 1"), "WW0204", "there is no attribute `agee`"),
    ],
)
def test_what_a_scenario_may_not_do(scenario: str, code: str, message: str) -> None:
    (found,) = errors(BASE, scenario)
    assert found.code == code
    assert message in found.message
    assert found.span is not None and found.span.file == "scenario.yaml"


def test_the_base_cannot_read_its_scenario() -> None:
    (found,) = errors(
        BASE.replace("correlations", formula("y", "uses + 1") + "correlations"), SCENARIO + drawn("uses")
    )
    assert (found.code, found.span and found.span.file) == ("WW0204", "base.yaml")


def test_problems_of_both_documents_are_told() -> None:
    found = errors(BASE.replace(".4", ".5"), SCENARIO + formula("x", "agee"))
    assert [(d.span and d.span.file, d.code) for d in found] == [
        ("base.yaml", "WW0312"),
        ("scenario.yaml", "WW0204"),
    ]


def test_a_constraint_of_a_scenario_owns_what_the_scenario_draws() -> None:
    population = loaded(BASE, SCENARIO + drawn("x") + "constraints:\n  - x < age\n")
    assert population.constraints[0].owners == ("x",)
