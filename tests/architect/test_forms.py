"""The schemas of all forms: strict, and bounded everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from worldwright.architect.experiment import form_of
from worldwright.architect.forms import Form, for_openai, schema_of
from worldwright.architect.planning import Outline, Sufficiency
from worldwright.architect.research import Research
from worldwright.architect.world import Design
from worldwright.world import WorldProgram
from worldwright.world.program import Metric, Parameter

EXPERIMENT = form_of(
    WorldProgram(
        "any",
        {},
        parameters={
            "a": Parameter("float", 0.5, 0, 1),
            "b": Parameter("int", 3),
            "c": Parameter("choice", "x", options=("x", "y")),
            "d": Parameter("boolean", True),
        },
        metrics={"m": Metric("mean", "one", ("n",)), "n": Metric("count", "one", None)},
    )
)
FORMS: list[type[Form]] = [Sufficiency, Outline, Research, Design, EXPERIMENT]
_STRICT = {
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "const",
    "anyOf",
    "description",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
}
"""The keywords that OpenAI's strict mode documents."""


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for key, value in node.items():
            for part in value.values() if key == "properties" else [value]:
                yield from nodes(part)
    elif isinstance(node, list):
        for item in node:
            yield from nodes(item)


@pytest.mark.parametrize("form", FORMS)
def test_every_list_and_text_is_bounded_and_every_object_closed(form: type[Form]) -> None:
    for node in nodes(schema_of(form)):
        match node.get("type"):
            case "string":
                bounded = node.get("maxLength", 10_000) <= 1_000 or {"enum", "const"} & set(node)
                assert bounded or "{0,63}" in node["pattern"]
            case "array":
                assert node["maxItems"] <= 60
            case "object":
                assert node["additionalProperties"] is False
                assert set(node["required"]) == set(node["properties"])
            case _:
                pass
        assert "default" not in node and "$ref" not in node


@pytest.mark.parametrize("form", FORMS)
def test_what_openai_is_sent_keeps_to_its_strict_mode(form: type[Form]) -> None:
    schema = for_openai(schema_of(form))
    assert schema["type"] == "object"
    for node in nodes(schema):
        assert set(node) <= _STRICT
    assert "At most" in str(schema) or "to 300 characters" in str(schema)


def test_a_form_with_a_default_is_refused() -> None:
    class Loose(Form):
        a: int = 3

    with pytest.raises(ValueError, match="default"):
        schema_of(Loose)
