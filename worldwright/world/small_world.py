"""The small-world graph of Watts and Strogatz (1998), edge for edge the one that networkx makes of a seed.

networkx keeps a dictionary for each edge; a number for each is enough here, and some ten times faster.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


def small_world(n: int, k: int, p: float, seed: int) -> npt.NDArray[np.int64]:
    """The edges as an (m, 2) array, each once with its smaller end first, sorted.

    A ring of `n` nodes, each tied to `k` neighbours, half on either side; then each tie (u, v), near ones
    first, is replaced with probability `p` by one to a node that u is not tied to.

    Args:
        n: Nodes, more than `k`.
        k: An even number.
        p: A probability.
        seed: Of Python's own generator, as networkx draws.
    """
    generator = random.Random(seed)
    nodes = range(n)
    around = np.arange(n, dtype=np.int64)
    ring = [_codes(around, (around + j) % n, n) for j in range(1, k // 2 + 1)]
    tied = set(np.concatenate(ring).tolist()) if ring else set[int]()
    degree = [k] * n
    for j in range(1, k // 2 + 1):
        for u in nodes:
            if generator.random() >= p:
                continue
            w = generator.choice(nodes)
            while w == u or (u * n + w if u < w else w * n + u) in tied:
                w = generator.choice(nodes)
                if degree[u] >= n - 1:
                    break  # there is nobody left
            else:
                v = (u + j) % n
                tied.remove(min(u, v) * n + max(u, v))
                tied.add(min(u, w) * n + max(u, w))
                degree[v] -= 1
                degree[w] += 1
    codes = np.sort(np.fromiter(tied, dtype=np.int64, count=len(tied)))
    return np.stack([codes // n, codes % n], axis=1)


def _codes(first: npt.NDArray[np.int64], second: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.int64]:
    """One number for each tie: its smaller end times n, plus the greater."""
    return np.minimum(first, second) * n + np.maximum(first, second)
