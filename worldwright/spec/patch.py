"""Carrying a difference out: the changes of `spec diff` applied to the document they were made from.

Takes a document's text and changes, gives the new text. Where only single values change, they are edited in
place and every comment stays; otherwise the document is written anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from worldwright.diagnostics import DocumentError, Edit
from worldwright.errors import UsageError
from worldwright.spec import spelling
from worldwright.spec.diff import Added, Change, Removed, Reordered, Replaced, apply, same_meaning
from worldwright.spec.edits import applied
from worldwright.spec.fmt import formatted
from worldwright.spec.places import Path, holds_expression
from worldwright.spec.reader import read
from worldwright.spec.source import Source
from worldwright.spec.tree import MappingNode, ScalarNode, find, plain
from worldwright.spec.writer import write

_KINDS = ("added", "removed", "replaced", "reordered")


def changes_from(data: Any) -> tuple[Change, ...]:
    """The changes in what `spec diff --json` gives.

    Raises:
        UsageError: when it is something else.
    """
    match data:
        case {"changes": [*items]}:
            return tuple(map(_change, items))
        case _:
            raise UsageError(
                "these are no changes", help="give what `worldwright spec diff OLD NEW --json` prints"
            )


def patched(source: Source, changes: Sequence[Change]) -> str:
    """The document with the changes carried out, in canonical form.

    Raises:
        DocumentError: when the document cannot be read.
        UsageError: when the changes were made from a document that says something else in their places.
    """
    node, found = read(source.text, source.file)
    if not isinstance(node, MappingNode) or any(d.is_error for d in found):
        raise DocumentError(found)
    document: dict[str, Any] = plain(node)
    for change in changes:
        _demand(change, document, source.file)
    edits = [edit for change in changes for edit in _edits(change, node)]
    if len(edits) < len(changes):
        return write(apply(changes, document))
    text, errors = formatted(Source(source.file, applied(source.text, edits)))
    if text is None:
        raise DocumentError(errors)
    return text


def _change(item: Any) -> Change:
    match item:
        case {"kind": str(kind), "path": [*parts]} if kind in _KINDS and _is_path(parts):
            path: Path = tuple(parts)
        case _:
            raise UsageError(f"a change has a kind ({', '.join(_KINDS)}) and a path", where=str(item)[:80])
    old, new = item.get("old"), item.get("new")
    if kind == "added":
        return Added(path, new)
    if kind == "removed":
        return Removed(path, old)
    if kind == "replaced":
        return Replaced(path, old, new)
    if not isinstance(old, list) or not isinstance(new, list):
        raise UsageError("a change of order has the keys in both orders", where=str(item)[:80])
    keys: list[list[Any]] = [old, new]
    return Reordered(path, *(tuple(map(str, each)) for each in keys))


def _is_path(parts: list[Any]) -> bool:
    return bool(parts) and all(isinstance(part, (str, int)) and not isinstance(part, bool) for part in parts)


def _demand(change: Change, document: Mapping[str, Any], file: str) -> None:
    """That the document has in a place what the change was made from."""
    place = ".".join(map(str, change.path))
    parent, there = _look(document, change.path[:-1])
    last = change.path[-1]
    if (
        not there
        or not isinstance(parent, dict | list)
        or isinstance(parent, list) is not isinstance(last, int)
    ):
        raise _misfit(file, f"it has no `{place}`")
    value, there = _look(document, change.path)
    match change:
        case Added():
            if there and isinstance(parent, dict):
                raise _misfit(file, f"`{place}` is there already")
        case Removed(_, old) | Replaced(_, old):
            if not there or not same_meaning(change.path, value, old):
                raise _misfit(file, f"`{place}` is something else here")
        case Reordered(_, old):
            if not isinstance(value, dict) or set(old) != {*map(str, value)}:  # pyright: ignore[reportUnknownArgumentType]
                raise _misfit(file, f"`{place}` has other keys here")


def _look(document: Any, path: Path) -> tuple[Any, bool]:
    for part in path:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            return None, False
    return document, True


def _misfit(file: str, what: str) -> UsageError:
    return UsageError(
        f"the changes were made from another document: {what}",
        where=file,
        help="apply them to the first document of the comparison",
    )


def _edits(change: Change, node: MappingNode) -> list[Edit]:
    """The edit that a change of one value is; none for other changes."""
    found = find(node, *change.path)
    if not isinstance(change, Replaced) or not isinstance(found, ScalarNode):
        return []
    if isinstance(change.new, dict | list):
        return []
    is_expression = isinstance(change.new, str) and holds_expression(change.path)
    if is_expression and spelling.is_compound(change.new):
        return [Edit(found.span, spelling.quoted(change.new))]
    return [Edit(found.span, spelling.scalar(change.new, flow=True))]
