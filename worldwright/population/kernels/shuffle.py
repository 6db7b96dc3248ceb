"""A keyed permutation of 0 … n − 1 that can be asked for one place at a time, without a table of them all.

A Feistel network (M. Luby and C. Rackoff, 1988) with Philox as its round function permutes a power of two;
places beyond n are walked through until one below it comes (J. Black and P. Rogaway, 2002, "Ciphers with
arbitrary finite domains").
"""

from __future__ import annotations

import numpy as np

from worldwright.population.compiled import kernel
from worldwright.population.kernels.philox import philox
from worldwright.population.values import Index

_ROUNDS = 8
_MASK = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_ONE = np.uint64(1)
_TWO = np.uint64(2)


def bits_of(n: int) -> int:
    """The bits of the permuted domain: enough for n, and so many that few numbers are shuffled well too."""
    return max((n - 1).bit_length(), 8)


@kernel("void(u8, u8, u8, i8[::1], i8[::1])")
def places(key: np.uint64, n: np.uint64, bits: np.uint64, agents: Index, out: Index) -> None:
    """The place of each agent, all below n, in the permutation of a key."""
    low = bits // _TWO
    high = bits - low
    low_mask = (_ONE << low) - _ONE
    high_mask = (_ONE << high) - _ONE
    for i in range(agents.shape[0]):
        x = np.uint64(agents[i])
        while True:
            left, right = x >> low, x & low_mask
            for number in range(_ROUNDS):
                turn = np.uint64(number)
                if turn & _ONE:
                    w, _, _, _ = philox(left & _MASK, left >> _32, turn, _ONE, key & _MASK, key >> _32)
                    right = right ^ (w & low_mask)
                else:
                    w, _, _, _ = philox(right & _MASK, right >> _32, turn, _ONE, key & _MASK, key >> _32)
                    left = left ^ (w & high_mask)
            x = (left << low) | right
            if x < n:
                break
        out[i] = np.int64(x)
