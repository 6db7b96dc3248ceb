from __future__ import annotations

import numpy as np
import pytest

from worldwright.population.kernels import philox

# github.com/DEShawResearch/random123, tests/kat_vectors at v1.14.0, "philox4x32 10": counter, key, result
VECTORS = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def words(text: str) -> np.ndarray:
    return np.array([int(word, 16) for word in text.split()], dtype=np.uint64)


def twin(counter: list[int], key: list[int]) -> list[int]:
    """The algorithm of the paper in Python's whole numbers."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & 0xFFFFFFFF, (p0 >> 32) ^ c3 ^ k1, p0 & 0xFFFFFFFF
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return [c0, c1, c2, c3]


def twin_uniform(key: int, agent: int, attempt: int) -> float:
    pair = agent // 2
    w = twin([pair & 0xFFFFFFFF, pair >> 32, attempt, 0], [key & 0xFFFFFFFF, key >> 32])
    high, low = w[2:] if agent % 2 else w[:2]
    return (2 * (((high << 32) | low) >> 12) + 1) * 2.0**-53


@pytest.mark.parametrize(("counter", "key", "result"), VECTORS)
def test_the_published_vectors_are_met(counter: str, key: str, result: str) -> None:
    out = np.empty(4, dtype=np.uint64)
    philox.philox_words(words(counter), words(key), out)
    assert " ".join(f"{int(word):08x}" for word in out) == result
    assert twin(words(counter).tolist(), words(key).tolist()) == words(result).tolist()


@pytest.mark.parametrize("start", [0, 1, 2, 12345, 2**32 - 3, 2**33 + 1, 2**40])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 10, 11])
def test_uniforms_equal_the_twin_at_any_start(start: int, count: int) -> None:
    key, attempt = 0xFEDCBA9876543210, 3
    out = np.empty(count)
    philox.uniforms(np.uint64(key), np.uint64(start), np.uint64(attempt), out)
    assert out.tolist() == [twin_uniform(key, agent, attempt) for agent in range(start, start + count)]


def test_uniforms_of_scattered_agents_equal_those_of_their_range() -> None:
    key = np.uint64(2**64 - 1)
    together = np.empty(1000)
    philox.uniforms(key, np.uint64(7), np.uint64(0), together)
    agents = np.array([7, 8, 500, 11, 1006, 7], dtype=np.int64)
    scattered = np.empty(6)
    philox.uniforms_of(key, agents, np.uint64(0), scattered)
    assert scattered.tolist() == together[agents - 7].tolist()


def test_uniforms_are_uniform_and_open() -> None:
    out = np.empty(1_000_000)
    philox.uniforms(np.uint64(42), np.uint64(0), np.uint64(0), out)
    ranked = np.sort(out)
    distance = np.max(np.abs(ranked - (np.arange(out.size) + 0.5) / out.size))
    # Kolmogorov's limit: P(√n·D > 2.2) is 1.3e-4
    assert distance * np.sqrt(out.size) < 2.2
    assert out.min() > 0.0 and out.max() < 1.0
    assert abs(np.corrcoef(out[::2], out[1::2])[0, 1]) < 4 / np.sqrt(out.size / 2)
