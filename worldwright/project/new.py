"""Make a new project from a template: documents to begin with, and the same Dagster project as ours."""

from __future__ import annotations

import re
import shutil
from importlib.resources import as_file, files
from pathlib import Path

from worldwright.errors import UsageError

_NAME = re.compile(r"^[a-z][a-z0-9-]{0,63}$")
TEMPLATES = {
    "all": "adoption-quick",
    "population": "census",
    "world": "predator-prey",
    "experiment": "congestion-charge",
}
"""Each template, with the experiment that gives its first answer."""
_PLACES = ("PROJECT_NAME", "FIRST_EXPERIMENT")
_FILLED = ("pyproject.toml", "README.md")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc")
_WITHOUT_SPECS = shutil.ignore_patterns("__pycache__", "*.pyc", "specs")


def new_project(folder: Path, template: str = "all") -> list[str]:
    """Fill a new or empty folder with a working project; its name is the folder's.

    Args:
        folder: Where.
        template: One of `TEMPLATES`: `population` (who, and a census of them), `world` (scripts without a
            population), `experiment` (a population in a world), or `all` (the documents that are shipped).

    Returns:
        The names of what was written at the top of it.

    Raises:
        UsageError: when the name is not one, the folder has anything in it, or there is no such template.
    """
    if template not in TEMPLATES:
        raise UsageError(f"no template {template!r}", help=f"there are {', '.join(TEMPLATES)}")
    name = folder.resolve().name
    if not _NAME.match(name):
        raise UsageError(
            f"{name!r} cannot be a project's name",
            help="use small letters, digits and hyphens, beginning with a letter: my-question",
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            "the folder is not empty", where=str(folder), help="name a new one; nothing there was touched"
        )
    with as_file(files("worldwright") / "templates") as templates:
        shutil.copytree(
            templates / "project",
            folder,
            ignore=_LEFT_OUT if template == "all" else _WITHOUT_SPECS,
            dirs_exist_ok=True,
        )
        if template != "all":
            shutil.copytree(templates / template / "specs", folder / "specs")
    (folder / "gitignore").rename(folder / ".gitignore")
    for file in _FILLED:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        for place, value in zip(_PLACES, (name, TEMPLATES[template]), strict=True):
            text = text.replace(place, value)
        path.write_text(text, encoding="utf-8")
    return sorted(path.name for path in folder.iterdir())
