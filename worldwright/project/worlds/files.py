"""Worlds to files and back: the formats of `world_state`, within the project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from worldwright.diagnostics import DocumentError
from worldwright.errors import UsageError
from worldwright.project.find_spec import document_path, inside
from worldwright.project.texts import Texts
from worldwright.project.world_state import check_target, save_state
from worldwright.project.worlds.crew import Call
from worldwright.project.worlds.home import Worlds
from worldwright.project.worlds.making import restore
from worldwright.project.worlds.registry import Held
from worldwright.world import load_world
from worldwright.world.snapshot_file import is_snapshot, read_snapshot
from worldwright.world.vivarium_export import to_vivarium

FOLDER = "snapshots"


def content(worlds: Worlds, name: str) -> tuple[dict[str, Any], list[str]]:
    """A world as a snapshot of Vivarium in its JSON form, and what that cannot hold."""
    return to_vivarium(worlds.registry.read(name).snapshot)


def save(worlds: Worlds, name: str, path: str) -> tuple[str, list[str]]:
    """Write a world to a file in `snapshots/` of the project's data.

    Args:
        worlds: The worlds.
        name: Which one.
        path: Relative to that folder, or the whole path of a file in it. The ending names the format:
            `.arrow` holds everything, `.yaml` and `.json` are files of Vivarium.

    Returns:
        Where it is, and what the format could not hold.

    Raises:
        UsageError: for another ending or place.
    """
    held = worlds.registry.read(name)
    target = _place(worlds, path)
    check_target(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    notes = save_state(held.snapshot, target)
    return worlds.project.show(target), notes


def load(worlds: Worlds, name: str, path: str, call: Call) -> Held:
    """Let the world of a file stand under a name, whatever stood there.

    Args:
        worlds: The worlds.
        name: What it is called here.
        path: A file that `save` wrote, or one in `specs/` that holds a config or snapshot.
        call: Whose call it is.

    Raises:
        UsageError: for a file that is not there, lies elsewhere, or is damaged.
        DocumentError: when it has errors.
    """
    source = _source(worlds, path)
    if is_snapshot(source):
        snapshot = read_snapshot(source)
        with worlds.registry.hold(name, call.stop):
            return worlds.registry.publish(name, snapshot)
    texts = Texts(worlds.project)
    program, found = load_world(source, texts.text, texts.project.show)
    if program is None:
        raise DocumentError(found)
    if not program.vivarium:
        raise UsageError(
            "this is a world document, not a snapshot", where=path, help="start it with start_world"
        )
    return restore(worlds, name, program, 0, call)


def _place(worlds: Worlds, path: str) -> Path:
    """A file in the folder of snapshots; `save` gives paths that begin with it."""
    folder = worlds.project.data / FOLDER
    return inside(folder, path.removeprefix(f"{worlds.project.show(folder)}/"))


def _source(worlds: Worlds, path: str) -> Path:
    """A file in the folder of snapshots, or a document."""
    folder = worlds.project.data / FOLDER
    problem: UsageError | None = None
    for found in (_place, lambda worlds, path: document_path(worlds.project, path)):
        try:
            place = found(worlds, path)
        except UsageError as error:
            problem = problem or error
            continue
        if place.is_file():
            return place
    if problem is not None:
        raise problem
    there = sorted(p.name for p in folder.glob("*") if p.is_file())[:20] if folder.is_dir() else []
    raise UsageError(
        f"no file {path[:200]!r} in {worlds.project.show(folder)}",
        help=f"there are {', '.join(there)}" if there else None,
    )
