"""What a check has to say: codes, severities, places and fixes, as data.

Takes nothing but plain values; `render` writes the sentences a person or a program reads.
Touches nothing: no files, no terminal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from worldwright.errors import WorldwrightError


class Severity(StrEnum):
    """How much a diagnostic matters."""

    ERROR = "error"
    """Nothing downstream runs."""
    WARNING = "warning"
    """Runs, and is probably not what was meant."""
    NOTE = "note"
    """Worth knowing."""


class Position(NamedTuple):
    """A place in a text; line and column both count from 1, columns in characters."""

    line: int
    column: int


class Span(NamedTuple):
    """A stretch of one file, from `start` up to and without `end`."""

    file: str
    start: Position
    end: Position

    def within(self, offset: int, length: int) -> Span:
        """The part that begins `offset` characters into this span's first line."""
        start = Position(self.start.line, self.start.column + offset)
        return Span(self.file, start, Position(start.line, start.column + max(length, 1)))


class Applicability(StrEnum):
    """Whether a fix may be applied unasked."""

    SAFE = "safe"
    """No drawn value changes."""
    SUGGESTED = "suggested"
    """A person should look at it first."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of `span` by `replacement`."""

    span: Span
    replacement: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that mend a problem, and how safe they are."""

    title: str
    edits: tuple[Edit, ...] = ()
    applicability: Applicability = Applicability.SUGGESTED


@dataclass(frozen=True, slots=True)
class Code:
    """The stable identity of one rule.

    Args:
        id: `WW` and four digits; never reused.
        slug: Its name in words, such as `weights-sum`.
        severity: The severity its diagnostics have.
        why: One or two sentences on why it matters, for every diagnostic with this code.
        bad: A minimal document that raises it, for `check --explain`.
        good: The same document mended.
    """

    id: str
    slug: str
    severity: Severity
    why: str
    bad: str = ""
    good: str = ""

    def at(
        self,
        span: Span | None,
        message: str,
        *,
        help: str | None = None,
        fix: Fix | None = None,
        related: tuple[tuple[Span, str], ...] = (),
    ) -> Diagnostic:
        """A diagnostic of this code at a place; `message` must stand alone in one line."""
        return Diagnostic(self.id, self.slug, self.severity, message, span, self.why, help, fix, related)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: which rule, how bad, where, what, why it matters and what to do."""

    code: str
    slug: str
    severity: Severity
    message: str
    span: Span | None
    why: str | None = None
    help: str | None = None
    fix: Fix | None = None
    related: tuple[tuple[Span, str], ...] = ()

    @property
    def is_error(self) -> bool:
        """Whether it keeps everything downstream from running."""
        return self.severity is Severity.ERROR


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sorted by file, place and code, without repetitions; those without a place come first."""
    nowhere = Span("", Position(0, 0), Position(0, 0))
    return sorted(set(diagnostics), key=lambda d: (d.span or nowhere, d.code, d.message))


class DocumentError(WorldwrightError):
    """A document that cannot be used; carries every diagnostic found in it, warnings included."""

    def __init__(self, diagnostics: Iterable[Diagnostic], *, where: str | None = None) -> None:
        found = in_order(diagnostics)
        errors = [d for d in found if d.is_error]
        first = errors[0] if errors else None
        place = where
        if first is not None and first.span is not None:
            place = f"{first.span.file}:{first.span.start.line}:{first.span.start.column}"
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        what = f"{first.message}{more}" if first else "the document cannot be used"
        super().__init__(what, where=place, help=first.help if first else None)
        self.diagnostics = tuple(found)

    def __reduce__(self) -> tuple[object, ...]:
        return DocumentError, (self.diagnostics,)
