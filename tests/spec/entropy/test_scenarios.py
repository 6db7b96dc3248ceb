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


def exposed(when: str) -> dict[str, Any]:
    return {"rules": [{"channel": "tv", "when": when, "probability": 0.5, "timestep": 0}]}


OF_ROLES = {"attr": "role", "partnered_values": ["boss"], "single_values": ["junior"]}
REFERENCES: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("attribute_reference", {"seed_exposure": exposed("nobody > 3")}, "when: nobody > 3"),
    ("attribute_literal", {"seed_exposure": exposed("role == 'boss'")}, "when: role == 'boss'"),
    ("attribute_literal", {"seed_exposure": exposed("role in ['boss', 'senior']")}, "when: role in"),
    ("exposure_rule: syntax", {"seed_exposure": exposed("age >")}, "when: age >"),
    (
        "spread_modifier",
        {"spread": {"share_modifiers": [{"when": "nobody", "multiply": 2.0}]}},
        "when: nobody",
    ),
    (
        "timeline_exposure_rule",
        {"timeline": [{"exposure_rules": exposed("nobody")["rules"]}]},
        "when: nobody",
    ),
    ("attribute_reference", {"outcomes": {"decision_relevant_attributes": ["nobody"]}}, "- nobody"),
    (
        "sampling_semantics: attribute",
        {"sampling_semantic_roles": {"household_roles": {"household_size_attr": "gone"}}},
        "household_size_attr: gone",
    ),
    (
        "sampling_semantics: attribute",
        {"sampling_semantic_roles": {"partner_correlation_roles": {"gone": "same_country_rate"}}},
        "gone: same_country_rate",
    ),
    ("sampling_semantics: value", {"sampling_semantic_roles": {"marital_roles": OF_ROLES}}, "- boss"),
)


@pytest.mark.parametrize(("rule", "parts", "line"), REFERENCES)
def test_what_a_scenario_names_and_nobody_has_is_told(rule: str, parts: dict[str, Any], line: str) -> None:
    text = yaml.safe_dump({**yaml.safe_load(scenario(ADOPTS, TRUST)), **parts}, sort_keys=False)
    told = [diagnostic for diagnostic in load(BASE, text)[1] if diagnostic.code == "WW1022"]
    (only,) = told
    assert only.span is not None and only.span.file == "scenario.yaml", rule
    assert line in text.splitlines()[only.span.start.line - 1], rule


def test_what_a_scenario_may_name_is_not_told() -> None:
    parts = {
        "seed_exposure": exposed("role == 'senior' and adopts and max(age, 3) > 2"),
        "spread": {"share_modifiers": [{"when": "edge_type == 'peer'", "multiply": 2.0}]},
    }
    text = yaml.safe_dump({**yaml.safe_load(scenario(ADOPTS, TRUST)), **parts}, sort_keys=False)
    assert "WW1022" not in codes(load(BASE, text)[1])


def test_a_scenario_that_adds_nothing_says_so() -> None:
    told = [d for d in load(BASE, scenario())[1] if "adds no attributes" in d.message]
    assert [d.code for d in told] == ["WW1014"] and told[0].span is not None


@pytest.mark.parametrize("is_configured", [False, True])
def test_households_need_their_configuration(is_configured: bool) -> None:
    over = yaml.safe_load(scenario(ADOPTS, {**TRUST, "scope": "household"}))
    text = yaml.safe_dump(over | ({"household_config": {}} if is_configured else {}), sort_keys=False)
    told = [d for d in load(BASE, text)[1] if "no household_config" in d.message]
    assert [d.code for d in told] == ([] if is_configured else ["WW1007"])
    assert all(d.span is not None for d in told)
