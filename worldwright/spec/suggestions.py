"""What might have been meant: the nearest of several words, and lists of them that stay readable.

Takes words. The work is bounded, so that a document with thousands of mistakes is answered in seconds.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from itertools import islice

_SCANNED = 1000
_COMPARED = 50
_LISTED = 20


def nearest(word: str, options: Iterable[str], is_offered: Callable[[str], bool] | None = None) -> str | None:
    """The option most like a word, if one is near; among many, only some that begin alike are compared.

    Args:
        word: What is written.
        options: What there is.
        is_offered: Whether an option may be suggested; all may, unless given.
    """
    scanned = list(islice(options, _SCANNED))
    if len(scanned) > _COMPARED:
        scanned = [option for option in scanned if option.startswith(word[:1])]
    offered = islice(filter(is_offered, scanned) if is_offered else scanned, _COMPARED)
    found = difflib.get_close_matches(word[:100], list(offered), 1)
    return found[0] if found else None


def listed(options: Iterable[str]) -> str:
    """`there are a, b, c`, cut after some; where there are none, that."""
    shown = list(options)
    if not shown:
        return "there are none"
    rest = f" and {len(shown) - _LISTED} more" if len(shown) > _LISTED else ""
    return f"there are {', '.join(shown[:_LISTED])}{rest}"
