"""From a tree to a model: what pydantic complains of, at the right place and in our words.

Takes a frozen, strict pydantic model and a tree, gives an instance or diagnostics.
Models raise `reserved(...)`, `one_of(...)` and `refused(...)` for what pydantic has no words for.
"""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from worldwright.diagnostics import Code, Diagnostic, Edit, Fix, Span
from worldwright.spec.codes import structure as codes
from worldwright.spec.tree import Entry, MappingNode, Node, ScalarNode, SequenceNode, find, key_span, plain

Model = TypeVar("Model", bound=BaseModel)
Path = tuple[str | int, ...]
_CODES: dict[str, Code] = {"not_built": codes.NOT_BUILT, "one_of": codes.ONE_OF, "refused": codes.WRONG_VALUE}
_TEMPLATE = "{message}"
_ROUNDS = 5


def reserved(message: str, help: str | None = None) -> PydanticCustomError:
    """To be raised where a word of the language stands that is not built yet."""
    return PydanticCustomError("not_built", _TEMPLATE, {"message": message, "help": help})


def one_of(message: str, help: str | None = None) -> PydanticCustomError:
    """To be raised where not exactly one of several keys is given."""
    return PydanticCustomError("one_of", _TEMPLATE, {"message": message, "help": help})


def refused(message: str, help: str | None = None) -> PydanticCustomError:
    """To be raised for a value that does not fit."""
    return PydanticCustomError("refused", _TEMPLATE, {"message": message, "help": help})


def bind(model: type[Model], node: Node) -> tuple[Model | None, list[Diagnostic]]:
    """An instance of the model, or None with everything that does not fit, each at its place."""
    try:
        return model.model_validate(plain(node)), []
    except ValidationError as error:
        return None, _judged(model, node, error)[0]


def bind_rest(
    model: type[Model], node: Node
) -> tuple[Model | None, Node, list[Diagnostic], tuple[Path, ...]]:
    """As `bind`, but goes on with the rest of the document, so that all of it is checked in the same run.

    A misspelled key is taken for the one that is meant; what does not fit is left out.

    Returns:
        The instance, the tree it was made from, the diagnostics, and the paths left out:
        `(key,)`, `(section, name)` or `(section, position)`.
    """
    diagnostics: list[Diagnostic] = []
    lost: dict[Path, None] = {}
    # Some complaints are heard only when others are gone: a model judges itself after all its fields.
    for _ in range(_ROUNDS):
        try:
            return model.model_validate(plain(node)), node, diagnostics, tuple(lost)
        except ValidationError as error:
            found, paths, renamed = _judged(model, node, error)
        diagnostics += found
        lost |= dict.fromkeys(paths)
        if not paths and not renamed:
            break
        node = _adapted(node, paths, renamed)
    return None, node, diagnostics, tuple(lost)


def without_empty(node: Node) -> tuple[Node, list[Diagnostic], tuple[Path, ...]]:
    """The tree without what holds a key that has no value, for documents in which nothing may be empty.

    Returns:
        The tree, a diagnostic for each empty value below a section, and the paths left out (see `bind_rest`).
    """
    empty = [path for path in _empty(node, ()) if len(path) > 1]
    found = [
        codes.WRONG_VALUE.at(
            key_span(node, *path), f"{_called(path)} has no value", help="give it one, or remove the key"
        )
        for path in empty
    ]
    lost = tuple(dict.fromkeys(path[:2] for path in empty))
    return _adapted(node, lost, {}), found, lost


def _empty(node: Node, path: Path) -> Iterator[Path]:
    match node:
        case ScalarNode(value=None):
            yield path
        case ScalarNode():
            return
        case SequenceNode(items):
            for position, item in enumerate(items):
                yield from _empty(item, (*path, position))
        case MappingNode(entries):
            for entry in entries:
                yield from _empty(entry.value, (*path, entry.key.text))


def _judged(
    model: type[BaseModel], node: Node, error: ValidationError
) -> tuple[list[Diagnostic], tuple[Path, ...], dict[Path, str]]:
    """What to say, the paths to leave out, and the misspelled keys with what is meant by them.

    A key that is missing because it is misspelled is told once, at the misspelling.
    """
    found: list[tuple[ErrorDetails, Diagnostic, Path]] = []
    meant: dict[tuple[str | int, ...], str] = {}
    renamed: dict[Path, str] = {}
    for detail in error.errors(include_url=False, include_input=True):
        diagnostic, path = _diagnostic(model, node, detail)
        found.append((detail, diagnostic, path))
        if detail["type"] == "extra_forbidden" and diagnostic.fix is not None:
            key = diagnostic.fix.edits[0].replacement
            place = (*detail["loc"][:-1], key)
            if place not in meant:
                meant[place] = key
                renamed[path] = key
    told = [part for part in found if part[0]["type"] != "missing" or part[0]["loc"] not in meant]
    lost = dict.fromkeys(path for _, _, path in told if path and path not in renamed)
    return [diagnostic for _, diagnostic, _ in told], tuple(lost), renamed


def _diagnostic(model: type[BaseModel], node: Node, detail: ErrorDetails) -> tuple[Diagnostic, Path]:
    """What to say of one complaint, and the path to leave out."""
    loc = detail["loc"]
    path = _path(node, loc)
    kind = detail["type"]
    if kind == "extra_forbidden":
        known = _keys(_model_at(model, loc[:-1]))
        return _unknown(node, path, known), path
    unit = path[:2] if path and isinstance(find(node, path[0]), (MappingNode, SequenceNode)) else path[:1]
    if kind == "missing":
        return _missing(node, path, str(loc[-1])), unit
    span = _span(node, path)
    name = _called(path)
    context: dict[str, Any] = detail.get("ctx") or {}
    if kind in _CODES:
        return _CODES[kind].at(span, str(context["message"]), help=context["help"]), unit
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


def _unknown(node: Node, path: Path, known: tuple[str, ...]) -> Diagnostic:
    span = key_span(node, *path) or node.span
    key = str(path[-1]) if path else "?"
    where = f" in {_called(path[:-1])}" if len(path) > 1 else ""
    message = f"there is no key `{key}`{where}"
    parent = find(node, *path[:-1])
    given = parent.keys() if isinstance(parent, MappingNode) else ()
    near = difflib.get_close_matches(key, known, 1)
    if near and near[0] not in given:
        fix = Fix(f"write {near[0]}", (Edit(span, near[0]),))
        return codes.UNKNOWN_KEY.at(span, message, help=f"did you mean `{near[0]}`?", fix=fix)
    free = [name for name in known if name not in given]
    return codes.UNKNOWN_KEY.at(span, message, help=f"there are {', '.join(free)}" if free else None)


def _missing(node: Node, path: Path, key: str) -> Diagnostic:
    span = _span(node, path)
    parent = find(node, *path)
    if not path and isinstance(parent, MappingNode) and parent.entries:
        span = parent.entries[0].key.span
    if path and isinstance(path[-1], int) and isinstance(parent, MappingNode) and parent.entries:
        span = parent.span if parent.flow else parent.entries[0].key.span
    owner = _called(path) if path else "the document"
    return codes.MISSING_KEY.at(span, f"{owner} has no `{key}`", help=f"add `{key}:`")


def _called(path: Path) -> str:
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
        near = difflib.get_close_matches(str(given), options, 1)
        if near:
            return message, f"did you mean `{near[0]}`?", Fix(f"write {near[0]}", (Edit(span, near[0]),))
        return message, f"there are {', '.join(options)}", None
    limits = {"greater_than": ("gt", "more than"), "greater_than_equal": ("ge", "at least")}
    limits |= {"less_than": ("lt", "less than"), "less_than_equal": ("le", "at most")}
    if kind in limits:
        key, words = limits[kind]
        return f"{name} must be {words} {context[key]}, not {given}", None, None
    if kind in ("too_short", "too_long"):
        least = "min_length" if kind == "too_short" else "max_length"
        words = "at least" if kind == "too_short" else "at most"
        return f"{name} must have {words} {context[least]} items", None, None
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


def _keys(model: type[BaseModel] | None) -> tuple[str, ...]:
    if model is None:
        return ()
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _adapted(node: Node, lost: Iterable[Path], renamed: Mapping[Path, str]) -> Node:
    """The tree without what stands at the lost paths, and with the renamed keys called what is meant."""
    gone = {path[0] for path in lost if len(path) == 1}
    named = {path[0]: name for path, name in renamed.items() if len(path) == 1}
    lost_below: dict[str | int, list[Path]] = {}
    for path in lost:
        if len(path) > 1:
            lost_below.setdefault(path[0], []).append(path[1:])
    renamed_below: dict[str | int, dict[Path, str]] = {}
    for path, name in renamed.items():
        if len(path) > 1:
            renamed_below.setdefault(path[0], {})[path[1:]] = name

    def below(part: str | int, child: Node) -> Node:
        if part not in lost_below and part not in renamed_below:
            return child
        return _adapted(child, lost_below.get(part, ()), renamed_below.get(part, {}))

    match node:
        case MappingNode(entries):
            kept: list[Entry] = []
            for entry in entries:
                part = entry.key.text
                if part not in gone:
                    name = named.get(part, part)
                    key = entry.key if name == part else replace(entry.key, value=name, text=name)
                    kept.append(Entry(key, below(part, entry.value)))
            return MappingNode(tuple(kept), node.span, node.flow)
        case SequenceNode(items):
            parts = tuple(below(i, item) for i, item in enumerate(items) if i not in gone)
            return SequenceNode(parts, node.span, node.flow)
        case ScalarNode():
            return node
