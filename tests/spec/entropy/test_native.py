"""Imported specs as native documents: what is written means what was read, whatever the labels are."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.spec.entropy.files import AGE, FLAG, ROLE, attribute, document
from worldwright.spec import Source, load_population
from worldwright.spec.entropy import import_spec
from worldwright.spec.fmt import formatted

LABELS = (
    "plain",
    "two words",
    "yes",
    "null",
    "0",
    "012",
    "1e3",
    "18-24",
    "65+",
    "it's",
    'say "no"',
    "a: b",
    "a #b",
    "-",
    "- x",
    "{x}",
    "[x, y]",
    "x,y",
    "&x",
    "*x",
    "!x",
    "%x",
    "@x",
    "back\\slash",
    "Köln",
    " padded ",
    "Ende:",
    "?",
    "$10k–$20k",
    "<5",
    ">=5",
    "50%",
)


def assert_survives(text: str, **options: Any) -> str:
    imported, diagnostics = import_spec(Source("theirs.yaml", text), **options)
    assert imported is not None, [d.message for d in diagnostics]
    native, found = load_population(Source("native.yaml", imported.text))
    assert native is not None, ([d.message for d in found if d.is_error], imported.text)
    assert native.digest == imported.population.digest
    assert formatted(Source("native.yaml", imported.text)) == (imported.text, [])
    return imported.text


def test_any_label_survives_as_option_and_in_conditions() -> None:
    rng = random.Random(1)
    for _ in range(20):
        options = rng.sample(LABELS, rng.randint(2, 12))
        law = {"type": "categorical", "options": options, "weights": [1 / len(options)] * len(options)}
        when = [f"x == {options[0]!r}", f"x in {options[:2]!r} and age > 3", f"x != {options[1]!r}"]
        modifiers = [{"when": text, "multiply": 1.5, "add": -2.0} for text in when]
        normal = {"type": "normal", "mean": 1.0, "std": 2.0, "max_formula": "age - 0.5"}
        y = attribute("y", "int", "conditional", law=normal, modifiers=modifiers)
        z = attribute("z", "categorical", "derived", formula="x if age > 40 else 'none of it'")
        assert_survives(document([AGE, attribute("x", "categorical", law=law), y, z]))


@pytest.mark.parametrize("descriptions", [False, True])
def test_sources_are_kept_and_descriptions_if_asked(descriptions: bool) -> None:
    grounding = {"level": "strong", "method": "researched", "source": "A census:\n  2011 # all", "note": None}
    known = {**AGE, "grounding": grounding, "description": 'Years: "completed".'}
    other = attribute("x", "float", law={"type": "uniform", "min": 0.0, "max": 1e-7})
    text = assert_survives(document([known, other]), descriptions=descriptions)
    assert 's1: {title: "A census: 2011 # all"}' in text and "source: s1" in text
    assert "assumption: estimated" in text
    assert ("completed" in text) is descriptions


def test_each_modifier_has_a_line_with_its_expressions_in_quotes() -> None:
    normal = {"type": "normal", "mean_formula": "max(0, age - 26)", "std": 2.0, "max": 150000.0}
    modifiers = [
        {"when": "max(age, 3) > 50", "multiply": 1.1, "add": 0.0},
        {"when": " or ".join(f"age == {year}" for year in range(20, 30)), "multiply": 1.2, "add": 0.0},
    ]
    text = assert_survives(
        document([AGE, attribute("x", "int", "conditional", law=normal, modifiers=modifiers)])
    )
    lines = [line.strip() for line in text.splitlines()]
    either = " or ".join(f"age == {year}" for year in range(20, 30))
    assert lines[-4:] == [
        'x: {type: int, distribution: {normal: {mean: "max(0, age - 26)", sd: 2, max: 150000, clamp: true}},',
        "assumption: estimated, modifiers: [",
        '{when: "max(age, 3) > 50", multiply: 1.1},',
        f'{{when: "{either}", multiply: 1.2}}]}}',
    ]


def test_types_that_cannot_be_others_are_left_out() -> None:
    text = assert_survives(document([AGE, FLAG, ROLE]))
    assert text.count("type: ") == 1 and "type: int" in text
