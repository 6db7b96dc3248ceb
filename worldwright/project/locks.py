"""Whether documents still answer their briefs: a stale lock is a diagnostic with the way out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from worldwright.architect.lock import Fresh, Lock, Missing, Stale, brief_path, lock_path, status
from worldwright.architect.lock_file import read_lock
from worldwright.diagnostics import Code, Diagnostic, DocumentError, Position, Severity, Span
from worldwright.errors import ArchitectError
from worldwright.project.locate import Project
from worldwright.project.specs import load_spec
from worldwright.project.texts import Texts
from worldwright.spec import plain
from worldwright.spec.tree import MappingNode

STALE_LOCK = Code(
    "WW0820",
    "lock-stale",
    Severity.ERROR,
    "The document was written for another brief, so its results would answer another question.",
)
MISSING_LOCK = Code(
    "WW0821",
    "lock-missing",
    Severity.WARNING,
    "Without a lock nobody notices when the brief changes and the document does not.",
)
BROKEN_LOCK = Code(
    "WW0822",
    "lock-broken",
    Severity.ERROR,
    "What cannot be read says nothing about the brief the document was written for.",
)


def check_lock(project: Project, texts: Texts, document: Path, base_digest: str | None) -> list[Diagnostic]:
    """What is wrong between a document, its brief and its lock; nothing where there is no brief.

    Args:
        project: Where the document lies.
        texts: Collects the files that were read.
        document: The population or scenario.
        base_digest: For a scenario: the digest of the population it extends, as it is now.
    """
    shown = project.show(document)
    place = _top(shown)
    broken = check_lock_file(texts, lock_path(document)) if lock_path(document).is_file() else []
    if broken:
        return broken
    lock, state = lock_state(texts, document, base_digest)
    accept = f"`worldwright author {shown} --accept` once the document says what the brief asks"
    if isinstance(state, Missing):
        brief = project.show(brief_path(document))
        return [MISSING_LOCK.at(place, f"there is a brief, {brief}, and no lock of it", help=accept)]
    if isinstance(state, Stale):
        author = f"`worldwright author {shown}` to have a model write it anew (set WORLDWRIGHT_MODEL, and "
        author += "WORLDWRIGHT_BASE_URL or OPENAI_API_KEY)"
        made = f"; it was written by {lock.author}" if lock else ""
        return [
            STALE_LOCK.at(
                place,
                f"the document no longer answers its brief: {' and '.join(state.reasons)}{made}",
                help=f"run {author}, or {accept}",
            )
        ]
    return []


def world_scripts(texts: Texts, document: Path) -> dict[str, str]:
    """The scripts that a world document names and that are there, by file name."""
    entities = plain_document(texts, document).get("entities")
    rows = entities if isinstance(entities, list) else []
    names = [row["script"] for row in rows if isinstance(row, dict) and isinstance(row.get("script"), str)]
    paths = {name: document.parent / name for name in names}
    return {name: texts.read(path).text for name, path in paths.items() if path.is_file()}


def base_of(project: Project, texts: Texts, base: str) -> str | None:
    """The digest of `POPULATION` or `POPULATION/SCENARIO` now; None where it is gone or has errors."""
    name, _, scenario = base.partition("/")
    path = project.document("scenario", scenario) if scenario else project.document("population", name)
    population = load_spec(project, texts, path)[0] if path.is_file() else None
    return population.digest if population is not None else None


def check_world_lock(project: Project, texts: Texts, document: Path) -> list[Diagnostic]:
    """What is wrong between a world, its brief, the population it was written for, and its lock."""
    path = lock_path(document)
    if not path.is_file():
        return check_lock(project, texts, document, None)
    if broken := check_lock_file(texts, path):
        return broken
    lock = read_lock(path)
    digest = base_of(project, texts, lock.base) if lock is not None and lock.base is not None else None
    return check_lock(project, texts, document, digest)


def check_lock_file(texts: Texts, path: Path) -> list[Diagnostic]:
    """What keeps a lock from being read."""
    shown = texts.read(path).file
    try:
        read_lock(path)
    except DocumentError as error:
        return list(error.diagnostics)
    except ArchitectError as error:
        return [BROKEN_LOCK.at(_top(shown), error.what, help=error.help)]
    return []


def lock_state(
    texts: Texts, document: Path, base_digest: str | None, scripts: Mapping[str, str] | None = None
) -> tuple[Lock | None, Fresh | Stale | Missing]:
    """A document's lock and how the document stands to its brief.

    Raises:
        DocumentError, ArchitectError: for a lock that cannot be read.
    """
    brief, at = brief_path(document), lock_path(document)
    text = texts.read(brief).text if brief.is_file() else None
    lock = None
    if at.is_file():
        texts.read(at)
        lock = read_lock(at)
    return lock, status(plain_document(texts, document), text, base_digest, lock, scripts)


def _top(file: str) -> Span:
    return Span(file, Position(1, 1), Position(1, 1))


def plain_document(texts: Texts, document: Path) -> dict[str, object]:
    """A document as plain data; empty where it cannot be read, which its own check reports."""
    source = texts.read(document)
    node, _ = source.read()
    return plain(node) if isinstance(node, MappingNode) else {}
