"""A brief becomes a document: one question to the model, then bounded rounds of repair by our diagnostics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from worldwright.architect.answers import NoDocument, document_in
from worldwright.architect.cleaning import strip_controls
from worldwright.architect.client import ChatClient, Message
from worldwright.architect.prompting import prompt
from worldwright.architect.vetting import Wanted, vet
from worldwright.diagnostics import Diagnostic, in_order
from worldwright.errors import ArchitectError
from worldwright.render import count, render_text
from worldwright.spec.data_files import Reader, refuse_all

REPAIRS = 3
"""The most rounds of repair after the first answer."""

_SHOWN = 12

Check = Callable[[str], Sequence[Diagnostic]]
"""Checks the text of a document against the whole language; every problem at once."""


@dataclass(frozen=True, slots=True)
class Authored:
    """A valid document that a model wrote.

    Args:
        text: The document.
        diagnostics: What remains to be said about it: warnings and notes, no errors.
        model: The model as the server names it.
        repairs: Rounds of repair it took.
    """

    text: str
    diagnostics: tuple[Diagnostic, ...]
    model: str
    repairs: int


class InvalidDocumentError(ArchitectError):
    """A document that is still invalid when the rounds, the budget or the server come to an end.

    Args:
        text: The last document, to be saved aside; "" where no answer held one.
        diagnostics: What is wrong with it.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        why: str | None = None,
        help: str | None = None,
        text: str = "",
        diagnostics: Sequence[Diagnostic] = (),
    ) -> None:
        super().__init__(what, where=where, why=why, help=help)
        self.text = text
        self.diagnostics = tuple(diagnostics)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.what, self.where, self.why, self.help, self.text, self.diagnostics)


def author_population(
    brief: str, name: str, client: ChatClient, check: Check | None = None, *, repairs: int = REPAIRS
) -> Authored:
    """Write the population `name` from a brief.

    Args:
        brief: What the population is to be, in plain language.
        name: The name of the document; diagnostics call its file `NAME.yaml`.
        client: The model, with its budget.
        check: How the document is checked; the language's own checks by default.
        repairs: The most rounds of repair.

    Raises:
        InvalidDocumentError: when no answer was valid; it holds the last one and its diagnostics.
        BudgetExceededError: when the budget does not admit the first call.
        ArchitectError: when the server does not answer, or the model declines.
    """
    file = f"{name}.yaml"

    def checked(text: str) -> Sequence[Diagnostic]:
        from worldwright.spec import Source, load_population

        return load_population(Source(file, text))[1]

    task = prompt("population", name=name, brief=_clean(brief, name))
    return _author(task, file, Wanted("population", name), client, check or checked, repairs)


def author_scenario(
    brief: str,
    name: str,
    base_name: str,
    base: str,
    client: ChatClient,
    check: Check | None = None,
    *,
    repairs: int = REPAIRS,
    files: Reader = refuse_all,
) -> Authored:
    """Write the scenario `name` on the population `base_name`, whose document `base` the model reads.

    Arguments and errors are those of `author_population`; what is wrong in the base itself is an error
    before any call, since no scenario could mend it. `files` gives the files of data that the base names.
    """
    from worldwright.spec import Source, load_population

    file, base_file = f"{name}.yaml", f"{base_name}.yaml"
    if check is None:
        wrong = [d for d in load_population(Source(base_file, base), files=files)[1] if d.is_error]
        if wrong:
            help = f"mend {base_file} first: {wrong[0].message}"
            raise ArchitectError("the population a scenario extends is not valid", where=name, help=help)

    def checked(text: str) -> Sequence[Diagnostic]:
        found = load_population(Source(base_file, base), Source(file, text), files)[1]
        return [d for d in found if d.is_error or (d.span is not None and d.span.file == file)]

    task = prompt("scenario", name=name, base_name=base_name, base=base.strip(), brief=_clean(brief, name))
    wanted = Wanted("scenario", name, extends=base_name)
    return _author(task, file, wanted, client, check or checked, repairs)


@dataclass(frozen=True, slots=True)
class _Draft:
    """The last document, and what the model is told about its last answer."""

    text: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
    problems: str = ""


def _author(task: str, file: str, wanted: Wanted, client: ChatClient, check: Check, repairs: int) -> Authored:
    opening = [Message("system", prompt("language")), Message("user", task)]
    messages, draft = opening, None
    for number in range(repairs + 1):
        try:
            reply = client.complete(messages)
        except ArchitectError as error:
            if draft is None:
                raise
            raise _invalid(wanted, draft, number, why=error.what, help=error.help) from error
        answer = document_in(reply)
        if isinstance(answer, NoDocument):
            draft = _without_document(draft or _Draft(), answer)
        else:
            found = tuple(in_order([*check(answer), *vet(answer, file, wanted)]))
            if not any(diagnostic.is_error for diagnostic in found):
                return Authored(answer, found, reply.model, repairs=number)
            draft = _Draft(answer, found, _problems(found, file, answer))
        messages = [*opening, *_repair(draft)]
    raise _invalid(wanted, draft or _Draft(), repairs + 1)


def _without_document(draft: _Draft, answer: NoDocument) -> _Draft:
    """The draft before, if any, is still what is to be mended."""
    before = f"\n\n{draft.problems}" if draft.text else ""
    return _Draft(draft.text, draft.diagnostics, f"{answer.problem}{before}")


def _repair(draft: _Draft) -> list[Message]:
    said = [Message("assistant", f"```yaml\n{draft.text}```")] if draft.text else []
    return [*said, Message("user", prompt("repair", problems=draft.problems))]


def _problems(found: Sequence[Diagnostic], file: str, text: str) -> str:
    errors = [diagnostic for diagnostic in found if diagnostic.is_error]
    shown = render_text(errors[:_SHOWN], lambda name: text if name == file else None)
    left = len(errors) - _SHOWN
    return shown if left <= 0 else f"{shown}\n\nand {left} more errors, shown once these are mended"


def _invalid(
    wanted: Wanted, draft: _Draft, answers: int, *, why: str | None = None, help: str | None = None
) -> InvalidDocumentError:
    asked = f"{answers} answer{'' if answers == 1 else 's'}"
    state = f"is still invalid after {asked}: {count(draft.diagnostics)}"
    if not draft.text:
        state = f"could not be written: {asked} held no document"
    return InvalidDocumentError(
        f"the {wanted.kind} {state}",
        where=wanted.name,
        why=why,
        help=help or "mend it by hand, make the brief clearer, or ask another model",
        text=draft.text,
        diagnostics=draft.diagnostics,
    )


def _clean(brief: str, name: str) -> str:
    text = strip_controls(brief).strip()
    if not text:
        raise ArchitectError("the brief is empty", where=name, help="say in plain language whom to describe")
    return text


def _rebuild(
    what: str, where: str | None, why: str | None, help: str | None, text: str, found: Sequence[Diagnostic]
) -> InvalidDocumentError:
    return InvalidDocumentError(what, where=where, why=why, help=help, text=text, diagnostics=found)
