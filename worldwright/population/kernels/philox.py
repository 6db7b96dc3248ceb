"""Philox4x32-10, the counter-based generator of Salmon et al. (2011), and uniforms drawn from it.

The key is a stream's; the counter is (agent // 2, attempt), and one block of four words gives the doubles of
two agents. So agent i's draw is a function of (key, i, attempt) and of nothing else.
"""

from __future__ import annotations

import numpy as np

from worldwright.population.compiled import inlined_always, kernel
from worldwright.population.values import Floats, Index, Words

_MASK = np.uint64(0xFFFFFFFF)
_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint64(0x9E3779B9)
_W1 = np.uint64(0xBB67AE85)
_32 = np.uint64(32)
_12 = np.uint64(12)
_ONE = np.uint64(1)
_EXPONENT = np.uint64(0x3FF0000000000000)
_BELOW_ONE = 1.0 - 2.0**-53


@inlined_always
def philox(
    c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, k0: np.uint64, k1: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Ten rounds over a counter of four 32-bit words held in 64-bit integers."""
    for _ in range(10):
        p0 = _M0 * c0
        p1 = _M1 * c2
        c0 = (p1 >> _32) ^ c1 ^ k0
        c1 = p1 & _MASK
        c2 = (p0 >> _32) ^ c3 ^ k1
        c3 = p0 & _MASK
        k0 = (k0 + _W0) & _MASK
        k1 = (k1 + _W1) & _MASK
    return c0, c1, c2, c3


@inlined_always
def as_uniform(high: np.uint64, low: np.uint64) -> float:
    """52 of 64 bits as an odd multiple of 2⁻⁵³: never 0 or 1, and 1 − u is exact."""
    bits = (((high << _32) | low) >> _12) | _EXPONENT
    return np.uint64(bits).view(np.float64) - _BELOW_ONE


@inlined_always
def uniform_pair(key: np.uint64, pair: np.uint64, attempt: np.uint64) -> tuple[float, float]:
    """The uniforms of agents 2·pair and 2·pair + 1."""
    w0, w1, w2, w3 = philox(pair & _MASK, pair >> _32, attempt, np.uint64(0), key & _MASK, key >> _32)
    return as_uniform(w0, w1), as_uniform(w2, w3)


@kernel("void(u8, u8, u8, f8[::1])")
def uniforms(key: np.uint64, start: np.uint64, attempt: np.uint64, out: Floats) -> None:
    """Fill `out` with the uniforms of agents start, start + 1, …; any start, odd ones included."""
    count = out.shape[0]
    offset = 0
    if count > 0 and start & _ONE:
        out[0] = uniform_pair(key, start >> _ONE, attempt)[1]
        offset = 1
    first = (start + np.uint64(offset)) >> _ONE
    pairs = (count - offset) // 2
    body = out[offset : offset + 2 * pairs]  # a slice, so that no index can be negative and LLVM vectorises
    for i in range(pairs):
        a, b = uniform_pair(key, first + np.uint64(i), attempt)
        body[2 * i] = a
        body[2 * i + 1] = b
    if offset + 2 * pairs < count:
        out[count - 1] = uniform_pair(key, first + np.uint64(pairs), attempt)[0]


@kernel("void(u8, i8[::1], u8, f8[::1])")
def uniforms_of(key: np.uint64, agents: Index, attempt: np.uint64, out: Floats) -> None:
    """Fill `out` with the uniforms of any agents."""
    for i in range(agents.shape[0]):
        agent = np.uint64(agents[i])
        a, b = uniform_pair(key, agent >> _ONE, attempt)
        out[i] = b if agent & _ONE else a


@kernel("void(u8, i8[::1], i8[::1], f8[::1])")
def uniforms_at(key: np.uint64, agents: Index, attempts: Index, out: Floats) -> None:
    """Fill `out` with the uniforms of any agents, each at an attempt of its own."""
    for i in range(agents.shape[0]):
        agent = np.uint64(agents[i])
        a, b = uniform_pair(key, agent >> _ONE, np.uint64(attempts[i]))
        out[i] = b if agent & _ONE else a


@kernel("void(u8[::1], u8, f8[::1])")
def uniforms_under(keys: Words, agent: np.uint64, out: Floats) -> None:
    """Fill `out` with one agent's uniforms under many keys, at the first attempt."""
    for i in range(keys.shape[0]):
        a, b = uniform_pair(keys[i], agent >> _ONE, np.uint64(0))
        out[i] = b if agent & _ONE else a


@kernel("void(u8[::1], u8[::1], u8[::1])")
def philox_words(counter: Words, key: Words, out: Words) -> None:
    """The four words of one block, for comparison with published vectors."""
    w0, w1, w2, w3 = philox(counter[0], counter[1], counter[2], counter[3], key[0], key[1])
    out[0] = w0
    out[1] = w1
    out[2] = w2
    out[3] = w3
