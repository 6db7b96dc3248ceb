"""The kinds of arrays that hold values of agents."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]
"""Of any kind."""
Floats = NDArray[np.float64]
"""Numbers and dates; NaN where unknown."""
Codes = NDArray[np.int32]
"""Positions among the options of a category; −1 where unknown."""
Mask = NDArray[np.bool_]
"""Truth for each agent."""
Index = NDArray[np.int64]
"""Positions of agents, or their numbers."""
Words = NDArray[np.uint64]
"""32-bit words held in 64 bits."""
Signatures = NDArray[np.uint16]
"""Which modifiers match: bit k is the k-th."""
