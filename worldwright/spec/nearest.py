"""The possible correlations nearest to some that are not possible together.

N. J. Higham (2002), "Computing the nearest correlation matrix: a problem from finance": alternating
projections with Dykstra's correction, between matrices without small eigenvalues and those that have ones on
the diagonal and the values that must stay. It is a suggestion to a person and enters no drawn value, so that
LAPACK may be used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

_LEAST = 2e-3
"""The smallest eigenvalue of what is offered: room for values of three digits."""
_ROUNDS = 300
_CLOSE = 1e-7

Possible = Callable[[Sequence[float]], bool]


def nearest_scores(matrix: Sequence[Sequence[float]], free: Sequence[tuple[int, int]]) -> list[float]:
    """Correlations of some pairs that make a matrix of correlations positive definite.

    Args:
        matrix: Symmetric, ones on the diagonal.
        free: The pairs (row, column) that may change; all others stay.

    Returns:
        A value for each free pair: those of the nearest matrix in the Frobenius norm.
    """
    start = np.array(matrix, dtype=np.float64)
    kept = np.ones(start.shape, dtype=np.bool_)
    for i, j in free:
        kept[i, j] = kept[j, i] = False
    correction = np.zeros_like(start)
    found = start.copy()
    for _ in range(_ROUNDS):
        before = found
        raised = _without_small_eigenvalues(found - correction)
        correction = raised - (found - correction)
        found = np.where(kept, start, raised)
        if float(np.abs(found - before).max()) < _CLOSE:
            break
    return [float(found[i, j]) for i, j in free]


def _without_small_eigenvalues(matrix: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2.0)
    return (vectors * np.maximum(values, _LEAST)) @ vectors.T
