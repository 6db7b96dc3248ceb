"""What a declared metric can be of the values it gathers.

Takes and touches nothing. The kernel computes them (lua/measures.lua).
"""

from __future__ import annotations

QUANTILES = {
    "q01": 0.01, "q05": 0.05, "q10": 0.1, "q25": 0.25, "median": 0.5, "q75": 0.75, "q90": 0.9, "q95": 0.95,
    "q99": 0.99,
}  # fmt: skip
"""Names and levels. Type 7 of Hyndman and Fan (1996), as in NumPy and R: linear between two values."""

AGGREGATES = ("share", "mean", "sum", "count", "min", "max", "sd", *QUANTILES)
"""`sd` is the sample's, with n - 1; it has no value for fewer than two."""

OF_FIELDS = ("share", "mean", "sum", "count", "min", "max")
"""What a metric can be of a layer or a resource."""
