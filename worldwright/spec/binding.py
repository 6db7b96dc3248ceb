"""From a tree to a model: what pydantic complains of, at the right place and in our words.

Takes a frozen, strict pydantic model and a tree, gives an instance or diagnostics.
Models raise `reserved(...)`, `one_of(...)` and `refused(...)` for what pydantic has no words for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from worldwright.diagnostics import Diagnostic, Span
from worldwright.spec.codes import structure as codes
from worldwright.spec.complaints import Path, called, diagnostic_of
from worldwright.spec.tree import Entry, MappingNode, Node, ScalarNode, SequenceNode, find, key_span, plain

Model = TypeVar("Model", bound=BaseModel)
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
            found, paths, renamed = _judged(model, node, error, lost)
            absent = [d["loc"][0] for d in error.errors() if d["type"] == "missing" and len(d["loc"]) == 1]
        diagnostics += found
        lost |= dict.fromkeys(paths)
        adapted = _filled(model, _adapted(node, paths, renamed), [str(key) for key in absent])
        if adapted == node:
            break
        node = adapted
    return None, node, diagnostics, tuple(lost)


def without_empty(node: Node) -> tuple[Node, list[Diagnostic], tuple[Path, ...]]:
    """The tree without what holds a key that has no value, for documents in which nothing may be empty.

    Returns:
        The tree, a diagnostic for each empty value below a section, and the paths left out (see `bind_rest`).
    """
    empty = [path for path in _empty(node, ()) if len(path) > 1]
    # a value that could not be read has characters, and the reader has said what is wrong with them
    found = [
        codes.WRONG_VALUE.at(
            key_span(node, *path), f"{called(path)} has no value", help="give it one, or remove the key"
        )
        for path in empty
        if not _unread(find(node, *path))
    ]
    lost = tuple(dict.fromkeys(path[:2] for path in empty))
    return _adapted(node, lost, {}), found, lost


def _unread(node: Node | None) -> bool:
    return isinstance(node, ScalarNode) and node.raw not in ("", "~", "null", "Null", "NULL")


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
    model: type[BaseModel], node: Node, error: ValidationError, lost: Iterable[Path] = ()
) -> tuple[list[Diagnostic], tuple[Path, ...], dict[Path, str]]:
    """What to say, the paths to leave out, and the misspelled keys with what is meant by them.

    A key that is missing because it is misspelled is told once, at the misspelling; so is what is missing
    because it was left out before.
    """
    lost_before = {*lost, *(("family", *path[:-1]) for path in lost)}
    found: list[tuple[ErrorDetails, Diagnostic, Path]] = []
    meant: dict[tuple[str | int, ...], str] = {}
    renamed: dict[Path, str] = {}
    for detail in error.errors(include_url=False, include_input=True):
        diagnostic, path = diagnostic_of(model, node, detail)
        found.append((detail, diagnostic, path))
        if detail["type"] == "extra_forbidden" and diagnostic.fix is not None:
            key = diagnostic.fix.edits[0].replacement
            place = (*detail["loc"][:-1], key)
            if place not in meant:
                meant[place] = key
                renamed[path] = key
    told: list[Diagnostic] = []
    gone: dict[Path, None] = {}
    for detail, diagnostic, path in found:
        place, kind = detail["loc"], detail["type"]
        if kind == "missing" and place in meant:
            continue
        if path and path not in renamed:
            gone[path] = None
        if (kind == "missing" and place in lost_before) or (
            kind == "one_of" and ("family", *place) in lost_before
        ):
            continue
        told.append(diagnostic)
    return told, tuple(gone), renamed


def _filled(model: type[BaseModel], node: Node, absent: Iterable[str]) -> Node:
    """The tree with something in place of missing texts and mappings, so that the rest can be checked."""
    if not isinstance(node, MappingNode):
        return node
    entries = list(node.entries)
    start = Span(node.span.file, node.span.start, node.span.start)
    for key in absent:
        field = model.model_fields.get(key)
        value: Node | None = None
        if field is not None and field.annotation is str and key != "extends":
            value = ScalarNode("unnamed", "unnamed", False, start, "unnamed")
        elif field is not None and get_origin(field.annotation) is dict:
            value = MappingNode((), start, True)
        if value is not None and node.entry(key) is None:
            entries.append(Entry(ScalarNode(key, key, False, start, key), value))
    return node if len(entries) == len(node.entries) else MappingNode(tuple(entries), node.span, node.flow)


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
                    key = entry.key if name == part else entry.key._replace(value=name, text=name)
                    kept.append(Entry(key, below(part, entry.value)))
            return MappingNode(tuple(kept), node.span, node.flow)
        case SequenceNode(items):
            parts = tuple(below(i, item) for i, item in enumerate(items) if i not in gone)
            return SequenceNode(parts, node.span, node.flow)
        case ScalarNode():
            return node
