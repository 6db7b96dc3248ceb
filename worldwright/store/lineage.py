"""Which datasets a dataset was made from, and those from which."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from worldwright.errors import UsageError
from worldwright.store.datasets import Dataset
from worldwright.store.objects import Store


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A dataset on the way up.

    Attributes:
        key: Its key.
        depth: Steps from where the walk began, which is 0; the fewest if there are several ways.
        dataset: The dataset, or None if it is not in this store (any more).
    """

    key: str
    depth: int
    dataset: Dataset | None


def ancestors(store: Store, key: str) -> list[Ancestor]:
    """A dataset and all it was made from, nearest first, each once, in the order manifests name them.

    Raises:
        UsageError: if there is no dataset of this key.
        StoreError: if one of them is damaged.
    """
    if store.local(key) is None:
        raise UsageError(f"there is no dataset {key}", where=str(store.root))
    found: dict[str, Ancestor] = {}
    waiting = deque([(key, 0)])
    while waiting:
        here, depth = waiting.popleft()
        if here in found:
            continue
        dataset = store.local(here)
        found[here] = Ancestor(here, depth, dataset)
        if dataset is not None:
            waiting.extend((parent, depth + 1) for parent in dataset.parents)
    return list(found.values())
