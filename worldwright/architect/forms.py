"""Structured answers: frozen models with bounds on everything, and the JSON Schema a server is given.

The schema keeps to the rules of OpenAI's strict mode: objects are closed, every key is required, what may be
missing is null, and there are no defaults. Without bounds a constrained model may fill a list or a text up to
the limit of the answer, so each has one; a test walks the schemas of all forms.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from worldwright.architect.question import Shape

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""The name of an attribute; its pattern bounds it."""
Word = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Address = Annotated[str, StringConstraints(max_length=1000)]

_LENGTHS = ("minLength", "maxLength")


class Form(BaseModel):
    """The shape of an answer. Keys that are not asked for, and values of another type, are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def shape_of(form: type[Form]) -> Shape:
    """What a server is told of a form."""
    return Shape(form.__name__.lower(), schema_of(form))


def schema_of(form: type[Form]) -> dict[str, Any]:
    """The JSON Schema of a form, without titles, with references resolved.

    Raises:
        ValueError: for a form that is not strict: a key that may be left out, or an open object.
    """
    schema = form.model_json_schema()
    definitions = schema.pop("$defs", {})
    return _strict(schema, definitions, form.__name__)


def for_openai(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with bounds on lengths of text as words, since OpenAI's strict mode refuses those keys."""

    def told(node: dict[str, Any]) -> None:
        least, most = (node.pop(key, None) for key in _LENGTHS)
        if most is not None:
            words = f"At most {most} characters." if not least else f"{least} to {most} characters."
            node["description"] = f"{node.get('description', '')} {words}".strip()

    result = copy.deepcopy(dict(schema))
    _walk(result, told)
    return result


def _strict(node: Any, definitions: Mapping[str, Any], where: str) -> Any:
    if isinstance(node, list):
        return [_strict(item, definitions, where) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[1]
        return _strict(definitions[name], definitions, name)
    if "default" in node:
        raise ValueError(f"{where} has a default, and strict schemas have none")
    kept: dict[str, Any] = {}
    for key, value in node.items():
        if key == "properties":
            kept[key] = {name: _strict(item, definitions, f"{where}.{name}") for name, item in value.items()}
        elif key not in ("title", "description"):
            kept[key] = _strict(value, definitions, where)
        elif key == "description" and "properties" not in node:
            kept[key] = value
    if kept.get("type") == "object" and (
        kept.get("additionalProperties") is not False or set(kept["required"]) != set(kept["properties"])
    ):
        raise ValueError(f"{where} is an open object, or has a key that may be left out")
    return kept


def _walk(node: Any, visit: Callable[[dict[str, Any]], None]) -> None:
    if isinstance(node, dict):
        visit(node)
        for key, value in node.items():
            for item in value.values() if key == "properties" else [value]:
                _walk(item, visit)
    elif isinstance(node, list):
        for item in node:
            _walk(item, visit)
