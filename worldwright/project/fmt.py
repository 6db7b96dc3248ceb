"""Bring documents into their canonical form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from worldwright.diagnostics import Diagnostic, in_order
from worldwright.errors import UsageError
from worldwright.project.locate import project_of
from worldwright.project.rewrite import rewrite
from worldwright.project.texts import Texts
from worldwright.spec import Source
from worldwright.spec.fmt import FormatError, formatted, upgraded


@dataclass(frozen=True)
class Formatted:
    """What became of some documents; files are named as they are shown."""

    before: dict[str, str]
    after: dict[str, str]
    """The canonical text of each document that could be read."""
    diagnostics: list[Diagnostic]
    """Why the others could not be."""
    refused: list[FormatError]
    """Documents that were left alone because they would have changed their meaning."""

    @property
    def changed(self) -> list[str]:
        """The documents that were not in canonical form."""
        return [file for file, text in self.after.items() if text != self.before[file]]


def format_files(paths: Sequence[Path], *, write: bool, upgrade: bool = False) -> Formatted:
    """Format documents of any kind; a world's folder stands for its `world.yaml`.

    Args:
        paths: The documents.
        write: Whether to write what changed; otherwise nothing is touched.
        upgrade: Whether to bring them to the newest version of the language too.

    Raises:
        UsageError: for a path that does not exist, is no document, or cannot be read or written.
    """
    result = Formatted({}, {}, [], [])
    for path in map(_document, _without_locks(paths)):
        source = Texts(project_of(path)).read(path)
        result.before[source.file] = source.text
        text = _format(source, upgrade, result)
        if text is not None:
            result.after[source.file] = text
            if write and text != source.text:
                rewrite(path, text)
    result.diagnostics[:] = in_order(result.diagnostics)
    return result


def _format(source: Source, upgrade: bool, result: Formatted) -> str | None:
    try:
        text, found = upgraded(source) if upgrade else formatted(source)
    except FormatError as error:
        result.refused.append(FormatError(error.what, where=source.file, why=error.why, help=error.help))
        return None
    result.diagnostics.extend(found)
    return text


def _without_locks(paths: Sequence[Path]) -> Sequence[Path]:
    """What `*.yaml` means where it matches locks too, which write themselves; one named alone stays."""
    return [path for path in paths if not path.name.endswith(".lock.yaml")] or paths


def _document(path: Path) -> Path:
    document = path / "world.yaml" if path.is_dir() else path
    if not document.is_file():
        raise UsageError("no such file", where=str(path), help="name a document or a world's folder")
    if document.suffix not in (".yaml", ".yml") or document.name.endswith(".lock.yaml"):
        raise UsageError(
            "this is not a document",
            where=str(path),
            help="populations, scenarios, worlds and experiments are YAML files; locks write themselves",
        )
    return document
