"""Diagnostics as text with a caret, and as JSON.

Takes diagnostics and a way to look up the text of a file. Touches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from worldwright.diagnostics import Diagnostic, Severity, Span, in_order

SourceOf = Callable[[str], str | None]
"""The text of a file by the name its spans carry; None where it is not at hand."""

_WIDEST, _NARROWEST = 160, 40
_GUTTER = 8
"""The columns before a line of a document: its number and a bar."""
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Characters of a document that must not reach a terminal as they are."""


def render_text(diagnostics: Iterable[Diagnostic], source_of: SourceOf, columns: int | None = None) -> str:
    """All diagnostics, each with its line and a caret, then a count; "" where there are none.

    Args:
        diagnostics: What is shown.
        source_of: The text of a file.
        columns: How wide the terminal is; lines of a document are cut there, around the caret, which would
            stand below nothing if they were wrapped.
    """
    widest = _WIDEST if columns is None else min(_WIDEST, max(columns - _GUTTER, _NARROWEST))
    found = in_order(diagnostics)
    if not found:
        return ""
    blocks = ["\n".join(_block(diagnostic, source_of, widest)) for diagnostic in found]
    return "\n\n".join([*blocks, count(found)])


def count(diagnostics: Iterable[Diagnostic]) -> str:
    """Such as `2 errors, 1 warning`; `no problems` where there are none."""
    found = list(diagnostics)
    parts: list[str] = []
    for severity in Severity:
        n = sum(d.severity is severity for d in found)
        if n:
            parts.append(f"{n} {severity}{'' if n == 1 else 's'}")
    return ", ".join(parts) or "no problems"


def to_json(diagnostics: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """One plain object per diagnostic; spans are `{file, line, column, end_line, end_column}`."""
    return [_as_dict(d) for d in in_order(diagnostics)]


def place(span: Span | None) -> str:
    """Such as `people.yaml:4:17 `, with the space that parts it from what follows; "" for no place."""
    return f"{span.file}:{span.start.line}:{span.start.column} " if span else ""


def printable(text: str) -> str:
    """Text of a document, with what must not reach a terminal as it is replaced."""
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)


def _block(diagnostic: Diagnostic, source_of: SourceOf, widest: int) -> list[str]:
    span = diagnostic.span
    lines = [f"{place(span)}{diagnostic.severity}[{diagnostic.code}] {diagnostic.message}"]
    if span:
        lines += _excerpt(span, source_of, widest)
    for related, message in diagnostic.related:
        lines.append(f"  see {related.file}:{related.start.line}:{related.start.column}: {message}")
    if diagnostic.why:
        lines.append(f"  why: {diagnostic.why}")
    if diagnostic.help:
        lines.append(f"  help: {diagnostic.help}")
    if diagnostic.fix:
        lines.append(f"  fix: {diagnostic.fix.title}   [{diagnostic.fix.applicability}]")
    return lines


def _excerpt(span: Span, source_of: SourceOf, widest: int) -> list[str]:
    text = source_of(span.file)
    rows = text.splitlines() if text is not None else []
    if not 1 <= span.start.line <= len(rows):
        return []
    row = printable(rows[span.start.line - 1].replace("\t", " "))
    last = span.end.column if span.end.line == span.start.line else len(row) + 1
    start, width = span.start.column - 1, max(1, last - span.start.column)
    if len(row) > widest:
        cut = max(0, min(start - 20, len(row) - widest))
        left, right = cut > 0, cut + widest < len(row)
        row, start = row[cut : cut + widest], start - cut
        row = ("…" if left else row[:1]) + row[1:-1] + ("…" if right else row[-1:])
        width = min(width, max(1, len(row) - start))
    number = f"{span.start.line:5d}"
    return [f"{number} | {row}", f"{' ' * len(number)} | {' ' * start}{'^' * width}"]


def _as_dict(diagnostic: Diagnostic) -> dict[str, Any]:
    fix = diagnostic.fix
    return {
        "code": diagnostic.code,
        "rule": diagnostic.slug,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        **(_place(diagnostic.span) if diagnostic.span else {"file": None}),
        "why": diagnostic.why,
        "help": diagnostic.help,
        "fix": None
        if fix is None
        else {
            "title": fix.title,
            "applicability": str(fix.applicability),
            "edits": [{**_place(edit.span), "replacement": edit.replacement} for edit in fix.edits],
        },
        "related": [{**_place(span), "message": message} for span, message in diagnostic.related],
    }


def _place(span: Span) -> dict[str, Any]:
    return {
        "file": span.file,
        "line": span.start.line,
        "column": span.start.column,
        "end_line": span.end.line,
        "end_column": span.end.column,
    }
