"""What an inequality leaves of a distribution, for agents whose redraws hardly ever meet it.

A number rises (or falls) with its uniform, so each inequality between it and what is known by then holds on
one side of some uniform. These sides are found by bisection, and a further attempt is placed between them: it
has the law of the draws that meet the constraints, which attempts drawn on and on would have as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from worldwright.population.block import Block
from worldwright.population.steps.numeric import NumericStep
from worldwright.population.steps.step import Step, Test
from worldwright.population.values import Floats, Index
from worldwright.spec.expressions import nodes
from worldwright.spec.expressions.nodes import Expression

NARROWED_AFTER = 64
"""Attempts after which what is left of an owner's distribution is computed."""
TRIES = 16
"""Attempts placed in what is left; the first nearly always holds, as only rounding can break it."""
LAST = (1 << 52) - 1
"""The number of the greatest uniform: number k stands for (2k + 1)/2⁵³."""
_MONOTONE = frozenset(
    (
        "normal",
        "lognormal",
        "uniform",
        "beta",
        "gamma",
        "exponential",
        "triangular",
        "poisson",
        "binomial",
        "empirical",
    )
)
_INEQUALITIES = frozenset(("<", "<=", ">", ">="))


@dataclass(frozen=True)
class Narrowing:
    """Inequalities between what rises or falls with one owner and what does not depend on it."""

    inequalities: tuple[Test, ...]
    stream: str

    def left(self, block: Block, rows: Index, inner: Sequence[Step]) -> tuple[Index, Index]:
        """The first and the last number of a uniform with which each row meets every inequality.

        The last is below the first where there is none.
        """
        first = np.zeros(len(rows), dtype=np.int64)
        last = np.full(len(rows), LAST, dtype=np.int64)
        for test in self.inequalities:
            low = np.zeros(len(rows), dtype=np.int64)
            high = np.full(len(rows), LAST, dtype=np.int64)
            at_low = self._holds(test, block, rows, low, inner)
            at_high = self._holds(test, block, rows, high, inner)
            mixed = at_low != at_high
            while True:
                middle = low + (high - low) // 2
                if not (mixed & (middle > low)).any():
                    break
                same = self._holds(test, block, rows, middle, inner) == at_low
                low, high = np.where(same, middle, low), np.where(same, high, middle)
            first = np.where(mixed & at_high, np.maximum(first, high), first)
            last = np.where(mixed & at_low, np.minimum(last, low), last)
            last = np.where(~at_low & ~at_high, -1, last)
        return first, last

    def _holds(
        self, test: Test, block: Block, rows: Index, numbers: Index, inner: Sequence[Step]
    ) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        tried = block.take(rows, placed={self.stream: uniforms(numbers)})
        for step in inner:
            step.run(tried)
        return test.holds(tried)

    def place(self, block: Block, rows: Index, attempt: int, first: Index, last: Index) -> Floats:
        """Uniforms of the rows at an attempt, each placed in what is left for it."""
        drawn = block.take(rows, {self.stream: attempt}).uniform(self.stream)
        count = last - first + 1
        offset = np.minimum(np.floor(drawn * count.astype(np.float64)).astype(np.int64), count - 1)
        return uniforms(first + offset)


def uniforms(numbers: Index) -> Floats:
    """The uniforms that numbers from 0 to `LAST` stand for."""
    return (2 * numbers + 1).astype(np.float64) * 2.0**-53


def narrowing(conditions: Sequence[Expression], owner: Step, changed: Sequence[str]) -> Narrowing | None:
    """The inequalities of constraints with one owner; None where a condition is anything else.

    Args:
        conditions: What must hold.
        owner: What draws the owner.
        changed: All that is computed again when the owner is drawn again, the owner among it.
    """
    if not isinstance(owner, NumericStep) or owner.source is None or owner.law is None:
        return None
    attribute, law = owner.attribute, owner.attribute.distribution
    if law is None or law.family not in _MONOTONE or attribute.only_if is not None:
        return None
    parts = [part for condition in conditions for part in _parts(condition)]
    if not all(_is_inequality(part, attribute.name, changed) for part in parts):
        return None
    scope = owner.scope
    tests = tuple(Test(attribute, part, scope, "a constraint") for part in parts)
    return Narrowing(tests, owner.source.stream)


def _parts(condition: Expression) -> list[Expression]:
    if isinstance(condition, nodes.And):
        return [*_parts(condition.left), *_parts(condition.right)]
    return [condition]


def _is_inequality(node: Expression, owner: str, changed: Sequence[str]) -> bool:
    if not isinstance(node, nodes.Compare) or node.operator not in _INEQUALITIES:
        return False
    return any(
        _rises_or_falls(one, owner, changed) and _is_free(other, changed)
        for one, other in ((node.left, node.right), (node.right, node.left))
    )


def _is_free(node: Expression, changed: Sequence[str]) -> bool:
    return not set(nodes.names(node)) & set(changed)


def _rises_or_falls(node: Expression, owner: str, changed: Sequence[str]) -> bool:
    """Whether a number never turns back as the owner rises, for one agent and whatever else it reads."""
    match node:
        case nodes.Name(name):
            return name == owner
        case nodes.Negate(operand):
            return _rises_or_falls(operand, owner, changed)
        case nodes.Arithmetic("+" | "-" | "*", left, right):
            return any(
                _rises_or_falls(one, owner, changed) and _is_free(other, changed)
                for one, other in ((left, right), (right, left))
            )
        case nodes.Arithmetic("/", left, right):
            return _rises_or_falls(left, owner, changed) and _is_free(right, changed)
        case nodes.Call("min" | "max" | "round" | "floor" | "ceil" | "exp", arguments):
            own = [argument for argument in arguments if not _is_free(argument, changed)]
            return len(own) == 1 and _rises_or_falls(own[0], owner, changed)
        case _:
            return False
