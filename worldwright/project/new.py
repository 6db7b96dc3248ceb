"""Make a new project from the template: documents, and the same Dagster project as ours."""

from __future__ import annotations

import re
import shutil
from importlib.resources import as_file, files
from pathlib import Path

from worldwright.errors import UsageError

_NAME = re.compile(r"^[a-z][a-z0-9-]{0,63}$")
_PLACE = "PROJECT_NAME"
_FILLED = ("pyproject.toml", "README.md")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc")


def new_project(folder: Path) -> list[str]:
    """Fill a new or empty folder with a working project; its name is the folder's.

    Returns:
        The names of what was written at the top of it.

    Raises:
        UsageError: when the name is not one, or the folder has anything in it.
    """
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
    with as_file(files("worldwright") / "templates" / "project") as template:
        shutil.copytree(template, folder, ignore=_LEFT_OUT, dirs_exist_ok=True)
    (folder / "gitignore").rename(folder / ".gitignore")
    for file in _FILLED:
        path = folder / file
        path.write_text(path.read_text(encoding="utf-8").replace(_PLACE, name), encoding="utf-8")
    return sorted(path.name for path in folder.iterdir())
