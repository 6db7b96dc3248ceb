"""Writing documents: read∘write is the identity, what is written is in canonical form and means the same."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.spec.random_documents import Plain, populations, scenarios
from tests.spec.specs import SURGEONS, load, loaded
from worldwright.render import render_text
from worldwright.spec import Source, plain, read
from worldwright.spec.declaration import document_of
from worldwright.spec.fmt import formatted
from worldwright.spec.population import Origin, Population
from worldwright.spec.writer import write

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.one_of(
    TEXTS, st.integers(-(10**20), 10**20), st.floats(allow_nan=False), st.booleans(), st.none()
)
DATA = st.recursive(
    VALUES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=20,
)


def read_again(text: str) -> Any:
    node, found = read(text, "f.yaml")
    assert node is not None and not found, render_text(found, lambda _: text)
    return plain(node)


@given(st.dictionaries(TEXTS, DATA, max_size=5), st.sampled_from(["experiment/1", "population/1"]))
def test_any_data_is_read_as_it_was_written(data: Plain, heading: str) -> None:
    document = {"worldwright": heading} | {key: value for key, value in data.items() if key != "worldwright"}
    again = read_again(write(document))
    assert again == document and list(again) == list(document)


@given(populations())
def test_a_document_is_read_as_it_was_written(document: Plain) -> None:
    text = write(document)
    assert read_again(text) == document
    assert formatted(Source("f.yaml", text)) == (text, [])
    assert write(read_again(text)) == text


@given(populations())
def test_a_compact_document_is_read_as_it_was_written(document: Plain) -> None:
    text = write(document, compact=True)
    assert read_again(text) == document
    assert formatted(Source("f.yaml", text)) == (text, [])
    assert write(read_again(text), compact=True) == text


@given(populations(tables=False))
@settings(max_examples=60, deadline=None)
def test_a_population_means_what_its_document_says(document: Plain) -> None:
    population = loaded(write(document))
    assert_same(population, loaded(write(document_of(population))))


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_a_scenario_means_what_its_document_says(data: st.DataObject) -> None:
    base = data.draw(populations(tables=False))
    over = data.draw(scenarios(base, tables=False))
    population = loaded(write(base), write(over))
    first, second = (write(document_of(population, origin)) for origin in Origin)
    again = loaded(first, second)
    assert_same(population, again)
    assert again.base_digest == population.base_digest and again.scenario == population.scenario


def assert_same(one: Population, other: Population) -> None:
    assert one.digest == other.digest
    assert (one.name, one.description, one.agents) == (other.name, other.description, other.agents)
    assert one.columns == other.columns and one.sources == other.sources
    assert sorted(item.label for item in one.expectations) == sorted(
        item.label for item in other.expectations
    )
    for mine, theirs in zip(one.attributes, other.attributes, strict=True):
        assert (mine.description, mine.source, mine.reads) == (
            theirs.description,
            theirs.source,
            theirs.reads,
        )


def test_the_surgeons_survive() -> None:
    population = loaded(SURGEONS)
    text = write(document_of(population))
    assert_same(population, loaded(text))
    assert formatted(Source("f.yaml", text)) == (text, [])
    assert "  - require: experience <= age - 24\n    redraw: [experience]\n" in text


def test_what_a_person_reads() -> None:
    document = read_again(SURGEONS)
    text = write(document)
    assert (
        "    distribution: {categorical: {resident: .34, specialist: .3, senior: .27, chief: .09}}\n" in text
    )
    assert "        mean: age - 28\n" in text and "  - [age, experience, .6]\n" in text
    assert "\n\nattributes:\n" in text
    assert [d.code for d in load(text)[1]] == [d.code for d in load(SURGEONS)[1]]


def test_dates_stay_dates() -> None:
    law = {"uniform": {"min": "2020-01-05", "max": "2021-01-05"}}
    born = {"type": "date", "assumption": True, "distribution": law}
    document = {"worldwright": "population/1", "name": "x", "attributes": {"born": born}}
    text = write(document)
    assert "{uniform: {min: 2020-01-05, max: 2021-01-05}}" in text
    assert formatted(Source("f.yaml", text)) == (text, []) and loaded(text)


def test_a_mixture_means_what_its_document_says() -> None:
    parts = [
        {"share": 0.3, "normal": {"mean": 3, "sd": 1}},
        {"share": 0.7, "gamma": {"shape": 2, "scale": 1}},
    ]
    x = {"type": "float", "assumption": True, "distribution": {"mixture": parts}}
    document = {"worldwright": "population/1", "name": "x", "attributes": {"x": x}}
    population = loaded(write(document))
    assert_same(population, loaded(write(document_of(population))))
