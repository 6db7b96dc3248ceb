"""The words of an expression: numbers, names, quoted labels and operators, each with its place.

Takes text; what belongs to another language is refused with the word this one uses.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from worldwright.diagnostics import Code
from worldwright.spec.codes import expressions as codes

KEYWORDS = frozenset({"and", "or", "not", "in", "is", "known", "if", "else", "true", "false", "date"})
FUNCTIONS: dict[str, tuple[int, int]] = {
    "min": (2, 64),
    "max": (2, 64),
    "abs": (1, 1),
    "round": (1, 1),
    "floor": (1, 1),
    "ceil": (1, 1),
    "sqrt": (1, 1),
    "exp": (1, 1),
    "log": (1, 1),
    "clip": (3, 3),
}
"""The functions, with the least and the greatest number of their arguments."""

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<name>[^\W0-9]\w*)
      | (?P<label>'(?:[^']|'')*'|"(?:[^"]|"")*")
      | (?P<foreign>&&|\|\||\*\*|<>|=<|=>|===|!==|:=|\+\+|--(?=\s*$)|->|&|\||\^|!(?!=)|(?<![<>=!])=(?!=)
          |\.|\{|\}|:|;|\?|@|\$|~|`|\\|\u2264|\u2265|\u2260|\u2212|\u00d7|\u2018|\u2019|\u201c|\u201d)
      | (?P<operator><=|>=|==|!=|//|[<>+\-*/%()\[\],])""",
    re.VERBOSE,
)
_INSTEAD = {
    "&&": "write `and`",
    "&": "write `and`",
    "||": "write `or`",
    "|": "write `or`",
    "!": "write `not`",
    "**": "there is no power operator; write x * x, or exp(y * log(x))",
    "^": "there is no power operator; write x * x, or exp(y * log(x))",
    "=": "write `==` to compare",
    "===": "write `==`",
    ":=": "write `==` to compare",
    "<>": "write `!=`",
    "!==": "write `!=`",
    "=<": "write `<=`",
    "=>": "write `>=`",
    "\u2264": "write `<=`",
    "\u2265": "write `>=`",
    "\u2260": "write `!=`",
    "\u2212": "write an ordinary minus, `-`",
    "\u00d7": "write `*`",
    "?": "write `a if condition else b`",
    ":": "write `a if condition else b`",
    "{": "lists of options stand in square brackets",
    "}": "lists of options stand in square brackets",
    "\u2018": "use straight quotes, '…'",
    "\u2019": "use straight quotes, '…'",
    "\u201c": "use straight quotes, '…'",
    "\u201d": "use straight quotes, '…'",
}


class Token(NamedTuple):
    """A word: its kind (number, name, label, operator, end), its text and its place in the expression."""

    kind: str
    text: str
    start: int
    end: int


class RefusedError(Exception):
    """An expression that cannot be read; carries what a diagnostic needs, with places as offsets."""

    def __init__(
        self,
        code: Code,
        message: str,
        start: int,
        end: int,
        help: str | None = None,
        instead: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.start = start
        self.end = end
        self.help = help
        self.instead = instead
        """What to write in place of the marked part, where that is known."""


def tokenize(text: str) -> list[Token]:
    """The words of an expression, closed by one of kind `end`.

    Raises:
        RefusedError: at the first character that fits nowhere.
    """
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _stray(text, at)
        kind = str(match.lastgroup)
        word = match.group()
        if kind == "foreign":
            raise _foreign(tokens, text, word, at)
        if kind == "number":
            _check_number(text, match.end(), at)
        if kind != "space":
            tokens.append(Token(kind, word, at, match.end()))
        at = match.end()
    tokens.append(Token("end", "", len(text), len(text)))
    return tokens


def _stray(text: str, at: int) -> RefusedError:
    char = text[at]
    if char in "'\"":
        help = "close the quote; where YAML took the rest for a comment (' #'), quote the whole expression"
        return RefusedError(codes.SYNTAX, "a quote is never closed", at, len(text), help)
    if char == "#":
        return RefusedError(codes.SYNTAX, "an expression holds no comments", at, at + 1)
    return RefusedError(codes.SYNTAX, f"{char!r} is not part of the language", at, at + 1)


_SIMPLE = {"&&": "and", "||": "or", "=": "==", "===": "==", "<>": "!=", "!==": "!=", "=<": "<=", "=>": ">="}


def _foreign(tokens: list[Token], text: str, word: str, at: int) -> RefusedError:
    if word == ".":
        rest = re.compile(r"\.[^\W0-9]\w*(?:\([^()]*\))?").match(text, at)
        if rest is not None and tokens:
            method = rest.group()
            message = f"`{method}` is Python; values have no methods or parts"
            help = "compare with the label as it is written in the options"
            return RefusedError(codes.FOREIGN, message, at, rest.end(), help)
    message = f"`{word}` is not part of the language"
    return RefusedError(codes.FOREIGN, message, at, at + len(word), _INSTEAD.get(word), _SIMPLE.get(word))


def _check_number(text: str, end: int, start: int) -> None:
    rest = re.compile(r"[\w.]+").match(text, end)
    if rest is None:
        return
    word = text[start : rest.end()]
    help = None
    if word.replace("_", "").isdigit():
        help = f"write {word.replace('_', '')}"
    elif text[end].isalpha():
        help = "a name begins with a letter; a unit is not part of a number"
    raise RefusedError(codes.SYNTAX, f"`{word}` is neither a number nor a name", start, rest.end(), help)
