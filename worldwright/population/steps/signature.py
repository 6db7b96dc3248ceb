"""Which modifiers of an attribute match, as one number for each agent, and tables of what they then do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from worldwright.population.block import Block
from worldwright.population.kernels import adjust
from worldwright.population.steps.step import Test
from worldwright.population.values import Signatures

MOST = 12
"""Conditions in a signature at most: a table over signatures has two to that power entries."""

T = TypeVar("T")


def signatures(tests: Sequence[Test], block: Block) -> Signatures:
    """Bit k of an agent's number is set where the k-th test holds."""
    found = np.zeros(block.count, dtype=np.uint16)
    for k, test in enumerate(tests):
        adjust.add_bit(np.ascontiguousarray(test.holds(block)), np.uint16(1 << k), found)
    return found


def table(count: int, effect: Callable[[list[int]], T]) -> list[T]:
    """The effect of each signature of `count` tests; it is given the tests that hold, in order."""
    return [effect([k for k in range(count) if number >> k & 1]) for number in range(1 << count)]
