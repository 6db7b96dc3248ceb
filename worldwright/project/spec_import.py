"""Rewrite a file of Entropy or Extropy as a native spec."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from worldwright.diagnostics import Diagnostic, DocumentError
from worldwright.errors import UsageError
from worldwright.project.foreign import missing, population_of
from worldwright.project.locate import project_of
from worldwright.project.rewrite import rewrite
from worldwright.project.texts import Texts
from worldwright.spec import Source, load_population
from worldwright.spec.entropy import import_spec, is_population, is_scenario


@dataclass(frozen=True)
class ImportedFile:
    """A native spec that was written, and what was said on the way."""

    file: str
    lines: int
    attributes: int
    digest: str
    same: bool
    """Whether the written document means the same, bit by bit."""
    changed: tuple[Diagnostic, ...]
    diagnostics: list[Diagnostic]
    texts: dict[str, str]


def import_file(
    path: Path, out: Path, *, descriptions: bool = False, overwrite: bool = False
) -> ImportedFile:
    """Rewrite a file of those projects as a native spec.

    Raises:
        UsageError: when the file does not exist or is none of theirs, or when `out` may not be written.
        DocumentError: when the file has errors; nothing is written then.
    """
    if not path.is_file():
        raise UsageError("no such file", where=str(path), help="name a spec of Entropy or Extropy")
    if out.exists() and not overwrite:
        raise UsageError("the file exists", where=str(out), help="name another, or say --overwrite")
    texts = Texts(project_of(path))
    source = texts.read(path)
    node, broken = source.read()
    if node is None:
        raise DocumentError(broken)
    scenario: Source | None = None
    if is_scenario(node):
        base = population_of(node, path)
        if base is None:
            raise DocumentError([missing(node)])
        source, scenario = texts.read(base), source
    elif not is_population(node):
        raise UsageError(
            "this is no spec of Entropy or Extropy",
            where=str(path),
            why="theirs have `meta:`, `attributes:` and `sampling_order:` at the top",
        )
    imported, found = import_spec(source, scenario, descriptions=descriptions)
    if imported is None:
        raise DocumentError(found)
    again = load_population(Source(str(out), imported.text))[0]
    if scenario is not None:
        base, _ = import_spec(source)
        again = base and load_population(Source("base.yaml", base.text), Source(str(out), imported.text))[0]
    rewrite(out, imported.text)
    return ImportedFile(
        file=str(out),
        lines=imported.text.count("\n"),
        attributes=len(imported.population.columns),
        digest=imported.population.digest,
        same=again is not None and again.digest == imported.population.digest,
        changed=imported.changed,
        diagnostics=found,
        texts=texts.files,
    )
