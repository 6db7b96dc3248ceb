"""Designs that spread their cells over ranges: points of the unit cube and the settings they stand for.

Every point is a function of the experiment's seed and its own number. Sobol' sequences are scrambled and
begin with the same points however many there are: a larger design keeps the cells it had. Latin hypercubes
and Sobol' sequences are SciPy's; Morris (1991), "Factorial sampling plans for preliminary computational
experiments"; the radial points for Sobol' indices are those of Saltelli et al. (2010).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from worldwright.experiment.documents import Design, Morris, Range, Sampled, Scalar, SobolIndices
from worldwright.streams import derive_seed, stream_key

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Points = npt.NDArray[np.float64]

_DIGITS = 12


def unit_points(design: Design, seed: int) -> Points:
    """The points of a design in the unit cube: one row per cell, one column per factor."""
    import numpy as np

    for kind, of in design.sampled.items():
        own, factors = derive_seed(seed, "design", kind), len(of.ranges)
        match of:
            case Morris():
                rows = [_trajectory(own, number, factors, of.levels) for number in range(of.trajectories)]
                return np.array([point for trajectory in rows for point in trajectory])
            case SobolIndices():
                return _radial(_sobol(own, of.points, 2 * factors), factors)
            case Sampled() if kind == "sobol":
                return _sobol(own, of.cells, factors)
            case Sampled():
                return _latin_hypercube(own, of.cells, factors)
    return np.zeros((0, 0))


def setting(of: Range, u: float, *, whole: bool) -> Scalar:
    """The value at a place of a range, from 0 at its lower end to 1; whole numbers are equally likely.

    Fractions are rounded to 12 digits, which no library's last bit changes.
    """
    low, high = of.min, of.max
    if whole:
        top = high + 1
        value = low * (top / low) ** u if of.log else low + u * (top - low)
        return int(min(math.floor(value), high))
    value = low * (high / low) ** u if of.log else low + u * (high - low)
    return min(max(float(f"{value:.{_DIGITS}g}"), float(low)), float(high))


def _latin_hypercube(seed: int, cells: int, factors: int) -> Points:
    from scipy.stats import qmc

    return qmc.LatinHypercube(d=factors, rng=seed).random(cells)


def _sobol(seed: int, points: int, dimensions: int) -> Points:
    from scipy.stats import qmc

    return qmc.Sobol(d=dimensions, scramble=True, rng=seed).random(points)


def _radial(base: Points, factors: int) -> Points:
    """For every point A with its partner B: A, A with each coordinate of B in turn, and B."""
    import numpy as np

    a, b = base[:, :factors], base[:, factors:]
    rows: list[Any] = [a]
    for factor in range(factors):
        mixed = a.copy()
        mixed[:, factor] = b[:, factor]
        rows.append(mixed)
    return np.stack([*rows, b], axis=1).reshape(-1, factors)


def _trajectory(seed: int, number: int, factors: int, levels: int) -> Sequence[Sequence[float]]:
    """A walk over a grid of levels that changes each factor once, by p/(2(p − 1)), in a random order."""
    step = levels // 2

    def drawn(what: str, factor: int) -> int:
        return stream_key(seed, number, what, factor)

    starts = [drawn("start", factor) % step for factor in range(factors)]
    rising = [drawn("direction", factor) % 2 == 0 for factor in range(factors)]
    at = [start if up else start + step for start, up in zip(starts, rising, strict=True)]
    walk = [[level / (levels - 1) for level in at]]
    for factor in sorted(range(factors), key=lambda factor: drawn("order", factor)):
        at[factor] += step if rising[factor] else -step
        walk.append([level / (levels - 1) for level in at])
    return walk
