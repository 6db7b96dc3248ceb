"""One agent's uniforms and single numbers, in Python's own arithmetic."""

from __future__ import annotations

import math

_MASK = 0xFFFFFFFF


def philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Philox4x32-10 of Salmon et al. (2011), in whole numbers."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    mask = 0xFFFFFFFF
    for _ in range(10):
        p0 = 0xD2511F53 * c0
        p1 = 0xCD9E8D57 * c2
        c0 = (p1 >> 32) ^ c1 ^ k0
        c1 = p1 & mask
        c2 = (p0 >> 32) ^ c3 ^ k1
        c3 = p0 & mask
        k0 = (k0 + 0x9E3779B9) & mask
        k1 = (k1 + 0xBB67AE85) & mask
    return c0, c1, c2, c3


def uniform(key: int, agent: int, attempt: int) -> float:
    """The agent's uniform in (0, 1): an odd multiple of 2⁻⁵³; two agents share one counter."""
    pair = agent >> 1
    words = philox((pair & _MASK, pair >> 32, attempt, 0), (key & _MASK, key >> 32))
    high, low = words[2:] if agent & 1 else words[:2]
    return (2 * (((high << 32) | low) >> 12) + 1) / 2**53


def place(key: int, agents: int, bits: int, agent: int) -> int:
    """The agent's place in the keyed permutation of 0 … agents − 1 (see `kernels.shuffle`)."""
    low = bits // 2
    at = agent
    while True:
        left, right = at >> low, at & ((1 << low) - 1)
        for turn in range(8):
            if turn % 2:
                right ^= _turned(key, left, turn) & ((1 << low) - 1)
            else:
                left ^= _turned(key, right, turn) & ((1 << (bits - low)) - 1)
        at = (left << low) | right
        if at < agents:
            return at


def _turned(key: int, half: int, turn: int) -> int:
    return philox((half & _MASK, half >> 32, turn, 1), (key & _MASK, key >> 32))[0]


def divided(a: float, b: float) -> float:
    """The quotient; infinite or undefined where b is zero."""
    if b == 0.0:
        return math.nan if a == 0.0 or a != a else math.copysign(math.inf, a) * math.copysign(1.0, b)
    return a / b


def root(x: float) -> float:
    """The square root; undefined below zero."""
    return math.sqrt(x) if x >= 0.0 else math.nan


def rounded(x: float) -> float:
    """The nearest whole number, half to even."""
    return float(round(x)) if math.isfinite(x) else x


def floor(x: float) -> float:
    """The greatest whole number not above x."""
    return float(math.floor(x)) if math.isfinite(x) else x


def ceil(x: float) -> float:
    """The least whole number not below x."""
    return float(math.ceil(x)) if math.isfinite(x) else x
