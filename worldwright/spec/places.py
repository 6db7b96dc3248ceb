"""Where in a population or scenario document expressions stand.

Takes the path of a value: keys and positions from the top.
"""

from __future__ import annotations

from collections.abc import Callable

Path = tuple[str | int, ...]
IsExpression = Callable[[Path], bool]

_OF_ATTRIBUTES = frozenset({"formula", "only_if"})
_OF_MODIFIERS = frozenset({"when", "multiply", "add", "probability", "weights", "scale"})
_OF_EXPECTATIONS = frozenset({"share", "where"})
_TABLE = "empirical"
"""The family whose keys name files, columns and values; only its min and max are expressions."""


def holds_expression(path: Path) -> bool:
    """Whether the value at a path is read as an expression."""
    match path:
        case ("attributes", str(), str(key)):
            return key in _OF_ATTRIBUTES
        case ("attributes", str(), "distribution", *_, str(family), ("min" | "max")) if family == _TABLE:
            return True
        case ("attributes", str(), "distribution", *below):
            return _TABLE not in below
        case ("attributes", str(), "modifiers", int(), str(key), *_):
            return key in _OF_MODIFIERS
        case ("constraints", int()) | ("constraints", int(), "require"):
            return True
        case ("expect", int(), str(key)):
            return key in _OF_EXPECTATIONS
        case _:
            return False


def expressions_of(kind: str) -> IsExpression:
    """Where expressions stand in a kind of document; those of worlds and experiments are their own affair."""
    return holds_expression if kind in ("population", "scenario") else _nowhere


def _nowhere(_: Path) -> bool:
    return False
