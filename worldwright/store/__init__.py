"""The store: immutable datasets found by key and verified by digest, and the DuckDB catalog over them.

Takes tables and plain records; learns nothing of what they mean.
Touches one folder; this package is the one home of duckdb.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from worldwright.store.datasets import Dataset, Part
    from worldwright.store.lineage import Ancestor, ancestors
    from worldwright.store.objects import Store

_HOMES = {
    "Ancestor": "lineage",
    "Dataset": "datasets",
    "Part": "datasets",
    "Store": "objects",
    "ancestors": "lineage",
}

__all__ = ["Ancestor", "Dataset", "Part", "Store", "ancestors"]


def __getattr__(name: str) -> Any:
    """Import a name of this package from its module when it is first used (duckdb and pyarrow are large)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
