"""The Python of an expression as its tree; it is never compiled to code and never run."""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache


@lru_cache(maxsize=512)
def parsed(text: str) -> ast.expr:
    """The tree of an expression, which nobody changes; a condition is asked for its meaning and for its rank.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: as `ast.parse` does.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text, mode="eval").body
