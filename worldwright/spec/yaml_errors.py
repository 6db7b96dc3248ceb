"""What libyaml complains of, in words that say what to do.

Takes its exceptions and the text; gives diagnostics.
"""

from __future__ import annotations

import re
from typing import Any

from worldwright.diagnostics import Diagnostic, Position, Span
from worldwright.spec import wrecks
from worldwright.spec.codes import structure as codes

_VALUE = re.compile(r"(?:[{,]\s*|^\s*(?:-\s+)*)([A-Za-z_]\w*):\s+")


def explain(error: Any, text: str, file: str) -> Diagnostic:
    """The diagnostic of a YAMLError."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    lines = text.splitlines()
    row, column = (mark.line, mark.column) if mark is not None else (0, 0)
    if lines and row >= len(lines):
        row, column = len(lines) - 1, len(lines[-1])
    line = lines[row] if row < len(lines) else ""
    span = Span(file, Position(row + 1, column + 1), Position(row + 1, column + 2))
    if "\t" in line[: len(line) - len(line.lstrip())]:
        at = line.index("\t")
        place = Span(file, Position(row + 1, at + 1), Position(row + 1, at + 2))
        return codes.TAB.at(place, "the line is indented with a tab", help="indent with spaces")
    problem = str(getattr(error, "problem", None) or error)
    context = str(getattr(error, "context", None) or "")
    if "flow" in context:
        cut = _cut(text, lines, row, column, file)
        if cut is not None:
            return cut
    message, help = _words(problem, context, line, column)
    return codes.YAML.at(span, message, help=help)


def _cut(text: str, lines: list[str], row: int, column: int, file: str) -> Diagnostic | None:
    """An expression with brackets or quotes inside a flow mapping."""
    line = lines[row] if row < len(lines) else ""
    values = [match.end() for match in _VALUE.finditer(line) if match.end() <= column]
    if not values:
        return None
    inside = values[-1]
    start = sum(len(part) for part in text.splitlines(keepends=True)[:row]) + inside
    found = wrecks.expanse(text, start)
    if found is None or found.end <= start + column - inside:
        return None
    place = Position(row + 1, inside + 1)
    span = Span(file, place, Position(row + 1, inside + 1 + len(found.text)))
    message = f"YAML cannot read the expression {found.text!r} inside {{ }}"
    fix = wrecks.repair(text, found, place, file)
    help = "put the expression in quotes, or give it a line of its own"
    return codes.FLOW_WRECK.at(span, message, help=help, fix=fix)


def _words(problem: str, context: str, line: str, column: int) -> tuple[str, str | None]:
    if "mapping values are not allowed" in problem:
        if line[:column].count(":") or (re.search(r"\S\s*$", line[:column]) and ": " in line[:column]):
            return "a second ': ' stands in this value", "put the whole value in quotes"
        return "a ':' is not expected here", "check the indentation of this line and the one above"
    if "block sequence entries are not allowed" in problem:
        help = "a list begins on the next line; an expression that begins with '-' must be in quotes"
        return "a '- ' is not expected here", help
    if "cannot start any token" in problem:
        char = line[column : column + 1]
        return f"a value cannot begin with {char!r}", "put the value in quotes"
    if "could not find expected ':'" in problem:
        return "a key without ': ' after it", "check for a forgotten colon or a wrong indentation above"
    if "did not find expected key" in problem or "did not find expected '-' indicator" in problem:
        help = "check the indentation; an expression that begins with a quote must be in quotes as a whole"
        return "the line does not fit what stands above it", help
    if "unexpected end of stream" in problem and "quoted" in context:
        return "a quoted text is never closed", "add the closing quote"
    if "did not find expected ',' or" in problem:
        closer = problem.rsplit(" ", 1)[-1]
        return f"a comma or {closer} is missing before this", None
    if "undefined alias" in problem:
        return "an alias (*) is not allowed", "an expression that begins with * must be in quotes"
    return f"YAML: {f'{context}, ' if context else ''}{problem}", None
