"""Random graphs between groups: the stochastic block model, and homophily as one of its cases.

Takes the group of each entity and probabilities, gives edges. Draws are keyed, and their bits are the same on
every machine: the generator's own words, and a logarithm made of + - * / alone.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from worldwright.errors import WorldError

if TYPE_CHECKING:
    import numpy.typing as npt

Matrix = tuple[tuple[float, ...], ...]


def homophily(sizes: list[int], mean_degree: float, preference: float, where: str) -> Matrix:
    """Probabilities within and between groups that give a mean degree.

    A pair of one group is linked `preference` times as often as a pair of two.

    Raises:
        WorldError: where a probability would be above 1.
    """
    n = sum(sizes)
    within = sum(size * (size - 1) / 2 for size in sizes)
    weight = preference * within + (n * (n - 1) / 2 - within)
    between = mean_degree * n / (2 * weight) if weight > 0 else 0.0
    if max(between, preference * between) > 1:
        raise WorldError(
            f"a mean degree of {mean_degree:g} with a preference of {preference:g} needs more entities",
            where=where,
            why=f"pairs would be linked with a probability of {max(between, preference * between):.3g}",
        )
    groups = range(len(sizes))
    return tuple(tuple(preference * between if a == b else between for b in groups) for a in groups)


def block_edges(groups: npt.NDArray[np.int32], p: Matrix, key: int) -> npt.NDArray[np.int32]:
    """Each pair linked with the probability of its groups (Holland, Laskey and Leinhardt 1983).

    Args:
        groups: The group of each entity, from 0.
        p: Probabilities by group and group; symmetric.
        key: The key of the draws.

    Returns:
        The edges as an (n, 2) array of entity numbers, unordered.
    """
    members = [np.flatnonzero(groups == g) for g in range(len(p))]
    draws = _Draws(key)
    parts: list[Any] = []
    for a, first in enumerate(members):
        for b in range(a, len(members)):
            second = members[b]
            if a == b:
                at = _chosen(len(first) * (len(first) - 1) // 2, p[a][a], draws)
                i, j = _triangle(at)
                parts.append(np.stack([first[i], first[j]], axis=1))
            else:
                at = _chosen(len(first) * len(second), p[a][b], draws)
                width = max(len(second), 1)
                parts.append(np.stack([first[at // width], second[at % width]], axis=1))
    return np.concatenate(parts).astype(np.int32) if parts else np.empty((0, 2), dtype=np.int32)


class _Draws:
    """Uniform numbers in (0, 1], one after another."""

    def __init__(self, key: int) -> None:
        self._words: Any = np.random.Philox(key=key)  # noqa: TID251 - keyed: the key is a stream's

    def next(self, n: int) -> npt.NDArray[np.float64]:
        words = self._words.random_raw(n) >> np.uint64(11)
        return 1.0 - words.astype(np.float64) * 2.0**-53


def _chosen(n: int, p: float, draws: _Draws) -> npt.NDArray[np.int64]:
    """Which of n things are chosen with probability p each, by gaps (Batagelj and Brandes 2005)."""
    if p <= 0 or n == 0:
        return np.empty(0, dtype=np.int64)
    if p >= 1:
        return np.arange(n, dtype=np.int64)
    scale = float(_log(np.array([1.0 - p]))[0])
    parts: list[npt.NDArray[np.int64]] = []
    at = -1
    while at < n:
        size = int((n - at) * p + 4 * math.sqrt((n - at) * p)) + 16
        gaps = np.minimum(np.floor(_log(draws.next(size)) / scale), float(n)).astype(np.int64) + 1
        places = at + np.cumsum(gaps)
        parts.append(places[places < n])
        at = int(places[-1])
    return np.concatenate(parts)


def _triangle(t: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Row i and column j < i of the t-th place of a triangle without its diagonal."""
    i = ((1 + np.sqrt(1 + 8 * t.astype(np.float64))) / 2).astype(np.int64)
    i = np.where(i * (i - 1) // 2 > t, i - 1, i)
    i = np.where((i + 1) * i // 2 <= t, i + 1, i)
    return i, t - i * (i - 1) // 2


def _log(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The natural logarithm in (0, 1], after fdlibm (Sun Microsystems 1993)."""
    m, k = np.frexp(x)
    low = m < math.sqrt(0.5)
    f = np.where(low, 2 * m, m) - 1.0
    e = (k - low).astype(np.float64)
    s = f / (2.0 + f)
    z = s * s
    r = z * (0.6666666666666735130 + z * (0.3999999999940941908 + z * (0.2857142874366239149
        + z * (0.2222219843214978396 + z * (0.1818357216161805012 + z * (0.1531383769920937332
        + z * 0.1479819860511658591))))))  # fmt: skip
    half = 0.5 * f * f
    return e * 6.93147180369123816490e-01 - ((half - (s * (half + r) + e * 1.90821492927058770002e-10)) - f)
