"""Map blocks of work over this process, local processes or a cluster, and nothing else.

Takes a module-level function and plain items, gives results in the order of the items.
Touches processes; knows nothing of populations, worlds or stores.
"""

from __future__ import annotations

from worldwright.executors.pool import Processes
from worldwright.executors.protocol import Executor
from worldwright.executors.serial import Serial

__all__ = ["Executor", "Processes", "Serial", "processes", "serial"]


def serial() -> Executor:
    """An executor that does the work in this process."""
    return Serial()


def processes(workers: int) -> Executor:
    """An executor over `workers` fresh local processes, none of which starts before the first item."""
    return Processes(workers)
