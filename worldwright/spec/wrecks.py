"""Expressions that YAML's flow syntax has cut: find where they end and offer the line repaired.

Takes the document's text and the place where the expression's value begins; touches nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from worldwright.diagnostics import Applicability, Edit, Fix, Position, Span

_CLOSERS = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Expanse:
    """What an expression would be if brackets and quotes in it counted."""

    start: int
    end: int
    text: str


def is_cut(text: str) -> bool:
    """Whether a piece of an expression has a bracket or quote that does not close in it."""
    open_brackets = 0
    quote = ""
    for char in text:
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "([":
            open_brackets += 1
        elif char in ")]":
            open_brackets -= 1
    return bool(quote) or open_brackets > 0


def expanse(text: str, start: int) -> Expanse | None:
    """The expression that begins at `start`, up to the comma or bracket that really ends it.

    None where its brackets or quotes do not close on the same line.
    """
    expected: list[str] = []
    quote = ""
    at = start
    while at < len(text) and text[at] not in "\r\n":
        char = text[at]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in _CLOSERS:
            expected.append(_CLOSERS[char])
        elif expected and char == expected[-1]:
            expected.pop()
        elif not expected and char in ",]}":
            return Expanse(start, at, text[start:at].rstrip())
        at += 1
    return None if quote or expected else Expanse(start, at, text[start:at].rstrip())


def quoted(expression: str) -> str:
    """The expression as a quoted YAML scalar."""
    if '"' not in expression and "\\" not in expression:
        return f'"{expression}"'
    return "'" + expression.replace("'", "''") + "'"


def repair(text: str, found: Expanse, place: Position, file: str) -> Fix:
    """A fix that quotes the expression; its title shows the repaired line."""
    head = text.rfind("\n", 0, found.start) + 1
    tail = text.find("\n", found.start)
    line = text[head : tail if tail >= 0 else len(text)].rstrip("\r")
    inside = found.start - head
    mended = line[:inside] + quoted(found.text) + line[inside + len(found.text) :]
    span = Span(file, place, Position(place.line, place.column + len(found.text)))
    return Fix(
        f"quote the expression: {mended.strip()}", (Edit(span, quoted(found.text)),), Applicability.SUGGESTED
    )
