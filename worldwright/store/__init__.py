"""The store: immutable datasets found by key and verified by digest, and the DuckDB catalog over them.

Takes tables and plain records; learns nothing of what they mean.
Touches one folder, and its mirror in an object store; this package is the one home of duckdb and obstore.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from worldwright.store.catalog import build_catalog, export_file, needs_rebuild, schema_name
    from worldwright.store.collection import Collection, Garbage, collect, find_garbage
    from worldwright.store.datasets import Dataset, Part
    from worldwright.store.disk import Disk
    from worldwright.store.lineage import Ancestor, ancestors
    from worldwright.store.mirror import Mirror
    from worldwright.store.objects import Store
    from worldwright.store.queries import query, tables
    from worldwright.store.transfer import Move, Transfer, pull, push
    from worldwright.store.verification import Problem, verify
    from worldwright.store.views import View

_HOMES = {
    "Ancestor": "lineage",
    "Collection": "collection",
    "Dataset": "datasets",
    "Disk": "disk",
    "Garbage": "collection",
    "Mirror": "mirror",
    "Move": "transfer",
    "Part": "datasets",
    "Problem": "verification",
    "Store": "objects",
    "Transfer": "transfer",
    "View": "views",
    "ancestors": "lineage",
    "build_catalog": "catalog",
    "collect": "collection",
    "export_file": "catalog",
    "find_garbage": "collection",
    "needs_rebuild": "catalog",
    "pull": "transfer",
    "push": "transfer",
    "query": "queries",
    "schema_name": "catalog",
    "tables": "queries",
    "verify": "verification",
}

__all__ = [
    "Ancestor",
    "Collection",
    "Dataset",
    "Disk",
    "Garbage",
    "Mirror",
    "Move",
    "Part",
    "Problem",
    "Store",
    "Transfer",
    "View",
    "ancestors",
    "build_catalog",
    "collect",
    "export_file",
    "find_garbage",
    "needs_rebuild",
    "pull",
    "push",
    "query",
    "schema_name",
    "tables",
    "verify",
]


def __getattr__(name: str) -> Any:
    """Import a name of this package from its module when it is first used (duckdb and pyarrow are large)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
