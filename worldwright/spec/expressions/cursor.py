"""A place among the words of an expression: looking, taking, and saying what was expected.

Takes tokens and the places of their characters; holds the caps on depth.
"""

from __future__ import annotations

from collections.abc import Sequence

from worldwright.diagnostics import Position, Span
from worldwright.spec.codes import expressions as codes
from worldwright.spec.expressions.nodes import Expression
from worldwright.spec.expressions.tokens import RefusedError, Token

MAX_DEPTH = 64
"""How deep expressions may be nested."""


class Places:
    """Turns offsets in the expression into spans of the document."""

    def __init__(self, span: Span, places: Sequence[Position] | None) -> None:
        self._span = span
        self._places = places

    def span(self, start: int, end: int) -> Span:
        """From one offset up to another."""
        if self._places is None:
            return self._span.within(start, end - start)
        last = len(self._places) - 1
        first = self._places[min(start, last)]
        final = self._places[min(max(end - 1, start), last)]
        return Span(self._span.file, first, Position(final.line, final.column + 1))


class Cursor:
    """The state of a parser."""

    def __init__(self, tokens: list[Token], places: Places) -> None:
        self._tokens = tokens
        self._places = places
        self._at = 0
        self._nesting = 0
        self._depths: dict[int, int] = {}

    @property
    def token(self) -> Token:
        """The next word."""
        return self._tokens[self._at]

    @property
    def before(self) -> Token:
        """The word before it."""
        return self._tokens[max(self._at - 1, 0)]

    def take(self) -> Token:
        """The next word, passed over; refused at the end."""
        token = self.token
        if token.kind == "end":
            raise self.refused("the expression ends too early", token, "something is missing at the end")
        self._at += 1
        return token

    def peek(self, word: str, ahead: int = 0) -> bool:
        """Whether a keyword comes next, or so many words ahead."""
        at = min(self._at + ahead, len(self._tokens) - 1)
        return self._tokens[at].kind == "name" and self._tokens[at].text == word

    def word(self, word: str) -> bool:
        """Whether a keyword comes next; passes over it."""
        found = self.peek(word)
        self._at += found
        return found

    def operator(self, text: str) -> bool:
        """Whether an operator comes next; passes over it."""
        found = self.token.kind == "operator" and self.token.text == text
        self._at += found
        return found

    def close(self, closer: str, opening: Token) -> None:
        """Pass over a closing bracket, which must come."""
        if self.operator(closer):
            return
        if self.token.kind == "end":
            raise self.refused(f"`{opening.text}` is never closed", opening, f"add `{closer}`")
        raise self.unexpected(closer)

    def unexpected(self, closer: str = "") -> RefusedError:
        """What to say of a word that fits nowhere."""
        token = self.token
        if token.kind == "operator" and token.text in ")]":
            return self.refused(f"`{token.text}` closes nothing", token)
        if token.kind == "name" and token.text == "then":
            return self.refused("there is no `then`", token, "write `a if condition else b`")
        if token.kind == "name" and token.text in ("AND", "OR", "IN", "IF", "ELSE"):
            word = token.text.lower()
            message = f"`{token.text}` is written in small letters"
            return RefusedError(codes.FOREIGN, message, token.start, token.end, f"write `{word}`", word)
        wanted = f"`{closer}` or an operator" if closer else "an operator"
        return self.refused(f"{wanted} is expected before `{token.text}`", token)

    def refused(self, message: str, token: Token, help: str | None = None) -> RefusedError:
        """A mistake at a word."""
        return RefusedError(codes.SYNTAX, message, token.start, token.end, help)

    def since(self, start: Token) -> Span:
        """The span from a word to the last one passed."""
        return self._places.span(start.start, self.before.end)

    def skip(self, count: int = 1) -> None:
        """Pass over words."""
        self._at += count

    def leave(self) -> None:
        """End a nested part."""
        self._nesting -= 1

    def enter(self) -> None:
        """Begin a nested part."""
        self._nesting += 1
        if self._nesting > MAX_DEPTH:
            raise self._too_deep()

    def kept(self, node: Expression, *parts: Expression) -> Expression:
        """A node above its parts, if it is not too high above its leaves."""
        depth = 1 + max((self._depths.get(id(part), 1) for part in parts), default=0)
        if depth > MAX_DEPTH:
            raise self._too_deep()
        self._depths[id(node)] = depth
        return node

    def _too_deep(self) -> RefusedError:
        message = f"the expression is nested more than {MAX_DEPTH} deep"
        token = self.token
        return RefusedError(
            codes.TOO_LONG, message, token.start, token.end, "split it into several attributes"
        )
