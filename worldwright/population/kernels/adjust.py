"""What happens to values after their draw: changes by modifiers that match, rounding, bounds.

A *signature* says which modifiers match: bit k is set where the k-th does. Where all that they do is
constant, its effect is read from a table with an entry for each signature.
"""

from __future__ import annotations

import numpy as np

from worldwright.population.compiled import kernel
from worldwright.population.values import Codes, Floats, Index, Mask, Signatures


@kernel("void(b1[::1], u2, u2[::1])")
def add_bit(holds: Mask, bit: np.uint16, signatures: Signatures) -> None:
    """Set a bit (given as a power of two) where a mask holds."""
    for i in range(holds.shape[0]):
        signatures[i] |= bit if holds[i] else np.uint16(0)


@kernel("void(f8[::1], u2[::1], f8[::1], f8[::1], f8[::1])")
def modify(values: Floats, signatures: Signatures, factors: Floats, summands: Floats, out: Floats) -> None:
    """Values × factor + summand of each signature."""
    for i in range(values.shape[0]):
        signature = signatures[i]
        out[i] = values[i] * factors[signature] + summands[signature]


@kernel("void(f8[::1], u2[::1], f8[::1], b1[::1])")
def reaches(uniform: Floats, signatures: Signatures, thresholds: Floats, out: Mask) -> None:
    """Where a uniform is not below its signature's threshold."""
    for i in range(uniform.shape[0]):
        out[i] = uniform[i] >= thresholds[signatures[i]]


@kernel("void(f8[::1], u2[::1], i4[::1], f8[:, ::1], i4[::1])")
def select_by_signature(
    uniform: Floats, signatures: Signatures, rows: Codes, cumulative: Floats, out: Codes
) -> None:
    """Categories from tables of cumulative shares; `rows` says which is a signature's."""
    for i in range(uniform.shape[0]):
        u = uniform[i]
        row = np.uint32(rows[signatures[i]])
        code = np.int32(0)
        for j in range(cumulative.shape[1]):
            code += np.int32(u >= cumulative[row, j])
        out[i] = code


@kernel("void(f8[::1], i8[::1])")
def whole(values: Floats, out: Index) -> None:
    """Whole numbers as integers."""
    for i in range(values.shape[0]):
        out[i] = np.int64(values[i])


@kernel("i8(f8[::1], b1, f8, f8, f8, f8, f8[::1])")
def finish(
    values: Floats, whole: bool, low: float, high: float, least: float, most: float, out: Floats
) -> int:
    """Round half to even where `whole`, clip to low … high, and turn −0 into 0.

    Returns 0 where all values were finite and all results are in least … most.
    """
    wrong = 0
    for i in range(values.shape[0]):
        value = values[i]
        wrong += int(value - value != 0.0)
        kept = np.rint(value) if whole else value
        kept = low if kept < low else kept
        kept = high if kept > high else kept
        wrong += int(kept < least) + int(kept > most)
        out[i] = kept + 0.0
    return wrong
