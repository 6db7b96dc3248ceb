"""Map blocks of work over this process, local processes or a cluster, and nothing else.

Takes a module-level function and plain items, gives results in the order of the items.
Touches processes; knows nothing of populations, worlds or stores.
"""

from __future__ import annotations

from worldwright.executors.cluster import Ray
from worldwright.executors.pool import Processes
from worldwright.executors.protocol import Executor
from worldwright.executors.serial import Serial

__all__ = ["Executor", "Processes", "Ray", "Serial", "executor_of", "processes", "ray_cluster", "serial"]


def serial() -> Executor:
    """An executor that does the work in this process."""
    return Serial()


def processes(workers: int) -> Executor:
    """An executor over `workers` fresh local processes, none of which starts before the first item."""
    return Processes(workers)


def ray_cluster(address: str) -> Executor:
    """An executor over the Ray cluster at `address`, to which it connects at the first item."""
    return Ray(address)


def executor_of(workers: int, ray: str | None = None) -> Executor:
    """The executor that front doors are asked for: a cluster's, local processes, or this process.

    Args:
        workers: Local processes; one is this process.
        ray: The address of a Ray cluster, where one is to do the work instead.
    """
    if ray is not None:
        return ray_cluster(ray)
    return serial() if workers == 1 else processes(workers)
