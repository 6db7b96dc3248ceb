"""Pictures of a spec: the same bytes for the same spec, everything of it in the picture."""

from __future__ import annotations

import struct

import pytest

from tests.spec.specs import AGE, HEAD, RANK, drawn, formula, loaded
from worldwright.population.inspection.preview import AttributePreview, preview
from worldwright.report import spec_plots

SPEC = (
    HEAD
    + AGE
    + RANK
    + formula("old", "age > 60", "boolean")
    + drawn("pay", "{lognormal: {mean: 3000, sd: 900}}", unit="EUR")
    + """    modifiers:
      - {when: rank == 'chief', multiply: 2}
      - {when: old and rank == 'chief', add: 500}
  start:
    type: date
    assumption: true
    only_if: old
    distribution:
      uniform:
        min: date('2020-01-01')
        max: date('2024-12-31')
  label: {type: text, template: "a {rank}"}
"""
)


@pytest.fixture(scope="module")
def items() -> tuple[AttributePreview, ...]:
    return preview(loaded(SPEC))


def test_every_attribute_and_modifier_is_in_the_vector_picture(items: tuple[AttributePreview, ...]) -> None:
    svg = spec_plots.distributions(items, "people", vector=True)
    again = spec_plots.distributions(preview(loaded(SPEC)), "people", vector=True)
    assert svg == again and svg.lstrip().startswith(b"<?xml")
    text = svg.decode()
    for comment in ("age", "rank", "old", "pay", "start", "true", "chief", "40 %", "12.7 %"):
        assert f"<!-- {comment} -->" in text, comment
    assert "label" not in [item.attribute.name for item in items]


def test_the_pictures_differ_with_the_theme_and_the_spec(items: tuple[AttributePreview, ...]) -> None:
    light = spec_plots.distributions(items, "people")
    assert light[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">I", light[16:20])[0] == 2400
    assert light != spec_plots.distributions(items, "people", theme="dark")
    other = preview(loaded(SPEC.replace("chief: .4, senior: .6", "chief: .7, senior: .3")))
    assert light != spec_plots.distributions(other, "people")


def test_the_picture_of_modifiers_tells_computed_from_counted(items: tuple[AttributePreview, ...]) -> None:
    svg = spec_plots.modifiers(items, "people", vector=True).decode()
    assert "<!-- 40 % -->" in svg and "~" not in "".join(
        line for line in svg.splitlines() if line.strip().startswith("<!--")
    )
