"""A document of a project by its name, or by its path within the project."""

from __future__ import annotations

from pathlib import Path

from worldwright.errors import UsageError
from worldwright.project.locate import Project
from worldwright.project.specs import offer


def inside(root: Path, path: str) -> Path:
    """A path within a folder, links followed.

    Raises:
        UsageError: for one that leads out of it.
    """
    try:
        found = (root / path).resolve() if "\0" not in path else None
    except (OSError, RuntimeError):  # links that lead in a circle
        found = None
    if found is None or not found.is_relative_to(root.resolve()):
        raise UsageError(
            f"{path[:200]!r} lies outside the project", help="give a path relative to it, without `..`"
        )
    return found


def find_spec(project: Project, name: str) -> Path:
    """The file of a population or scenario.

    Raises:
        UsageError: when there is none; it lists what exists.
    """
    for kind in ("population", "scenario"):
        if name in project.names(kind):
            return project.document(kind, name)
    if "/" in name:
        path = inside(project.root, name)
        if path.is_file():
            return path
    known = [*project.names("population"), *project.names("scenario")]
    raise UsageError(f"no population or scenario {name[:200]!r}", help=offer(name, known))
