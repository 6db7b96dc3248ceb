"""docs/language.md is what the code writes, says something of every key, and all its examples hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import BaseModel

from tests.spec.data import HEAD, loaded
from worldwright.cli.main import command
from worldwright.population import plan, sample
from worldwright.spec import documents, families
from worldwright.spec.checks.family_type import FAMILIES
from worldwright.spec.expressions.tokens import FUNCTIONS
from worldwright.spec.reference import laws
from worldwright.spec.reference.keys import SECTIONS, sentence
from worldwright.spec.reference.page import fields, page, parameters_of

PAGE = Path(__file__).parents[2] / "docs" / "language.md"


def test_the_page_is_the_one_that_the_code_writes(tmp_path: Path) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "write it: worldwright spec reference --out docs/language.md"
    )
    out = tmp_path / "language.md"
    done = CliRunner().invoke(command, ["spec", "reference", "--out", str(out)], standalone_mode=False)
    assert done.exception is None
    assert out.read_text(encoding="utf-8") == page()


def models() -> set[type[BaseModel]]:
    """Every model of a part of a document."""
    own = {documents.__name__}
    found = {m for m in vars(documents).values() if isinstance(m, type) and issubclass(m, BaseModel)}
    return {model for model in found if model.__module__ in own} - {documents.Layer}


def test_every_model_has_a_section() -> None:
    assert {model for _, model, _, _ in SECTIONS} == models()


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section[0])
def test_every_key_has_a_sentence_and_every_sentence_a_key(
    section: tuple[str, type[BaseModel], str, dict[str, str]],
) -> None:
    _, model, _, own = section
    keys = set(fields(model))
    assert set(own) <= keys
    if model is documents.ScenarioDocument:
        keys -= set(fields(documents.PopulationDocument))  # told there
    assert {key for key in keys if sentence(own, key) is None} == set()


def test_every_family_and_parameter_is_told() -> None:
    assert list(laws.LAWS) == list(families.Distribution.model_fields) == list(laws.EXAMPLES)
    for family, (_, parameters) in laws.LAWS.items():
        model = parameters_of(family)
        known = set[str]() if model is None else set(model.model_fields)
        if family == "mixture":
            known = {"share"}
        if model is not None and issubclass(model, families.Truncated):
            known -= set(laws.ENDS)
        assert set(parameters) == known, family
    assert set(laws.ENDS) == set(families.Truncated.model_fields)
    assert list(laws.FUNCTIONS) == list(FUNCTIONS)


@pytest.mark.parametrize("family", laws.EXAMPLES)
def test_the_example_of_a_family_is_drawn(family: str) -> None:
    kind, distribution = laws.EXAMPLES[family]
    assert any(family in allowed for given, allowed in FAMILIES.items() if given == kind)
    text = (
        f"{HEAD}attributes:\n  x:\n    type: {kind}\n    assumption: true\n    distribution: {distribution}\n"
    )
    assert sample(plan(loaded(text), 1), 0, 100).num_rows == 100


def test_the_example_of_a_document_is_valid_and_meets_what_it_expects() -> None:
    from worldwright.population import quality

    example = next(block for block in re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL))
    population = loaded(example)
    findings = quality(population, sample(plan(population, 1), 0, 20_000)).to_pylist()
    assert [f["text"] for f in findings if f["verdict"] == "fail"] == []
