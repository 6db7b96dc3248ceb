"""Real files of both projects: they load, sample, and give the populations their own sampler would give."""

from __future__ import annotations

import numpy as np
import pytest
import yaml

from tests.spec.entropy import interpreter
from tests.spec.entropy.comparison import decoded, halves, same
from tests.spec.entropy.fixtures import POPULATIONS, text_of
from worldwright.population import plan, sample
from worldwright.spec import Population, Source, load_population
from worldwright.spec.entropy import import_spec, load_entropy
from worldwright.spec.fmt import formatted

AGENTS, THEIRS = 10_000, 2_000
TYPICAL = {
    "examples__german-surgeons__extended.63bb83d7.yaml",
    "examples__study-02__population.v1.e2286612.yaml",
    "studies__cerave-retinol-launch__population.bcc87622.yaml",
    "surgeons_ai.9654c27d.yaml",
    "surgeons_base.6aca20b8.yaml",
}
"""One of each time; the others are compared in the long lane."""
RANKED = {name for name in POPULATIONS if "study" in name}
"""The files written since 2026-02-20."""


def loaded(name: str) -> Population:
    population, diagnostics = load_entropy(Source(name, text_of(name)))
    assert population is not None, [d.message for d in diagnostics if d.is_error]
    return population


@pytest.mark.parametrize(
    "name",
    [name if name in TYPICAL else pytest.param(name, marks=pytest.mark.slow) for name in POPULATIONS],
)
def test_the_marginals_are_those_of_their_sampler(name: str) -> None:
    text = text_of(name)
    different = differences(loaded(name), text, ranked=name in RANKED)
    assert not different


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("surgeons_base.6aca20b8.yaml", "'oberarzt' in", "'facharzt' in"),
        ("surgeons_base.18730742.yaml", "max(0, age - 23)", "max(0, age - 25)"),
        ("surgeons_ai.9654c27d.yaml", "multiply: 1.15", "multiply: 1.5"),
    ],
)
def test_another_meaning_would_be_noticed(name: str, before: str, after: str) -> None:
    text = text_of(name)
    assert before in text
    assert differences(loaded(name), text.replace(before, after), ranked=False)


def differences(population: Population, text: str, *, ranked: bool) -> list[str]:
    """What is distributed otherwise than by the interpreter, as a whole and by what it depends on."""
    table = sample(plan(population, 7), 0, AGENTS)
    ours = {name: decoded(table.column(name)) for name in table.column_names}
    agents = interpreter.population(text, THEIRS, 11, ranked=ranked)
    theirs = {name: np.array([agent[name] for agent in agents]) for name in agents[0]}
    found: list[str] = []
    for attribute in yaml.load(text, Loader=yaml.CSafeLoader)["attributes"]:
        name = attribute["name"]
        if not same(ours[name], theirs[name]):
            found.append(name)
        for split in (attribute["sampling"]["depends_on"] or [])[:2]:
            for mine, their in halves(ours[split], theirs[split]):
                if not same(ours[name][mine], theirs[name][their]):
                    found.append(f"{name} by {split}")
    return found


@pytest.mark.parametrize("name", POPULATIONS)
def test_an_imported_spec_is_the_same_population(name: str) -> None:
    imported, _ = import_spec(Source(name, text_of(name)))
    assert imported is not None
    native, diagnostics = load_population(Source("native.yaml", imported.text))
    assert native is not None, [d.message for d in diagnostics if d.is_error]
    assert native.digest == imported.population.digest  # equal digests promise equal agents
    assert 100 <= imported.text.count("\n") <= 300
    assert imported.text.count("\n") < text_of(name).count("\n") / 6
    assert formatted(Source("native.yaml", imported.text)) == (imported.text, [])


@pytest.mark.parametrize("name", POPULATIONS)
def test_a_file_says_how_it_is_read(name: str) -> None:
    _, diagnostics = load_entropy(Source(name, text_of(name)))
    said = [d.message for d in diagnostics if d.code == "WW1001"]
    assert any(("ranked" if name in RANKED else "last_wins") in message for message in said)
    assert all(d.span is not None for d in diagnostics)
    assert not any(d.is_error for d in diagnostics)
