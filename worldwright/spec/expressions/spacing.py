"""The usual spacing of an expression, with every word as it was written.

Takes the text of an expression, gives it with one space around operators and after commas.
"""

from __future__ import annotations

from worldwright.spec.expressions.tokens import KEYWORDS, RefusedError, Token, tokenize

_OPENING = ("(", "[")
_CLOSING = (")", "]")


def spaced(text: str) -> str:
    """The expression in its usual spacing; as it is where it cannot be read."""
    try:
        tokens = tokenize(text)[:-1]
    except RefusedError:
        return text
    parts: list[str] = []
    glued = True
    for position, token in enumerate(tokens):
        before = tokens[position - 1] if position else None
        if not (glued or token.text in (*_CLOSING, ",") or _calls(before, token)):
            parts.append(" ")
        parts.append(token.text)
        glued = token.text in _OPENING or _is_sign(before, token)
    return "".join(parts)


def _calls(before: Token | None, token: Token) -> bool:
    """Whether a bracket opens the arguments of a function."""
    if before is None or token.text != "(" or before.kind != "name":
        return False
    return before.text == "date" or before.text not in KEYWORDS


def _is_sign(before: Token | None, token: Token) -> bool:
    """Whether a plus or minus belongs to what follows it alone."""
    if token.kind != "operator" or token.text not in ("+", "-"):
        return False
    if before is None or before.kind == "operator":
        return before is None or before.text not in _CLOSING
    return before.kind == "name" and before.text in KEYWORDS and before.text not in ("true", "false", "known")
