"""Scenarios of Extropy: the attributes they add, over the population they name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.spec.entropy.files import AGE, FLAG, ROLE, agents, attribute, codes, document, load, population
from worldwright.project.check import check_files
from worldwright.spec import Source, load_population, read
from worldwright.spec.entropy import base_of, import_spec, is_population, is_scenario, other_file
from worldwright.spec.population import Origin

BASE = document([AGE, ROLE, FLAG])
YES_NO = {"type": "boolean", "probability_true": 0.0}
TRUST = attribute("trust", "float", law={"type": "beta", "alpha": 2.0, "beta": 2.0})
ADOPTS = attribute(
    "adopts",
    "boolean",
    "conditional",
    law=YES_NO,
    depends_on=["trust", "age"],
    modifiers=[{"when": "trust > 0.5 and age > 30", "probability_override": 1.0}],
)


def scenario(*attributes: dict[str, Any], **meta: Any) -> str:
    head = {"name": "new-rule", "description": "A new rule", "base_population": "people", **meta}
    event = {"type": "announcement", "content": "a rule", "source": "the state"}
    whole = {
        "meta": head,
        "event": event,
        "seed_exposure": {},
        "spread": {},
        "extended_attributes": [*attributes],
    }
    return yaml.safe_dump(whole, sort_keys=False)


def test_added_attributes_read_the_base_and_each_other_in_the_order_of_need() -> None:
    over = scenario(ADOPTS, TRUST)
    found = population(BASE, over)
    assert found.columns == ("age", "role", "flag", "adopts", "trust")
    assert {a.name for a in found.attributes if a.origin is Origin.SCENARIO} == {"adopts", "trust"}
    for agent in agents(BASE, 500, scenario=over):
        assert agent["adopts"] is (agent["trust"] > 0.5 and agent["age"] > 30)


def test_a_scenario_changes_nothing_of_its_base() -> None:
    over = scenario(ADOPTS, TRUST, attribute("age", "int", law={"type": "normal", "mean": 5.0, "std": 1.0}))
    plain, laid = agents(BASE, 300), agents(BASE, 300, scenario=over)
    assert plain == [{name: agent[name] for name in ("age", "role", "flag")} for agent in laid]
    assert population(BASE, over).base_digest == population(BASE).digest
    assert "WW1011" in codes(load(BASE, over)[1])


def test_attributes_that_depend_on_each_other_are_an_error() -> None:
    first = {**TRUST, "sampling": {**TRUST["sampling"], "depends_on": ["adopts"]}}
    found, diagnostics = load(BASE, scenario(first, ADOPTS))
    assert found is None
    assert any("depend on each other" in d.message for d in diagnostics)


def test_an_imported_scenario_extends_the_imported_population() -> None:
    over = Source("scenario.yaml", scenario(ADOPTS, TRUST))
    base, _ = import_spec(Source("people.yaml", BASE))
    laid, _ = import_spec(Source("people.yaml", BASE), over)
    assert base is not None and laid is not None
    native, diagnostics = load_population(Source("base.yaml", base.text), Source("over.yaml", laid.text))
    assert native is not None, [d.message for d in diagnostics]
    assert native.digest == laid.population.digest
    assert native.base_digest == base.population.digest


def test_documents_are_told_by_their_keys() -> None:
    native = read("worldwright: population/1\nname: a\nmeta: 1\nattributes: {}\ngrounding: 1\n", "a")[0]
    theirs, over = read(BASE, "b")[0], read(scenario(TRUST, base_population="population.v2"), "c")[0]
    assert [is_population(node) for node in (native, theirs, over, None)] == [False, True, False, False]
    assert [is_scenario(node) for node in (native, theirs, over, None)] == [False, False, True, False]
    assert base_of(over) == "population.v2" and base_of(theirs) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (
            "population_description: x\nintro_template: I am {age}.\ntreatments: []\nphrasings: {}\n",
            "a persona file",
        ),
        ("avg_degree: 20\nrewire_prob: .05\nsimilarity_threshold: .3\n", "a network configuration file"),
    ],
)
def test_a_file_without_attributes_is_refused_by_what_it_is(text: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / "theirs.yaml").write_text(text)
    (told,) = check_files([tmp_path / "theirs.yaml"]).diagnostics
    assert told.code == "WW1017" and told.is_error and f"this is {kind} of Extropy" in told.message
    assert told.span is not None and told.span.start.line == 1


def test_documents_of_others_are_not_taken_for_theirs() -> None:
    for text in ("treatments: []\nname: x\n", "worldwright: world/1\navg_degree: 1\nrewire_prob: 2\n"):
        assert other_file(read(text, "f.yaml")[0]) is None
