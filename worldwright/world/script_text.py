"""The text of a script: its places, and what keeps it from being read at all.

Takes the source of a Lua script, gives diagnostics with their places. Runs nothing and touches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from worldwright.diagnostics import Diagnostic, Position, Span
from worldwright.world import codes
from worldwright.world.compiler import CompileError, compile_error
from worldwright.world.scopes import TooDeepError, Use, uses_of
from worldwright.world.syntax import PREFIX, parse, text_of, walk
from worldwright.world.vocabulary import FOREIGN_SYNTAX

LONGEST = 1_000_000


class ScriptText:
    """A script as text and tree.

    Args:
        source: The Lua text.
        file: Its name in diagnostics.
    """

    def __init__(self, source: str, file: str) -> None:
        self.source = source
        self.file = file
        self.rows = source.encode("utf-8", "surrogateescape").split(b"\n")
        self.root = parse(source).root_node
        self.uses: list[Use] = []

    def unreadable(self) -> list[Diagnostic]:
        """What keeps the script from being read at all; fills `uses` where nothing does."""
        if len(self.source) > LONGEST:
            return [codes.SYNTAX.at(self.top(), f"the script is longer than {LONGEST} characters")]
        found = [*self._syntax(), *self._reserved()]
        if found:
            return found
        try:
            self.uses = uses_of(self.root)
        except TooDeepError:
            return [codes.SYNTAX.at(self.top(), "the script is nested too deeply")]
        return []

    def top(self) -> Span:
        """The first line."""
        return Span(self.file, Position(1, 1), Position(1, max(2, len(self.rows[0]) + 1)))

    def span(self, node: Node) -> Span:
        """Where a node is."""
        (row, column), (last, end) = node.start_point, node.end_point
        return Span(self.file, self._position(row, column), self._position(last, end))

    def _position(self, row: int, column: int) -> Position:
        return Position(row + 1, len(self.rows[row][:column].decode("utf-8", "replace")) + 1)

    def _syntax(self) -> Iterator[Diagnostic]:
        problem = compile_error(self.source)
        if problem is not None:
            strange = re.fullmatch(r"<\\(\d+)>", problem.token or "")
            yield self._strange(problem, int(strange[1])) if strange else self._broken(problem)
            return
        broken = next((node for node in walk(self.root) if node.is_error or node.is_missing), None)
        if broken is not None:
            message = "this cannot be followed; write it in a plainer way"
            yield codes.SYNTAX.at(self.span(broken), message)

    def _broken(self, problem: CompileError) -> Diagnostic:
        line = min(problem.line, len(self.rows))
        code = self.rows[line - 1].decode("utf-8", "replace").partition("--")[0]
        help = next((help for mark, help in FOREIGN_SYNTAX.items() if mark in code), None)
        return codes.SYNTAX.at(self._near(problem), problem.message, help=help)

    def _strange(self, problem: CompileError, byte: int) -> Diagnostic:
        """A character that Lua knows only inside texts, named by its first byte."""
        line = min(problem.line, len(self.rows))
        row = self.rows[line - 1]
        before = max(row.find(bytes([byte])), 0)
        start = self._position(line - 1, before)
        character = row[before:].decode("utf-8", "replace")[:1] if byte in row else chr(byte)
        character = character if character.isprintable() else repr(character)[1:-1]
        span = Span(self.file, start, Position(start.line, start.column + 1))
        help = "names are made of a-z, A-Z, 0-9 and _; other characters go into texts in plain quotes"
        return codes.SYNTAX.at(span, f"unexpected `{character}`", help=help)

    def _near(self, problem: CompileError) -> Span:
        """The token Lua stopped at, in the line it names."""
        line = min(problem.line, len(self.rows))
        row = self.rows[line - 1].decode("utf-8", "replace")
        column = row.rfind(problem.token) if problem.token else len(row)
        start = Position(line, max(column, 0) + 1)
        return Span(self.file, start, Position(line, start.column + max(len(problem.token or ""), 1)))

    def _reserved(self) -> Iterator[Diagnostic]:
        for node in walk(self.root):
            if node.type == "identifier" and (text_of(node).startswith(PREFIX) or text_of(node) == "_ENV"):
                yield codes.RESERVED.at(self.span(node), f"the name `{text_of(node)}` is reserved")
