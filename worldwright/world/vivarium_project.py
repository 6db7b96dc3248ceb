"""Vivarium's project folder (schema v1): a manifest, scripts in files, and numbered snapshots.

Takes a folder and a way to read texts, gives the text of a snapshot file or diagnostics. Reads only that way,
and lists the folder `snapshots` to find the latest.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from worldwright.diagnostics import Diagnostic, Position, Span
from worldwright.errors import UsageError
from worldwright.world import codes
from worldwright.world.program import WorldProgram
from worldwright.world.vivarium import read_tree
from worldwright.world.vivarium_tree import RefusedError, Value, from_yaml

ReadText = Callable[[Path], str]
_SNAPSHOT = "snapshot.yaml"
_DOCUMENTS = (_SNAPSHOT, "entities.yaml", "messages.yaml")


def is_project(text: str) -> bool:
    """Whether the text of a world.yaml is the manifest of a project: scripts by path, and no entities."""
    if "script_path" not in text:
        return False
    try:
        top: Any = yaml.load(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError):
        return False
    if not isinstance(top, dict) or "worldwright" in top or "entities" in top:
        return False
    library = top.get("script_library")
    scripts = list(library.values()) if isinstance(library, dict) else []
    return bool(scripts) and all(isinstance(s, dict) and "script_path" in s for s in scripts)


def load_project(
    folder: Path, snapshot: Path | None, read_text: ReadText, show: Callable[[Path], str]
) -> tuple[WorldProgram | None, list[Diagnostic]]:
    """The world of a project at one of its snapshots.

    Args:
        folder: The folder of its world.yaml.
        snapshot: The folder of a snapshot; the one with the greatest name, unless given.
        read_text: Gives the text of a path; may raise `UsageError` or `OSError`.
        show: How a path is named in diagnostics.

    Raises:
        UsageError: where there is no snapshot.
    """
    manifest = folder / "world.yaml"
    chosen = snapshot or _latest(folder, show)
    try:
        return read_tree(_tree(manifest, chosen, read_text, show), show(manifest))
    except RefusedError as refused:
        return None, [codes.VIVARIUM.at(refused.span, refused.message, help=refused.help)]


def _latest(folder: Path, show: Callable[[Path], str]) -> Path:
    try:
        found = [one for one in (folder / "snapshots").iterdir() if (one / _SNAPSHOT).is_file()]
    except OSError:
        found = []
    if not found:
        raise UsageError(
            "the project has no snapshot to begin with",
            where=show(folder),
            help=f"Vivarium keeps them as snapshots/NAME/{_SNAPSHOT}",
        )
    return max(found, key=lambda one: one.name)


def _tree(manifest: Path, chosen: Path, read_text: ReadText, show: Callable[[Path], str]) -> Value:
    """Its files as the one tree that a snapshot file would have."""

    def read(path: Path) -> Value:
        try:
            return from_yaml(read_text(path), show(path))
        except OSError as error:
            place = Span(show(path), Position(1, 1), Position(1, 2))
            raise RefusedError(place, f"cannot be read: {error.strerror}") from None

    top = read(manifest)
    fields = _fields(top, "the project")
    _version(fields, top)
    library = _field(fields, "script_library", top)
    scripts = {
        name: _with_source(name, script, manifest.parent, read_text)
        for name, script in _fields(library, "`script_library`").items()
    }
    state, entities, messages = (read(chosen / name) for name in _DOCUMENTS)
    held = _fields(state, "the snapshot")
    _version(held, state)
    listed = _field(_fields(messages, "the messages"), "messages", messages)
    config = top.with_items(
        {
            "name": _field(fields, "name", top),
            "script_library": library.with_items(scripts),
            "entities": _field(_fields(entities, "the entities"), "entities", entities),
        }
    )
    return top.with_items(
        {
            "configuration": config,
            "simulation_time": _field(held, "simulation_time", state),
            "metrics": state.with_items({"metrics": state.with_items({})}),
            "pending_messages": listed.with_items([_message(one) for one in _listed(listed)]),
        }
    )


def _version(fields: dict[str, Value], owner: Value) -> None:
    version = fields.get("schema_version")
    if version is None or version.raw != "v1":
        raise RefusedError((version or owner).span, "a project of Vivarium has `schema_version: v1`")


def _with_source(name: str, script: Value, folder: Path, read_text: ReadText) -> Value:
    fields = _fields(script, f"the script {name!r}")
    id, kind = _field(fields, "id", script), _field(fields, "kind", script)
    if id.raw != name:
        raise RefusedError(id.span, f"the script {name!r} has the id {id.raw!r}; Vivarium wants them equal")
    if kind.raw != "lua":
        raise RefusedError(kind.span, f"the script {name!r} is of kind {kind.raw!r}, and there is only `lua`")
    place = _field(fields, "script_path", script)
    path = Path(place.raw or "")
    if not place.raw or path.is_absolute() or ".." in path.parts:
        raise RefusedError(place.span, f"{place.raw!r} is no path within the project")
    try:
        source = read_text(folder / path)
    except (OSError, UsageError, UnicodeDecodeError) as error:
        reason = error.what if isinstance(error, UsageError) else getattr(error, "strerror", None)
        message = f"the script {path.as_posix()!r} cannot be read: {reason or 'it is not UTF-8 text'}"
        raise RefusedError(place.span, message) from None
    return script.with_items({"id": id, "kind": kind, "script": place.with_scalar(source)})


def _message(message: Value) -> Value:
    """Its receiver is plain text here."""
    fields = dict(_fields(message, "a message"))
    receiver = _field(fields, "receiver", message)
    fields["receiver"] = receiver.with_items({"Entity": receiver.with_items({"id": receiver})})
    return message.with_items(fields)


def _fields(value: Value, what: str) -> dict[str, Value]:
    if not isinstance(value.items, dict):
        raise RefusedError(value.span, f"{what} is a mapping of names to values")
    return value.items


def _listed(value: Value) -> list[Value]:
    if not isinstance(value.items, list):
        raise RefusedError(value.span, "a list is wanted here")
    return value.items


def _field(fields: dict[str, Value], name: str, owner: Value) -> Value:
    if name not in fields:
        raise RefusedError(owner.span, f"there is no `{name}` here, and Vivarium needs it")
    return fields[name]
