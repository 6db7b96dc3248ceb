"""Reading pictures back: where a colour is, and how much of it."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

BLUE, VERMILION, GREEN = "#0072B2", "#D55E00", "#009E73"


def decoded(png: bytes) -> Any:
    """Height × width × 3 bytes."""
    with Image.open(io.BytesIO(png)) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB")).astype(int)


def where(png: bytes, colour: str, tolerance: int = 12) -> tuple[Any, Any]:
    """Rows and columns of the pixels of a colour."""
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    rows, columns = np.nonzero((np.abs(decoded(png) - wanted) <= tolerance).all(axis=2))
    return rows, columns


def runs_of_ones(mask: Any) -> list[tuple[int, int]]:
    """Start and length of each stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(int), [0]))))
    return [(int(start), int(stop - start)) for start, stop in zip(edges[::2], edges[1::2], strict=True)]
