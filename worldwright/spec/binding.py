"""From a tree to a model: what pydantic complains of, at the right place and in our words.

Takes a frozen, strict pydantic model and a tree, gives an instance or diagnostics.
Models raise `reserved(...)`, `one_of(...)` and `refused(...)` for what pydantic has no words for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from worldwright.diagnostics import Diagnostic
from worldwright.spec.codes import structure as codes
from worldwright.spec.complaints import Path, called, diagnostic_of
from worldwright.spec.tree import Entry, MappingNode, Node, ScalarNode, SequenceNode, key_span, plain

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
            key_span(node, *path), f"{called(path)} has no value", help="give it one, or remove the key"
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
        diagnostic, path = diagnostic_of(model, node, detail)
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
