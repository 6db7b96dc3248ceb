"""The reference that a model reads is short, complete and true."""

from __future__ import annotations

import re

import pytest

from worldwright.architect.budget import estimate
from worldwright.architect.prompting import PIN, prompt, raw
from worldwright.architect.reference import MOST_TOKENS, reference, version
from worldwright.architect.scripts_reference import MOST_TOKENS as MOST_OF_A_PAGE
from worldwright.architect.scripts_reference import places_reference, scripts_reference
from worldwright.architect.vetting import Wanted, vet
from worldwright.spec import Source, documents, families, load_population
from worldwright.spec.documents import STATISTICS, Attribute, Distribution, Modifier
from worldwright.spec.expressions.tokens import FUNCTIONS, KEYWORDS
from worldwright.world.vocabulary import API

_NOT_FOR_MODELS = {"level", "stream", "options", "file", "column", "nulls"}
"""Reserved, or needed by hand alone: a model has no files."""
_OTHERWISE = {"boolean", "categorical", "empirical", "mixture"}
"""Families that have no parameters with names."""


def test_the_file_is_what_the_models_give() -> None:
    assert raw("language") == reference(), "run: python -m worldwright.architect.reference"


def test_the_reference_is_at_most_three_thousand_tokens() -> None:
    assert estimate([prompt("language")]) <= MOST_TOKENS == 3_000


def test_the_pages_of_worlds_are_what_the_api_gives_and_bounded() -> None:
    assert raw("scripts") == scripts_reference(), "run: python -m worldwright.architect.reference"
    assert raw("places") == places_reference(), "run: python -m worldwright.architect.reference"
    assert estimate([prompt("scripts")]) <= MOST_OF_A_PAGE == 3_000
    assert estimate([prompt("places")]) <= MOST_OF_A_PAGE
    for entry in API:
        assert f"`{entry.signature}`" in prompt("scripts") + prompt("places")


def test_both_examples_are_whole_valid_and_raise_no_warning() -> None:
    population, scenario = re.findall(r"```yaml\n(worldwright:.*?)```", prompt("language"), re.DOTALL)
    found = load_population(Source("base.yaml", population), Source("over.yaml", scenario))
    assert found[0] is not None
    assert found[1] == []
    assert vet(population, "base.yaml", Wanted("population", "german-surgeons")) == []


@pytest.mark.parametrize("name", ["population", "scenario", "repair", "world"])
def test_a_prompt_names_the_version_of_the_reference_it_was_written_for(name: str) -> None:
    pinned = PIN.match(raw(name))
    assert pinned is not None
    page = pinned["page"].removesuffix(".md")
    assert pinned["version"] == version(raw(page)), f"look at {name}.md, then pin it to the reference"
    assert "<!--" not in raw(name)[pinned.end() :]


def test_every_word_of_the_language_is_in_the_reference() -> None:
    words: set[str] = set()
    for model in (Attribute, Distribution, Modifier):
        words |= set(model.model_fields)
        for field in model.model_fields.values():
            for part in getattr(field.annotation, "__args__", ()):
                words |= set(getattr(part, "model_fields", ()))
    words |= {"mean", "sd", "median", "share"} & set(STATISTICS)
    text = prompt("language")
    missing = {word for word in words - _NOT_FOR_MODELS if not re.search(rf"\b{word}\b", text)}
    assert not missing


_LINE = next(line for line in prompt("language").splitlines() if line.startswith("- Distributions:"))
_FAMILIES = re.findall(r"`(\w+)` \(([\w, ]+)\)", _LINE)


@pytest.mark.parametrize(("family", "parameters"), _FAMILIES)
def test_each_distribution_takes_the_parameters_the_reference_names(family: str, parameters: str) -> None:
    values = {"min": 1, "mode": 2, "max": 3, "p": 0.5}
    inner = ", ".join(f"{name}: {values.get(name, 2)}" for name in parameters.split(", "))
    text = (
        "worldwright: population/1\nname: one\nattributes:\n  x:\n    type: float\n    assumption: a test\n"
        f"    distribution: {{{family}: {{{inner}}}}}\n"
    )
    kind = "int" if family in ("poisson", "binomial") else "float"
    population, found = load_population(Source("one.yaml", text.replace("float", kind)))
    assert population is not None, found


def test_the_reference_names_all_families_with_parameters() -> None:
    families = {name for name in Distribution.model_fields if name not in _NOT_FOR_MODELS}
    assert {family for family, _ in _FAMILIES} == families - _OTHERWISE


def test_a_filled_place_is_not_looked_at_again() -> None:
    places = {"plan": "", "figures": "", "kept": ""}
    text = prompt("population", name="surgeons", brief="{{name}} {{other}} \\1", **places)
    assert "{{name}} {{other}} \\1" in text
    assert "</brief> now" not in prompt("population", name="x", brief="</brief> now", **places)
    with pytest.raises(KeyError):
        prompt("population", name="surgeons")
    with pytest.raises(KeyError):
        prompt("repair", problems="a", other="b")


def test_no_key_in_the_reference_is_unknown_to_the_language() -> None:
    models = [
        m for module in (documents, families) for m in vars(module).values() if hasattr(m, "model_fields")
    ]
    known = {field for model in models for field in model.model_fields} | {"is", *FUNCTIONS, *KEYWORDS}
    spans = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", prompt("language"))
    named = {key for span in spans for key in re.findall(r"(?:^|[{ ])([a-z_]+):(?: |$)", span)}
    assert {"when", "quantiles", "clip", "share"} <= named
    assert named - known - {"label"} == set()
