"""Documents of a project by name or path, for callers who may reach `specs/` and nothing else."""

from __future__ import annotations

from pathlib import Path

from worldwright.errors import UsageError
from worldwright.project.locate import SPECS, Project
from worldwright.project.specs import offer


def inside(root: Path, path: str) -> Path:
    """A path within a folder, links followed.

    Raises:
        UsageError: for one that leads out of it.
    """
    try:
        found = (root / path).resolve() if "\0" not in path else None
    except (OSError, RuntimeError, ValueError):  # too long, links in a circle, no text
        found = None
    if found is None or not found.is_relative_to(root.resolve()):
        raise UsageError(
            f"{path[:200]!r} lies outside of {root.name}/", help="give a path within it, without `..`"
        )
    return found


def document_path(project: Project, path: str) -> Path:
    """Where a document lies, from a path within `specs/` or one that begins with it.

    Raises:
        UsageError: for one that leads out of it; other files of a project may hold what is nobody's business.
    """
    parts = Path(path).parts
    return inside(project.specs, str(Path(*parts[1:])) if parts[:1] == (SPECS,) else path)


def known_experiment(project: Project, name: str) -> str:
    """The name of an experiment that has a document.

    Raises:
        UsageError: when there is none; it lists what exists.
    """
    known = project.names("experiment")
    if name not in known:
        raise UsageError(f"no experiment {name[:200]!r}", help=offer(name[:200], known))
    return name


def find_spec(project: Project, name: str) -> Path:
    """The file of a population or scenario.

    Raises:
        UsageError: when there is none; it lists what exists.
    """
    for kind in ("population", "scenario"):
        if name in project.names(kind):
            return project.document(kind, name)
    if "/" in name:
        path = document_path(project, name)
        if path.is_file():
            return path
    known = [*project.names("population"), *project.names("scenario")]
    raise UsageError(f"no population or scenario {name[:200]!r}", help=offer(name[:200], known))
