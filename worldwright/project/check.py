"""Check documents of any kind, together with what they refer to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from worldwright.diagnostics import Diagnostic, DocumentError, in_order
from worldwright.errors import UsageError
from worldwright.project.locate import Project, project_of
from worldwright.project.specs import load_spec
from worldwright.project.texts import Texts
from worldwright.spec import kind_of


@dataclass(frozen=True)
class Checked:
    """What a check found, with the texts its places refer to."""

    diagnostics: list[Diagnostic]
    texts: dict[str, str]
    checked: list[str]


def check_files(paths: Sequence[Path], *, portable: bool = False) -> Checked:
    """Check some documents; a missing file is an error of the call, anything in a file a diagnostic.

    Args:
        paths: Documents, or folders of worlds.
        portable: Whether worlds are to do the same on LuaJIT and Lua 5.4.

    Raises:
        UsageError: for a path that does not exist or cannot be read.
    """
    found: list[Diagnostic] = []
    texts: dict[str, str] = {}
    names: list[str] = []
    for path in paths:
        if not path.is_file() and not path.is_dir():
            what = "neither a file nor a folder" if path.exists() else "no such file"
            raise UsageError(what, where=str(path), help="name a document or a world's folder")
        project = project_of(path)
        reading = Texts(project)
        try:
            found += _check(project, reading, path, portable)
        except DocumentError as error:  # a file whose bytes are no text; the others are still checked
            found += error.diagnostics
        texts |= reading.files
        names.append(project.show(path))
    return Checked(in_order(found), texts, names)


def _check(project: Project, texts: Texts, path: Path, portable: bool) -> list[Diagnostic]:
    if path.is_dir() or path.suffix == ".lua":
        return _check_world(project, texts, path if path.is_dir() else path.parent, portable)
    if path.name.endswith(".lock.yaml"):
        from worldwright.project.locks import check_lock_file

        return check_lock_file(texts, path)
    source = texts.read(path)
    if path.suffix == ".json":
        return _check_world(project, texts, path, portable)
    node, _ = source.read()
    heading = kind_of(node)[0] if node is not None else None
    if heading is None:
        from worldwright.world import is_vivarium

        if is_vivarium(source.text):
            return _check_world(project, texts, path, portable)
    match heading.kind if heading else None:
        case "world":
            return _check_world(project, texts, path, portable)
        case "experiment":
            from worldwright.project.documents import load_closure

            return list(load_closure(project, str(path)).diagnostics)
        case _:
            return load_spec(project, texts, path)[1]


def _check_world(project: Project, texts: Texts, path: Path, portable: bool) -> list[Diagnostic]:
    from worldwright.world import load_world

    return load_world(path, texts.text, project.show, portable=portable)[1]
