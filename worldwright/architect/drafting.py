"""Documents are drafted: one question to the model, then bounded rounds of repair by our diagnostics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from worldwright.architect.answers import NoDocument
from worldwright.architect.authored import REPAIRS, Files, InvalidAnswerError, answers
from worldwright.architect.client import Client
from worldwright.architect.prompting import prompt
from worldwright.architect.question import Message, Question, Reply
from worldwright.diagnostics import Diagnostic, in_order
from worldwright.errors import ArchitectError
from worldwright.render import count, render_text

_SHOWN = 12
_LONGEST_LINE = 200

FileCheck = Callable[[Files], Sequence[Diagnostic]]
"""Checks documents against the whole language; every problem at once."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be drafted, and how it is judged.

    Args:
        what: What it is, for errors, such as `the population`.
        where: Its name.
        opening: The conversation that asks for it.
        read: The files of an answer.
        assemble: Makes of the files so far and those of an answer the whole, with what is ours in it.
        check: What is wrong with the whole.
        repairs: The most rounds of repair.
    """

    what: str
    where: str
    opening: Sequence[Message]
    read: Callable[[Reply], Files | NoDocument]
    assemble: Callable[[Files, Files], Files]
    check: FileCheck
    repairs: int = REPAIRS


@dataclass(frozen=True, slots=True)
class Drafted:
    """Valid files, what remains to be said about them, and the reply that completed them."""

    files: Files
    diagnostics: tuple[Diagnostic, ...]
    reply: Reply
    repairs: int


@dataclass(frozen=True, slots=True)
class _Draft:
    """The last files, and what the model is told about its last answer."""

    files: Files = field(default_factory=dict[str, str])
    diagnostics: tuple[Diagnostic, ...] = ()
    problems: str = ""


def draft(client: Client, task: Task) -> Drafted:
    """Have documents written until they are valid.

    Raises:
        InvalidAnswerError: when no answer was valid; it holds the last files and their diagnostics.
        BudgetExceededError: when the budget does not admit the first call.
        ArchitectError: when the server does not answer the first call, or the model declines.
    """
    messages, last = list(task.opening), _Draft()
    for number in range(task.repairs + 1):
        try:
            reply = client.ask(Question(messages))
        except ArchitectError as error:
            if number == 0:
                raise
            raise _invalid(task, last, number, why=error.what, help=error.help) from error
        answer = task.read(reply)
        if isinstance(answer, NoDocument):
            last = _unread(last, answer)
        else:
            files = task.assemble(last.files, answer)
            found = tuple(in_order(task.check(files)))
            if not any(diagnostic.is_error for diagnostic in found):
                return Drafted(files, found, reply, number)
            last = _Draft(files, found, _problems(found, files))
        messages = [*task.opening, *_repair(last)]
    raise _invalid(task, last, task.repairs + 1)


def fenced(files: Files) -> str:
    """Files as a model reads and writes them."""
    parts: list[str] = []
    for name, text in files.items():
        fence = "```" if "```" not in text else "`````"
        kind = "lua" if name.endswith(".lua") else "yaml"
        label = f"{kind} {name}" if len(files) > 1 else kind
        parts.append(f"{fence}{label}\n{text}{fence}")
    return "\n\n".join(parts)


def _unread(last: _Draft, answer: NoDocument) -> _Draft:
    """The draft before, if any, is still what is to be mended."""
    before = f"\n\n{_problems(last.diagnostics, last.files)}" if last.files else ""
    return _Draft(last.files, last.diagnostics, f"{answer.problem}{before}")


def _repair(last: _Draft) -> list[Message]:
    said = [Message("assistant", fenced(last.files))] if last.files else []
    return [*said, Message("user", prompt("repair", problems=last.problems))]


def _problems(found: Sequence[Diagnostic], files: Files) -> str:
    errors = [diagnostic for diagnostic in found if diagnostic.is_error]
    shown = render_text(errors[:_SHOWN], files.get, _LONGEST_LINE)
    left = len(errors) - _SHOWN
    return shown if left <= 0 else f"{shown}\n\nand {left} more errors, shown once these are mended"


def _invalid(
    task: Task, last: _Draft, number: int, *, why: str | None = None, help: str | None = None
) -> InvalidAnswerError:
    state = f"is still invalid after {answers(number)}: {count(last.diagnostics)}"
    if not last.files:
        state = f"could not be written: {answers(number)} held no document"
    first = next((diagnostic.message for diagnostic in last.diagnostics if diagnostic.is_error), None)
    return InvalidAnswerError(
        f"{task.what} {state}",
        where=task.where,
        why=why or first,
        help=help or "mend it by hand, make the brief clearer, or ask another model",
        files=last.files,
        diagnostics=last.diagnostics,
    )
