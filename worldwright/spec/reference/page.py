"""The page itself."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from worldwright.spec.checks.family_type import FAMILIES
from worldwright.spec.expressions.cursor import MAX_DEPTH
from worldwright.spec.expressions.parser import MAX_LENGTH
from worldwright.spec.expressions.tokens import FUNCTIONS as ARITIES
from worldwright.spec.families import Component, Distribution, Document, Truncated, Value
from worldwright.spec.reference import laws, prose
from worldwright.spec.reference.keys import CONDITIONS, SECTIONS, sentence

_PLAIN = {str: "text", float: "number", int: "whole number", bool: "true or false"}


def page() -> str:
    """The reference in Markdown."""
    parts = [prose.OPENING, *(_section(*entry) for entry in SECTIONS), _laws(), prose.ORDER, _expressions()]
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The keys of a model as documents write them."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _section(heading: str, model: type[BaseModel], before: str, own: dict[str, str]) -> str:
    rows = [
        f"| `{key}` | {_type(key, field)} | {_default(field)} | {sentence(own, key)} |"
        for key, field in fields(model).items()
        if sentence(own, key) is not None
    ]
    table = ["| key | holds | default | meaning |", "|---|---|---|---|", *rows]
    return "\n".join([f"## {heading}", "", *([before, ""] if before else []), *table])


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be given"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ([], {}):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _type(key: str, field: FieldInfo) -> str:
    return "condition" if key in CONDITIONS else _name(field.annotation)


def _name(kind: Any) -> str:
    """What values of a type are called."""
    if kind in (float | str | bool, Value):
        return "number or expression"
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return "number or expression" if kind == Value else _name(arguments[0])
    if origin in (typing.Union, types.UnionType):
        names = dict.fromkeys(_name(part) for part in arguments if part is not type(None))
        return " or ".join(names)
    if origin is Literal:
        return ", ".join(f"`{option}`" for option in arguments)
    if origin is list:
        return f"list of {_plural(_name(arguments[0]))}"
    if origin is dict:
        return f"{_plural(_name(arguments[1]))} by name" if arguments[1] is not Any else "mapping"
    if isinstance(kind, type) and issubclass(kind, Document):
        return _CALLED.get(kind.__name__, "mapping")
    return _PLAIN.get(kind, "mapping")


_CALLED = {
    model.__name__: heading.removeprefix("An ").removeprefix("A ").lower()
    for heading, model, _, _ in SECTIONS
} | {"Distribution": "distribution", "Component": "component"}


def _plural(name: str) -> str:
    if name in ("text", "mapping", "number or expression"):
        return {"text": "texts", "mapping": "mappings", "number or expression": "numbers or expressions"}[
            name
        ]
    head, *rest = name.split(" ", 1)
    return " ".join([head + ("ies" if head.endswith("y") else "s"), *rest]) if "`" not in name else name


def _laws() -> str:
    lines = [prose.LAWS, *(f"- `{key}` {meaning}." for key, meaning in laws.ENDS.items()), ""]
    for family in Distribution.model_fields:
        meaning, parameters = laws.LAWS[family]
        kinds = [str(kind) for kind, allowed in FAMILIES.items() if _drawn(family, kind.value, allowed)]
        lines += [f"### `{family}`", "", f"{meaning} For {_and(kinds)}.", ""]
        lines += [f"- `{key}`: {parameters[key]}." for key in _parameters(family) if key in parameters]
        if _is_truncated(family):
            lines.append("- `min`, `max`, `clamp`: see above.")
        kind, example = laws.EXAMPLES[family]
        lines += [
            "",
            "```yaml",
            f"type: {kind}",
            f"distribution: {example}",
            "```",
            "",
        ]
    text = "\n".join(lines)
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text


def _drawn(family: str, kind: str, allowed: frozenset[str]) -> bool:
    return family in allowed or (family == "empirical" and kind in ("categorical", "boolean"))


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _is_truncated(family: str) -> bool:
    model = parameters_of(family)
    return model is not None and issubclass(model, Truncated)


def _parameters(family: str) -> list[str]:
    model = parameters_of(family)
    if family == "mixture":
        return [key for key in Component.model_fields if key not in Distribution.model_fields]
    if model is None:
        return []
    ends = set(Truncated.model_fields) if issubclass(model, Truncated) else set[str]()
    return [key for key in model.model_fields if key not in ends]


def parameters_of(family: str) -> type[BaseModel] | None:
    """The model of a family's parameters; None where it has none with names of their own."""
    found = [
        part
        for part in typing.get_args(Distribution.model_fields[family].annotation)
        if isinstance(part, type) and issubclass(part, Document)
    ]
    return found[0] if found else None


def _expressions() -> str:
    text = prose.EXPRESSIONS.replace("LENGTH", f"{MAX_LENGTH:,}").replace("DEPTH", str(MAX_DEPTH))
    return text.replace("FUNCTIONS", "\n".join(_functions()))


def _functions() -> Iterator[str]:
    yield "| function | arguments | value |"
    yield "|---|---|---|"
    for name, (least, most) in ARITIES.items():
        count = str(least) if least == most else f"{least} to {most}"
        yield f"| `{name}` | {count} | {laws.FUNCTIONS[name]} |"
