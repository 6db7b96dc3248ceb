"""What authoring comes to: documents with what was assumed and cited, or an error that keeps everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from worldwright.architect.research import Cited
from worldwright.diagnostics import Diagnostic
from worldwright.errors import ArchitectError

REPAIRS = 3
"""The most rounds of repair after a first answer."""

Files = Mapping[str, str]
"""Texts of documents and scripts by file name."""


@dataclass(frozen=True, slots=True)
class Authored:
    """Valid documents that a model wrote.

    Args:
        files: The texts by file name.
        diagnostics: What remains to be said about them: warnings and notes, no errors.
        model: The model as the server names it.
        repairs: Rounds of repair it took.
        at: When the last answer came.
        assumptions: What was assumed because the brief does not say it.
        citations: The sources that the documents name.
        answers: What a person answered to the model's questions, by id.
    """

    files: Files
    diagnostics: tuple[Diagnostic, ...]
    model: str
    repairs: int
    at: datetime
    assumptions: tuple[str, ...] = ()
    citations: tuple[Cited, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def text(self) -> str:
        """The text of the only document, or of the first."""
        return next(iter(self.files.values()))


class InvalidAnswerError(ArchitectError):
    """What is still invalid when the rounds, the budget or the server come to an end.

    Args:
        files: The last answer, to be saved aside; empty where no answer held anything.
        diagnostics: What is wrong with it.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        why: str | None = None,
        help: str | None = None,
        files: Files | None = None,
        diagnostics: Sequence[Diagnostic] = (),
    ) -> None:
        super().__init__(what, where=where, why=why, help=help)
        self.files = dict(files or {})
        self.diagnostics = tuple(diagnostics)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.what, self.where, self.why, self.help, self.files, self.diagnostics)


def _rebuild(
    what: str,
    where: str | None,
    why: str | None,
    help: str | None,
    files: Files,
    diagnostics: Sequence[Diagnostic],
) -> InvalidAnswerError:
    return InvalidAnswerError(what, where=where, why=why, help=help, files=files, diagnostics=diagnostics)


def answers(count: int) -> str:
    """A number of answers in words."""
    return f"{count} answer{'' if count == 1 else 's'}"
