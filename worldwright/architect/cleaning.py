"""Text from outside made harmless: no control characters, no endless length."""

from __future__ import annotations

import unicodedata

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d\u00ad")
"""Format characters that ordinary words of some languages need."""


def is_control(character: str) -> bool:
    """Whether a character steers a terminal or the direction of text, or is none at all.

    Line feeds and tabs are not counted, nor are the joiners that some scripts are written with.
    """
    if character in "\n\t" or character in _JOINERS:
        return False
    return unicodedata.category(character) in _INVISIBLE


def strip_controls(text: str) -> str:
    """The text with plain line feeds and without control characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(character for character in text if not is_control(character))


def shorten(text: str, most: int = 500) -> str:
    """The text on one line, without control characters, cut to `most` characters with a sign where."""
    line = " ".join(strip_controls(text[: 4 * most]).split())
    return line if len(line) <= most and len(text) <= 4 * most else f"{line[: most - 1]}…"
