"""Author a document from its brief with a model, or accept it as it stands; its lock is renewed.

A document that is valid replaces the one before, which is kept beside it. What stays invalid is saved aside
with its diagnostics and is an error. What a person has edited stays, unless the model's is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from worldwright.architect import (
    HAND,
    Ask,
    Authored,
    Budget,
    Client,
    Cost,
    InvalidAnswerError,
    Lock,
    ModelSettings,
    Provenance,
    assume,
    brief_path,
    lock_path,
    make_lock,
    read_lock,
    write_lock,
)
from worldwright.architect.cassette import Mode
from worldwright.architect.files import write_whole
from worldwright.architect.research import Cited
from worldwright.diagnostics import Diagnostic, DocumentError
from worldwright.errors import ArchitectError, UsageError
from worldwright.project.author_kinds import Making, making_of
from worldwright.project.locate import Project
from worldwright.project.locks import lock_state, plain_document
from worldwright.project.texts import Texts
from worldwright.render import render_text

CASSETTES = "cassettes"
"""The folder of recordings, in `specs/`, so that they are shared with the documents."""

Hands = Literal["ours", "theirs"]
"""Whose version of what a person edited is taken: the person's (ours) or the model's (theirs)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an answer will cost, shown before anything of it is written.

    Args:
        title: What it is a plan of.
        rows: Names and values.
    """

    title: str
    rows: tuple[tuple[str, str], ...]


Confirm = Callable[[Plan], bool]


@dataclass(frozen=True, slots=True)
class How:
    """How a document is authored.

    Args:
        settings: The model; None where nobody configured one.
        budget: What it may use.
        mode: Whether to ask the server, to ask and record, or to replay recordings.
        hands: Whose version of what a person edited is taken.
        ask: Puts what the brief leaves open to a person.
        confirm: Shows a plan to a person, who may decline.
        watch: Is told what the model is asked, before each question.
        against: For a scenario or world: `{"population": NAME, "scenario": NAME}`; for an experiment also
            `world`. What is left out is found where there is only one.
    """

    settings: ModelSettings | None = None
    budget: Budget = field(default_factory=Budget)
    mode: Mode = "live"
    hands: Hands = "ours"
    ask: Ask = assume
    confirm: Confirm = lambda plan: True
    watch: Callable[[str], None] = lambda asked: None
    against: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Authoring:
    """What was done: by whom, at which cost, on what it rests, and what the checks say of which texts."""

    document: str
    lock: str
    author: str
    cost: Cost = field(default_factory=Cost)
    replayed: bool = False
    repairs: int = 0
    citations: tuple[Cited, ...] = ()
    assumptions: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict[str, str])


def accept_document(project: Project, document: Path) -> Authoring:
    """Declare that a document, as it stands, answers its brief.

    Raises:
        UsageError: when the document or its brief does not exist.
        DocumentError: when the document has errors.
    """
    texts = Texts(project)
    making = making_of(project, document, {})
    brief = _brief(project, texts, making.document)
    if not making.document.is_file():
        raise UsageError("no such document", where=project.show(making.document))
    found = making.check(texts)
    if any(diagnostic.is_error for diagnostic in found):
        raise DocumentError(found)
    provenance = Provenance(HAND, project.clock())
    _lock(project, texts, making, brief, provenance)
    shown = project.show(making.document), project.show(lock_path(making.document))
    return Authoring(*shown, HAND, diagnostics=tuple(found))


def author_document(project: Project, document: Path, how: How) -> Authoring:
    """Have a model write a document from its brief, `specs/briefs/NAME.md`.

    Args:
        project: The project.
        document: The population, scenario, experiment or world (its folder, or `world.yaml` in it).
        how: With which model, at which cost, and whose edits stay.

    Raises:
        UsageError: when there is no brief, or nothing says what the document is written against.
        DocumentError: when what it is written against has errors.
        ArchitectError: when no model is configured, it does not answer, or no answer was valid.
    """
    texts = Texts(project)
    making = making_of(project, document, how.against or {})
    brief = _brief(project, texts, making.document)
    with _client(project, how) as client:
        lock, edits = _edits(texts, making, how.hands)
        kept = making.keep(texts, edits, lock)
        try:
            ask = _as_before(making.document) if client.replays else how.ask
            authored = making.author(brief, client, ask, kept)
        except InvalidAnswerError as error:
            raise _saved_aside(project, making, error) from None
        plan = making.plan(authored)
        if plan is not None and not how.confirm(Plan(*plan)):
            raise _declined(project, making, authored)
        cost = _cost(client)
        cassettes = sorted({a.cassette for a in client.ledger.attempts if a.cassette})
    _write(making, authored)
    by = Provenance(
        authored.model,
        authored.at,
        cost,
        tuple(cassettes),
        authored.citations,
        authored.assumptions,
        authored.answers,
    )
    _lock(project, Texts(project), making, brief, by)
    return Authoring(
        project.show(making.document),
        project.show(lock_path(making.document)),
        authored.model,
        cost,
        client.replays,
        authored.repairs,
        authored.citations,
        authored.assumptions,
        tuple(edits),
        authored.diagnostics,
        authored.files,
    )


def _as_before(document: Path) -> Ask:
    """The answers that were given when what is replayed was recorded."""
    lock = read_lock(lock_path(document))
    given = lock.provenance.answers if lock is not None else {}
    return lambda questions: given


def _client(project: Project, how: How) -> Client:
    folder = project.specs / CASSETTES
    return Client(
        how.settings, how.budget, clock=project.clock, watch=how.watch, mode=how.mode, cassettes=folder
    )


def _cost(client: Client) -> Cost:
    usage, prices = client.ledger.usage, client.ledger.prices
    money = None if client.ledger.cost is None else round(client.ledger.cost, 6)
    currency = prices.currency if prices is not None else None
    return Cost(client.ledger.calls, usage.tokens_in, usage.tokens_out, usage.searches, money, currency)


def _brief(project: Project, texts: Texts, document: Path) -> str:
    path = brief_path(document)
    if not path.is_file():
        raise UsageError(
            f"there is no brief {project.show(path)}",
            where=project.show(document),
            help="write in plain language what is wanted, and for which question",
        )
    return texts.read(path).text


def _edits(texts: Texts, making: Making, hands: Hands) -> tuple[Lock | None, Sequence[str]]:
    """What of the document that is there stays: what was edited since, or all that was written by hand."""
    if not making.document.is_file() or hands == "theirs":
        return None, ()
    lock, state = lock_state(texts, making.document, None, making.scripts(texts))
    if lock is None or lock.author == HAND:
        return None, making.everything(texts)
    edits = getattr(state, "edits", None)
    return lock, edits.named() if edits is not None else ()


def _lock(project: Project, texts: Texts, making: Making, brief: str, by: Provenance) -> None:
    base, base_digest = making.base(texts)
    lock = make_lock(
        plain_document(texts, making.document),
        by,
        brief=PurePosixPath(project.show(brief_path(making.document))),
        brief_text=brief,
        scripts=making.scripts(texts),
        base=base,
        base_digest=base_digest,
    )
    write_lock(lock_path(making.document), lock)


def _write(making: Making, authored: Authored) -> None:
    """Each file replaced as a whole, what was there kept beside it."""
    folder = making.document.parent
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in authored.files.items():
        path = folder / name
        if path.is_file() and (old := path.read_text(encoding="utf-8")) != text:
            _put(making.aside(name, "before"), old)
        write_whole(path, text)


def _saved_aside(project: Project, making: Making, error: InvalidAnswerError) -> ArchitectError:
    """The error, after everything that the model last wrote is saved with its diagnostics as comments."""
    saved: list[str] = []
    first = next(iter(error.files), None)
    for name, text in error.files.items():
        mark = "--" if name.endswith(".lua") else "#"
        said = error.diagnostics if name == first else ()
        lines = render_text(said, error.files.get).splitlines() if said else []
        notes = "".join(f"{mark} {line}".rstrip() + "\n" for line in lines)
        path = making.aside(name, "invalid")
        _put(path, f"{notes}{text}" if not name.endswith(".json") else text)
        saved.append(project.show(path))
    help = f"the last answer is in {', '.join(saved)}" if saved else error.help
    return ArchitectError(error.what, where=error.where, why=error.why, help=help)


def _declined(project: Project, making: Making, authored: Authored) -> UsageError:
    saved: list[str] = []
    for name, text in authored.files.items():
        path = making.aside(name, "declined")
        _put(path, text)
        saved.append(project.show(path))
    return UsageError(
        "the plan was declined, so nothing was replaced",
        where=project.show(making.document),
        help=f"what the model wrote is in {', '.join(saved)}",
    )


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text)
