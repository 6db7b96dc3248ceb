"""Check documents of any kind, together with what they refer to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from worldwright.diagnostics import Diagnostic, in_order
from worldwright.errors import UsageError
from worldwright.project.documents import Texts, load_closure, load_scenario
from worldwright.project.locate import SPECS, Project, find_project
from worldwright.spec import Kind, Source, kind_of_text, load_population


@dataclass(frozen=True)
class Checked:
    """What a check found, with the texts its places refer to."""

    diagnostics: list[Diagnostic]
    texts: dict[str, str]
    checked: list[str]


def check_files(paths: Sequence[Path]) -> Checked:
    """Check some documents; a missing file is an error of the call, anything in a file a diagnostic.

    Raises:
        UsageError: for a path that does not exist or cannot be read.
    """
    found: list[Diagnostic] = []
    texts: dict[str, str] = {}
    names: list[str] = []
    for path in paths:
        if not path.exists():
            raise UsageError("no such file", where=str(path), help="name a document or a world's folder")
        project = project_of(path)
        reading = Texts(project)
        found += _check(project, reading, path)
        texts |= reading.files
        names.append(project.show(path))
    return Checked(in_order(found), texts, names)


def project_of(path: Path) -> Project:
    """The project a document lies in; a document by itself is its own, in its folder."""
    try:
        return find_project(path.parent)
    except UsageError:
        here = path.resolve().parent
        return Project(here, here / "data")


def load_spec(project: Project, texts: Texts, path: Path):  # noqa: ANN201
    """A population, or a scenario on the base it extends, from a file."""
    source = texts.read(path)
    if kind_of_text(source) is Kind.SCENARIO:
        return load_scenario(project, texts, source)
    return load_population(source)


def _check(project: Project, texts: Texts, path: Path) -> list[Diagnostic]:
    from worldwright.world import load_world

    if path.is_dir() or path.suffix == ".lua":
        folder = path if path.is_dir() else path.parent
        return load_world(folder, texts.text)[1]
    source = texts.read(path)
    if path.suffix == ".json" or _is_vivarium(source):
        return load_world(path, texts.text)[1]
    match kind_of_text(source):
        case Kind.WORLD:
            return load_world(path, texts.text)[1]
        case Kind.EXPERIMENT:
            return list(load_closure(project, str(path)).diagnostics)
        case Kind.SCENARIO:
            return load_scenario(project, texts, source)[1]
        case _:
            return load_population(source)[1]
