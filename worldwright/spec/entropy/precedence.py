"""Which of several matching conditions wins in releases since February 2026, as an order known beforehand.

Their rule: among the conditions that match an agent, each scores +1 for every other it is strictly narrower
than and −1 for every other it is strictly wider than; the highest (balance, specificity, position) wins.
The balance depends on what matches, and yet the winner is always the last in the fixed order by (number of
strictly wider conditions in the list, specificity, position): what is narrower than a matching condition is
outdone by it in neither count, a condition with a narrower one matching has fewer wider ones than that one,
and all that is wider than a matching condition matches too. So "the last match wins" says the same.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from worldwright.spec.entropy.python import parsed

_MIRROR: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
}
_WIDTHS = ((0.0, 30), (1.0, 20), (5.0, 14), (20.0, 9), (100.0, 5))


def ranked(conditions: Sequence[str]) -> list[int]:
    """The positions of the conditions, so that of those that match the last one wins."""
    parts = [_summary(text) for text in conditions]
    wider = [
        sum(_implies(own, other) and not _implies(other, own) for other in parts if other is not own)
        for own in parts
    ]
    return sorted(range(len(parts)), key=lambda i: (wider[i], parts[i].specificity(), i))


@dataclass
class _Bounds:
    """What a condition says of one name."""

    allowed: set[Any] | None = None
    excluded: set[Any] = field(default_factory=set[Any])
    low: tuple[float, bool] | None = None
    """The bound and whether it is open."""
    high: tuple[float, bool] | None = None

    def left(self) -> set[Any] | None:
        """The values that are allowed and not excluded."""
        return None if self.allowed is None else self.allowed - self.excluded

    def admits(self, value: Any) -> bool:
        """Whether a value meets what is said."""
        left = self.left()
        if (left is not None and value not in left) or value in self.excluded:
            return False
        return self.bounds_admit(value)

    def bounds_admit(self, value: Any) -> bool:
        """Whether a value lies within the bounds; text lies within none."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return self.low is None and self.high is None
        x = float(value)
        if self.low is not None and (x < self.low[0] or (x == self.low[0] and self.low[1])):
            return False
        return not (self.high is not None and (x > self.high[0] or (x == self.high[0] and self.high[1])))


@dataclass
class _Summary:
    """A condition as bounds on names joined by `and`; `readable` where it is nothing else."""

    text: str
    readable: bool = True
    never: bool = False
    clauses: int = 0
    names: dict[str, _Bounds] = field(default_factory=dict[str, _Bounds])

    @property
    def always(self) -> bool:
        return self.readable and self.clauses == 0 and not self.never

    def specificity(self) -> int:
        """Their score: how much a condition says."""
        if self.never:
            return 1_000_000
        if not self.readable:
            return _by_words(self.text)
        return 20 * self.clauses + sum(_score(bounds) for bounds in self.names.values())


def _score(bounds: _Bounds) -> int:
    score = 4 * len(bounds.excluded)
    left = bounds.left()
    if left is not None:
        score += max(0, 60 - 6 * min(max(1, len(left)), 10))
    score += 9 * ((bounds.low is not None) + (bounds.high is not None))
    if bounds.low is not None and bounds.high is not None:
        width = bounds.high[0] - bounds.low[0]
        score += next((bonus for limit, bonus in _WIDTHS if width <= limit), 0)
    return score


def _by_words(text: str) -> int:
    text = text.strip().lower()
    words = {" and ": 6, "==": 4, " in ": 4, "!=": 3, ">=": 3, "<=": 3, ">": 2, "<": 2}
    return sum(weight * text.count(word) for word, weight in words.items()) + len(
        re.findall(r"[a-z_][a-z0-9_]*", text)
    )


def _summary(text: str) -> _Summary:
    found = _Summary(text)
    try:
        tree = parsed(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _Summary(text, readable=False)
    return found if _read(tree, found) else _Summary(text, readable=False, never=found.never)


def _read(node: ast.expr, found: _Summary) -> bool:
    match node:
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_read(part, found) for part in parts)
        case ast.Constant(value=bool() as value):
            found.never |= not value
            return True
        case ast.Compare(left=left, ops=signs, comparators=others):
            sides = [left, *others]
            return all(
                _compare(first, type(sign), second, found)
                for first, sign, second in zip(sides, signs, sides[1:], strict=False)
            )
        case _:
            return False


def _compare(left: ast.expr, sign: type[ast.cmpop], right: ast.expr, found: _Summary) -> bool:
    if isinstance(right, ast.Name) and not isinstance(left, ast.Name):
        left, right, sign = right, left, _MIRROR.get(sign, sign)
    if not isinstance(left, ast.Name) or isinstance(right, ast.Name):
        return False
    bounds = found.names.setdefault(left.id, _Bounds())
    if sign in (ast.In, ast.NotIn):
        values = _values(right)
        if values is None:
            return False
        if sign is ast.In:
            bounds.allowed = values if bounds.allowed is None else bounds.allowed & values
        else:
            bounds.excluded |= values
    elif not isinstance(right, ast.Constant) or right.value is None:
        return False
    elif sign is ast.Eq:
        bounds.allowed = {right.value} if bounds.allowed is None else bounds.allowed & {right.value}
    elif sign is ast.NotEq:
        bounds.excluded.add(right.value)
    elif isinstance(right.value, bool) or not isinstance(right.value, (int, float)):
        return False
    elif sign in (ast.Gt, ast.GtE):
        own = (float(right.value), sign is ast.Gt)
        bounds.low = own if bounds.low is None else max(bounds.low, own)
    elif sign in (ast.Lt, ast.LtE):
        own = (float(right.value), sign is ast.Lt)
        if bounds.high is None or (own[0], not own[1]) < (bounds.high[0], not bounds.high[1]):
            bounds.high = own
    else:
        return False
    found.clauses += 1
    return True


def _values(node: ast.expr) -> set[Any] | None:
    if isinstance(node, ast.Constant):
        return {node.value}
    if not isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return None
    found = [item.value for item in node.elts if isinstance(item, ast.Constant)]
    return set(found) if len(found) == len(node.elts) else None


def _implies(left: _Summary, right: _Summary) -> bool:
    if right.always or left.never:
        return True
    if right.never or left.always or not left.readable or not right.readable:
        return False
    return all(
        name in left.names and _bounds_imply(left.names[name], bounds) for name, bounds in right.names.items()
    )


def _bounds_imply(left: _Bounds, right: _Bounds) -> bool:
    mine, theirs = left.left(), right.left()
    if theirs is not None and (mine is None or not mine <= theirs):
        return False
    if right.low is not None or right.high is not None:
        if mine is not None:
            if not mine:
                return True
            if not all(right.bounds_admit(value) for value in mine):
                return False
        elif not _inside(left, right):
            return False
    return not any(left.admits(value) for value in right.excluded)


def _inside(left: _Bounds, right: _Bounds) -> bool:
    if right.low is not None and (left.low is None or left.low < right.low):
        return False
    if right.high is None:
        return True
    if left.high is None:
        return False
    return (left.high[0], not left.high[1]) <= (right.high[0], not right.high[1])
