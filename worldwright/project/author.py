"""Author a document from its brief with a model, or accept it as it stands; its lock is renewed."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from worldwright.architect import (
    HAND,
    ChatClient,
    InvalidDocumentError,
    ModelSettings,
    author_population,
    author_scenario,
    brief_path,
    lock_path,
    make_lock,
    write_lock,
)
from worldwright.diagnostics import Diagnostic, DocumentError
from worldwright.errors import ArchitectError, UsageError
from worldwright.project.locate import Project
from worldwright.project.locks import lock_state, plain_document
from worldwright.project.specs import load_spec
from worldwright.project.texts import Texts
from worldwright.render import render_text
from worldwright.spec import Population
from worldwright.spec.heading import KEY


@dataclass(frozen=True, slots=True)
class Authoring:
    """What was done: by whom, with how many calls and tokens, and what the checks still say."""

    document: str
    lock: str
    author: str
    calls: int
    tokens: int
    diagnostics: tuple[Diagnostic, ...]


def accept_document(project: Project, document: Path) -> Authoring:
    """Declare that a document, as it stands, answers its brief.

    Raises:
        UsageError: when the document or its brief does not exist.
        DocumentError: when the document has errors.
    """
    texts = Texts(project)
    brief = _brief(project, texts, document)
    if not document.is_file():
        raise UsageError("no such document", where=str(document))
    population, found = load_spec(project, texts, document)
    if population is None:
        raise DocumentError(found)
    _lock(project, Texts(project), document, brief, HAND, population)
    return Authoring(project.show(document), project.show(lock_path(document)), HAND, 0, 0, tuple(found))


def author_document(
    project: Project, document: Path, settings: ModelSettings | None, *, overwrite: bool = False
) -> Authoring:
    """Have a model write a population or scenario from its brief; a valid one replaces the document.

    What was there before is kept beside it as `NAME.before.yaml`; an answer that is still invalid after the
    repairs is kept as `NAME.invalid.yaml` with its diagnostics, and the document stays as it was.

    Args:
        project: The project.
        document: The population or scenario to write; its kind is that of the folder it lies in.
        settings: The model; None where nobody configured one.
        overwrite: Replace attributes that were edited by hand.

    Raises:
        UsageError: when there is no brief, or hand edits would be lost.
        ArchitectError: when no model is configured, it does not answer, or no answer was valid.
    """
    texts = Texts(project)
    brief = _brief(project, texts, document)
    name, old = document.stem, document.read_text(encoding="utf-8") if document.is_file() else None
    with ChatClient(settings) as client:
        if old is not None and not overwrite:
            _refuse_to_lose_edits(project, texts, document)
        try:
            if document.parent.name == "scenarios":
                base = _base(project, texts, document)
                base_file = texts.read(project.document("population", base))

                def content(_: str, path: str) -> bytes:
                    return texts.content(base_file.file, path)

                authored = author_scenario(brief, name, base, base_file.text, client, files=content)
            else:
                authored = author_population(brief, name, client)
        except InvalidDocumentError as error:
            aside = document.with_name(f"{name}.invalid.yaml")
            comments = render_text(error.diagnostics, {f"{name}.yaml": error.text}.get)
            notes = "".join(f"# {line}\n" for line in comments.splitlines())
            _replace(aside, f"{notes}{error.text}\n")
            raise ArchitectError(
                error.what,
                where=error.where,
                why=error.why,
                help=f"the last answer is in {project.show(aside)}",
            ) from None
        if old is not None:
            _replace(document.with_name(f"{name}.before.yaml"), old)
        _replace(document, authored.text)
        fresh = Texts(project)
        population, found = load_spec(project, fresh, document)
        if population is None:
            raise DocumentError(found)
        _lock(project, fresh, document, brief, client.settings.model, population)
        attempts = client.ledger.attempts
        tokens = sum(attempt.tokens_in + attempt.tokens_out for attempt in attempts)
        shown = project.show(document), project.show(lock_path(document))
        return Authoring(*shown, client.settings.model, len(attempts), tokens, tuple(found))


def _brief(project: Project, texts: Texts, document: Path) -> str:
    path = brief_path(document)
    if not path.is_file():
        raise UsageError(
            f"there is no brief {project.show(path)}",
            where=project.show(document),
            help="write in plain language what the population is to be, and for which question",
        )
    return texts.read(path).text


def _base(project: Project, texts: Texts, document: Path) -> str:
    extends = plain_document(texts, document).get("extends") if document.is_file() else None
    if isinstance(extends, str):
        return extends
    known = project.names("population")
    if len(known) == 1:
        return known[0]
    raise UsageError(
        "nothing says which population the scenario extends",
        where=project.show(document),
        help=f"begin the file with `worldwright: scenario/1` and `extends: NAME`, one of {', '.join(known)}",
    )


def _refuse_to_lose_edits(project: Project, texts: Texts, document: Path) -> None:
    lock, state = lock_state(texts, document, None)
    edited = sorted(getattr(state, "edited_by_hand", ())) if lock is not None else []
    if lock is None or lock.author == HAND or edited:
        what = f"edited by hand since: {', '.join(edited)}" if edited else "written by hand"
        raise UsageError(
            f"the document was {what}",
            where=project.show(document),
            help="add --overwrite to have it written anew (the old one is kept as NAME.before.yaml)",
        )


def _lock(
    project: Project, texts: Texts, document: Path, brief: str, author: str, population: Population
) -> None:
    plain = plain_document(texts, document)
    scenario = str(plain.get(KEY, "")).startswith("scenario")
    lock = make_lock(
        plain,
        brief=PurePosixPath(project.show(brief_path(document))),
        brief_text=brief,
        author=author,
        made=project.clock(),
        base_digest=population.base_digest if scenario else None,
    )
    write_lock(lock_path(document), lock)


def _replace(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the new one."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).chmod(0o644)
    Path(name).replace(path)
