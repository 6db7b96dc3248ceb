"""What pydantic complains of, at the right place of the document and in our words.

Takes one of its errors with the tree and the model it was raised for, gives a diagnostic.
"""

from __future__ import annotations

import types
import typing
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from worldwright.diagnostics import Code, Diagnostic, Edit, Fix, Span
from worldwright.spec.codes import structure as codes
from worldwright.spec.suggestions import listed, nearest
from worldwright.spec.tree import MappingNode, Node, ScalarNode, SequenceNode, find, key_span

Path = tuple[str | int, ...]
"""Keys and positions from the top of a document."""
CUSTOM: dict[str, Code] = {"not_built": codes.NOT_BUILT, "one_of": codes.ONE_OF, "refused": codes.WRONG_VALUE}
"""The complaints that our own models raise, with their codes."""


def diagnostic_of(model: type[BaseModel], node: Node, detail: ErrorDetails) -> tuple[Diagnostic, Path]:
    """What to say of one complaint, and the path to leave out."""
    loc = detail["loc"]
    path = _path(node, loc)
    kind = detail["type"]
    if kind == "extra_forbidden":
        return _unknown(node, path, _model_at(model, loc[:-1])), path
    unit = path[:2] if path and isinstance(find(node, path[0]), (MappingNode, SequenceNode)) else path[:1]
    if kind == "missing":
        return _missing(node, path, str(loc[-1])), unit
    span = _span(node, path)
    name = called(path)
    context: dict[str, Any] = detail.get("ctx") or {}
    if kind in CUSTOM:
        return CUSTOM[kind].at(span, str(context["message"]), help=context["help"]), unit
    message, help, fix = _words(kind, name, detail["input"], context, span)
    return codes.WRONG_VALUE.at(span, message, help=help, fix=fix), unit


def _path(node: Node, loc: tuple[str | int, ...]) -> Path:
    """The part of pydantic's `loc` that is in the document; it also names unions and validators."""
    path: list[str | int] = []
    here: Node | None = node
    for part in loc:
        below = find(here, part)
        if below is None:
            continue
        path.append(part)
        here = below
    return tuple(path)


def _span(node: Node, path: Path) -> Span:
    found = find(node, *path)
    if found is None:
        return node.span
    if isinstance(found, ScalarNode) and found.raw:
        return found.span
    if isinstance(found, ScalarNode) or not found.flow:
        return key_span(node, *path) or found.span
    return found.span


def _unknown(node: Node, path: Path, model: type[BaseModel] | None) -> Diagnostic:
    span = key_span(node, *path) or node.span
    key = str(path[-1]) if path else "?"
    where = f" in {called(path[:-1])}" if len(path) > 1 else ""
    message = f"there is no key `{key}`{where}"
    parent = find(node, *path[:-1])
    given = {entry.key.text for entry in parent.entries} if isinstance(parent, MappingNode) else set[str]()
    excluded = _excluded(model, given)
    free = [name for name in _keys(model) if name not in given and name not in excluded]
    near = _meant(path, free) or nearest(key, free)
    if near:
        fix = Fix(f"write {near}", (Edit(span, near),))
        return codes.UNKNOWN_KEY.at(span, message, help=f"did you mean `{near}`?", fix=fix)
    return codes.UNKNOWN_KEY.at(span, message, help=listed(free) if free else None)


_ELSEWHERE = {
    "normal": ("gaussian", "gauss"),
    "lognormal": ("lognorm",),
    "boolean": ("bernoulli", "bool"),
    "categorical": ("choice", "weighted", "multinomial", "category"),
    "exponential": ("exp", "expon"),
    "mean": ("mu", "average"),
    "sd": ("sigma", "stdev", "stddev", "standard_deviation"),
    "min": ("low", "lower", "minimum"),
    "max": ("high", "upper", "maximum"),
    "alpha": ("a",),
    "beta": ("b",),
    "when": ("if", "condition"),
    "formula": ("expression", "expr", "compute", "derived"),
    "probability": ("prob", "p"),
    "distribution": ("dist",),
    "multiply": ("times", "factor"),
    "only_if": ("if", "when", "condition"),
}
"""What other programs call our keys."""


def _meant(path: Path, free: list[str]) -> str | None:
    """The key that goes by another name elsewhere; mu and sigma of a lognormal are of its logarithm."""
    key = str(path[-1]).lower() if path else ""
    if path[-2:-1] == ("lognormal",):
        return None
    return next((name for name in free if key in _ELSEWHERE.get(name, ())), None)


def _missing(node: Node, path: Path, key: str) -> Diagnostic:
    span = _span(node, path)
    parent = find(node, *path)
    if not path and isinstance(parent, MappingNode) and parent.entries:
        span = parent.entries[0].key.span
    if path and isinstance(path[-1], int) and isinstance(parent, MappingNode) and parent.entries:
        span = parent.span if parent.flow else parent.entries[0].key.span
    owner = called(path) if path else "the document"
    return codes.MISSING_KEY.at(span, f"{owner} has no `{key}`", help=f"add `{key}:`")


def called(path: Path) -> str:
    """A path as a person would say it: `attributes.age.type`, `expect[2].within`."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return f"`{text}`" if text else "the document"


_WANTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "list_type": "a list",
    "tuple_type": "a list",
}
_YES = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def _words(
    kind: str, name: str, given: Any, context: dict[str, Any], span: Span
) -> tuple[str, str | None, Fix | None]:
    if kind == "finite_number":
        return f"{name} must be a finite number", None, None
    if kind in _WANTED:
        message = f"{name} must be {_WANTED[kind]}, not {described(given)}"
        if kind.startswith("bool") and isinstance(given, str) and given.lower() in _YES:
            word = _YES[given.lower()]
            return message, f"write `{word}`", Fix(f"write {word}", (Edit(span, word),))
        if kind == "string_type" and isinstance(given, (int, float)):
            return message, "put it in quotes if it is text", None
        return message, None, None
    if kind in ("literal_error", "enum"):
        options = [part.strip("' ") for part in str(context["expected"]).replace(" or ", ", ").split(",")]
        message = f"{name} cannot be {described(given)}"
        near = nearest(str(given), options)
        if near:
            return message, f"did you mean `{near}`?", Fix(f"write {near}", (Edit(span, near),))
        return message, listed(options), None
    limits = {"greater_than": ("gt", "more than"), "greater_than_equal": ("ge", "at least")}
    limits |= {"less_than": ("lt", "less than"), "less_than_equal": ("le", "at most")}
    if kind in limits:
        key, words = limits[kind]
        return f"{name} must be {words} {context[key]}, not {given}", None, None
    if kind in ("too_short", "too_long"):
        least = "min_length" if kind == "too_short" else "max_length"
        words = "at least" if kind == "too_short" else "at most"
        items = "item" if context[least] == 1 else "items"
        return f"{name} must have {words} {context[least]} {items}", None, None
    if kind in ("string_too_short", "string_pattern_mismatch"):
        return f"{name} cannot be {described(given)}", None, None
    reason = context.get("error")
    return f"{name}: {reason if reason is not None else kind.replace('_', ' ')}", None, None


def described(value: Any) -> str:
    """A value in a sentence: `the text 'no'`, `a list`, `nothing`."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            shown = value if len(value) <= 40 else value[:39] + "…"
            return f"the text {shown!r}"
        case int() | float():
            return f"the number {value}"
        case list():
            return "a list"
        case _:
            return "a mapping"


def _model_at(model: Any, loc: tuple[str | int, ...]) -> type[BaseModel] | None:
    """The model that pydantic was validating at a place."""
    here: Any = model
    for part in loc:
        here = _bare(here)
        origin = typing.get_origin(here)
        if isinstance(here, type) and issubclass(here, BaseModel):
            fields = {field.alias or name: field.annotation for name, field in here.model_fields.items()}
            here = fields.get(str(part), here)
        elif origin in (list, tuple, dict):
            here = typing.get_args(here)[-1 if origin is dict else 0]
    here = _bare(here)
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _bare(annotation: Any) -> Any:
    """Without `Annotated` and `| None`."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _bare(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        options = [option for option in typing.get_args(annotation) if option is not type(None)]
        return _bare(options[0]) if len(options) == 1 else annotation
    return annotation


def _excluded(model: type[BaseModel] | None, given: set[str]) -> set[str]:
    """The keys that cannot stand beside those that are given, so that none of them is what was meant."""
    groups: tuple[tuple[str, ...], ...] = getattr(model, "alternatives", tuple)()
    return {name for group in groups if given.intersection(group) for name in group}


def _keys(model: type[BaseModel] | None) -> tuple[str, ...]:
    if model is None:
        return ()
    return tuple(field.alias or name for name, field in model.model_fields.items())
