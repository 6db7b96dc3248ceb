"""Small matrices factored in plain double precision.

Not by BLAS or LAPACK: the order in which those add depends on build, threads and processor, and these numbers
enter drawn values. Sums here run from left to right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Matrix = list[list[float]]


class NotPositiveDefiniteError(ValueError):
    """No matrix of correlations; `index` is the first row that contradicts those before it."""

    def __init__(self, index: int) -> None:
        super().__init__(f"row {index} contradicts the rows before it")
        self.index = index


def cholesky(matrix: Sequence[Sequence[float]]) -> Matrix:
    """The lower triangular factor L with L·Lᵀ = matrix.

    Raises:
        NotPositiveDefiniteError: for a matrix that has none.
    """
    factor: Matrix = []
    for i, row in enumerate(matrix):
        made: list[float] = []
        for j in range(i + 1):
            left = row[j]
            for k in range(j):
                left -= made[k] * (factor[j][k] if j < i else made[k])
            if j < i:
                made.append(left / factor[j][j])
            elif left <= 1e-10:
                raise NotPositiveDefiniteError(i)
            else:
                made.append(math.sqrt(left))
        factor.append(made + [0.0] * (len(matrix) - i - 1))
    return factor


def conditional(matrix: Matrix, given: Sequence[int], of: Sequence[int]) -> tuple[Matrix, Matrix]:
    """The law of some standard normal scores given others: z_of = W·z_given + C·e with independent e.

    Returns:
        W (len(of) × len(given)) and the lower triangular C.
    """
    order = [*given, *of]
    factor = cholesky([[matrix[i][j] for j in order] for i in order])
    known = len(given)
    weights: Matrix = []
    for row in factor[known:]:
        # w·L₁₁ = row, from the last column back
        found = [0.0] * known
        for j in reversed(range(known)):
            left = row[j]
            for k in range(j + 1, known):
                left -= found[k] * factor[k][j]
            found[j] = left / factor[j][j]
        weights.append(found)
    return weights, [row[known:] for row in factor[known:]]
